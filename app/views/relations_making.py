"""A relation in the making: what was typed, and which pairs were accepted or rejected for it. Pure
values and functions."""

from __future__ import annotations

from dataclasses import dataclass, replace

from roc_core.schema import Description, Direction, EntityType, Facet, Relation

SLOTS = ("{head}", "{tail}")


@dataclass(frozen=True, slots=True)
class Typed:
    """The fields of the form."""

    name: str
    head: EntityType
    tail: EntityType
    symmetric: bool
    text: str

    @property
    def missing(self) -> str:
        """What has to be filled in yet, in words; "" for nothing."""
        if not self.name:
            return "Give the relation a name."
        if not self.text:
            return "Describe the relation in one sentence."
        if self.symmetric and self.head != self.tail:
            return "A relation that reads the same both ways joins two entities of one type."
        return ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What was said of one pair: the direction it was accepted in, None where it was rejected."""

    item: str
    direction: Direction | None


@dataclass(frozen=True, slots=True)
class Making:
    """A relation that is not kept yet, with the answers in the order they were given; ``later``
    are pairs that were put off. ``token`` makes keeping it twice the same as once."""

    relation: Relation
    token: str
    answers: tuple[Answer, ...] = ()
    later: tuple[str, ...] = ()

    @property
    def accepted(self) -> tuple[tuple[str, Direction], ...]:
        """Accepted items with their directions."""
        return tuple((a.item, a.direction) for a in self.answers if a.direction is not None)

    @property
    def rejected(self) -> tuple[str, ...]:
        """Rejected items."""
        return tuple(a.item for a in self.answers if a.direction is None)

    def answered(self, item: str, direction: Direction | None) -> Making:
        """With an answer to an item, over what was said of it before."""
        kept = tuple(a for a in self.answers if a.item != item)
        return replace(self, answers=(*kept, Answer(item, direction)))

    def put_off(self, item: str) -> Making:
        """With an item that comes again when all others have been seen."""
        return replace(self, later=(*(i for i in self.later if i != item), item))

    def without(self, item: str) -> Making:
        """With no answer to an item."""
        return replace(self, answers=tuple(a for a in self.answers if a.item != item))

    def worded(self, relation: Relation) -> Making:
        """The same answers for other words or types of the relation. What was accepted the other
        way round goes when the relation has two directions now and had none before."""
        kept = tuple(
            replace(a, direction=_carried(a.direction, self.relation, relation))
            for a in self.answers
            if a.direction is None or _carried(a.direction, self.relation, relation) is not None
        )
        return replace(self, relation=relation, answers=kept)


def _carried(direction: Direction | None, old: Relation, new: Relation) -> Direction | None:
    """A direction of the old relation for the new one; None where it says too little."""
    if direction is None or direction in new.directions:
        return direction
    return "both" if new.symmetric and not old.symmetric else None


def relation_of(typed: Typed, id: str) -> Relation:
    """The relation as it was typed, with its one description.

    A sentence that names both arguments is a definition, another one a wording cue.
    """
    facet: Facet = "definition" if all(slot in typed.text for slot in SLOTS) else "wording"
    description = Description(f"{id}#{facet}-1", id, facet, typed.text)
    return Relation(
        id, typed.name, typed.name, typed.head, typed.tail, typed.symmetric, (description,)
    )
