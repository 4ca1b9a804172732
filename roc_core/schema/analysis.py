"""What a model version answered to labelled items, ready to be counted: readings and analyses.

What is counted of an ``Analysis`` (headline, confusion, slices, curves, comparison) is in
``evaluation.analysis`` and can be had from ``roc_core.workspace``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from roc_core.errors import ValueRejected
from roc_core.schema.relations import NONE
from roc_core.schema.work import Codes

AS_USED, WITHOUT_PICTURES, ORACLE_TYPES, AS_PUBLISHED = VARIANTS = (
    "",
    "without-pictures",
    "oracle-types",
    "as-published",
)
"""Ways to read the same items with the same version; each changes one thing of the first.

- ``""``: as a user sees it.
- ``without-pictures``: picture and picture text are hidden, the inside of a box included.
- ``oracle-types``: entity types are those the item's label implies; a ``None`` pair is given none.
  No measure of what a user sees: always to be shown with the word oracle. Canonical order and no
  type filter, unlike the protocol of that name.
- ``as-published``: mentions in the order the file wrote them, given types left out, as protocol
  ``as-published``. In MNRE that order gives labels away. Directions are turned back, so they
  compare with those of the other variants.
"""

DIRECTIONS = ("", "forward", "backward", "both")
"""Names of ``Analysis.gold_direction`` and ``Analysis.direction``; "" goes with ``None``."""

OUTSIDE = np.iinfo(np.uint16).max
"""Rank of a gold relation that is not in the catalogue, so never found."""

FEATURES = (
    "picture", "distance", "length", "direction", "annotator", "emoji", "source", "split",
)  # fmt: skip
"""What items are sliced by, the keys of ``Analysis.features``."""

WITH_PICTURE, PICTURE_TEXT_ONLY, NO_PICTURE = "picture", "picture text only", "no picture"
"""Values of feature "picture"."""


@dataclass(frozen=True, slots=True, order=True)
class Reading:
    """A model version and how it reads. Raises ValueRejected for an unknown variant, no version,
    or a version whose name ends like a variant."""

    version: str
    variant: str = ""

    def __post_init__(self) -> None:
        if self.variant not in VARIANTS:
            raise ValueRejected(
                f"a way of reading, one of {', '.join(VARIANTS[1:])}, or none",
                repr(self.variant),
                "Choose one of them.",
            )
        if not self.version or _variant_of(self.version):
            raise ValueRejected(
                "a model version's name that does not end in @ and a way of reading",
                repr(self.version),
                "Name the version, or rename its folder.",
            )

    @property
    def key(self) -> str:
        """Its name as one text: ``mini``, ``mini@without-pictures``."""
        return f"{self.version}@{self.variant}" if self.variant else self.version

    @classmethod
    def parse(cls, text: str) -> Reading:
        """The reading a ``key`` names; what follows an @ without being a variant belongs to the
        version. Raises ValueRejected for an empty version."""
        variant = _variant_of(text)
        return cls(text[: -len(variant) - 1] if variant else text, variant)

    @property
    def oracle(self) -> bool:
        """Whether it is told something of the label, so must be shown with the word oracle."""
        return self.variant == ORACLE_TYPES


def _variant_of(key: str) -> str:
    """The variant a key ends in, "" for none."""
    return next((v for v in VARIANTS[1:] if key.endswith(f"@{v}")), "")


@dataclass(frozen=True, slots=True)
class ReadingState:
    """A reading and how many of the ``items`` it can answer are ``answered`` by now; an oracle
    reading can answer only labelled ones."""

    reading: Reading
    answered: int
    items: int

    @property
    def complete(self) -> bool:
        """Whether nothing is left to compute."""
        return self.answered >= self.items


@dataclass(frozen=True, slots=True, eq=False)
class Analysis:
    """All N labelled items in scope that a reading has answered, in order of arrival.

    ``items`` (N,) ids as bytes. ``gold`` is the present label's relation or ``NONE``, ``best`` the
    best relation whether it passes its line or not; they share their names, relations sorted and
    ``NONE`` last. ``gold_direction`` and ``direction`` (of ``best``) share ``DIRECTIONS``.
    ``scores`` (N,) cosines; ``margins`` (N,) how far the best relation lies above its line;
    ``leads`` (N,) how far its margin lies above the runner-up's; ``ranks`` (N,) uint16 the gold
    relation's rank from 1, 0 where gold is ``NONE``, ``OUTSIDE`` where the catalogue lacks it.
    ``types`` is the type pair that was read ("person – location", "?" for none), given or
    suggested. ``features`` has a Codes for each of FEATURES. ``unlabelled`` and ``unread`` count
    items in scope that are left out: without a label, without an answer. ``seen`` is a plain
    sentence when the version was trained on some of these items, "" otherwise.
    """

    reading: Reading
    items: np.ndarray
    gold: Codes
    gold_direction: Codes
    best: Codes
    direction: Codes
    scores: np.ndarray
    margins: np.ndarray
    leads: np.ndarray
    ranks: np.ndarray
    types: Codes
    features: Mapping[str, Codes] = field(default_factory=dict)
    unlabelled: int = 0
    unread: int = 0
    seen: str = ""

    def __len__(self) -> int:
        return len(self.items)

    @property
    def names(self) -> tuple[str, ...]:
        """Relations and ``NONE``, which ``gold``, ``best`` and ``predicted`` number."""
        return self.gold.names

    @property
    def none(self) -> int:
        """The number of ``NONE`` among the names."""
        return self.gold.names.index(NONE)

    def predicted(self, shift: float = 0.0) -> Codes:
        """The answers with every line moved up by ``shift`` (cosine points): the best relation
        where its margin is at least that, else ``NONE``."""
        values = np.where(self.margins >= shift, self.best.values, self.none)
        return Codes(self.best.names, values.astype(self.best.values.dtype))

    def ids(self, rows: np.ndarray | None = None) -> tuple[str, ...]:
        """Item ids of some rows, of all by default."""
        some = self.items if rows is None else self.items[rows]
        return tuple(i.decode("ascii") for i in some.tolist())


@dataclass(frozen=True, slots=True, eq=False)
class Doubts:
    """How far N labels can be trusted, the most doubtful first.

    ``items`` (N,) ids as bytes; ``gold`` the present relation and ``suggested`` the likeliest one
    (share their names, ``NONE`` among them); ``quality`` (N,) 0..1 ascending; ``likely`` (N,) bool:
    a likely label error. ``few`` labelled items were not judged, because their relation is on too
    few sentences; labels of ``changed`` items were changed since and are left out. ``seen`` is a
    plain sentence when the version was trained on some of these items, which makes it trust their
    labels too much; "" otherwise.
    """

    reading: Reading
    created: str
    items: np.ndarray
    gold: Codes
    suggested: Codes
    quality: np.ndarray
    likely: np.ndarray
    few: int = 0
    changed: int = 0
    seen: str = ""

    def __len__(self) -> int:
        return len(self.items)
