"""Metrics as pure functions. Micro F1 leaves ``None`` out of all three counts, as ``eval_result``
of the public MNRE and MORE code bases does: predicting a relation on a ``None`` pair costs
precision."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from roc_core.schema import NONE


@dataclass(frozen=True, slots=True)
class Prf:
    """Precision, recall and F1, each 0..1, with the counts behind them."""

    precision: float
    recall: float
    f1: float
    right: int
    predicted: int
    gold: int


def prf(right: int, predicted: int, gold: int) -> Prf:
    """Precision, recall, F1 from counts; 0 where a denominator is 0."""
    p = right / predicted if predicted else 0.0
    r = right / gold if gold else 0.0
    f1 = 2 * right / (predicted + gold) if right else 0.0
    return Prf(p, r, f1, right, predicted, gold)


def micro(gold: Sequence[str], predicted: Sequence[str]) -> Prf:
    """Micro scores over relation names of equal length; ``None`` counts as no relation."""
    right = sum(g == p != NONE for g, p in zip(gold, predicted, strict=True))
    return prf(right, sum(p != NONE for p in predicted), sum(g != NONE for g in gold))


def accuracy(gold: Sequence[str], predicted: Sequence[str]) -> float:
    """Share of pairs answered right, ``None`` included."""
    hits = sum(g == p for g, p in zip(gold, predicted, strict=True))
    return hits / len(gold) if gold else 0.0


def per_relation(gold: Sequence[str], predicted: Sequence[str]) -> dict[str, Prf]:
    """Scores of every relation that occurs in gold or predicted, sorted by name."""
    right = Counter(g for g, p in zip(gold, predicted, strict=True) if g == p)
    g_all, p_all = Counter(gold), Counter(predicted)
    names = sorted((g_all.keys() | p_all.keys()) - {NONE})
    return {n: prf(right[n], p_all[n], g_all[n]) for n in names}


def macro_f1(gold: Sequence[str], predicted: Sequence[str]) -> float:
    """Mean F1 over the relations that occur in gold."""
    scores = [s.f1 for n, s in per_relation(gold, predicted).items() if n in set(gold)]
    return float(np.mean(scores)) if scores else 0.0


def ranks(scores: np.ndarray, gold: np.ndarray) -> np.ndarray:
    """Rank (1 = best) of the gold column in every row.

    ``scores`` is (N, R), ``gold`` (N,) column numbers. Ties count against: equal scores rank
    ahead of the gold one, so a constant scorer gets no credit.
    """
    own = scores[np.arange(len(gold)), gold][:, None]
    return np.asarray((scores >= own).sum(axis=1))


def hit_at(rank: np.ndarray, k: int) -> float:
    """Share of ranks that are at most ``k``; 0 for no ranks."""
    return float((rank <= k).mean()) if len(rank) else 0.0


def mrr(rank: np.ndarray) -> float:
    """Mean reciprocal rank; 0 for no ranks."""
    return float((1.0 / rank).mean()) if len(rank) else 0.0


def bootstrap_f1(
    gold: Sequence[str], predicted: Sequence[str], seed: int = 0, draws: int = 1000
) -> tuple[float, float]:
    """95 % percentile interval of micro F1 over ``draws`` resamplings of the pairs."""
    g = np.array([x != NONE for x in gold])
    p = np.array([x != NONE for x in predicted])
    hit = np.array([x == y != NONE for x, y in zip(gold, predicted, strict=True)])
    rng = np.random.default_rng(seed)
    scores = []
    for _ in range(draws):
        i = rng.integers(0, len(g), len(g))
        scores.append(prf(int(hit[i].sum()), int(p[i].sum()), int(g[i].sum())).f1)
    low, high = np.percentile(scores, [2.5, 97.5])
    return float(low), float(high)
