"""Annotators' work: queues of items, what was done with each, agreement between annotators."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from roc_core.schema.relations import Label

QueueKind = Literal[
    "everything", "unlabelled", "uncertain", "informative", "doubts", "disagreements",
    "selection", "drafts", "flagged", "assigned",
]  # fmt: skip

QUEUES: tuple[QueueKind, ...] = (
    "everything",
    "unlabelled",
    "uncertain",
    "informative",
    "doubts",
    "disagreements",
    "selection",
    "drafts",
    "flagged",
    "assigned",
)
"""What an annotator can be led through.

- ``everything``: all items in order of arrival.
- ``unlabelled``: those without a label.
- ``uncertain``: those without a label, the nearest to another answer first.
- ``informative``: the most uncertain third of these, alike ones kept apart.
- ``doubts``: likely label errors, the least trusted label first.
- ``disagreements``: items in dispute between annotators, then items whose label the model version
  contradicts, the surest answer first.
- ``selection``: a slice, or what was selected on a map, in its order.
- ``drafts``: items the annotator opened and has neither labelled nor skipped, the latest first.
- ``flagged``: items with an open flag, the oldest flag first.
- ``assigned``: what was assigned to the annotator.
"""

NEED_ANSWERS: tuple[QueueKind, ...] = ("uncertain", "informative", "doubts", "disagreements")
"""Queues made of a model version's stored answers."""

MarkAction = Literal[
    "label", "skip", "flag", "unflag", "comment", "wrong-description", "adjudicate", "undo"
]

MARK_ACTIONS: tuple[MarkAction, ...] = (
    "label",
    "skip",
    "flag",
    "unflag",
    "comment",
    "wrong-description",
)
"""What an annotator can do with an item. ``unflag`` closes every flag of the item; ``adjudicate``
and ``undo`` are written by calls of their own."""


@dataclass(frozen=True, slots=True)
class Queue:
    """Items to go through, in an order that stays.

    ``finished`` are those this annotator is done with: labelled or skipped, in a queue that looks
    at labels again (doubts, disagreements, selection, drafts, flagged) since it was made.
    ``notes`` are plain sentences about what is left out.
    """

    kind: QueueKind
    items: tuple[str, ...]
    finished: frozenset[str] = frozenset()
    created: str = ""
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.items)

    @property
    def done(self) -> int:
        """How many of the items are finished."""
        return len(self.finished)

    def after(self, item: str = "") -> str | None:
        """The first unfinished item behind ``item``, from the start again at the end, ``item``
        itself left out; None when none is left. From the start when ``item`` is not here."""
        place = self.items.index(item) + 1 if item in self.items else 0
        order = (*self.items[place:], *self.items[:place])
        return next((i for i in order if i not in self.finished and i != item), None)


@dataclass(frozen=True, slots=True)
class Mark:
    """One row of the append-only log of what annotators did with items.

    ``label`` is what a "label" or "adjudicate" said, ``correction`` its row in the log of
    corrections. ``shown`` says whether the model's suggestions were on screen. ``text`` is a
    comment or reason; ``relation`` the one whose description is wrong. An "undo" takes back the
    mark ``undoes``; a mark that was done again names that undo in ``redoes``.
    """

    id: int
    item: str
    annotator: str
    created: str
    action: MarkAction
    label: Label | None = None
    predicted: Label | None = None
    model_version: str = ""
    correction: int | None = None
    shown: bool = False
    text: str = ""
    relation: str = ""
    undoes: int | None = None
    redoes: int | None = None
    undone: bool = False


@dataclass(frozen=True, slots=True)
class ItemStatus:
    """What a list shows of an item: ``own`` is the annotator's own label in force, ``skipped``
    whether they skipped it last; ``flags`` are the reasons of open flags; ``annotators`` have a
    label in force on it; ``disputed`` says that these differ and nobody has decided."""

    item: str
    own: Label | None = None
    skipped: bool = False
    flags: tuple[str, ...] = ()
    comments: int = 0
    annotators: tuple[str, ...] = ()
    disputed: bool = False


@dataclass(frozen=True, slots=True)
class OwnLabel:
    """The label one annotator has in force on an item, whatever others said, and its row in the
    log of corrections. Decisions of disputes are not among them."""

    item: str
    annotator: str
    label: Label
    correction: int
    created: str = ""


@dataclass(frozen=True, slots=True)
class LookAlike:
    """A neighbour with the same wrong answer. ``similarity`` is the cosine of both pair vectors;
    ``prediction`` the stored answer; ``label`` the corrected label as it would read on this item,
    its direction fitted to the order of this item's mentions; ``present`` its label by now."""

    item: str
    similarity: float
    prediction: Label
    label: Label
    present: Label | None = None


@dataclass(frozen=True, slots=True)
class Assigned:
    """How many items were assigned to an annotator: in all, and shared with another one."""

    annotator: str
    items: int
    shared: int


@dataclass(frozen=True, slots=True)
class PairAgreement:
    """Two annotators on the ``items`` both labelled: the share on which they agree (0..1) and
    Cohen's kappa (up to 1), None where it is not defined (no items, or one label throughout)."""

    first: str
    second: str
    items: int
    agreed: float
    kappa: float | None


@dataclass(frozen=True, slots=True)
class RelationAgreement:
    """Agreement on whether one relation holds, directions aside. ``items`` were given it by
    someone; ``kappas`` are in the order of ``Agreement.pairs``."""

    relation: str
    items: int
    alpha: float | None
    kappas: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far annotators agree on the ``items`` that at least two of them labelled.

    A label is relation and direction. ``alpha`` is Krippendorff's (nominal, up to 1, 0 for chance),
    None where it is not defined. ``disputes`` are the items whose labels differ and on which nobody
    has decided.
    """

    annotators: tuple[str, ...]
    items: int
    alpha: float | None
    pairs: tuple[PairAgreement, ...]
    relations: tuple[RelationAgreement, ...]
    disputes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Dispute:
    """An item on which annotators' labels in force differ."""

    item: str
    labels: tuple[OwnLabel, ...]


@dataclass(frozen=True, slots=True, eq=False)
class AnnotatorConfusion:
    """One annotator's labels against the present ones: ``counts`` (K, K), present × annotator's,
    over relations ``names``, ``None`` last if it occurs. ``items`` are counted; ``alone`` are
    left out, because nobody else has said anything about them; ``turned`` agree in the relation
    but not in its direction."""

    annotator: str
    names: tuple[str, ...]
    counts: np.ndarray = field(repr=False)
    items: int
    alone: int
    turned: int

    def of(self, present: str, own: str) -> int:
        """How often ``own`` was said where the present label is ``present``."""
        if present not in self.names or own not in self.names:
            return 0
        return int(self.counts[self.names.index(present), self.names.index(own)])
