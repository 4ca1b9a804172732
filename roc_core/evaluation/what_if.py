"""What other words for one relation change: arrays in, figures out, no model.

N pairs with a vector, R relations numbered in the catalogue's order, C relation-directions, M
readings of descriptions, W the width of the shared space. A margin is how far a relation's score
lies above its line, in cosine points, as ``retrieval`` ranks by it. Only the changed relation is
scored again: of all others each pair keeps the few that are ahead.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from roc_core.metrics import Prf, prf
from roc_core.schema import Moved

NOBODY, OUTSIDE, UNLABELLED = -1, -2, -3
"""In place of a relation's number: "none of these", a label the catalogue lacks, no label."""

AHEAD = 5
"""Relations kept of each pair: three for hit@3, and the changed and the gold one to leave out."""

ROOM = 1 << 22
"""Numbers a part of the scores may hold: small enough to stay in a processor's cache."""

BEYOND = 0.01
"""How far past the last pair a line is drawn that no pair limits."""


@dataclass(frozen=True, slots=True, eq=False)
class Described:
    """The catalogue as a model version reads it.

    ``vectors`` (M, W) unit; ``groups`` (C, K) the readings of each relation-direction, -1 pads;
    ``owners`` (C,) its relation's number, ascending; ``turns`` (C,) its direction's number;
    ``lines`` (R,) each relation's own line; ``none`` (V, W) the unit vectors of "none of these".
    """

    vectors: np.ndarray
    groups: np.ndarray
    owners: np.ndarray
    turns: np.ndarray
    lines: np.ndarray
    none: np.ndarray
    sharpness: float


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Scores of B pairs: ``cosines`` (B, M); ``margins`` (B, R) of each relation in its better
    direction, whose relation-direction is ``columns`` (B, R); ``none`` (B,)."""

    cosines: np.ndarray
    margins: np.ndarray
    columns: np.ndarray
    none: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """The relations that are ahead of N pairs, best first, (N, AHEAD): their ``numbers`` (-1 pads),
    ``margins`` and the numbers of their directions, ``turns``; ``none`` (N,) the pairs' scores
    with "none of these"."""

    numbers: np.ndarray
    margins: np.ndarray
    turns: np.ndarray
    none: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class Gold:
    """Labels of N pairs: ``numbers`` (N,) of their relations or NOBODY, OUTSIDE, UNLABELLED;
    ``margins`` (N,) of those relations, -inf for no relation of the catalogue."""

    numbers: np.ndarray
    margins: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class Own:
    """One relation on N pairs: ``margins`` (N,) in its better direction, and its ``turns`` (N,)."""

    margins: np.ndarray
    turns: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """Answers to N pairs: the relation's number or NOBODY, and its direction's number."""

    numbers: np.ndarray
    turns: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """What a changed relation moves; see ``schema.WhatIfReport`` for the figures. ``won`` and
    ``lost`` are rows, those whose margin moved most first."""

    f1: Moved
    hit3: Moved
    precision: Moved
    recall: Moved
    line: Moved
    won: np.ndarray
    lost: np.ndarray
    changed: int
    before: Answers
    after: Answers


# --- scores ------------------------------------------------------------------------------


def weighted(cosines: np.ndarray, sharpness: float) -> np.ndarray:
    """Softmax-weighted mean over the last axis, -1..1; -inf pads. As ``model.network.weigh``."""
    powers = np.exp((cosines - cosines.max(axis=-1, keepdims=True)) * sharpness)
    powers = np.where(np.isneginf(cosines), 0.0, powers)
    held = np.where(np.isneginf(cosines), 0.0, cosines)
    return np.asarray((powers * held).sum(axis=-1) / powers.sum(axis=-1))


def compared(pairs: np.ndarray, d: Described) -> Part:
    """Scores of unit pair vectors (B, W)."""
    cosines = pairs @ d.vectors.T
    none = weighted(pairs @ d.none.T, d.sharpness)
    picked = np.where(d.groups < 0, -np.inf, cosines[:, np.maximum(d.groups, 0)])  # B,C,K
    scores = weighted(picked, d.sharpness)
    margins = scores - np.clip(none[:, None] + d.lines[d.owners], -1.0, 1.0)  # B,C
    starts = np.flatnonzero(np.diff(d.owners, prepend=-1))
    best = np.maximum.reduceat(margins, starts, axis=1)
    columns = np.broadcast_to(starts, best.shape)
    return Part(cosines, best, columns + (margins[:, starts] < best), none)


def parts(pairs: np.ndarray, d: Described) -> Iterator[tuple[int, Part]]:
    """Where each part begins, and its scores; as many pairs at once as there is room for."""
    step = max(1, ROOM // (d.groups.size + len(d.vectors)))
    for start in range(0, len(pairs), step):
        yield start, compared(pairs[start : start + step], d)


def first(margins: np.ndarray, count: int) -> np.ndarray:
    """Numbers of the ``count`` highest of each row (B, R), best first, (B, count); of equal ones
    the lower number. Not all are sorted: a catalogue may have thousands of relations."""
    top = np.sort(np.argpartition(-margins, count - 1, axis=1)[:, :count], axis=1)
    order = np.argsort(-np.take_along_axis(margins, top, axis=1), axis=1, kind="stable")
    return np.take_along_axis(top, order, axis=1)


def standing(pairs: np.ndarray, d: Described) -> Standing:
    """Which relations are ahead of each of N pairs."""
    shape = len(pairs), AHEAD
    found = Standing(
        np.full(shape, NOBODY, np.int32),
        np.full(shape, -np.inf, np.float32),
        np.zeros(shape, np.uint8),
        np.zeros(len(pairs), np.float32),
    )
    for start, part in parts(pairs, d):
        rows, kept = slice(start, start + len(part.none)), min(AHEAD, part.margins.shape[1])
        top = first(part.margins, kept)
        found.numbers[rows, :kept] = top
        found.margins[rows, :kept] = np.take_along_axis(part.margins, top, axis=1)
        found.turns[rows, :kept] = d.turns[np.take_along_axis(part.columns, top, axis=1)]
        found.none[rows] = part.none
    return found


def own(
    cosines: Sequence[np.ndarray],
    turns: Sequence[int],
    none: np.ndarray,
    line: float,
    sharpness: float,
) -> Own:
    """One relation on N pairs, from its ``cosines``: (N, K) for each direction it can hold in."""
    bar = np.clip(none + line, -1.0, 1.0)
    margins = np.stack([weighted(c, sharpness) - bar for c in cosines], axis=1)
    best = margins.argmax(axis=1)
    return Own(margins[np.arange(len(none)), best], np.asarray(turns, np.uint8)[best])


def columns_of(d: Described, number: int) -> list[np.ndarray]:
    """The readings of a relation in each of its directions."""
    return [d.groups[c][d.groups[c] >= 0] for c in np.flatnonzero(d.owners == number)]


def gold_of(pairs: np.ndarray, d: Described, none: np.ndarray, numbers: np.ndarray) -> Gold:
    """Labels with the margins of their relations."""
    margins = np.full(len(numbers), -np.inf, np.float32)
    for number in np.unique(numbers[numbers >= 0]).tolist():
        rows = np.flatnonzero(numbers == number)
        cosines = [pairs[rows] @ d.vectors[r].T for r in columns_of(d, number)]
        found = own(cosines, [0] * len(cosines), none[rows], d.lines[number], d.sharpness)
        margins[rows] = found.margins
    return Gold(numbers, margins)


# --- figures -----------------------------------------------------------------------------


def _others(at: Standing, number: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Number, margin and direction of the best relation but ``number``."""
    best = (at.numbers[:, 0] == number).astype(int)
    rows = np.arange(len(best))
    return at.numbers[rows, best], at.margins[rows, best], at.turns[rows, best]


def answered(at: Standing, number: int, mine: Own | None) -> Answers:
    """The answers when relation ``number`` stands as ``mine`` says; None: when it is not there."""
    numbers, margins, turns = _others(at, number)
    if mine is not None:
        ahead = (mine.margins > margins) | ((mine.margins == margins) & (number < numbers))
        numbers = np.where(ahead, number, numbers)
        turns = np.where(ahead, mine.turns, turns)
        margins = np.where(ahead, mine.margins, margins)
    return Answers(np.where(margins >= 0, numbers, NOBODY), np.where(margins >= 0, turns, 0))


def hit3(at: Standing, gold: Gold, number: int, mine: Own | None) -> float:
    """Share of pairs whose gold relation is among the first three, of those whose gold is one;
    equal margins rank ahead of the gold one."""
    held = gold.numbers != NOBODY
    held &= gold.numbers != UNLABELLED
    margins = np.full(len(held), -np.inf) if mine is None else mine.margins
    right = np.where(gold.numbers == number, margins, gold.margins)
    rivals = (at.numbers >= 0) & (at.numbers != number) & (at.numbers != gold.numbers[:, None])
    ahead = (rivals & (at.margins >= right[:, None])).sum(axis=1)
    ahead += (margins >= right) & (gold.numbers != number)
    hits = (ahead < 3) & (right > -np.inf)
    return float(hits[held].mean()) if held.any() else 0.0


def _counted(gold: np.ndarray, said: np.ndarray, number: int) -> tuple[Prf, Prf]:
    """Micro figures of all labelled pairs, and the figures of one relation alone."""
    labelled = gold != UNLABELLED
    right = (gold == said) & (gold != NOBODY)
    held, told = labelled & (gold != NOBODY), labelled & (said != NOBODY)
    mine = labelled & (said == number)
    return (
        prf(int(right.sum()), int(told.sum()), int(held.sum())),
        prf(int((right & mine).sum()), int(mine.sum()), int((gold == number).sum())),
    )


def change(
    at: Standing, gold: Gold, number: int, before: Own | None, after: Own | None, line: float
) -> Change:
    """What moves when relation ``number``, whose line is ``line``, stands as ``after`` says instead
    of ``before``; None stands for a relation that is not there."""
    was, now = answered(at, number, before), answered(at, number, after)
    (all_was, own_was), (all_now, own_now) = (
        _counted(gold.numbers, a.numbers, number) for a in (was, now)
    )
    right_was, right_now = was.numbers == gold.numbers, now.numbers == gold.numbers
    other = (was.numbers != now.numbers) | (was.turns != now.turns)
    nowhere = np.full(len(other), -2.0)
    moved = np.abs(
        (nowhere if after is None else after.margins)
        - (nowhere if before is None else before.margins)
    )
    return Change(
        f1=Moved(all_was.f1, all_now.f1),
        hit3=Moved(hit3(at, gold, number, before), hit3(at, gold, number, after)),
        precision=Moved(own_was.precision, own_now.precision),
        recall=Moved(own_was.recall, own_now.recall),
        line=Moved(line, line if after is None else best_line(at, gold, number, after, line)),
        won=_most(np.flatnonzero(right_now & ~right_was), moved),
        lost=_most(np.flatnonzero(right_was & ~right_now), moved),
        changed=int(other.sum()),
        before=was,
        after=now,
    )


def _most(rows: np.ndarray, moved: np.ndarray) -> np.ndarray:
    return rows[np.argsort(-moved[rows], kind="stable")]


def best_line(at: Standing, gold: Gold, number: int, mine: Own, now: float) -> float:
    """The line of one relation that gives the highest micro F1, all others staying.

    Exact: the relation is answered where its score lies so far above "none of these" that it
    passes the line and the best of the others; so each pair has one line at which its answer
    changes. Of lines as good as each other it is ``now`` if that is one, else the middle of the
    stretch of them nearest to it.
    """
    some = np.flatnonzero(gold.numbers != UNLABELLED)
    if not len(some):
        return now
    numbers, margins, _ = _others(at, number)
    truth, rest, passes = gold.numbers[some], numbers[some], margins[some] >= 0
    turning = mine.margins[some] + now - np.maximum(margins[some], 0.0)
    gained = (truth == number).astype(int) - (passes & (truth == rest))
    steps, at_step = np.unique(-turning, return_inverse=True)

    def summed(values: np.ndarray) -> np.ndarray:
        each = np.bincount(at_step, weights=values, minlength=len(steps))
        return np.concatenate([[0.0], each.cumsum()])

    right = (passes & (truth == rest)).sum() + summed(gained)
    said = passes.sum() + summed(~passes)
    f1 = 2 * right / np.maximum(said + (truth != NOBODY).sum(), 1)
    best = np.flatnonzero(f1 >= f1.max() - 1e-12)
    lows, highs = np.append(-steps, -np.inf)[best], np.append(np.inf, -steps)[best]
    if ((lows < now) & (now <= highs)).any():
        return now
    nearest = np.maximum(lows - now, now - highs).argmin()
    low, high = float(lows[nearest]), float(highs[nearest])
    if np.isinf(high):
        return low + BEYOND
    return high - BEYOND if np.isinf(low) else (low + high) / 2


def between(at: Standing, one: int, other: int) -> np.ndarray:
    """Rows answered as one of two relations with the other as runner-up, the closest first."""
    two = np.sort(at.numbers[:, :2], axis=1) == sorted((one, other))
    rows = np.flatnonzero(two.all(axis=1) & (at.margins[:, 0] >= 0))
    return rows[np.argsort(at.margins[rows, 0] - at.margins[rows, 1], kind="stable")]
