"""What is counted of an analysis, against the plain metrics and against itself."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from roc_core import metrics
from roc_core.evaluation.analysis import (
    calibration,
    cell,
    confusion,
    f1_interval,
    headline,
    relation_table,
    threshold_curve,
    types_table,
)
from roc_core.evaluation.item_by_item import compare, mcnemar
from roc_core.evaluation.slices import SAVED, rows_of, slices
from roc_core.schema import NONE, Analysis
from tests.evaluation.made_analysis import analyses, made

SHIFTS = st.floats(-0.7, 0.7) | st.sampled_from([k / 8 for k in range(-5, 6)])


def said(a: Analysis, shift: float) -> tuple[list[str], list[str]]:
    answers = a.predicted(shift)
    return [a.gold.of(r) for r in range(len(a))], [answers.of(r) for r in range(len(a))]


@given(a=analyses(), shift=SHIFTS)
def test_the_headline_is_that_of_the_metrics(a: Analysis, shift: float) -> None:
    gold, answered = said(a, shift)
    found = headline(a, shift)
    assert found.prf == metrics.micro(gold, answered)
    assert found.pairs == len(a)
    assert (found.accuracy or 0.0) == pytest.approx(metrics.accuracy(gold, answered))
    assert (found.macro_f1 or 0.0) == pytest.approx(metrics.macro_f1(gold, answered))
    rank = a.ranks[a.ranks > 0]
    assert (found.hit1 or 0.0) == pytest.approx(metrics.hit_at(rank, 1))
    assert (found.hit3 or 0.0) == pytest.approx(metrics.hit_at(rank, 3))
    assert (found.mrr or 0.0) == pytest.approx(metrics.mrr(rank))
    kept = [p == NONE for g, p in zip(gold, answered, strict=True) if g == NONE]
    assert found.none_kept == (pytest.approx(np.mean(kept)) if kept else None)
    turned = [
        a.direction.of(r) == a.gold_direction.of(r)
        for r in range(len(a))
        if gold[r] == answered[r] != NONE and a.gold_direction.of(r) != "both"
    ]
    assert found.direction == (pytest.approx(np.mean(turned)) if turned else None)
    low, high = found.interval
    assert 0 <= low <= high <= 1


def test_an_empty_analysis_has_no_figures() -> None:
    found = headline(made([], [], []))
    assert (found.accuracy, found.macro_f1, found.hit1, found.mrr) == (None, None, None, None)
    assert (found.prf.f1, found.interval) == (0.0, (0.0, 0.0))
    curve = threshold_curve(made([], [], []))
    assert (curve.at(0.0).predicted, curve.best) == (0, 0.0)
    assert calibration(made([], [], [])) is None


def test_the_interval_is_that_of_drawn_pairs_and_quick() -> None:
    rng = np.random.default_rng(0)
    n = 15_000
    gold = np.where(rng.random(n) < 0.5, NONE, "ally")
    best = np.where(rng.random(n) < 0.6, "ally", "born")
    a = made(gold.tolist(), best.tolist(), rng.normal(0, 1, n).tolist())
    began = time.process_time()
    found = headline(a)
    assert time.process_time() - began < 0.2
    plain = metrics.bootstrap_f1(*said(a, 0.0), draws=300)
    assert found.interval == pytest.approx(plain, abs=3e-3)
    assert found.interval == headline(a).interval, "seeded"
    one = np.ones(1, bool)
    assert f1_interval(one, one, one) == (1.0, 1.0)


@given(a=analyses(), shift=SHIFTS)
def test_cells_are_the_counts_of_the_confusion_table(a: Analysis, shift: float) -> None:
    table = confusion(a, shift)
    assert table.counts.sum() == len(a)
    gold, answered = said(a, shift)
    assert table.names == tuple(n for n in a.names if n in {*gold, *answered})
    met = []
    for g, row in zip(table.names, table.counts.tolist(), strict=True):
        for p, n in zip(table.names, row, strict=True):
            rows = cell(a, g, p, shift)
            assert len(rows) == n
            assert {(gold[r], answered[r]) for r in rows} <= {(g, p)}
            met += rows.tolist()
    assert sorted(met) == list(range(len(a)))
    assert len(cell(a, "nonesuch", NONE)) == 0


@given(a=analyses(), shift=SHIFTS)
def test_tables_add_up(a: Analysis, shift: float) -> None:
    gold, answered = said(a, shift)
    assert {g.name: g.prf for g in relation_table(a, shift)} == metrics.per_relation(gold, answered)
    for row in relation_table(a, shift):
        wanted = [r for r in range(len(a)) if row.name in (gold[r], answered[r])]
        assert (row.rows.tolist(), row.pairs) == (wanted, len(wanted))
    types = types_table(a, shift)
    assert sorted(r for t in types for r in t.rows.tolist()) == list(range(len(a)))
    whole = headline(a, shift).prf
    for name in ("right", "predicted", "gold"):
        assert sum(getattr(t.prf, name) for t in types) == getattr(whole, name)


@given(a=analyses(), shift=SHIFTS)
def test_slices_of_a_feature_share_out_all_pairs(a: Analysis, shift: float) -> None:
    found = slices(a, shift)
    whole = headline(a, shift).prf
    for feature, codes in a.features.items():
        of_it = [s for s in found if s.feature == feature]
        assert sorted(r for s in of_it for r in s.rows.tolist()) == list(range(len(a)))
        for name in ("right", "predicted", "gold"):
            assert sum(getattr(s.figures.prf, name) for s in of_it) == getattr(whole, name)
        for s in of_it:
            assert {codes.of(r) for r in s.rows} == {s.value}
            assert s.figures == headline(a, shift, s.rows)
    order = [(s.small, s.figures.prf.f1) for s in found]
    assert order == sorted(order), "worst first, small ones last"
    assert all(s.small == (s.figures.prf.gold < 10) for s in found)


def test_saved_lists_are_slices() -> None:
    a = made(["ally"] * 3, ["ally", "born", "ally"], [0.1] * 3)
    elsewhere = ["f" * 16, "no id", "ünïcode"]
    saved = {"mine": [*a.ids()[1:], *elsewhere], "gone": elsewhere, "none": []}
    (only,) = slices(a, 0.0, saved)
    assert (only.feature, only.value, only.rows.tolist()) == (SAVED, "mine", [1, 2])
    assert only.figures.prf.f1 == 0.5
    assert rows_of(a, [a.ids()[2]] * 2).tolist() == [2]


@given(a=analyses(), shift=SHIFTS)
def test_the_curve_is_what_counting_again_gives(a: Analysis, shift: float) -> None:
    curve = threshold_curve(a)
    assert curve.at(shift) == headline(a, shift).prf
    for step, at in enumerate(curve.shifts.tolist()):
        again = headline(a, at, draws=1).prf
        assert (curve.precision[step], curve.recall[step]) == (again.precision, again.recall)
        assert curve.f1[step] == pytest.approx(again.f1)
    assert curve.at(curve.best).f1 == pytest.approx(curve.f1.max())


def test_the_best_line_is_the_nearest_of_equal_ones() -> None:
    gold = ["ally", NONE, NONE, NONE, "ally", "ally"]
    best = ["ally", "ally", "ally", "ally", "ally", "born"]
    a = made(gold, best, [0.4, 0.3, 0.2, 0.1, -0.1, -0.5])
    curve = threshold_curve(a)
    assert (curve.at(0.4).f1, curve.at(-0.1).f1) == (0.5, 0.5)
    assert curve.best == -0.1
    assert curve.at(9.0).predicted == 0
    assert threshold_curve(made(["ally"], ["ally"], [0.3])).best == 0.0, "as good as it is"


def test_calibration_of_honest_and_of_empty_margins() -> None:
    rng = np.random.default_rng(1)
    margins = rng.normal(0, 0.1, 4000)
    holds = rng.random(4000) < 1 / (1 + np.exp(-20 * margins))
    gold = np.where(holds, "ally", NONE).tolist()
    found = calibration(made(gold, ["ally"] * 4000, margins.tolist()))
    assert found is not None
    assert found.ece < 0.04
    assert sum(b.pairs for b in found.bins) == 4000
    assert calibration(made(["ally"] * 40, ["ally"] * 40, [0.0] * 40)) is None
    assert calibration(made(gold[:19], ["ally"] * 19, margins[:19].tolist())) is None


@given(a=analyses(), b=analyses(), shift=SHIFTS, start=st.integers(0, 20))
def test_comparing_shares_out_what_both_have(
    a: Analysis, b: Analysis, shift: float, start: int
) -> None:
    later = made(
        said(b, -9)[0], [b.best.of(r) for r in range(len(b))], b.margins.tolist(), start=start
    )
    found = compare(a, later, shift)
    assert found.items.tolist() == [i for i in a.items.tolist() if i in set(later.items.tolist())]
    assert found.items.tolist() == a.items[found.rows].tolist()
    assert found.items.tolist() == later.items[found.other_rows].tolist()
    parts = (found.won, found.lost, found.both_right, found.both_wrong)
    assert sorted(n for p in parts for n in p.tolist()) == list(range(len(found)))
    gold, answered = said(a, shift)
    _, theirs = said(later, shift)
    for n in found.won.tolist():
        row = found.rows[n]
        assert gold[row] == answered[row] != theirs[found.other_rows[n]]
    for n in found.lost.tolist():
        row = found.rows[n]
        assert gold[row] == theirs[found.other_rows[n]] != answered[row]
    turned = compare(later, a, shift)
    if gold == said(later, shift)[0] and start == 0:
        assert (turned.won.tolist(), turned.lost.tolist()) == (
            found.lost.tolist(), found.won.tolist(),
        )  # fmt: skip
    assert found.mcnemar == mcnemar(len(found.won), len(found.lost))


@pytest.mark.parametrize(
    ("won", "lost", "p"),
    # two-sided binomial test with probability 1/2, as R's binom.test gives it
    [(0, 0, 1.0), (3, 3, 1.0), (1, 9, 0.021484375), (0, 5, 0.0625), (40, 60, 0.05688793)],
)
def test_mcnemar(won: int, lost: int, p: float) -> None:
    assert mcnemar(won, lost) == pytest.approx(p, rel=1e-6)
    assert mcnemar(lost, won) == mcnemar(won, lost)
    assert 0 <= mcnemar(5000 + won, 6000) < 1e-10
