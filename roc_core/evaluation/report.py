"""Scores of a retriever on labelled records, as one frozen value."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from roc_core import metrics
from roc_core.retrieval import PairScores, RelationRetriever
from roc_core.schema import NONE, Direction, Example, Record

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Answers:
    """The answer to each of N pairs: relation name or ``NONE``, direction, and the rank of the
    gold relation among all (0 for ``None`` pairs)."""

    relations: tuple[str, ...]
    directions: tuple[Direction, ...]
    ranks: np.ndarray


@dataclass(frozen=True, slots=True)
class Report:
    """One evaluation. ``interval`` is the 95 % bootstrap interval of ``f1``; ``direction`` is how
    often the direction was right too, among right relations that are not symmetric."""

    protocol: str
    pairs: int
    f1: float
    precision: float
    recall: float
    interval: tuple[float, float]
    macro_f1: float
    accuracy: float
    hit1: float
    hit3: float
    mrr: float
    none_kept: float
    direction: float
    per_relation: dict[str, metrics.Prf]

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)


def answer(retriever: RelationRetriever, scores: PairScores, gold: Sequence[str]) -> Answers:
    """Answers from scores by the version's lines; ranks are by margin, ``None`` left out.

    Raises RelationUnknown for a gold relation that is not in the retriever's catalogue.
    """
    pairs = retriever.readings.pairs
    names = list(dict.fromkeys(r.id for r, _ in pairs))
    lines = np.array([retriever.version.lines.of(r.id) for r, _ in pairs])
    margins = scores.relations - scores.none[:, None] - lines  # B,N
    best = margins.argmax(axis=1)
    passed = margins.max(axis=1) >= 0
    by_name = np.stack(
        [margins[:, [i for i, (r, _) in enumerate(pairs) if r.id == n]].max(1) for n in names], 1
    )
    own = np.array([names.index(retriever.catalogue.get(g).id) if g != NONE else 0 for g in gold])
    rank = np.where([g != NONE for g in gold], metrics.ranks(by_name, own), 0)
    relations = tuple(pairs[b][0].id if p else NONE for b, p in zip(best, passed, strict=True))
    directions: tuple[Direction, ...] = tuple(
        pairs[b][1] if p else "both" for b, p in zip(best, passed, strict=True)
    )
    return Answers(relations, directions, rank)


def score_records(
    retriever: RelationRetriever,
    records: Sequence[Record],
    change: Callable[[Example], Example] | None = None,
    progress: Progress | None = None,
    batch: int = 512,
) -> PairScores:
    """Scores of all records; ``change`` alters each example first (hide the caption, say)."""
    parts: list[PairScores] = []
    for start in range(0, len(records), batch):
        examples = [r.example for r in records[start : start + batch]]
        shown = [change(e) for e in examples] if change else examples
        parts.append(retriever.score(retriever.encode(retriever.reader.read(shown))))
        if progress:
            progress(min(start + batch, len(records)), len(records))
    return PairScores(
        np.concatenate([p.descriptions for p in parts]),
        np.concatenate([p.relations for p in parts]),
        np.concatenate([p.none for p in parts]),
    )


def report(
    retriever: RelationRetriever,
    records: Sequence[Record],
    scores: PairScores,
    protocol: str = "honest",
) -> Report:
    """All figures of EVALUATION's list for labelled records and their scores."""
    gold = [r.label.relation if r.label else NONE for r in records]
    found = answer(retriever, scores, gold)
    micro = metrics.micro(gold, found.relations)
    rank = found.ranks[found.ranks > 0]
    none = [p == NONE for g, p in zip(gold, found.relations, strict=True) if g == NONE]
    turned = [
        d == r.label.direction
        for r, p, d in zip(records, found.relations, found.directions, strict=True)
        if r.label and r.label.direction != "both" and p == r.label.relation
    ]
    return Report(
        protocol,
        len(records),
        micro.f1,
        micro.precision,
        micro.recall,
        metrics.bootstrap_f1(gold, found.relations),
        metrics.macro_f1(gold, found.relations),
        metrics.accuracy(gold, found.relations),
        metrics.hit_at(rank, 1),
        metrics.hit_at(rank, 3),
        metrics.mrr(rank),
        float(np.mean(none)) if none else 0.0,
        float(np.mean(turned)) if turned else 0.0,
        metrics.per_relation(gold, found.relations),
    )
