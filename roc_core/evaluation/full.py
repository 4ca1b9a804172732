"""One model version on one split, everything a report shows: figures, tables, calibration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from roc_core import metrics
from roc_core.evaluation.report import Answers, Report, answer, gold_of, report
from roc_core.evaluation.tagging import TaggerReport
from roc_core.metrics import Prf, Reliability
from roc_core.retrieval import PairScores, RelationRetriever
from roc_core.schema import NONE, Record

RIGHT, OTHER, NOTHING_HOLDS = "best relation holds", "another relation holds", "no relation holds"
OUTCOMES = (RIGHT, OTHER, NOTHING_HOLDS)


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """Records with their scores; ``allowed`` (B, N) under the type filter, else None."""

    records: Sequence[Record]
    scores: PairScores
    allowed: np.ndarray | None = None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A model version on a split.

    ``row`` is its name in a table; ``trained`` says how it was trained (seed, protocol, recipe;
    two versions of one recipe differ in their seed alone). ``per_type_pair`` counts a relation
    under the types of its head and tail. ``calibration`` rates the probability that the best
    relation holds, read off its margin by a curve fitted on ``dev``; None without ``dev``.
    ``margins`` and ``outcomes`` are each pair's best margin (cosine points over the line) and which
    of OUTCOMES was the case.
    """

    row: str
    trained: dict[str, Any]
    report: Report
    per_type_pair: dict[str, Prf]
    confusion: dict[str, dict[str, int]]
    calibration: Reliability | None
    tagger: TaggerReport | None
    margins: tuple[float, ...]
    outcomes: tuple[str, ...]
    notes: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)


def full_evaluation(
    row: str,
    trained: dict[str, Any],
    retriever: RelationRetriever,
    test: Scored,
    dev: Scored | None,
    protocol: str,
    tagger: TaggerReport | None = None,
    notes: tuple[str, ...] = (),
) -> Evaluation:
    """Everything a report shows of one version; the confidence curve is fitted on ``dev``."""
    gold = gold_of(test.records)
    found = answer(retriever, test.scores, gold, test.allowed)
    types = {r.id: f"{r.head} / {r.tail}" for r in retriever.catalogue}
    finite = np.where(np.isfinite(found.margins), found.margins, -2.0)
    return Evaluation(
        row,
        trained,
        report(retriever, test.records, test.scores, protocol, test.allowed),
        metrics.per_group(gold, found.relations, types),
        metrics.confusion(gold, found.relations),
        _calibration(retriever, found, gold, dev),
        tagger,
        tuple(round(float(m), 4) for m in finite),
        tuple(
            NOTHING_HOLDS if g == NONE else RIGHT if g == b else OTHER
            for g, b in zip(gold, found.best, strict=True)
        ),
        notes,
    )


def _calibration(
    retriever: RelationRetriever, found: Answers, gold: Sequence[str], dev: Scored | None
) -> Reliability | None:
    """ECE of P(the best relation holds); pairs the type filter leaves without one are out."""
    if dev is None:
        return None
    known = gold_of(dev.records)
    fitted_on = answer(retriever, dev.scores, known, dev.allowed)
    x, y = _held(fitted_on, known)
    margins, right = _held(found, gold)
    if not len(x) or not len(margins):
        return None
    curve = metrics.fit_platt(x, y)
    return metrics.reliability(curve.probability(margins), right)


def _held(found: Answers, gold: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    there = np.isfinite(found.margins)
    right = np.array([b == g for b, g in zip(found.best, gold, strict=True)], bool)
    return found.margins[there], right[there]
