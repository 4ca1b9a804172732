"""Where "none of these" lies: lines chosen on ``dev``, one for all and one a relation."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from roc_core import metrics
from roc_core.model.version import Lines
from roc_core.retrieval import PairScores, Readings
from roc_core.schema import NONE

SHRINK = 200
"""A relation's own line counts as much as the common one at this many dev pairs. Chosen by
five-fold cross-validation within MNRE's dev: 40 and less fit its noise."""
MAX_GRID = 200
HAIR = 1e-5
"""How far a line lies below the margin of the last pair that passes it, in cosine points: far more
than rounding moves a margin, far less than tells two pairs apart."""


def calibrate(readings: Readings, scores: PairScores, gold: Sequence[str]) -> Lines:
    """Lines that maximise micro F1 on labelled pairs.

    The common line is the best single one. A relation's own best line, with the others at the
    common one, is shrunk towards it by the number of pairs it is tried on: n / (n + SHRINK).
    """
    margins = scores.relations - scores.none[:, None]
    best = margins.argmax(axis=1)
    top = margins.max(axis=1)
    names = np.array([readings.pairs[b][0].id for b in best])
    truth = np.array(gold)
    common = _best_line(top, names == truth, np.ones(len(top), bool), truth)
    own = []
    for name in sorted(set(names)):
        among = names == name
        n = int(among.sum())
        line = _best_line(top, names == truth, among, truth, common)
        own.append((str(name), common + (line - common) * n / (n + SHRINK)))
    return Lines(common, tuple(own))


def _best_line(
    top: np.ndarray,
    right: np.ndarray,
    among: np.ndarray,
    truth: np.ndarray,
    others: float | None = None,
) -> float:
    """The line for the pairs ``among`` with the highest micro F1 over all pairs.

    Other pairs keep the line ``others``. Of equally good lines the middle one is taken, a HAIR
    below the pair that it was found at, which would else pass or not by rounding alone.
    """
    kept = np.zeros(len(top), bool) if others is None else ~among & (top >= others)
    base_right, base_all = int((kept & right).sum()), int(kept.sum())
    values = np.unique(top[among])
    steps = np.quantile(values, np.linspace(0, 1, min(MAX_GRID, len(values))), method="nearest")
    found = []
    for line in [*steps, float(values[-1]) + 1e-3]:
        passed = among & (top >= line)
        total = base_all + int(passed.sum())
        f1 = metrics.prf(
            base_right + int((passed & right).sum()), total, int((truth != NONE).sum())
        ).f1
        found.append((f1, float(line)))
    highest = max(f for f, _ in found)
    # The middle one itself, not a mean of two: between two equally good lines may lie worse ones.
    best = sorted(line for f, line in found if f >= highest - 1e-9)
    chosen = best[len(best) // 2]
    lower = values[values < chosen]
    return chosen - min(HAIR, (chosen - float(lower[-1])) / 2 if len(lower) else HAIR)
