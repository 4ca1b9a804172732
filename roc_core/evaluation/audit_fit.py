"""The simple models of the audit: logistic regression, its "none of these" line, and how sure a
difference between two of them is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from roc_core import metrics
from roc_core.schema import NONE

STRENGTH = 3.0
"""Inverse strength of the penalty (``C`` of scikit-learn); chosen on MNRE's dev part."""
LINES = 60
FOLDS, CROSSED = 5, 3000
"""Up to so many pairs the line for ``None`` is chosen by cross-fitting in FOLDS folds: a tenth of
few pairs would choose it by chance."""
DRAWS = 1000


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """Row numbers: models are fitted on ``fit``, their line for ``None`` is chosen on ``tune``,
    and ``score`` alone is reported. ``name`` says which split ``score`` is; ``folds`` (N,) is the
    fold of each row's sentence, 0 to FOLDS - 1."""

    fit: np.ndarray
    tune: np.ndarray
    score: np.ndarray
    name: str
    folds: np.ndarray


def answers(features: Any, gold: Sequence[str], parts: Parts) -> list[str]:
    """Relation or ``None`` for every row of ``parts.score``.

    One logistic regression a label (one against the rest) on ``features`` (N, F) sparse. A pair is
    answered with its likeliest relation when that is likelier than ``None`` by the factor that
    gives the highest micro F1 on ``parts.tune``, or, with few pairs, on ``fit`` and ``tune`` by
    cross-fitting.
    """
    both = np.concatenate([parts.fit, parts.tune])
    if len(both) > CROSSED:
        model = _fitted(features, gold, parts.fit)
        line = _line([(model, parts.tune)], features, gold)
        return _answered(*_margins(model, features[parts.score]), line)
    folds = [parts.folds[both] == f for f in range(FOLDS)]
    held = [
        (_fitted(features, gold, both[~inside]), both[inside])
        for inside in folds
        if inside.any() and len({gold[i] for i in both[~inside]}) > 1
    ]
    line = _line(held, features, gold)
    return _answered(*_margins(_fitted(features, gold, both), features[parts.score]), line)


def _fitted(features: Any, gold: Sequence[str], rows: np.ndarray) -> Any:
    from sklearn.linear_model import LogisticRegression
    from sklearn.multiclass import OneVsRestClassifier

    one = LogisticRegression(C=STRENGTH, solver="liblinear", tol=1e-2, random_state=0)
    return OneVsRestClassifier(one).fit(features[rows], [gold[i] for i in rows])


def _margins(model: Any, features: Any) -> tuple[list[str], np.ndarray]:
    """The likeliest relation of every row and the log of how much likelier it is than None."""
    names = [str(n) for n in model.classes_]
    chances = model.predict_proba(features)
    if NONE not in names:
        return [names[i] for i in chances.argmax(1)], np.full(len(chances), np.inf)
    none = names.index(NONE)
    others = chances.copy()
    others[:, none] = -1.0
    small = 1e-9
    margin = np.log(others.max(1).clip(small)) - np.log(chances[:, none].clip(small))
    return [names[i] for i in others.argmax(1)], margin


def _line(held: list[tuple[Any, np.ndarray]], features: Any, gold: Sequence[str]) -> float:
    """The line with the highest micro F1 over (model, rows it was not fitted on)."""
    best: list[str] = []
    margins: list[float] = []
    for model, rows in held:
        names, margin = _margins(model, features[rows])
        best, margins = best + names, margins + margin.tolist()
    truth, margin = [gold[i] for _, rows in held for i in rows], np.array(margins)
    finite = np.unique(margin[np.isfinite(margin)])
    if not len(finite):
        return -np.inf
    tried = np.unique(np.quantile(finite, np.linspace(0, 1, LINES), method="nearest"))
    scored = [(metrics.micro(truth, _answered(best, margin, x)).f1, float(x)) for x in tried]
    return max(scored)[1]


def _answered(best: list[str], margin: np.ndarray, line: float) -> list[str]:
    return [n if m >= line else NONE for n, m in zip(best, margin, strict=True)]


def constant(gold: Sequence[str], parts: Parts) -> list[str]:
    """The best answer that is the same for every pair: the most frequent relation of ``fit``."""
    counts = Counter(gold[i] for i in parts.fit if gold[i] != NONE)
    return [counts.most_common(1)[0][0]] * len(parts.score)


def gain(
    gold: Sequence[str], before: Sequence[str], after: Sequence[str], seed: int = 0
) -> tuple[float, tuple[float, float]]:
    """Micro F1 of ``after`` minus that of ``before``, and its 95 % percentile interval over
    resamplings of the pairs (both answered on the same draw)."""
    truth = np.array([g != NONE for g in gold], float)
    told = [np.array([p != NONE for p in a], float) for a in (before, after)]
    hits = [
        np.array([g == p != NONE for g, p in zip(gold, a, strict=True)], float)
        for a in (before, after)
    ]
    counts = np.stack([truth, *told, *hits])  # 5,N

    def difference(sums: np.ndarray) -> float:
        return float(_f1(sums[4], sums[2], sums[0]) - _f1(sums[3], sums[1], sums[0]))

    rng = np.random.default_rng(seed)
    draws = [
        difference(counts[:, rng.integers(0, len(gold), len(gold))].sum(1)) for _ in range(DRAWS)
    ]
    low, high = np.percentile(draws, [2.5, 97.5])
    return difference(counts.sum(1)), (float(low), float(high))


def _f1(right: float, told: float, gold: float) -> float:
    return 2 * right / (told + gold) if told + gold else 0.0
