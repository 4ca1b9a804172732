"""What other words for a relation would change, before they are kept."""

from __future__ import annotations

from dataclasses import dataclass

from roc_core.schema.relations import Label


@dataclass(frozen=True, slots=True)
class Moved:
    """A figure as it is and as it would be."""

    before: float
    after: float

    @property
    def by(self) -> float:
        """How far it would move; above 0 is up."""
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class Flip:
    """A labelled item whose answer would become right (``won``) or wrong. A relation counts as
    right whatever its direction, as in F1."""

    item: str
    label: Label
    before: Label
    after: Label
    won: bool


@dataclass(frozen=True, slots=True)
class WhatIfReport:
    """What the figures of a workspace would be with other words for ``relation``.

    ``items`` have a pair vector, ``labelled`` of them a label. ``f1`` is micro F1 over relations,
    ``None`` excluded; ``hit3`` is over pairs whose gold is a relation; ``precision`` and ``recall``
    are the relation's own; each 0..1, 0 where nothing can be counted. ``line`` (cosine points above
    "none of these") goes from the relation's line as it is to the one that gives the best F1 with
    these words: chosen on these very labels, so no honest figure of them. ``flips`` are at most
    200, won ones first, of each those whose score moved most first; ``won`` and ``lost`` count all.
    ``changed`` counts all items whose answer would be another, its direction included.
    """

    relation: str
    items: int
    labelled: int
    f1: Moved
    hit3: Moved
    precision: Moved
    recall: Moved
    line: Moved
    flips: tuple[Flip, ...]
    won: int
    lost: int
    changed: int
    seconds: float
