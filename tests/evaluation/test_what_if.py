"""Figures of a changed relation against the whole table counted pair by pair."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from roc_core.evaluation.what_if import (
    NOBODY,
    OUTSIDE,
    UNLABELLED,
    Described,
    Gold,
    Own,
    Standing,
    answered,
    best_line,
    between,
    change,
    columns_of,
    compared,
    gold_of,
    own,
    standing,
    weighted,
)
from roc_core.model.network import weigh
from tests.evaluation.made_what_if import made, margins_of, plainly, unit

SEEDS = st.integers(0, 10_000)


def own_of(d: Described, pairs: np.ndarray, number: int, at: Standing) -> Own:
    turns = d.turns[d.owners == number].tolist()
    cosines = [pairs @ d.vectors[rows].T for rows in columns_of(d, number)]
    return own(cosines, turns, at.none, float(d.lines[number]), d.sharpness)


@given(SEEDS)
def test_scores_are_those_of_the_network(seed: int) -> None:
    d, pairs, _ = made(4, seed)
    cosines = torch.from_numpy(pairs @ d.vectors.T)
    part = compared(pairs, d)
    none, _ = weigh(torch.from_numpy(pairs @ d.none.T), d.sharpness)
    assert part.none == pytest.approx(none.numpy(), abs=1e-5)
    scores = np.stack(
        [weigh(cosines[:, g[g >= 0].tolist()], d.sharpness)[0].numpy() for g in d.groups], axis=1
    )
    margins = scores - np.clip(none.numpy()[:, None] + d.lines[d.owners], -1, 1)
    for number in range(4):
        columns = np.flatnonzero(d.owners == number)
        assert part.margins[:, number] == pytest.approx(margins[:, columns].max(1), abs=1e-5)
        assert (part.columns[:, number] == columns[margins[:, columns].argmax(1)]).all()


def test_a_mean_of_one_cosine_is_that_cosine() -> None:
    assert weighted(np.array([[0.25, -np.inf, -np.inf]]), 20.0) == pytest.approx([0.25])
    assert weighted(np.array([[0.5, 0.1]]), 0.0) == pytest.approx([0.3])


@given(SEEDS, st.integers(1, 9))
def test_nothing_moves_when_nothing_is_changed(seed: int, relations: int) -> None:
    d, pairs, numbers = made(relations, seed)
    at = standing(pairs, d)
    gold = gold_of(pairs, d, at.none, numbers)
    plain = plainly(margins_of(d, pairs), numbers)
    for number in range(relations):
        mine = own_of(d, pairs, number, at)
        found = change(at, gold, number, mine, mine, float(d.lines[number]))
        assert (len(found.won), len(found.lost), found.changed) == (0, 0, 0)
        assert (found.before.numbers == plain.answers).all()
        assert found.f1.before == found.f1.after == pytest.approx(plain.f1)
        assert found.hit3.before == found.hit3.after == pytest.approx(plain.hit3)


@given(SEEDS, st.integers(1, 9))
def test_a_changed_relation_is_counted_as_if_all_were_scored_again(
    seed: int, relations: int
) -> None:
    d, pairs, numbers = made(relations, seed)
    number = seed % relations
    at = standing(pairs, d)
    gold = gold_of(pairs, d, at.none, numbers)
    vectors = d.vectors.copy()
    rows = np.concatenate(columns_of(d, number))
    vectors[rows] = unit(np.random.default_rng(seed + 1).normal(size=vectors[rows].shape))
    other = replace(d, vectors=vectors)
    before, after = own_of(d, pairs, number, at), own_of(other, pairs, number, at)
    found = change(at, gold, number, before, after, float(d.lines[number]))
    plain = plainly(margins_of(other, pairs), numbers)
    assert (found.after.numbers == plain.answers).all()
    assert (found.f1.after, found.hit3.after) == pytest.approx((plain.f1, plain.hit3))
    was = plainly(margins_of(d, pairs), numbers)
    right = [(p.answers == numbers) & (numbers != UNLABELLED) for p in (was, plain)]
    assert sorted(found.won.tolist()) == np.flatnonzero(right[1] & ~right[0]).tolist()
    assert sorted(found.lost.tolist()) == np.flatnonzero(right[0] & ~right[1]).tolist()
    moved = np.abs(after.margins - before.margins)[found.won]
    assert (np.diff(moved) <= 0).all(), "those that moved most first"
    mine = numbers == number
    said = (plain.answers == number) & (numbers != UNLABELLED)
    hits = (mine & said).sum()
    assert found.precision.after == pytest.approx(hits / said.sum() if said.any() else 0.0)
    assert found.recall.after == pytest.approx(hits / mine.sum() if mine.any() else 0.0)


@given(SEEDS, st.integers(2, 9))
def test_a_relation_that_comes_or_goes(seed: int, relations: int) -> None:
    d, pairs, numbers = made(relations, seed)
    last = relations - 1
    kept = d.owners != last
    rest = replace(
        d, groups=d.groups[kept], owners=d.owners[kept], turns=d.turns[kept], lines=d.lines[:-1]
    )
    at = standing(pairs, rest)
    # A label that the catalogue lacks until the relation comes.
    gold = gold_of(pairs, rest, at.none, np.where(numbers == last, OUTSIDE, numbers))
    gold = Gold(numbers, gold.margins)
    mine = own_of(d, pairs, last, at)
    found = change(at, gold, last, None, mine, float(d.lines[last]))
    whole = plainly(margins_of(d, pairs), numbers)
    less = plainly(margins_of(rest, pairs), np.where(numbers == last, OUTSIDE, numbers))
    assert (found.f1.before, found.hit3.before) == pytest.approx((less.f1, less.hit3))
    assert (found.f1.after, found.hit3.after) == pytest.approx((whole.f1, whole.hit3))
    back = change(at, gold, last, mine, None, 0.5)
    assert (back.f1.before, back.f1.after) == (found.f1.after, found.f1.before)
    assert (sorted(back.lost), sorted(back.won)) == (sorted(found.won), sorted(found.lost))
    assert back.line.before == back.line.after == 0.5


@given(SEEDS, st.integers(1, 6))
def test_no_line_is_better_than_the_best_one(seed: int, relations: int) -> None:
    d, pairs, numbers = made(relations, seed)
    number, at = seed % relations, standing(pairs, d)
    gold, mine = gold_of(pairs, d, at.none, numbers), own_of(d, pairs, number, at)
    now = float(d.lines[number])

    def f1(line: float) -> float:
        moved = Own(mine.margins + np.float32(now) - np.float32(line), mine.turns)
        return change(at, gold, number, moved, moved, line).f1.after

    found = best_line(at, gold, number, mine, now)
    highest = f1(found)
    assert highest >= max(f1(line) for line in np.linspace(-2.5, 2.5, 101)) - 1e-9
    if f1(now) >= highest - 1e-12:
        assert found == now, "a line that is as good as any stays"


def test_without_labels_no_line_is_proposed() -> None:
    d, pairs, numbers = made(3, 1)
    at = standing(pairs, d)
    none = np.full_like(numbers, UNLABELLED)
    gold = gold_of(pairs, d, at.none, none)
    mine = own_of(d, pairs, 1, at)
    found = change(at, gold, 1, mine, None, 0.25)
    assert best_line(at, gold, 1, mine, 0.25) == 0.25
    assert (found.f1.before, found.hit3.before, found.recall.before) == (0.0, 0.0, 0.0)
    assert (len(found.won), len(found.lost)) == (0, 0)
    assert found.changed == (answered(at, 1, mine).numbers == 1).sum()


def test_parts_make_the_same_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    d, pairs, _ = made(7, 3)
    whole = standing(pairs, d)
    monkeypatch.setattr("roc_core.evaluation.what_if.ROOM", 1)
    split = standing(pairs, d)
    assert (whole.numbers == split.numbers).all()
    assert whole.margins == pytest.approx(split.margins, abs=1e-6)
    assert (whole.turns == split.turns).all()


def test_items_between_two_relations_are_the_closest_first() -> None:
    d, pairs, _ = made(6, 5, pairs=400)
    margins = margins_of(d, pairs)
    rows = between(standing(pairs, d), 4, 1)
    two = np.argsort(-margins, axis=1)[:, :2]
    wanted = [r for r in range(400) if set(two[r]) == {1, 4} and margins[r].max() >= 0]
    assert sorted(rows.tolist()) == wanted != []
    assert (np.diff(np.abs(margins[rows, 1] - margins[rows, 4])) >= -1e-6).all()
    assert NOBODY not in rows
