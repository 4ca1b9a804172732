"""What a training measures on dev: lines, and the figures with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from roc_core.evaluation.calibration import calibrate
from roc_core.evaluation.protocols import HONEST, ORACLE_TYPES, allowed
from roc_core.evaluation.report import Report, gold_of, report, score_records
from roc_core.model.version import Lines, ModelVersion
from roc_core.retrieval import PairScores, RelationRetriever
from roc_core.schema import Record


def measured(
    retriever: RelationRetriever,
    dev: Sequence[Record],
    protocol: str = HONEST,
    common: bool = False,
) -> tuple[Lines, Report]:
    """Lines chosen on ``dev`` and the report with them; with ``common`` one line for all only.

    Under ``oracle-types`` relation-directions that contradict the given types are left out, as
    they are when that protocol is evaluated.
    """
    scores = score_records(retriever, dev)
    gold = gold_of(dev)
    mask = None
    if protocol == ORACLE_TYPES:
        mask = allowed(retriever.readings.pairs, [r.example for r in dev])
    lines = _lines(retriever, scores, gold, mask)
    lines = Lines(lines.all) if common else lines
    version: ModelVersion = replace(retriever.version, lines=lines)
    drawn = RelationRetriever(retriever.reader, version, retriever.catalogue)
    return lines, report(drawn, dev, scores, protocol, mask)


def _lines(
    retriever: RelationRetriever,
    scores: PairScores,
    gold: Sequence[str],
    mask: np.ndarray | None,
) -> Lines:
    if mask is None:
        return calibrate(retriever.readings, scores, gold)
    rows = np.asarray(mask.any(axis=1))  # the others have no relation that could pass a line
    if not rows.any():
        return Lines()
    kept = PairScores(
        scores.descriptions[rows],
        np.where(mask, scores.relations, -np.inf)[rows],
        scores.none[rows],
    )
    return calibrate(retriever.readings, kept, [g for g, r in zip(gold, rows, strict=True) if r])
