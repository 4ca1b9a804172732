"""A sample that keeps the share of every stratum."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def stratified(strata: Sequence[str], limit: int, seed: int = 0) -> np.ndarray:
    """Numbers of ``limit`` of N members in ascending order, all of them when there are no more.

    Every stratum gets its share of ``limit`` rounded down, and at least one while there is room;
    what is left goes to the largest remainders. Seeded; which members of a stratum is chance.
    """
    if len(strata) <= limit:
        return np.arange(len(strata))
    names, of, sizes = np.unique(np.array(strata), return_inverse=True, return_counts=True)
    wanted = _shares(sizes, limit)
    chance = np.random.default_rng(seed)
    parts = [
        chance.choice(np.flatnonzero(of == n), wanted[n], replace=False) for n in range(len(names))
    ]
    return np.sort(np.concatenate(parts))


def _shares(sizes: np.ndarray, limit: int) -> np.ndarray:
    """How many of each stratum, ``limit`` in all."""
    exact = sizes / sizes.sum() * limit
    wanted = np.floor(exact).astype(int)
    remainder = exact - wanted
    remainder[wanted == 0] += 1  # strata that would vanish come first
    order = np.argsort(-remainder, kind="stable")
    wanted[order[: limit - wanted.sum()]] += 1
    return wanted
