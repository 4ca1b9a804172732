"""The bootstrap gives what drawing pairs one by one would give."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from roc_core import metrics
from roc_core.evaluation.resampling import drawn, interval, macro_hit, micro_f1, relation_f1
from roc_core.schema import NONE

NAMES = st.sampled_from(["a", "b", NONE])


@given(st.lists(st.tuples(NAMES, NAMES, st.integers(1, 5)), min_size=1, max_size=12))
def test_every_draw_is_the_figure_of_the_pairs_drawn(rows: list[tuple[str, str, int]]) -> None:
    gold, said, rank = (list(c) for c in zip(*rows, strict=True))
    weights = drawn(len(rows), draws=5, seed=1)
    assert weights.sum(axis=1).tolist() == [len(rows)] * 5
    micro, own = micro_f1(weights, gold, said), relation_f1(weights, gold, said, "a")
    hit = macro_hit(weights, gold, np.array(rank), 3)
    for n, weight in enumerate(weights.astype(int)):
        at = np.repeat(np.arange(len(rows)), weight).tolist()
        g, s = [gold[i] for i in at], [said[i] for i in at]
        assert micro[n] == pytest.approx(metrics.micro(g, s).f1, abs=1e-6)
        single = metrics.per_relation(g, s).get("a", metrics.prf(0, 0, 0))
        assert own[n] == pytest.approx(single.f1, abs=1e-6)
        wanted = metrics.macro_hit_at(np.array(rank)[at], g, 3)
        assert hit[n] == pytest.approx(wanted, abs=1e-6)


def test_draws_are_fixed_by_the_seed_and_empty_for_nothing() -> None:
    assert np.array_equal(drawn(30, 10, 1), drawn(30, 10, 1))
    assert not np.array_equal(drawn(30, 10, 1), drawn(30, 10, 2))
    assert drawn(0, 4).shape == (4, 0)


def test_the_interval_holds_the_middle_95_percent() -> None:
    assert interval(np.arange(1001) / 1000) == pytest.approx((0.025, 0.975))
