"""The sentence graph: many mentions of one sentence, and an answer for every pair of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from roc_core.errors import PictureMissing, ValueRejected
from roc_core.schema.answers import Prediction, RankedRelation
from roc_core.schema.examples import Box, EntityType, Example, Mention, Span

MOST_MENTIONS = 12
"""Mentions a graph may have: 66 pairs, about as many as can be read."""


@dataclass(frozen=True, slots=True)
class Edge:
    """A pair of a graph's mentions and its answer.

    ``first`` and ``second`` are their places in the graph's ``mentions``, ``first < second``, so
    they are first and second in canonical order, too.
    """

    first: int
    second: int
    prediction: Prediction

    def __post_init__(self) -> None:
        if not 0 <= self.first < self.second:
            raise ValueRejected(
                "an edge from an earlier to a later mention",
                f"{self.first} and {self.second}",
                "Give the mentions in canonical order.",
            )
        if not self.prediction.ranked:
            raise ValueRejected(
                "a prediction with at least one relation", "none", "Use a catalogue with relations."
            )

    @property
    def best(self) -> RankedRelation:
        """The relation with the largest margin, whether it passes its line or not."""
        return self.prediction.ranked[0]

    @property
    def margin(self) -> float:
        """Cosine points of the best relation above (below: negative) its line."""
        return self.best.margin

    @property
    def passes(self) -> bool:
        """Whether the answer is a relation and not "none of these"."""
        return self.best.passes

    @property
    def directed(self) -> bool:
        """Whether the best relation has a head and a tail."""
        return self.best.direction != "both"

    @property
    def ends(self) -> tuple[int, int]:
        """Head and tail of the best relation as places in the graph's ``mentions``."""
        if self.best.direction == "backward":
            return self.second, self.first
        return self.first, self.second


@dataclass(frozen=True, slots=True)
class SentenceGraph:
    """A sentence, its mentions in canonical order, and an edge for every pair of them.

    Raises ValueRejected when an edge is missing, given twice or between mentions that are not
    there.
    """

    sentence: str
    mentions: tuple[Mention, ...]
    edges: tuple[Edge, ...]
    picture: Path | None = None
    picture_text: str = ""

    def __post_init__(self) -> None:
        pairs = [(e.first, e.second) for e in self.edges]
        if sorted(pairs) != list(pair_places(len(self.mentions))):
            raise ValueRejected(
                f"one edge for each pair of {len(self.mentions)} mentions",
                f"{len(pairs)} edges",
                "Let Workspace.graph make the graph.",
            )

    @property
    def by_margin(self) -> tuple[Edge, ...]:
        """All edges, the one farthest above its line first."""
        return tuple(sorted(self.edges, key=lambda e: -e.margin))

    def edge(self, first: int, second: int) -> Edge:
        """The edge between two mentions, in either order. Raises ValueRejected for none."""
        wanted = (min(first, second), max(first, second))
        found = next((e for e in self.edges if (e.first, e.second) == wanted), None)
        if found is None:
            raise ValueRejected(
                f"two of {len(self.mentions)} mentions, counted from 0",
                f"{first} and {second}",
                "Choose another pair.",
            )
        return found

    def example(self, edge: Edge) -> Example:
        """The pair of an edge as an example by itself."""
        pair = (self.mentions[edge.first], self.mentions[edge.second])
        return Example(self.sentence, pair, self.picture, self.picture_text)

    def names(self) -> tuple[str, ...]:
        """How each mention is called: its text; boxes are numbered where there are several."""
        return mention_names(self.sentence, self.mentions)

    def types(self) -> tuple[EntityType | None, ...]:
        """The entity type the model used for each mention, given or suggested."""
        used: dict[int, EntityType | None] = {}
        for edge in self.edges:
            used.setdefault(edge.first, edge.prediction.types[0])
            used.setdefault(edge.second, edge.prediction.types[1])
        return tuple(used.get(n) for n in range(len(self.mentions)))


@dataclass(frozen=True, slots=True)
class GraphDraft:
    """What the Graph page of a browser session has on screen: up to ``MOST_MENTIONS`` mentions in
    canonical order, ``picture`` the hash of a stored one."""

    id: str
    annotator: str = ""
    sentence: str = ""
    mentions: tuple[Mention, ...] = ()
    picture: str = ""
    picture_text: str = ""
    updated: str = ""


def pair_places(mentions: int) -> tuple[tuple[int, int], ...]:
    """Every pair of ``mentions`` places, counted from 0, in order."""
    return tuple((a, b) for a in range(mentions) for b in range(a + 1, mentions))


def mention_names(sentence: str, mentions: tuple[Mention, ...]) -> tuple[str, ...]:
    """The text of each span; "the box", or "box 1", "box 2" where there are several."""
    boxes = [m for m in mentions if isinstance(m.place, Box)]
    called = ["the box"] if len(boxes) == 1 else [f"box {n + 1}" for n in range(len(boxes))]
    left = iter(called)
    return tuple(
        m.place.of(sentence) if isinstance(m.place, Span) else next(left) for m in mentions
    )


def graph_mentions(
    sentence: str, mentions: Iterable[Mention], picture: bool
) -> tuple[Mention, ...]:
    """The mentions in canonical order, checked as those of one graph.

    Raises ValueRejected for fewer than two, more than ``MOST_MENTIONS``, two at one place or a
    span outside the sentence; PictureMissing for a box without a picture.
    """
    found = tuple(sorted(mentions, key=lambda m: m.order))
    if not 2 <= len(found) <= MOST_MENTIONS:
        raise ValueRejected(
            f"2 to {MOST_MENTIONS} mentions",
            str(len(found)),
            "Mark more entities." if len(found) < 2 else "Clear some of the marks.",
        )
    for mention, after in zip(found, (*found[1:], None), strict=True):
        place = mention.place
        if after is not None and place == after.place:
            raise ValueRejected(
                "every mention at a place of its own", f"{place} twice", "Clear one of them."
            )
        if isinstance(place, Span) and place.end > len(sentence):
            raise ValueRejected(
                f"a span inside the sentence of {len(sentence)} code points",
                f"start {place.start}, end {place.end}",
                "Mark the entity again; offsets count code points, end exclusive.",
            )
        if isinstance(place, Box) and not picture:
            raise PictureMissing(
                "a picture, because a mention is a box",
                "no picture",
                "Add the picture or mark the entity in the sentence.",
            )
    return found
