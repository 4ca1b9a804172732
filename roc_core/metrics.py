"""Metrics as pure functions. Micro F1 leaves ``None`` out of all three counts, as ``eval_result``
of the public MNRE and MORE code bases does: predicting a relation on a ``None`` pair costs
precision."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
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


def best_of(values: np.ndarray, own: np.ndarray) -> np.ndarray:
    """(B, N) values of relation-directions → (B, R) of relations, the better direction's; ``own``
    (N,) numbers the relation of each, from 0, none left out."""
    order = np.argsort(own, kind="stable")
    starts = np.flatnonzero(np.diff(own[order], prepend=-1))
    return np.asarray(np.maximum.reduceat(values[:, order], starts, axis=1))


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


def macro_hit_at(rank: np.ndarray, gold: Sequence[str], k: int) -> float:
    """Mean over the relations of ``gold`` of the share of their ranks that are at most ``k``."""
    names = np.array(gold)
    hits = [hit_at(rank[names == name], k) for name in sorted(set(gold))]
    return float(np.mean(hits)) if hits else 0.0


def per_group(
    gold: Sequence[str], predicted: Sequence[str], groups: Mapping[str, str]
) -> dict[str, Prf]:
    """Micro scores of each group of relations, sorted by group; ``groups`` names a relation's."""
    single = per_relation(gold, predicted)
    return {
        group: prf(*(sum(getattr(s, c) for s in some) for c in ("right", "predicted", "gold")))
        for group in sorted({groups[n] for n in single})
        if (some := [s for n, s in single.items() if groups[n] == group])
    }


def confusion(gold: Sequence[str], predicted: Sequence[str]) -> dict[str, dict[str, int]]:
    """How often each gold label was answered by which label, ``None`` included; no zeros."""
    table: dict[str, dict[str, int]] = {}
    for (g, p), n in sorted(Counter(zip(gold, predicted, strict=True)).items()):
        table.setdefault(g, {})[p] = n
    return table


def mean_spread(values: Sequence[float]) -> tuple[float, float]:
    """Mean and sample standard deviation (n - 1); a single value has a spread of 0."""
    spread = float(np.std(values, ddof=1)) if len(values) > 1 else 0.0
    return float(np.mean(values)), spread


@dataclass(frozen=True, slots=True)
class Platt:
    """Probability from a margin: 1 / (1 + exp(-(slope · margin + offset)))."""

    slope: float
    offset: float

    def probability(self, margins: np.ndarray) -> np.ndarray:
        """Probabilities of margins, the same shape, 0..1."""
        x = np.clip(self.slope * np.asarray(margins, np.float64) + self.offset, -500, 500)
        return np.asarray(1 / (1 + np.exp(-x)))


def fit_platt(margins: np.ndarray, right: np.ndarray, rounds: int = 100) -> Platt:
    """Logistic curve of one dimension through (N,) margins and whether each was right.

    Platt 1999, with his smoothed targets ((n₊ + 1) / (n₊ + 2) and 1 / (n₋ + 2)), so that data
    that can be parted perfectly still has a finite slope; Newton's method.
    """
    centre, width = float(np.mean(margins)), float(np.std(margins)) or 1.0
    x = np.stack([(np.asarray(margins, np.float64) - centre) / width, np.ones(len(margins))], 1)
    hits = int(np.sum(right))
    target = np.where(right, (hits + 1) / (hits + 2), 1 / (len(right) - hits + 2))
    weight = np.zeros(2)
    for _ in range(rounds):
        p = 1 / (1 + np.exp(-np.clip(x @ weight, -500, 500)))
        slope = x.T @ (p - target)
        curve = (x * (p * (1 - p))[:, None]).T @ x + 1e-9 * np.eye(2)
        step = np.linalg.solve(curve, slope)
        # A full step may overshoot where the curve is flat.
        weight -= step * min(1.0, 4.0 / max(1e-12, float(np.abs(step).max())))
        if float(np.abs(step).max()) < 1e-9:
            break
    return Platt(float(weight[0]) / width, float(weight[1] - weight[0] * centre / width))


@dataclass(frozen=True, slots=True)
class Bin:
    """Pairs of like confidence: their mean confidence, how many were right (both 0..1), number."""

    confidence: float
    right: float
    pairs: int


@dataclass(frozen=True, slots=True)
class Reliability:
    """Expected calibration error (0..1, 0 is best) and the bins it was taken over."""

    ece: float
    bins: tuple[Bin, ...]


def reliability(confidence: np.ndarray, right: np.ndarray, bins: int = 15) -> Reliability:
    """ECE over bins of equal numbers of pairs: Σ share of the bin · |right - confidence|.

    Naeini et al. 2015, with equal-mass bins (Nixon et al. 2019) instead of equal widths.
    ``confidence`` (N,) is 0..1, ``right`` (N,) whether it came true.
    """
    order = np.argsort(confidence, kind="stable")
    parts = [p for p in np.array_split(order, bins) if len(p)]
    found = tuple(
        Bin(float(np.mean(confidence[p])), float(np.mean(right[p])), len(p)) for p in parts
    )
    total = max(1, len(order))
    return Reliability(sum(b.pairs / total * abs(b.right - b.confidence) for b in found), found)
