"""Which labels are likely wrong: confident learning on pair vectors.

A logistic regression on the vectors gives each pair's probability of every label, never having
seen the labels of its own sentence; cleanlab compares these with the labels given (Northcutt,
Jiang & Chuang 2021, "Confident Learning"). The vectors themselves may have seen the labels: a
version that was trained on these items fits their errors, too, and then finds fewer of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from roc_core.errors import ValueRejected

FOLDS = 5
STRENGTH = 10.0
"""Inverse of the regression's L2 penalty: vectors of length 1 need large weights."""
SMALLEST = 1e-6
"""Probability of a label that a fold's training part happened to lack."""


@dataclass(frozen=True, slots=True, eq=False)
class LabelQuality:
    """``rows`` (M,) of the N pairs given that were judged; for each ``quality`` 0..1, the
    probability of its own label; ``suggested`` the likeliest label; ``likely`` whether cleanlab
    takes the label for an error. ``few`` pairs were not judged."""

    rows: np.ndarray
    quality: np.ndarray
    suggested: tuple[str, ...]
    likely: np.ndarray
    few: int


def label_quality(
    vectors: np.ndarray,
    labels: Sequence[str],
    sentences: Sequence[str],
    progress: Callable[[int, int], None] = lambda done, total: None,
    seed: int = 0,
) -> LabelQuality:
    """Judge N labels by unit pair vectors (N, W).

    Labels are compared without directions, ``None`` is one of them. One that stands on fewer than
    FOLDS sentences cannot be judged and is left out. ``progress`` is told how many of the folds
    are done. Raises ValueRejected when fewer than two labels are left.
    """
    from cleanlab.filter import find_label_issues
    from cleanlab.rank import get_label_quality_scores

    rows = _judged(labels, sentences)
    given = np.array(labels, object)[rows].astype(str)
    names, classes = np.unique(given, return_inverse=True)
    if len(names) < 2:
        raise ValueRejected(
            f"at least two labels that stand on {FOLDS} sentences or more",
            f"{len(names)}",
            "Label or import more items.",
        )
    groups = np.unique(np.array(sentences, object)[rows].astype(str), return_inverse=True)[1]
    found = _out_of_fold(vectors[rows], classes, groups, progress, seed)
    return LabelQuality(
        rows,
        np.asarray(get_label_quality_scores(classes, found)),
        tuple(names[found.argmax(axis=1)].tolist()),
        np.asarray(find_label_issues(classes, found, n_jobs=1)),
        len(labels) - len(rows),
    )


def _judged(labels: Sequence[str], sentences: Sequence[str]) -> np.ndarray:
    """Rows whose label stands on enough sentences."""
    known = Counter(label for label, _ in set(zip(labels, sentences, strict=True)))
    return np.flatnonzero([known[label] >= FOLDS for label in labels])


def _out_of_fold(
    vectors: np.ndarray,
    classes: np.ndarray,
    groups: np.ndarray,
    progress: Callable[[int, int], None],
    seed: int,
) -> np.ndarray:
    """Probabilities (M, K) of all classes by regressions that saw no pair of the same sentence."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedGroupKFold

    wide = vectors.astype(np.float32)
    found = np.full((len(classes), int(classes.max()) + 1), SMALLEST)
    parts = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed)
    progress(0, FOLDS)
    for done, (fit, held) in enumerate(parts.split(wide, classes, groups), 1):
        if len(np.unique(classes[fit])) < 2:
            continue
        model = LogisticRegression(C=STRENGTH, max_iter=300).fit(wide[fit], classes[fit])
        found[np.ix_(held, model.classes_)] += model.predict_proba(wide[held])
        progress(done, FOLDS)
    return np.asarray(found / found.sum(axis=1, keepdims=True))
