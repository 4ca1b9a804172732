"""The contrastive losses against slow loops, by hand, and their gradients."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from roc_core.alignment import (
    alignment_loss,
    batch_contrast,
    class_weights,
    distillation_loss,
    hard_negatives,
)
from roc_core.model.network import Scores

OWNERS = torch.tensor([0, 0, 1, 2, 2, 2])
SCALE = torch.tensor(5.0)


def scores(seed: int, batch: int = 4) -> Scores:
    """Cosines with 6 descriptions of 3 relation-directions, and with "none of these"."""
    make = torch.Generator().manual_seed(seed)
    draw = [torch.rand(*shape, generator=make) * 2 - 1 for shape in ((batch, 6), (batch, 3))]
    return Scores(draw[0], draw[1], torch.rand(batch, generator=make) * 2 - 1)


def softmax(values: list[float]) -> list[float]:
    powers = [math.exp(v) for v in values]
    return [p / sum(powers) for p in powers]


def slow_loss(found: Scores, gold: list[int], weight: float, smoothing: float) -> float:
    """The docstring of ``alignment_loss``, pair by pair, in plain Python."""
    main, described = [], []
    for row, answer in enumerate(gold):
        none = float(found.none[row]) * 5
        p = softmax([*(float(s) * 5 for s in found.relations[row]), none])
        even = sum(-math.log(x) for x in p) / len(p)
        main.append((1 - smoothing) * -math.log(p[answer]) + smoothing * even)
        q = softmax([*(float(s) * 5 for s in found.descriptions[row]), none])
        own = [-math.log(q[m]) for m, owner in enumerate(OWNERS.tolist()) if owner == answer]
        if own:
            described.append(sum(own) / len(own))
    extra = sum(described) / len(described) if described else 0.0
    return sum(main) / len(main) + weight * extra


@given(
    st.integers(0, 99),
    st.lists(st.integers(0, 3), min_size=4, max_size=4),
    st.sampled_from([0.0, 0.3, 1.0]),
    st.sampled_from([0.0, 0.1]),
)
def test_the_loss_is_what_its_words_say(
    seed: int, gold: list[int], weight: float, smoothing: float
) -> None:
    found = scores(seed)
    loss = alignment_loss(found, torch.tensor(gold), OWNERS, SCALE, weight, smoothing)
    assert loss.shape == ()
    assert float(loss) == pytest.approx(slow_loss(found, gold, weight, smoothing), abs=1e-4)


@pytest.mark.parametrize("gold", [0, 2, 3])
def test_a_better_score_costs_less(gold: int) -> None:
    poor, good = scores(1), scores(1)
    if gold == 3:
        good.none[:] += 0.3
    else:
        good.relations[:, gold] += 0.3
        good.descriptions[:, torch.where(gold == OWNERS)[0]] += 0.3
    labels = torch.full((4,), gold)
    for weight in (0.0, 0.5):
        costs = [float(alignment_loss(s, labels, OWNERS, SCALE, weight)) for s in (good, poor)]
        assert costs[0] < costs[1]


def test_all_descriptions_of_the_relation_are_equal_positives() -> None:
    found, gold = scores(2), torch.tensor([2, 2, 2, 2])
    turned = Scores(found.descriptions[:, [0, 1, 2, 5, 3, 4]], found.relations, found.none)
    one, two = (float(alignment_loss(s, gold, OWNERS, SCALE, 1.0)) for s in (found, turned))
    assert one == pytest.approx(two, abs=1e-6)


def test_none_pairs_have_no_description_to_reach() -> None:
    found = scores(3)
    none = torch.full((4,), 3)
    with_, without = (float(alignment_loss(found, none, OWNERS, SCALE, w)) for w in (1.0, 0.0))
    assert with_ == without
    # Beside a labelled pair, a None pair leaves the description term as it is.
    gold = torch.tensor([1, 3, 3, 3])
    alone = Scores(found.descriptions[:1], found.relations[:1], found.none[:1])

    def term(s: Scores, g: torch.Tensor) -> float:
        both, main = (float(alignment_loss(s, g, OWNERS, SCALE, w)) for w in (1.0, 0.0))
        return both - main

    assert term(found, gold) == pytest.approx(term(alone, gold[:1]), abs=1e-5)


def test_gradients_reach_all_scores_and_the_scale() -> None:
    found = scores(4)
    leaves = [
        t.requires_grad_() for t in (found.descriptions, found.relations, found.none, SCALE.clone())
    ]
    loss = alignment_loss(Scores(*leaves[:3]), torch.tensor([0, 1, 2, 3]), OWNERS, leaves[3], 0.5)
    loss.backward()
    for leaf in leaves:
        assert leaf.grad is not None
        assert torch.isfinite(leaf.grad).all()
        assert leaf.grad.abs().sum() > 0
    # What is right is pulled up, what is wrong pushed down.
    assert leaves[1].grad is not None
    assert leaves[1].grad[0, 0] < 0 < leaves[1].grad[0, 1]


def unit(seed: int, count: int) -> Any:
    make = torch.Generator().manual_seed(seed)
    return torch.nn.functional.normalize(torch.randn(count, 5, generator=make), dim=1)


@given(st.integers(0, 99), st.lists(st.integers(0, 3), min_size=2, max_size=6))
def test_contrast_is_what_its_words_say(seed: int, gold: list[int]) -> None:
    pairs = unit(seed, len(gold))
    rows = []
    for i, own in enumerate(gold):
        others = [j for j in range(len(gold)) if j != i]
        p = dict(
            zip(others, softmax([10 * float(pairs[i] @ pairs[j]) for j in others]), strict=True)
        )
        friends = [-math.log(p[j]) for j in others if gold[j] == own != 3]
        if friends:
            rows.append(sum(friends) / len(friends))
    expected = sum(rows) / len(rows) if rows else 0.0
    assert float(batch_contrast(pairs, torch.tensor(gold), 3)) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("gold", [[0, 1, 2], [3, 3, 3], [0, 3, 3]])
def test_without_two_alike_there_is_no_contrast(gold: list[int]) -> None:
    assert float(batch_contrast(unit(0, 3), torch.tensor(gold), 3)) == 0.0


def test_contrast_draws_like_pairs_together() -> None:
    pairs = unit(5, 4).requires_grad_()
    gold = torch.tensor([0, 0, 1, 3])
    before = batch_contrast(pairs, gold, 3)
    before.backward()
    assert pairs.grad is not None
    moved = torch.nn.functional.normalize(pairs.detach() - 0.1 * pairs.grad, dim=1)
    assert float(batch_contrast(moved, gold, 3)) < float(before.detach())
    assert float(moved[0] @ moved[1]) > float((pairs[0] @ pairs[1]).detach())


# --- hard negatives and distillation ---------------------------------------------------------

TYPES = [("person", "person"), ("person", "person"), ("person", "location")]


def test_hard_negatives_are_the_rivals_of_the_same_types() -> None:
    added = hard_negatives(TYPES, 2.0)
    assert added.shape == (4, 4)
    assert {(int(g), int(n)) for g, n in added.nonzero()} == {(0, 1), (1, 0)}
    assert float(added[0, 1]) == pytest.approx(math.log(2))


@given(st.integers(0, 99), st.lists(st.integers(0, 3), min_size=4, max_size=4))
def test_a_hard_negative_counts_as_if_it_were_there_several_times(
    seed: int, gold: list[int]
) -> None:
    found, labels = scores(seed), torch.tensor(gold)
    loss = alignment_loss(found, labels, OWNERS, SCALE, 0.0, hardness=hard_negatives(TYPES, 3.0))
    expected = []
    for row, answer in enumerate(gold):
        rivals = {0: 1, 1: 0}
        powers = [math.exp(float(s) * 5) for s in (*found.relations[row], found.none[row])]
        total = sum(p * (3 if rivals.get(answer) == n else 1) for n, p in enumerate(powers))
        expected.append(-math.log(powers[answer] / total))
    assert float(loss) == pytest.approx(sum(expected) / 4, abs=1e-4)


@given(
    st.lists(st.integers(0, 500), min_size=1, max_size=8),
    st.sampled_from([0.0, 0.3, 0.5, 1.0]),
)
def test_rare_relations_count_more_and_none_as_before(counts: list[int], balance: float) -> None:
    weights = class_weights(torch.tensor(counts), balance)
    assert weights.shape == (len(counts) + 1,)
    assert float(weights[-1]) == 1.0
    some = [(n, float(w)) for n, w in zip(counts, weights[:-1], strict=True) if n]
    for n, w in some:
        for m, v in some:
            assert w / v == pytest.approx((m / n) ** balance, rel=1e-4)
    if some:
        assert sum(n * w for n, w in some) == pytest.approx(sum(n for n, _ in some), rel=1e-4)


def test_a_pair_that_counts_twice_is_like_two_pairs() -> None:
    found, gold = scores(3, 3), torch.tensor([0, 2, 3])
    twice, again = found.rows(torch.tensor([0, 0, 1, 2])), gold[[0, 0, 1, 2]]
    weights = torch.tensor([2.0, 1.0, 1.0, 1.0])

    def losses(weight: float) -> tuple[float, float]:
        counted = alignment_loss(found, gold, OWNERS, SCALE, weight, 0.1, weights=weights)
        return float(counted), float(alignment_loss(twice, again, OWNERS, SCALE, weight, 0.1))

    (counted, repeated), both = losses(0.0), losses(0.5)
    assert counted * 3 == pytest.approx(repeated * 4, rel=1e-5)  # means over 3 and over 4 pairs
    # Two of the three, three of the four have a relation and thus descriptions.
    assert (both[0] - counted) * 2 == pytest.approx((both[1] - repeated) * 3, rel=1e-4)


def test_a_student_like_its_teacher_pays_nothing() -> None:
    found = scores(7)
    own = torch.cat([found.relations, found.none[:, None]], dim=1) * SCALE
    assert float(distillation_loss(found, own, SCALE, 2.0)) == pytest.approx(0.0, abs=1e-5)
    assert float(distillation_loss(found, own.flip(1), SCALE, 2.0)) > 0.01
