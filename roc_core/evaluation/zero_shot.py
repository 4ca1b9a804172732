"""Zero-shot: whole relations held out of training, seen only through their descriptions.

Three folds: relations sorted by id, index modulo 3. The positives of the held-out ones leave the
training records (they do not become ``None``), and their descriptions leave the catalogue that is
trained with. Scored on all train-file records of the held-out relations, among all relations of
the catalogue, by relation score alone: no type filter, no lines, no ``None``.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from roc_core import metrics
from roc_core.errors import ValueRejected
from roc_core.evaluation.report import by_relation
from roc_core.relations import Catalogue
from roc_core.retrieval import PairScores, Readings
from roc_core.schema import Record

FOLDS = 3


@dataclass(frozen=True, slots=True)
class Hits:
    """Pairs of one held-out relation, and the share (0..1) of them that found it first, in the
    first three."""

    pairs: int
    hit1: float
    hit3: float


@dataclass(frozen=True, slots=True)
class ZeroShot:
    """Retrieval of relations never trained on. ``hit1`` is over pairs, ``macro_hit3`` the mean
    over relations of their hit@3, ``among`` the number of relations ranked."""

    pairs: int
    among: int
    hit1: float
    macro_hit3: float
    per_relation: dict[str, Hits]

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class ZeroShotReport:
    """The figures of each fold, and of all folds together."""

    folds: tuple[ZeroShot, ...]
    overall: ZeroShot

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "overall": self.overall.as_dict(),
            "folds": [f.as_dict() for f in self.folds],
        }


def folds(catalogue: Catalogue) -> tuple[tuple[str, ...], ...]:
    """Three tuples of held-out relation ids.

    Raises ValueRejected for a catalogue of fewer than six relations, of which a fold would leave
    too few to train with.
    """
    if len(catalogue) < 2 * FOLDS:
        raise ValueRejected(
            f"a catalogue of at least {2 * FOLDS} relations",
            f"{len(catalogue)}",
            "Zero-shot folds need a larger catalogue.",
        )
    names = sorted(catalogue.ids)
    return tuple(tuple(names[fold::FOLDS]) for fold in range(FOLDS))


def without(records: Sequence[Record], held_out: Collection[str]) -> list[Record]:
    """Records whose label is none of the held-out relations; ``None`` pairs stay."""
    return [r for r in records if r.label is None or r.label.relation not in held_out]


def only(records: Sequence[Record], held_out: Collection[str]) -> list[Record]:
    """Records of the held-out relations."""
    return [r for r in records if r.label is not None and r.label.relation in held_out]


def trained_catalogue(catalogue: Catalogue, held_out: Collection[str]) -> Catalogue:
    """The catalogue a fold is trained with: no description of a held-out relation is in it."""
    kept = tuple(r for r in catalogue if r.id not in held_out)
    return Catalogue(catalogue.id, catalogue.title, kept)


def score_ranks(readings: Readings, scores: PairScores, gold: Sequence[str]) -> np.ndarray:
    """Rank (1 = best) of each gold relation by score in its better direction, (B,)."""
    names = readings.names
    own = np.array([names.index(g) for g in gold], int)
    return metrics.ranks(by_relation(scores.relations, readings.pairs), own)


def hits(gold: Sequence[str], rank: np.ndarray, among: int) -> ZeroShot:
    """The figures of held-out pairs from their ranks; of one fold, or of all together."""
    names = np.array(gold)
    single = {
        str(n): Hits(
            int((names == n).sum()),
            metrics.hit_at(rank[names == n], 1),
            metrics.hit_at(rank[names == n], 3),
        )
        for n in sorted(set(gold))
    }
    return ZeroShot(
        len(gold), among, metrics.hit_at(rank, 1), metrics.macro_hit_at(rank, gold, 3), single
    )
