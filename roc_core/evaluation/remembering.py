"""What the correction memory does to look-alikes, and to answers that were right.

A confusion is a gold relation that is answered as another one (either may be ``None``). Some of its
pairs are drawn and corrected; its other pairs are the look-alikes, fixed where the answer is now
their gold relation; broken are pairs of the whole split that were right and are not any more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import product
from typing import Any

import numpy as np

from roc_core.errors import ValueRejected
from roc_core.retrieval import Memory, RelationRetriever
from roc_core.schema import NONE, Direction, Label, MemorySettings, Relation

SIZES = (1, 5, 20)
LEFT = 5
"""Look-alikes that must be left for a confusion to count with a number of corrections."""

WEIGHTS, FLOORS, NEIGHBOURS = (0.1, 0.2, 0.3, 0.5), (0.9, 0.925, 0.95, 0.97), (5, 10, 30)

Progress = Callable[[int, int, str], None]
Confusion = tuple[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class Space:
    """N labelled pairs of a split under one version: unit ``vectors`` (N, W), ``margins`` (N, C)
    of the relation-directions ``pairs``, and the gold ``labels``."""

    vectors: np.ndarray
    margins: np.ndarray
    labels: tuple[Label, ...]
    pairs: tuple[tuple[Relation, Direction], ...]

    def answers(self, margins: np.ndarray) -> np.ndarray:
        """Relation ids (B,) that margins (B, C) stand for."""
        names = np.array([r.id for r, _ in self.pairs], object)
        return np.where(margins.max(axis=1) >= 0, names[margins.argmax(axis=1)], NONE)


@dataclass(frozen=True, slots=True)
class Trial:
    """A confusion after ``corrections`` of its ``members``, means over draws: ``fixed`` of the
    ``members - corrections`` look-alikes, ``broken`` of the right answers (numbers of pairs)."""

    gold: str
    answered: str
    members: int
    corrections: int
    fixed: float
    broken: float

    @property
    def look_alikes(self) -> int:
        """Pairs that were not corrected."""
        return self.members - self.corrections


@dataclass(frozen=True, slots=True)
class Remembered:
    """Means over ``confusions`` after ``corrections`` of each: the share of look-alikes fixed
    (0..1), and numbers of look-alikes, of fixed ones and of broken ones."""

    corrections: int
    confusions: int
    share: float
    look_alikes: float
    fixed: float
    broken: float


@dataclass(frozen=True, slots=True)
class MemoryReport:
    """All trials of one split; ``right`` of its ``pairs`` were answered right without memory."""

    model_version: str
    settings: MemorySettings
    pairs: int
    right: int
    draws: int
    seed: int
    rows: tuple[Remembered, ...]
    trials: tuple[Trial, ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)


def space_of(retriever: RelationRetriever, vectors: np.ndarray, labels: Sequence[Label]) -> Space:
    """Pairs with the margins the version gives them."""
    import torch

    scores = retriever.score(torch.from_numpy(vectors))
    pairs = retriever.readings.pairs
    lines = retriever.version.lines.each(r.id for r, _ in pairs)
    return Space(vectors, scores.margins(lines), tuple(labels), pairs)


def measure(
    space: Space,
    settings: MemorySettings,
    sizes: Sequence[int] = SIZES,
    least: int = 25,
    draws: int = 20,
    seed: int = 0,
) -> tuple[tuple[Remembered, ...], tuple[Trial, ...]]:
    """Every confusion of at least ``least`` pairs after each number of corrections.

    Raises ValueRejected when there is no such confusion.
    """
    gold = np.array([label.relation for label in space.labels], object)
    before = space.answers(space.margins)
    counts = Counter(zip(gold.tolist(), before.tolist(), strict=True))
    found = [c for c, n in counts.most_common() if c[0] != c[1] and n >= least]
    if not found:
        most = max((n for c, n in counts.items() if c[0] != c[1]), default=0)
        raise ValueRejected(
            f"a confusion of at least {least} pairs", f"none above {most}", "Ask for fewer pairs."
        )
    trials = [
        _trial(space, gold, before, confusion, size, settings, draws, seed)
        for confusion in found
        for size in sizes
        if counts[confusion] >= size + LEFT
    ]
    return tuple(_mean(trials, s) for s in sizes if _of(trials, s)), tuple(trials)


def _trial(
    space: Space,
    gold: np.ndarray,
    before: np.ndarray,
    confusion: Confusion,
    size: int,
    settings: MemorySettings,
    draws: int,
    seed: int,
) -> Trial:
    members = np.flatnonzero((gold == confusion[0]) & (before == confusion[1]))
    right = np.flatnonzero(gold == before)
    # The same draws for all settings: they are compared on the same corrections.
    random = np.random.default_rng([seed, size, len(members)])
    fixed = broken = 0
    for _ in range(draws):
        corrected = random.choice(members, size, replace=False)
        rows = np.concatenate([np.setdiff1d(members, corrected), right])
        after = _after(space, corrected, rows, settings) == gold[rows]
        fixed += int(after[: len(rows) - len(right)].sum())
        broken += int((~after[len(rows) - len(right) :]).sum())
    return Trial(*confusion, len(members), size, fixed / draws, broken / draws)


def _after(
    space: Space, corrected: np.ndarray, rows: np.ndarray, settings: MemorySettings
) -> np.ndarray:
    """Answers of the pairs ``rows`` once those of ``corrected`` are remembered."""
    memory = Memory(space.pairs)
    for row in corrected.tolist():
        memory.put(str(row), space.vectors[row], space.labels[row])
    margins = space.margins[rows].copy()
    for at, said in enumerate(memory.recall(space.vectors[rows], settings)):
        if said is not None:
            margins[at] += said.added
    return space.answers(margins)


def _of(trials: Sequence[Trial], size: int) -> list[Trial]:
    return [t for t in trials if t.corrections == size]


def _mean(trials: Sequence[Trial], size: int) -> Remembered:
    found = _of(trials, size)
    return Remembered(
        size,
        len(found),
        float(np.mean([t.fixed / t.look_alikes for t in found])),
        float(np.mean([t.look_alikes for t in found])),
        float(np.mean([t.fixed for t in found])),
        float(np.mean([t.broken for t in found])),
    )


def choose(
    space: Space,
    least: int = 10,
    draws: int = 10,
    seed: int = 0,
    progress: Progress = lambda done, total, what: None,
) -> MemorySettings:
    """The settings of a grid that fix the largest share of look-alikes after five corrections,
    among those that break no more right answers than they fix after one and after five.

    Of equals the first in the order of the grid. Raises ValueRejected when none keeps the rule.
    """
    grid = list(product(FLOORS, WEIGHTS, NEIGHBOURS))
    best, most = None, -1.0
    for number, (floor, weight, neighbours) in enumerate(grid, 1):
        settings = replace(MemorySettings(), weight=weight, neighbours=neighbours, floor=floor)
        one, five = measure(space, settings, (1, 5), least, draws, seed)[0]
        if one.broken <= one.fixed and five.broken <= five.fixed and five.share > most:
            best, most = settings, five.share
        progress(number, len(grid), f"floor {floor}, weight {weight}")
    if best is None:
        raise ValueRejected(
            "settings that break no more than they fix",
            "none in the grid",
            "Use more data.",
        )
    return best
