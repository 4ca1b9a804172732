"""A new relation from one sentence: what the corpus has for it, and what was kept of it."""

from __future__ import annotations

from dataclasses import dataclass

from roc_core.schema.catalogues import RelationChange
from roc_core.schema.keeping import Correction
from roc_core.schema.relations import Direction, Label


@dataclass(frozen=True, slots=True)
class Found:
    """An item in which a relation may hold, by the relation's descriptions and by the answers
    given so far.

    ``score`` is the cosine with the relation in ``direction`` (-1..1); ``margin`` is by how much
    the score and the answers to near items together lie above the line (cosine points); ``rank``
    is the relation's rank from 1 by that margin among the relations of the catalogue; ``label`` is
    the item's present label, None without one; ``fits`` says whether the item's entity types are
    those the relation asks for.
    """

    item: str
    score: float
    margin: float
    rank: int
    label: Label | None
    direction: Direction
    fits: bool = True


@dataclass(frozen=True, slots=True)
class Accepted:
    """A new relation as it was kept: the newest change of it (None for one that came with the
    catalogue and was never changed), and a correction for each accepted item, in the order given.
    """

    change: RelationChange | None
    corrections: tuple[Correction, ...]
