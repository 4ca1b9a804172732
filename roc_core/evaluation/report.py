"""Scores of a retriever on labelled records, as one frozen value."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from roc_core import metrics
from roc_core.model.reader import NOTHING, Hidden
from roc_core.retrieval import PairScores, RelationRetriever, relation_numbers
from roc_core.schema import NONE, Direction, Example, Record, Relation

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Answers:
    """The answer to each of N pairs: relation name or ``NONE``, direction, and the rank of the
    gold relation among all (0 for ``None`` pairs). ``best`` is the best relation whether or not it
    passes, ``margins`` (N,) by how much it lies over its line."""

    relations: tuple[str, ...]
    directions: tuple[Direction, ...]
    ranks: np.ndarray
    best: tuple[str, ...]
    margins: np.ndarray


@dataclass(frozen=True, slots=True)
class Report:
    """One evaluation. ``interval`` is the 95 % bootstrap interval of ``f1``; ``direction`` is how
    often the direction was right too, among right relations that are not symmetric;
    ``macro_hit3`` is the mean over relations of their hit@3; ``type_filter`` says whether answers
    were restricted to the types given (oracle-types alone)."""

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
    macro_hit3: float = 0.0
    type_filter: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)


def answer(
    retriever: RelationRetriever,
    scores: PairScores,
    gold: Sequence[str],
    allowed: np.ndarray | None = None,
) -> Answers:
    """Answers from scores by the version's lines; ranks are by margin, ``None`` left out.

    ``allowed`` (B, N) leaves relation-directions out: their margin is -inf (``protocols.allowed``).
    Raises RelationUnknown for a gold relation that is not in the retriever's catalogue.
    """
    pairs = retriever.readings.pairs
    names = retriever.readings.names
    lines = retriever.version.lines.each(r.id for r, _ in pairs)
    margins = scores.relations - scores.none[:, None] - lines  # B,N
    if allowed is not None:
        margins = np.where(allowed, margins, -np.inf)
    best, top = margins.argmax(axis=1), margins.max(axis=1)
    by_name = by_relation(margins, pairs)
    own = np.array([names.index(retriever.catalogue.get(g).id) if g != NONE else 0 for g in gold])
    rank = np.where([g != NONE for g in gold], metrics.ranks(by_name, own), 0)
    chosen = [pairs[b] for b in best]
    passed = list(zip(chosen, top >= 0, strict=True))
    return Answers(
        tuple(r.id if p else NONE for (r, _), p in passed),
        tuple(d if p else "both" for (_, d), p in passed),
        rank,
        tuple(r.id for r, _ in chosen),
        top,
    )


def by_relation(columns: np.ndarray, pairs: Sequence[tuple[Relation, Direction]]) -> np.ndarray:
    """(B, N) values of relation-directions → (B, R) of relations, the better direction's."""
    return metrics.best_of(columns, relation_numbers(pairs))


def score_records(
    retriever: RelationRetriever,
    records: Sequence[Record],
    change: Callable[[Example], Example] | None = None,
    progress: Progress | None = None,
    batch: int = 512,
    hide: Hidden = NOTHING,
) -> PairScores:
    """Scores of all records; ``change`` alters each example first (hide the caption, say) and
    ``hide`` names what of every example the model must not see."""
    parts: list[PairScores] = []
    for start in range(0, len(records), batch):
        examples = [r.example for r in records[start : start + batch]]
        shown = [change(e) for e in examples] if change else examples
        inputs = retriever.reader.read(shown, [hide] * len(shown))
        parts.append(retriever.score(retriever.encode(inputs)))
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
    allowed: np.ndarray | None = None,
) -> Report:
    """The headline figures for labelled records and their scores; ``allowed`` as in ``answer``."""
    gold = gold_of(records)
    found = answer(retriever, scores, gold, allowed)
    micro = metrics.micro(gold, found.relations)
    rank, held = found.ranks[found.ranks > 0], [g for g in gold if g != NONE]
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
        metrics.macro_hit_at(rank, held, 3),
        allowed is not None,
    )


def gold_of(records: Sequence[Record]) -> list[str]:
    """The relation of every record's label; ``NONE`` for an unlabelled one."""
    return [r.label.relation if r.label else NONE for r in records]
