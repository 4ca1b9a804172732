"""Two analyses compared item by item: what one answers right and the other does not."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from roc_core.schema import Analysis, Reading


@dataclass(frozen=True, slots=True, eq=False)
class ItemComparison:
    """Two readings on the M items that both have answered, in order of arrival.

    ``items`` (M,) ids as bytes; ``rows`` and ``other_rows`` (M,) their rows in the first and the
    second analysis. ``won``, ``lost``, ``both_right``, ``both_wrong`` share the numbers 0..M-1 out
    among them: won is what the first answers right and the second wrong. ``mcnemar`` is the
    probability of such unequal numbers of won and lost if both were as good.
    """

    reading: Reading
    other: Reading
    items: np.ndarray
    rows: np.ndarray
    other_rows: np.ndarray
    won: np.ndarray
    lost: np.ndarray
    both_right: np.ndarray
    both_wrong: np.ndarray
    mcnemar: float

    def __len__(self) -> int:
        return len(self.items)


def compare(a: Analysis, b: Analysis, shift: float = 0.0) -> ItemComparison:
    """Compare the answers of two readings on the items both have; ``None`` pairs count, directions
    do not. Labels are those of ``a``."""
    items, rows, others = np.intersect1d(a.items, b.items, assume_unique=True, return_indices=True)
    order = np.argsort(rows)
    items, rows, others = items[order], rows[order], others[order]
    gold = np.array(a.names, object)[a.gold.values[rows]]
    mine, theirs = (
        np.array(x.names, object)[x.predicted(shift).values[r]] == gold
        for x, r in ((a, rows), (b, others))
    )
    won, lost = mine & ~theirs, ~mine & theirs
    return ItemComparison(
        a.reading,
        b.reading,
        items,
        rows,
        others,
        np.flatnonzero(won),
        np.flatnonzero(lost),
        np.flatnonzero(mine & theirs),
        np.flatnonzero(~mine & ~theirs),
        mcnemar(int(won.sum()), int(lost.sum())),
    )


def mcnemar(won: int, lost: int) -> float:
    """Two-sided exact p value, 0..1: won and lost as a fair coin's (McNemar 1947; exact form as in
    Fagerland, Lydersen & Laake 2013)."""
    n, few = won + lost, min(won, lost)
    if not n:
        return 1.0
    logs = [
        math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1) - n * math.log(2)
        for k in range(few + 1)
    ]
    return min(1.0, 2 * math.fsum(math.exp(x) for x in logs))
