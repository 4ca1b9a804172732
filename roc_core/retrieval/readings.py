"""Descriptions as the relation encoder is given them: each in every direction that can hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from roc_core.errors import IndexEmpty
from roc_core.relations import Catalogue
from roc_core.schema import Description, Direction, Relation


@dataclass(frozen=True, slots=True)
class Reading:
    """A description read in one direction: what the relation encoder is given."""

    description: Description
    direction: Direction
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class Readings:
    """All readings of a catalogue. ``pairs`` are its N (relation, direction); ``owners`` (M,)
    numbers the pair of each reading; ``groups`` (N, K) the readings of each pair, -1 pads."""

    all: tuple[Reading, ...]
    pairs: tuple[tuple[Relation, Direction], ...]
    owners: np.ndarray
    groups: np.ndarray

    @property
    def names(self) -> tuple[str, ...]:
        """Ids of the R relations, in their order."""
        return tuple(dict.fromkeys(relation.id for relation, _ in self.pairs))

    @property
    def relation_of(self) -> np.ndarray:
        """Which of ``names`` each relation-direction belongs to, (N,)."""
        return relation_numbers(self.pairs)


def relation_numbers(pairs: Sequence[tuple[Relation, Direction]]) -> np.ndarray:
    """The number of the relation of each relation-direction, (N,), in the order they come."""
    known: dict[str, int] = {}
    return np.array([known.setdefault(relation.id, len(known)) for relation, _ in pairs])


def argument_names(relation: Relation, direction: Direction) -> tuple[str, str]:
    """How head and tail are called when a description is encoded: by type and place in the pair."""
    if direction == "both":
        return f"one {relation.head}", f"the other {relation.tail}"
    first, second = ("first", "second") if direction == "forward" else ("second", "first")
    return f"the {first} {relation.head}", f"the {second} {relation.tail}"


def readings(catalogue: Catalogue) -> Readings:
    """Every scored description in every direction its relation can hold in.

    Raises IndexEmpty for a catalogue without scored descriptions.
    """
    every: list[Reading] = []
    owners: list[int] = []
    pairs = [(r, d) for r in catalogue for d in r.directions]
    for number, (relation, direction) in enumerate(pairs):
        head, tail = argument_names(relation, direction)
        for description in relation.descriptions:
            if description.facet != "contrast":
                every.append(Reading(description, direction, description.render(head, tail)))
                owners.append(number)
    if not every:
        raise IndexEmpty(
            "a catalogue with descriptions", "none to score", "Add a description to a relation."
        )
    own = np.array(owners)
    most = int(np.bincount(own).max())
    groups = np.full((len(pairs), most), -1)
    counts = np.bincount(own, minlength=len(pairs))
    first = np.repeat(np.cumsum(counts) - counts, counts)
    groups[own, np.arange(len(own)) - first] = np.arange(len(own))  # readings come pair by pair
    return Readings(tuple(every), tuple(pairs), own, groups)
