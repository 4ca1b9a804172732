"""Model versions of a workspace: what to learn, the guard's verdict, promotions, comparisons."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from roc_core.errors import ValueRejected
from roc_core.schema.relations import Label

if TYPE_CHECKING:
    import numpy as np

LearnMode = Literal["fast", "full"]
LEARN_MODES: tuple[LearnMode, ...] = ("fast", "full")

VersionState = Literal["packaged", "made", "imported", "unfinished", "offered", "kept"]
"""``packaged`` comes with the program; ``made`` lies in the workspace without having been learnt
from its corrections; ``unfinished`` is under way or was stopped; ``offered`` passed the guard,
``kept`` did not."""

Outcome = Literal["lost", "won", "still wrong", "still right"]
OUTCOMES: tuple[Outcome, ...] = ("lost", "won", "still wrong", "still right")
"""What became of an item's answer, in the order they are listed."""


@dataclass(frozen=True, slots=True)
class LearnRequest:
    """What a version is to be learnt from, and how.

    ``annotators`` are names, none for everybody; ``since`` an ISO-8601 date or time (UTC if it
    names no zone); with ``agreed`` an item that annotators labelled differently is left out, else
    each one's label counts. ``mode`` "fast" trains fusion and heads, "full" LoRA as well.
    ``replay`` labelled items are mixed in for each correction. ``parent`` is the version to go on
    from. Raises ValueRejected.
    """

    annotators: tuple[str, ...] = ()
    since: str = ""
    agreed: bool = False
    mode: LearnMode = "fast"
    replay: float = 2.0
    seed: int = 0
    parent: str = ""

    def __post_init__(self) -> None:
        if self.mode not in LEARN_MODES:
            raise ValueRejected(
                f"a way of training, one of {', '.join(LEARN_MODES)}",
                repr(self.mode),
                "Choose one of them.",
            )
        if not 0 <= self.replay <= 50:
            raise ValueRejected(
                "0 to 50 replayed items for each correction", repr(self.replay), "Change it."
            )


@dataclass(frozen=True, slots=True)
class GuardRule:
    """When a new version is offered: its F1 on the whole guard set is not lower than its parent's
    by more than ``tolerance``, nor on any part of at least ``enough`` pairs, where a fall counts
    that is seen in at least the share ``sure`` of bootstrap draws of the part's pairs (a part of a
    hundred pairs moves by more than the tolerance by chance alone); and of the held-out corrections
    (one sentence of ``held_out``) it answers as many right, with their direction. With no part that
    is large enough and no held-out correction nothing can be judged, and it is not offered.
    ``sure`` is 0 in reports of before there was one: each fall of a part counted."""

    tolerance: float = 0.01
    enough: int = 20
    held_out: int = 5
    sure: float = 0.9

    @property
    def said(self) -> str:
        """The rule as a sentence."""
        last = "and no fewer held-out corrections are answered right."
        if not self.sure:
            return (
                f"F1 on each guard part of at least {self.enough} pairs is not lower than before "
                f"by more than {self.tolerance:g}, {last}"
            )
        return (
            f"F1 on the whole guard set is not lower than before by more than {self.tolerance:g}, "
            f"on none of its parts of at least {self.enough} pairs beyond doubt (in "
            f"{self.sure:.0%} of bootstrap draws), {last}"
        )


@dataclass(frozen=True, slots=True)
class GuardFigures:
    """Micro F1, hit@3 and the share of ``None`` pairs kept, each 0..1, and how many pairs were
    answered right with their direction."""

    f1: float
    hit3: float
    none_kept: float
    right: int


@dataclass(frozen=True, slots=True)
class GuardPart:
    """One part of the guard set, before and after."""

    name: str
    pairs: int
    before: GuardFigures
    after: GuardFigures


@dataclass(frozen=True, slots=True)
class ItemDiff:
    """An item that two versions answer differently, or rank differently. Ranks are those of the
    gold relation from 1, 0 for ``None``. ``part`` is the guard set's, or the item's source."""

    item: str
    part: str
    gold: Label
    before: Label
    after: Label
    before_rank: int
    after_rank: int
    outcome: Outcome


def outcome(gold: Label, before: Label, after: Label) -> Outcome:
    """What became of an answer; its direction counts."""
    if before == gold:
        return "still right" if after == gold else "lost"
    return "won" if after == gold else "still wrong"


def in_order(changes: Iterable[ItemDiff]) -> tuple[ItemDiff, ...]:
    """Regressions first, then what was won; of each the items whose gold relation fell furthest
    first."""
    return tuple(
        sorted(changes, key=lambda c: (OUTCOMES.index(c.outcome), c.before_rank - c.after_rank))
    )


@dataclass(frozen=True, slots=True)
class GuardReport:
    """The verdict on a new version. ``reasons`` are sentences, one for each part of the rule that
    was broken; ``changes`` the items whose answer or rank changed, regressions first."""

    rule: GuardRule
    parts: tuple[GuardPart, ...]
    passed: bool
    reasons: tuple[str, ...]
    changes: tuple[ItemDiff, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON; ``from_dict`` reads them back."""
        return asdict(self)

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> GuardReport:
        """The report that ``as_dict`` wrote."""
        parts = [
            GuardPart(
                p["name"], p["pairs"], GuardFigures(**p["before"]), GuardFigures(**p["after"])
            )
            for p in value["parts"]
        ]
        labels = ("gold", "before", "after")
        changes = [ItemDiff(**(c | {k: Label(**c[k]) for k in labels})) for c in value["changes"]]
        return cls(
            GuardRule(**({"sure": 0.0} | value["rule"])),
            tuple(parts),
            value["passed"],
            tuple(value["reasons"]),
            tuple(changes),
        )


@dataclass(frozen=True, slots=True)
class VersionInfo:
    """A model version as a list shows it. ``bytes`` is its folder's size; ``data``, ``command`` and
    ``scores`` (dev figures by name) and ``noted`` (a sentence a measurement on other data) come
    from its card, "" and empty where it says nothing; ``request`` are the choices it was learnt by.
    ``folder`` is where it lies or will lie."""

    name: str
    state: VersionState
    parent: str
    created: str
    in_use: bool
    bytes: int
    data: str
    command: str
    folder: Path
    scores: Mapping[str, float] = field(default_factory=dict)
    request: LearnRequest | None = None
    guard: GuardReport | None = None
    noted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Promotion:
    """One row of the append-only log of the version in use: ``version`` took the place of
    ``before``. ``rule`` is the written rule it was promoted by, "" when a person decided;
    ``undoes`` is the row that a roll-back took back."""

    id: int
    created: str
    action: Literal["promote", "roll-back"]
    version: str
    before: str
    by: str
    rule: str = ""
    undoes: int | None = None


@dataclass(frozen=True, slots=True)
class LearnRow:
    """An epoch of a training: mean loss, and F1 on a sample of the guard set (0..1), which chooses
    nothing."""

    epoch: int
    loss: float
    f1: float


@dataclass(frozen=True, slots=True)
class VersionComparison:
    """A version beside another, its parent unless asked otherwise. ``items`` are the labelled items
    both have answered and whose answer or rank changed, regressions first; ``compared`` counts all
    that both have answered, ``unread`` labelled items that one of them has not. ``mcnemar`` is the
    probability of such unequal numbers of won and lost if both were as good."""

    version: str
    other: str
    guard: GuardReport | None
    items: tuple[ItemDiff, ...]
    compared: int
    unread: int
    won: int
    lost: int
    mcnemar: float


@dataclass(frozen=True, slots=True)
class LearnPreview:
    """What a training with some choices would read: corrections, replayed and unlabelled items,
    pairs of the guard set and held-out corrections among them; ``left_out`` counts corrections that
    are in none of these, by reason. ``seconds`` is how long it should take by earlier trainings of
    its kind here, None without one. ``resumes`` names the unfinished version it would go on with,
    "" when it begins anew."""

    learn: int
    replay: int
    unlabelled: int
    guard: int
    held_out: int
    left_out: Mapping[str, int]
    seconds: float | None
    resumes: str


@dataclass(frozen=True, slots=True, eq=False)
class Moves:
    """Where ``version`` puts items on the map of ``other``. ``items`` (M,) S16; ``rows`` (M,) their
    rows on that map; ``starts`` and ``ends`` (M, 2) uint16, numbers of that map. ``missing`` of the
    items asked for are not on the map, or the version has no vector of them."""

    version: str
    other: str
    items: np.ndarray
    rows: np.ndarray
    starts: np.ndarray
    ends: np.ndarray
    missing: int
