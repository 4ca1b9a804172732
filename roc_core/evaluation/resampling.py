"""Bootstrap over pairs with the same draws for everything compared, so that differences are
paired. 95 % percentile intervals (Efron 1979)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from roc_core.schema import NONE

Interval = tuple[float, float]
DRAWS = 1000


def drawn(pairs: int, draws: int = DRAWS, seed: int = 0) -> np.ndarray:
    """How often each pair is in each draw, (D, B) float32; rows add up to B."""
    if not pairs:
        return np.zeros((draws, 0), np.float32)
    counts = np.random.default_rng(seed).multinomial(pairs, np.full(pairs, 1 / pairs), size=draws)
    return counts.astype(np.float32)


def micro_f1(weights: np.ndarray, gold: Sequence[str], said: Sequence[str]) -> np.ndarray:
    """Micro F1 of every draw, ``None`` left out, (D,)."""
    g, s = np.array(gold, object), np.array(said, object)
    hit = (g == s) & (g != NONE)
    return _ratio(weights @ _ones(2 * hit), weights @ _ones((g != NONE) * 1 + (s != NONE)))


def relation_f1(
    weights: np.ndarray, gold: Sequence[str], said: Sequence[str], relation: str
) -> np.ndarray:
    """F1 of one relation in every draw, (D,)."""
    g, s = np.array(gold, object) == relation, np.array(said, object) == relation
    return _ratio(weights @ _ones(2 * (g & s)), weights @ _ones(g * 1 + s))


def macro_hit(weights: np.ndarray, gold: Sequence[str], rank: np.ndarray, k: int) -> np.ndarray:
    """Mean over the relations that are in the draw of the share of ranks up to ``k``, (D,)."""
    names = np.array(gold, object)
    shares, there = [], []
    for name in sorted(set(gold)):
        own = names == name
        total = weights @ _ones(own)
        shares.append(_ratio(weights @ _ones(own & (rank <= k)), total))
        there.append(total > 0)
    return _ratio(np.sum(shares, axis=0), np.sum(there, axis=0))


def interval(values: np.ndarray) -> Interval:
    """The middle 95 % of the draws."""
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)


def _ones(values: np.ndarray) -> np.ndarray:
    return np.asarray(values, np.float32)


def _ratio(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    """0 where there is nothing to count."""
    return np.asarray(above / np.where(below > 0, below, 1), np.float64)
