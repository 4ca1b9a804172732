"""Answers: ranked relations with what decided, and explanations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from roc_core.errors import ValueRejected
from roc_core.schema.examples import Box, EntityType, Span
from roc_core.schema.relations import NONE, Description, Direction, Label


@dataclass(frozen=True, slots=True)
class DescriptionScore:
    """How close a pair lies to one description, and that description's share in the mean."""

    description: Description
    score: float
    weight: float


@dataclass(frozen=True, slots=True)
class RankedRelation:
    """A retrieved relation in its better direction.

    ``score`` is the softmax-weighted mean of the cosines of its descriptions (-1..1);
    ``line`` is the score it had to reach for this pair; ``descriptions`` are sorted by weight, so
    the first one decided. ``other`` is the score of the opposite direction (None if symmetric).
    ``memory`` is what corrections of pairs near to this one add to the score when it is compared
    with the line (cosine points, negative where they speak for "none of these").
    """

    relation: str
    direction: Direction
    score: float
    line: float
    descriptions: tuple[DescriptionScore, ...]
    other: float | None = None
    memory: float = 0.0

    @property
    def margin(self) -> float:
        """How far score and memory together lie above the line (cosine points)."""
        return self.score + self.memory - self.line

    @property
    def passes(self) -> bool:
        """Whether score and memory together reach the "none of these" line."""
        return self.score + self.memory >= self.line

    @property
    def decided_by(self) -> DescriptionScore:
        """The description with the largest weight."""
        return self.descriptions[0]


@dataclass(frozen=True, slots=True)
class SeenConcept:
    """A concept word seen in the picture: weight 0..1, and where (boxes in source pixels)."""

    word: str
    weight: float
    boxes: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True)
class Vote:
    """A correction that spoke for or against relations of a pair near to its own.

    ``similarity`` is the cosine of both pairs, ``label`` what the item was corrected to, ``weight``
    the cosine points it adds to that relation in that direction; for ``NONE`` it takes them from
    every relation.
    """

    item: str
    similarity: float
    label: Label
    weight: float


@dataclass(frozen=True, slots=True)
class MemorySettings:
    """How corrections vote: ``weight`` (0..1) is the most cosine points they add together,
    ``neighbours`` (1..1000) how many of the nearest vote, ``floor`` (0..0.999) the cosine above
    which a pair is near. The defaults were chosen on MNRE's dev, see ``evaluation.remembering``.

    Raises ValueRejected for values outside these ranges.
    """

    on: bool = True
    weight: float = 0.5
    neighbours: int = 5
    floor: float = 0.97

    def __post_init__(self) -> None:
        right = (
            isinstance(self.on, bool)
            and 0.0 <= self.weight <= 1.0
            and isinstance(self.neighbours, int)
            and 1 <= self.neighbours <= 1000
            and 0.0 <= self.floor <= 0.999
        )
        if not right:
            raise ValueRejected(
                "on true or false, weight 0..1, neighbours 1..1000 and floor 0..0.999",
                f"{self.on}, {self.weight}, {self.neighbours} and {self.floor}",
                "Correct the memory's settings.",
            )


@dataclass(frozen=True, slots=True)
class MemoryState:
    """How much the memory holds: ``voting`` corrected pairs; ``waiting`` that must be read by the
    model version in use before they vote; ``unreadable`` that cannot be read."""

    voting: int
    waiting: int
    unreadable: int


@dataclass(frozen=True, slots=True)
class Prediction:
    """Relations ranked by margin over their line, memory included; the best comes first.

    ``votes`` are the corrections that spoke, the nearest first.
    ``notes`` are plain sentences about limits that applied (window, missing picture …);
    ``types`` are the entity types the model used for first and second mention, given or suggested.
    """

    ranked: tuple[RankedRelation, ...]
    model_version: str
    types: tuple[EntityType | None, EntityType | None] = (None, None)
    concepts: tuple[SeenConcept, ...] = ()
    notes: tuple[str, ...] = ()
    votes: tuple[Vote, ...] = ()

    @property
    def label(self) -> Label:
        """The answer: the best relation if it passes its line, else ``NONE``."""
        if self.ranked and self.ranked[0].passes:
            return Label(self.ranked[0].relation, self.ranked[0].direction)
        return Label(NONE, "both")

    def find(self, relation: str) -> RankedRelation | None:
        """The entry of one relation, or None when it was not ranked."""
        return next((r for r in self.ranked if r.relation == relation), None)


PartKind = Literal["word", "mention", "type", "cell", "concept", "picture text"]


@dataclass(frozen=True, slots=True)
class Share:
    """What one part of the input adds to a score (cosine points, positive = speaks for it).

    ``place`` is the span or box of the part; None for types, concepts and picture text.
    """

    kind: PartKind
    name: str
    share: float
    place: Span | Box | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why one relation got its score: leave-one-out shares of every part.

    ``remainder`` is score minus the score of the empty input minus the sum of all shares of words,
    mentions and picture: leave-one-out does not add up exactly, and this says by how much.
    """

    relation: str
    direction: Direction
    score: float
    shares: tuple[Share, ...]
    remainder: float
    method: str = "leave-one-out"
