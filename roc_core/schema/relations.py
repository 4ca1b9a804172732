"""Relations, their descriptions, and the labels and records that name them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from roc_core.schema.examples import EntityType, Example

Direction = Literal["forward", "backward", "both"]
"""Who is the relation's head: ``forward`` the pair's first mention, ``backward`` its second
mention, ``both`` for a symmetric relation and for ``None``."""

Facet = Literal["definition", "wording", "picture", "forward", "backward", "contrast"]
FACETS: tuple[Facet, ...] = ("definition", "wording", "picture", "forward", "backward", "contrast")
"""``contrast`` is "not to be confused with": shown, never scored as a positive."""

NONE = "None"
"""The label of a pair between which none of the catalogue's relations holds."""


def head_tail(names: tuple[str, str], direction: Direction) -> tuple[str, str]:
    """Names of head and tail of a relation that holds in ``direction``, from those of first and
    second mention."""
    return (names[1], names[0]) if direction == "backward" else names


@dataclass(frozen=True, slots=True)
class Label:
    """Which relation holds: a relation id of a catalogue or ``NONE``, and its direction."""

    relation: str
    direction: Direction = "both"


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a record came from. ``order`` says which mention the file wrote first; a model under
    the honest protocol never sees it, writers need it to give the same bytes back.

    ``key`` is the source's own id (MNRE: ``img_id``); ``line`` counts from 1; ``extra`` holds
    further fields of the source as sorted (name, JSON text) pairs.
    """

    source: str
    split: str = ""
    line: int = 0
    key: str = ""
    order: Literal["forward", "backward"] = "forward"
    extra: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """What a data set file holds on one line: an example, perhaps its label, and its origin."""

    example: Example
    label: Label | None
    provenance: Provenance


@dataclass(frozen=True, slots=True)
class Description:
    """One natural-language description of a relation.

    ``text`` may contain ``{head}`` and ``{tail}``, which stand for the relation's first and second
    argument; they are filled with the mention names when shown.
    """

    id: str
    relation: str
    facet: Facet
    text: str

    def render(self, head: str, tail: str) -> str:
        """The text with both arguments named."""
        return self.text.replace("{head}", head).replace("{tail}", tail)


@dataclass(frozen=True, slots=True)
class Relation:
    """A relation of a catalogue. ``phrase`` reads between head and tail: "is a member of"."""

    id: str
    name: str
    phrase: str
    head: EntityType
    tail: EntityType
    symmetric: bool
    descriptions: tuple[Description, ...]

    @property
    def directions(self) -> tuple[Direction, ...]:
        """The directions this relation can hold in."""
        return ("both",) if self.symmetric else ("forward", "backward")

    def types(self, direction: Direction) -> tuple[EntityType, EntityType]:
        """Types of first and second mention between which it holds in a direction."""
        return (self.tail, self.head) if direction == "backward" else (self.head, self.tail)
