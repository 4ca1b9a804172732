"""Bootstrap intervals of the headline figures: around the figure, and as wide as they should be."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from roc_core.evaluation.analysis import headline
from roc_core.evaluation.intervals import headline_intervals
from roc_core.figures import FIGURE_WORDS, headline_values
from tests.figures.made_analysis import analysis

PLAIN = ("accuracy", "hit1", "none_kept", "recall")


def test_every_figure_lies_in_its_interval() -> None:
    a = analysis(pairs=500)
    values, intervals = headline_values(headline(a)), headline_intervals(a)
    assert set(intervals) == set(values) == set(FIGURE_WORDS)
    for name, (low, high) in intervals.items():
        assert low <= values[name] <= high, name
        assert 0.0 <= low <= high <= 1.0


def test_shares_are_as_wide_as_the_normal_approximation() -> None:
    a = analysis(pairs=2000)
    values, intervals = headline_values(headline(a)), headline_intervals(a)
    held = int((a.gold.values != a.none).sum())
    counted = {"accuracy": 2000, "hit1": held, "none_kept": 2000 - held, "recall": held}
    for name in PLAIN:
        p = values[name]
        wanted = 2 * 1.96 * np.sqrt(p * (1 - p) / counted[name])
        low, high = intervals[name]
        assert high - low == pytest.approx(wanted, rel=0.15), name


def test_f1_agrees_with_the_interval_of_the_headline() -> None:
    a = analysis(pairs=1000)
    assert headline_intervals(a)["f1"] == pytest.approx(headline(a).interval, abs=0.01)


def test_rows_and_shift_count_as_in_the_headline() -> None:
    a, rows = analysis(pairs=400), np.arange(0, 400, 3)
    value = headline(a, 0.05, rows).macro_f1
    low, high = headline_intervals(a, 0.05, rows)["macro_f1"]
    assert low <= value <= high


def test_what_cannot_be_counted_is_left_out() -> None:
    a = analysis(pairs=60)
    none = np.flatnonzero(a.gold.values == a.none)
    assert set(headline_intervals(a, rows=none)) == {"accuracy", "none_kept", "precision", "f1"}
    assert headline_intervals(a, rows=none[:1]) == {}
    silent = replace(a, margins=np.full(60, -1.0))
    assert "precision" not in headline_intervals(silent)
    assert "direction" not in headline_intervals(silent)
