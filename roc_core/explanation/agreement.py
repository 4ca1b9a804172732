"""How far two explanations rank the same parts alike."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from roc_core.schema import Share


def spearman(one: np.ndarray, other: np.ndarray) -> float | None:
    """Spearman's rank correlation of two arrays (n,), ties sharing their mean rank.

    None when there are fewer than three values or one array does not vary.
    """
    if len(one) < 3 or np.ptp(one) == 0 or np.ptp(other) == 0:
        return None
    return float(np.corrcoef(_ranks(one), _ranks(other))[0, 1])


def _ranks(values: np.ndarray) -> np.ndarray:
    """Ranks from 0, equal values at the mean of theirs."""
    _, group, count = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    return np.asarray((last - (count + 1) / 2)[group])


def agreement(one: Sequence[Share], other: Sequence[Share]) -> float | None:
    """Spearman's rank correlation over the parts that both explanations have."""
    found = {(s.kind, s.name, s.place): s.share for s in other}
    both = [(s.share, found[key]) for s in one if (key := (s.kind, s.name, s.place)) in found]
    values = np.array(both).reshape(-1, 2)
    return spearman(values[:, 0], values[:, 1])
