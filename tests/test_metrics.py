"""Metrics against scikit-learn, by hand, and at their edges."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score, precision_recall_fscore_support

from roc_core import metrics
from roc_core.schema import NONE

LABELS = ("a", "b", "c")
answers = st.lists(
    st.tuples(st.sampled_from([*LABELS, NONE]), st.sampled_from([*LABELS, NONE])), max_size=40
)


def test_none_is_left_out_of_all_three_counts() -> None:
    gold = ["a", "a", "b", NONE, NONE]
    predicted = ["a", "b", NONE, "a", NONE]
    found = metrics.micro(gold, predicted)
    # Right: the first. Predicted: three relations. Gold: three. The last pair counts nowhere.
    assert (found.right, found.predicted, found.gold) == (1, 3, 3)
    assert (found.precision, found.recall, found.f1) == pytest.approx((1 / 3, 1 / 3, 1 / 3))
    assert metrics.accuracy(gold, predicted) == pytest.approx(2 / 5)


@given(answers)
def test_micro_agrees_with_scikit_learn(pairs: list[tuple[str, str]]) -> None:
    gold, predicted = [g for g, _ in pairs], [p for _, p in pairs]
    found = metrics.micro(gold, predicted)
    if pairs:
        p, r, f1, _ = precision_recall_fscore_support(
            gold, predicted, labels=list(LABELS), average="micro", zero_division=0
        )
        assert (found.precision, found.recall, found.f1) == pytest.approx((p, r, f1))
        assert metrics.accuracy(gold, predicted) == pytest.approx(accuracy_score(gold, predicted))
    else:
        assert found == metrics.Prf(0.0, 0.0, 0.0, 0, 0, 0)


@given(answers)
def test_macro_is_the_mean_over_relations_in_gold(pairs: list[tuple[str, str]]) -> None:
    gold, predicted = [g for g, _ in pairs], [p for _, p in pairs]
    there = sorted(set(gold) - {NONE})
    expected = (
        f1_score(gold, predicted, labels=there, average="macro", zero_division=0) if there else 0.0
    )
    assert metrics.macro_f1(gold, predicted) == pytest.approx(expected)


@given(answers)
def test_relations_add_up_to_micro(pairs: list[tuple[str, str]]) -> None:
    gold, predicted = [g for g, _ in pairs], [p for _, p in pairs]
    single = metrics.per_relation(gold, predicted)
    assert list(single) == sorted(set(gold + predicted) - {NONE})
    all_ = metrics.micro(gold, predicted)
    for count in ("right", "predicted", "gold"):
        assert sum(getattr(s, count) for s in single.values()) == getattr(all_, count)


def test_lists_of_other_lengths_are_an_error() -> None:
    with pytest.raises(ValueError, match="shorter"):
        metrics.micro(["a", "b"], ["a"])


def test_ranks_count_ties_against() -> None:
    scores = np.array([[0.9, 0.1, 0.5], [0.5, 0.5, 0.1], [0.2, 0.2, 0.2]])
    assert metrics.ranks(scores, np.array([2, 0, 1])).tolist() == [2, 2, 3]


@given(
    hnp.arrays(np.float64, (5, 4), elements=st.sampled_from([-1.0, -0.5, 0.0, 0.5, 1.0])),
    hnp.arrays(np.int64, 5, elements=st.integers(0, 3)),
)
def test_ranks_equal_the_worst_place_in_a_sorted_list(scores: np.ndarray, gold: np.ndarray) -> None:
    found = metrics.ranks(scores, gold)
    for row, column, rank in zip(scores, gold, found, strict=True):
        ordered = sorted(row, reverse=True)
        assert rank == len(ordered) - ordered[::-1].index(row[column])


def test_hits_and_reciprocal_rank() -> None:
    rank = np.array([1, 2, 4])
    assert metrics.hit_at(rank, 1) == pytest.approx(1 / 3)
    assert metrics.hit_at(rank, 2) == pytest.approx(2 / 3)
    assert metrics.mrr(rank) == pytest.approx((1 + 1 / 2 + 1 / 4) / 3)
    nothing = np.array([], int)
    assert metrics.hit_at(nothing, 1) == metrics.mrr(nothing) == 0.0


def test_macro_hit_is_the_mean_over_relations() -> None:
    rank = np.array([1, 4, 2, 9])
    assert metrics.macro_hit_at(rank, ["a", "a", "b", "c"], 3) == pytest.approx((1 / 2 + 1 + 0) / 3)
    assert metrics.macro_hit_at(np.array([], int), [], 3) == 0.0


def test_groups_add_up_their_relations() -> None:
    gold, predicted = ["a", "a", "b", NONE, "c"], ["a", "b", "b", "b", NONE]
    found = metrics.per_group(gold, predicted, {"a": "x", "b": "x", "c": "y"})
    assert found == {"x": metrics.prf(2, 4, 3), "y": metrics.prf(0, 0, 1)}


@given(answers)
def test_confusion_counts_every_pair_once(pairs: list[tuple[str, str]]) -> None:
    gold, predicted = [g for g, _ in pairs], [p for _, p in pairs]
    table = metrics.confusion(gold, predicted)
    assert sum(n for row in table.values() for n in row.values()) == len(pairs)
    for g, row in table.items():
        for p, n in row.items():
            assert n == pairs.count((g, p)) > 0


def test_mean_and_sample_deviation_of_seeds() -> None:
    assert metrics.mean_spread([0.5, 0.6, 0.7]) == pytest.approx((0.6, 0.1))
    assert metrics.mean_spread([0.5]) == (0.5, 0.0)


def test_platt_finds_the_curve_it_was_drawn_from() -> None:
    rng = np.random.default_rng(0)
    margins = rng.normal(0.1, 0.2, 20_000)
    drawn = metrics.Platt(8.0, -0.5)
    right = rng.random(20_000) < drawn.probability(margins)
    found = metrics.fit_platt(margins, right)
    assert found.slope == pytest.approx(8.0, abs=0.5)
    assert found.offset == pytest.approx(-0.5, abs=0.1)


def test_platt_agrees_with_scikit_learn_on_hard_targets() -> None:
    rng = np.random.default_rng(1)
    margins = rng.normal(0, 1, 4000)
    right = rng.random(4000) < 1 / (1 + np.exp(-2 * margins))
    theirs = LogisticRegression(C=1e6).fit(margins[:, None], right)
    found = metrics.fit_platt(margins, right)
    # Platt's smoothed targets move a curve through 4000 points by less than a hundredth.
    assert found.slope == pytest.approx(float(theirs.coef_[0, 0]), rel=0.01)


@given(
    hnp.arrays(np.float64, st.integers(1, 40), elements=st.floats(-2, 2, width=32)),
    st.integers(0, 2**40 - 1),
)
def test_platt_is_finite_on_any_data(margins: np.ndarray, bits: int) -> None:
    right = np.array([bits >> i & 1 for i in range(len(margins))], bool)
    probability = metrics.fit_platt(margins, right).probability(margins)
    assert np.isfinite(probability).all()
    assert ((probability >= 0) & (probability <= 1)).all()


def test_calibration_error_by_hand() -> None:
    confidence = np.array([0.9, 0.1, 0.9, 0.1])
    right = np.array([True, False, False, False])
    found = metrics.reliability(confidence, right, bins=2)
    assert [(b.confidence, b.right, b.pairs) for b in found.bins] == [(0.1, 0, 2), (0.9, 0.5, 2)]
    assert found.ece == pytest.approx((0.1 + 0.4) / 2)


@given(hnp.arrays(np.float64, st.integers(1, 60), elements=st.floats(0, 1)))
def test_bins_hold_equal_numbers_and_all_pairs(confidence: np.ndarray) -> None:
    found = metrics.reliability(confidence, confidence > 0.5)
    sizes = [b.pairs for b in found.bins]
    assert sum(sizes) == len(confidence)
    assert max(sizes) - min(sizes) <= 1
    assert len(sizes) == min(15, len(confidence))
    assert 0 <= found.ece <= 1


def test_the_interval_contains_the_score_and_repeats_by_seed() -> None:
    gold = ["a"] * 60 + ["b"] * 40 + [NONE] * 100
    predicted = ["a"] * 50 + [NONE] * 10 + ["b"] * 30 + ["a"] * 10 + [NONE] * 80 + ["b"] * 20
    point = metrics.micro(gold, predicted).f1
    low, high = metrics.bootstrap_f1(gold, predicted, seed=3, draws=300)
    assert low < point < high
    assert high - low < 0.2
    assert metrics.bootstrap_f1(gold, predicted, seed=3, draws=300) == (low, high)
    assert metrics.bootstrap_f1(gold, predicted, seed=4, draws=300) != (low, high)


def test_a_perfect_answer_has_no_spread() -> None:
    assert metrics.bootstrap_f1(["a", "b"] * 20, ["a", "b"] * 20, draws=50) == (1.0, 1.0)
    assert metrics.bootstrap_f1([], [], draws=5) == (0.0, 0.0)


def test_a_relation_has_its_better_direction() -> None:
    values = np.array([[0.1, 0.4, 0.3, -0.2], [0.5, 0.2, 0.1, 0.9]])
    assert metrics.best_of(values, np.array([1, 0, 1, 2])).tolist() == [
        [0.4, 0.3, -0.2],
        [0.2, 0.5, 0.9],
    ]
