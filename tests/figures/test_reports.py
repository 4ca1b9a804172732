"""Figures hold the values they were given, have a title and named axes, and load no torch."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from roc_core import figures
from roc_core.evaluation.zero_shot import Hits
from roc_core.metrics import Bin, Reliability, prf

SCORES = {"/per/per/peer": prf(2, 4, 4), "/per/org/member_of": prf(3, 3, 4)}
HITS = {"/per/loc/place_of_birth": Hits(8, 0.25, 0.75), "/per/per/peer": Hits(4, 0.5, 1.0)}
TABLE = {"a": {"a": 3, "None": 1}, "None": {"b": 2}}
FIGURES: dict[str, Callable[[], Any]] = {
    "reliability": lambda: figures.reliability_plot(Reliability(0.12, (Bin(0.2, 0.1, 5),))),
    "relations": lambda: figures.relation_bars(SCORES),
    "held out": lambda: figures.held_out_bars(HITS),
    "confusion": lambda: figures.confusion_matrix(TABLE),
    "ablations": lambda: figures.ablation_plot([("as trained", 0.5, (0.4, 0.55))]),
    "scores": lambda: figures.score_histogram([0.1, -0.2, 0.3], ["x", "y", "x"]),
}


@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_says_what_it_shows(name: str) -> None:
    figure = FIGURES[name]()
    assert len(figure.layout.title.text) > 10
    assert figure.layout.xaxis.title.text
    assert figure.to_json()


def test_reliability_shows_each_bin_and_the_error() -> None:
    figure = FIGURES["reliability"]()
    measured = next(t for t in figure.data if t.name == "measured")
    assert (list(measured.x), list(measured.y), list(measured.customdata)) == ([0.2], [0.1], [5])
    assert "0.120" in figure.layout.title.text


def test_the_best_relation_is_on_top() -> None:
    (bars,) = FIGURES["relations"]().data
    assert list(bars.y) == ["/per/per/peer", "/per/org/member_of"]  # plotly draws upwards
    assert list(bars.x) == [0.5, pytest.approx(6 / 7)]
    assert bars.text[1] == "0.86, 4 pairs"


def test_held_out_relations_show_both_shares() -> None:
    third, first = FIGURES["held out"]().data
    assert list(third.y) == list(first.y) == ["/per/loc/place_of_birth", "/per/per/peer"]
    assert (list(third.x), list(first.x)) == ([0.75, 1.0], [0.25, 0.5])


def test_confusion_has_none_last_and_shares_of_each_label() -> None:
    (cells,) = FIGURES["confusion"]().data
    assert list(cells.x) == list(cells.y) == ["a", "b", "None"]
    assert [list(row) for row in cells.z] == [[0.75, 0, 0.25], [0, 0, 0], [0, 1, 0]]
    assert [list(row) for row in cells.text] == [["3", "", "1"], ["", "", ""], ["", "2", ""]]


def test_intervals_reach_from_the_dot() -> None:
    (dots,) = FIGURES["ablations"]().data
    assert list(dots.error_x.array) == [pytest.approx(0.05)]
    assert list(dots.error_x.arrayminus) == [pytest.approx(0.1)]


def test_margins_are_parted_by_outcome() -> None:
    parts = {t.name: list(t.x) for t in FIGURES["scores"]().data}
    assert parts == {"x": [0.1, 0.3], "y": [-0.2]}


def test_figures_load_no_torch() -> None:
    code = (
        "import sys; from roc_core import figures\n"
        "figures.score_histogram([0.1], ['x'])\n"
        "print([m for m in ('torch', 'transformers', 'streamlit') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.stdout.strip() == "[]", done.stderr
