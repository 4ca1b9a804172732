"""Examples: a sentence, an optional picture and two marked places."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from roc_core.errors import PictureMissing, ValueRejected

EntityType = Literal["person", "organization", "location", "thing"]
ENTITY_TYPES: tuple[EntityType, ...] = ("person", "organization", "location", "thing")


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A run of code points ``sentence[start:end]``; not empty."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise ValueRejected(
                "a span with 0 <= start < end in code points",
                f"start {self.start}, end {self.end}",
                "Mark at least one character.",
            )

    def of(self, sentence: str) -> str:
        """The marked text."""
        return sentence[self.start : self.end]


@dataclass(frozen=True, slots=True, order=True)
class Box:
    """A rectangle in source pixels, ``left < right`` and ``top < bottom``."""

    left: float
    top: float
    right: float
    bottom: float

    def __post_init__(self) -> None:
        ok = 0 <= self.left < self.right < float("inf") and 0 <= self.top < self.bottom < float(
            "inf"
        )
        if not ok:
            raise ValueRejected(
                "a box with 0 <= left < right and 0 <= top < bottom in source pixels",
                f"left {self.left}, top {self.top}, right {self.right}, bottom {self.bottom}",
                "Draw the box inside the picture, from one corner to the opposite one.",
            )

    @property
    def area(self) -> float:
        """Square pixels."""
        return (self.right - self.left) * (self.bottom - self.top)


@dataclass(frozen=True, slots=True)
class Mention:
    """One marked entity: a text span or a picture box, with an optional entity type."""

    place: Span | Box
    type: EntityType | None = None

    def __post_init__(self) -> None:
        if self.type is not None and self.type not in ENTITY_TYPES:
            raise ValueRejected(
                f"an entity type, one of {', '.join(ENTITY_TYPES)}, or none",
                repr(self.type),
                "Choose one of them or leave the type out.",
            )

    @property
    def order(self) -> tuple[int, float, float, float, float]:
        """Key of the canonical order: text before box; spans by start, end; boxes by corners."""
        p = self.place
        if isinstance(p, Span):
            return (0, p.start, p.end, 0.0, 0.0)
        return (1, p.left, p.top, p.right, p.bottom)


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence, an optional picture and exactly two mentions, kept in canonical order.

    ``mentions`` may be given in any order; the constructor sorts them, so the order of a file
    or of clicks never reaches a model. ``picture`` is a file path; ``picture_text`` is a caption
    or other text that stands for the picture (may be given without one). ``as_given`` keeps the
    mentions as they stand, for the protocols that score in the order a file wrote them
    (``evaluation.protocols``); such an example is scored or trained on, never stored.

    Raises ValueRejected for spans outside the sentence or two equal places, PictureMissing for a
    box without a picture.
    """

    sentence: str
    mentions: tuple[Mention, Mention]
    picture: Path | None = None
    picture_text: str = ""
    as_given: bool = False

    def __post_init__(self) -> None:
        if len(self.mentions) != 2:
            raise ValueRejected(
                "exactly two mentions", f"{len(self.mentions)}", "Mark two entities."
            )
        first, second = (
            self.mentions if self.as_given else sorted(self.mentions, key=lambda m: m.order)
        )
        object.__setattr__(self, "mentions", (first, second))
        if self.picture is not None:
            object.__setattr__(self, "picture", Path(self.picture))
        if first.place == second.place:
            raise ValueRejected(
                "two different places", f"{first.place} twice", "Mark the second entity elsewhere."
            )
        for mention in self.mentions:
            self._check(mention)

    def _check(self, mention: Mention) -> None:
        place = mention.place
        if isinstance(place, Span) and place.end > len(self.sentence):
            raise ValueRejected(
                f"a span inside the sentence of {len(self.sentence)} code points",
                f"start {place.start}, end {place.end}",
                "Mark the entity again; offsets count code points, end exclusive.",
            )
        if isinstance(place, Box) and self.picture is None:
            raise PictureMissing(
                "a picture, because a mention is a box",
                "no picture",
                "Add the picture or mark the entity in the sentence.",
            )

    @property
    def first(self) -> Mention:
        """The first mention, in canonical order unless ``as_given``."""
        return self.mentions[0]

    @property
    def second(self) -> Mention:
        """The second mention, in canonical order unless ``as_given``."""
        return self.mentions[1]

    def name(self, mention: Mention) -> str:
        """How a mention is called in an answer: its text, or "the box" for a picture box."""
        return mention.place.of(self.sentence) if isinstance(mention.place, Span) else "the box"

    def names(self) -> tuple[str, str]:
        """Names of first and second mention; two boxes are told apart."""
        if all(isinstance(m.place, Box) for m in self.mentions):
            return "the first box", "the second box"
        return self.name(self.first), self.name(self.second)

    def with_types(self, first: EntityType | None, second: EntityType | None) -> Example:
        """The same pair with other entity types."""
        pair = (replace(self.first, type=first), replace(self.second, type=second))
        return replace(self, mentions=pair)


def type_words(first: str | None, second: str | None) -> str:
    """A type pair as one text: "person – ?"."""
    return f"{first or '?'} – {second or '?'}"


def direction_of(head: Mention, tail: Mention) -> Literal["forward", "backward"]:
    """Direction of a relation whose head and tail are given, in canonical order."""
    return "forward" if head.order <= tail.order else "backward"
