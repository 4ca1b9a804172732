"""Further reasons for an answer: second opinions, differences, links, neighbours and switches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from roc_core.schema.answers import DescriptionScore, Explanation, Share
from roc_core.schema.examples import Span
from roc_core.schema.relations import Direction, Facet, Label


@dataclass(frozen=True, slots=True)
class SecondOpinion:
    """An explanation by integrated gradients, and how far it can be trusted.

    ``difference`` is the score minus the score of the masked input, in cosine points; ``gap`` is
    how much of it the shares leave unexplained, as a share of it (0 is exact); ``steps`` how many
    points of the path were read; ``agreement`` the rank correlation (-1..1) with leave-one-out
    over the parts both have, None when fewer than three parts vary.
    """

    explanation: Explanation
    difference: float
    gap: float
    steps: int
    agreement: float | None


@dataclass(frozen=True, slots=True)
class Difference:
    """Why ``chosen`` and not ``other``: the difference of their scores, split over the parts.

    ``difference`` = ``start`` + all shares but those of cells (which show the picture a second
    time) + ``remainder``; ``start`` is the difference when nothing is shown.
    """

    chosen: Label
    other: Label
    difference: float
    start: float
    shares: tuple[Share, ...]
    remainder: float


@dataclass(frozen=True, slots=True)
class WordLink:
    """A word of the sentence, a word of the description, and how close they are (cosine)."""

    word: str
    place: Span
    described: str
    score: float


@dataclass(frozen=True, slots=True)
class Alignment:
    """Closeness of the sentence's words (rows) with those of one description (columns).

    ``cosines`` has a row for each of ``words``; ``links`` are the closest pairs, best first, one
    for each word of the sentence and none for words such as "the". Close in meaning: what moved
    the score is said by the shares.
    """

    description: str
    words: tuple[str, ...]
    described: tuple[str, ...]
    cosines: tuple[tuple[float, ...], ...]
    links: tuple[WordLink, ...]


@dataclass(frozen=True, slots=True)
class FacetScore:
    """The descriptions of one facet: the best score among them, and the sum of their weights."""

    facet: Facet
    score: float
    weight: float
    descriptions: tuple[DescriptionScore, ...]


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A labelled pair near another one: its row among those given, label and cosine."""

    row: int
    label: Label
    score: float


SwitchKind = Literal["picture", "picture text", "words", "mention", "type", "swap", "box"]


@dataclass(frozen=True, slots=True)
class Switched:
    """A relation after one switch: score and direction (of the pair as it was given), rank from 1
    among all relations, whether it still passes its line."""

    kind: SwitchKind
    name: str
    score: float
    direction: Direction
    rank: int
    passes: bool


@dataclass(frozen=True, slots=True)
class Switchboard:
    """A relation as the pair stands (``score``, ``rank``), and after each switch alone."""

    relation: str
    score: float
    direction: Direction
    rank: int
    switches: tuple[Switched, ...]

    def move(self, switch: Switched) -> int:
        """Ranks lost by a switch; negative when it brings the relation forward."""
        return switch.rank - self.rank


@dataclass(frozen=True, slots=True)
class SanityRow:
    """How one explainer fared over all pairs.

    ``top`` and ``drawn``: mean loss of score when its three largest parts, and three drawn ones,
    are hidden together; ``gap`` and ``worst_gap``: mean and largest part of the score's difference
    that its shares leave unexplained, as a share of it; ``correlation``: mean rank correlation
    with the explanation by the same network with its trained parts drawn anew, and
    ``size_correlation`` the same of the shares without their signs.
    """

    explainer: str
    top: float
    drawn: float
    gap: float
    worst_gap: float
    correlation: float
    size_correlation: float

    @property
    def ratio(self) -> float:
        """``top`` by ``drawn``; infinite when hiding drawn parts loses nothing."""
        return self.top / self.drawn if self.drawn > 0 else float("inf")


@dataclass(frozen=True, slots=True)
class SanityReport:
    """Rows of all explainers over ``pairs`` pairs drawn with ``seed``."""

    pairs: int
    seed: int
    model_version: str
    rows: tuple[SanityRow, ...]
