"""How queues are made, kept in their order, and brought up to date."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from roc_core.errors import AnswersMissing, ValueRejected
from roc_core.evaluation.agreement import by_item, open_disputes
from roc_core.evaluation.sampling import distance_to_change, most_informative, most_uncertain
from roc_core.schema import (
    NEED_ANSWERS,
    NONE,
    QUEUES,
    Label,
    PairVectors,
    Queue,
    QueueKind,
    Reading,
)
from roc_core.store import Store
from roc_core.store.queues import QueueKey, StoredQueue

if TYPE_CHECKING:
    from roc_core.workspace.workspace import Workspace

SHUFFLED: tuple[QueueKind, ...] = ("everything", "unlabelled", "selection")
"""Queues whose order of arrival a seed above 0 shuffles."""

UNLABELLED: tuple[QueueKind, ...] = ("unlabelled", "uncertain", "informative")
"""Queues an item leaves when somebody else labels it."""

LABELLED_ONCE: tuple[QueueKind, ...] = (*UNLABELLED, "everything", "assigned")
"""Queues in which a label from before the queue was made counts as done, too."""


@dataclass(frozen=True, slots=True)
class Made:
    """A queue just made; ``version`` gave the order, "" when none did."""

    items: tuple[str, ...]
    version: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class QueueMaker:
    """Makes the queues of one workspace."""

    workspace: Workspace
    store: Store

    def queue(self, key: QueueKey, renew: bool) -> Queue:
        """The queue of that key in the order it was made, made now if it is new or to ``renew``.

        Raises ValueRejected for an unknown kind or a selection that is not named, AnswersMissing,
        DoubtsMissing, SelectionMissing.
        """
        _require(key)
        tables = self.store.annotation.queues
        here = () if key.kind in NEED_ANSWERS else self._plain(key)
        stored = None if renew else tables.get(key)
        if stored is None:
            made = self._make(key) if key.kind in NEED_ANSWERS else Made(_shuffled(here, key))
            stored = tables.put(key, made.items, made.version, made.notes)
        elif new := _not_among(here, stored.items):
            tables.append(key, new)
            stored = replace(stored, items=(*stored.items, *new))
        after_label = 0 if key.kind in LABELLED_ONCE else stored.after_correction
        done = tables.finished(key.annotator, stored.after_mark, after_label)
        return self._left(key, stored, done, here)

    def _make(self, key: QueueKey) -> Made:
        makers: Mapping[QueueKind, Callable[[QueueKey], Made]] = {
            "uncertain": self._uncertain,
            "informative": self._informative,
            "doubts": self._doubts,
            "disagreements": self._disagreements,
        }
        return makers[key.kind](key)

    def _left(
        self, key: QueueKey, stored: StoredQueue, done: frozenset[str], here: Collection[str]
    ) -> Queue:
        """What is in a queue now: items that do not belong to it any more are left out, unless
        this annotator finished them, which is why they do not."""
        if key.kind in UNLABELLED:
            here = self.store.annotation.queues.unlabelled()
        elif key.kind in NEED_ANSWERS:
            here = self.store.known(stored.items)
        belong = done.union(here)
        kept = tuple(i for i in stored.items if i in belong)
        notes = stored.notes
        if stored.version and stored.version != self.workspace.model_version:
            notes = (*notes, _other_version(stored.version, self.workspace.model_version))
        return Queue(key.kind, kept, done.intersection(kept), stored.created, notes)

    # --- without a model -------------------------------------------------------------------

    def _plain(self, key: QueueKey) -> tuple[str, ...]:
        tables = self.store.annotation
        if key.kind == "everything":
            return tables.queues.everything()
        if key.kind == "unlabelled":
            return tables.queues.unlabelled()
        if key.kind == "selection":
            return self.workspace.selection(key.selection).items
        if key.kind == "drafts":
            return tables.queues.opened(key.annotator)
        if key.kind == "flagged":
            return tables.marks.flagged()
        return tables.assignments.of(key.annotator)

    # --- by stored answers -----------------------------------------------------------------

    def _answers(self, vectors: bool = False) -> PairVectors:
        """Stored answers of the version in use. Raises AnswersMissing when there are none."""
        found = self.store.vectors.read(self.workspace.vector_key(), vectors)
        if not len(found) and self.store.annotation.queues.everything():
            raise AnswersMissing(
                f"stored answers of model version '{self.workspace.model_version}'",
                "none",
                "Start the job 'vectors'.",
            )
        return found

    def _without_label(self, found: PairVectors) -> tuple[np.ndarray, tuple[str, ...]]:
        """Rows (N,) of the answers to items without a label, and a note on those unread."""
        wanted = np.array(self.store.annotation.queues.unlabelled(), "S16")
        rows = np.flatnonzero(np.isin(found.items, wanted))
        return rows, _unread(len(wanted) - len(rows), "items without a label")

    def _uncertain(self, key: QueueKey) -> Made:
        found = self._answers()
        rows, notes = self._without_label(found)
        order = rows[most_uncertain(found.margins[rows], found.leads[rows])]
        return Made(_ids(found, order), self.workspace.model_version, notes)

    def _informative(self, key: QueueKey) -> Made:
        found = self._answers(vectors=True)
        rows, notes = self._without_label(found)
        order = most_informative(
            found.vectors[rows], found.margins[rows], found.leads[rows], key.seed
        )
        return Made(_ids(found, rows[order]), self.workspace.model_version, notes)

    def _doubts(self, key: QueueKey) -> Made:
        doubts = self.workspace.label_errors(Reading(self.workspace.model_version))
        rows = np.flatnonzero(doubts.likely)
        items = tuple(i.decode("ascii") for i in doubts.items[rows].tolist())
        notes = (doubts.seen,) if doubts.seen else ()
        return Made(items, self.workspace.model_version, notes)

    def _disagreements(self, key: QueueKey) -> Made:
        marks = self.store.annotation.marks
        disputes = open_disputes(by_item(marks.own_labels()), marks.decisions())
        first = tuple(dispute.item for dispute in disputes)
        notes = (_between(len(first)),) if first else ()
        try:
            found = self._answers()
        except AnswersMissing as missing:
            if not first:
                raise
            return Made(first, "", (*notes, f"Only these are listed. {missing}"))
        labels = self.store.annotation.queues.labels()
        against = [r for r, i in enumerate(found.items.tolist()) if _differs(found, r, labels, i)]
        sure = distance_to_change(found.margins[against], found.leads[against])
        rows = np.array(against, int)[np.argsort(-sure, kind="stable")]
        known = set(first)
        rest = tuple(i for i in _ids(found, rows) if i not in known)
        answered = set(found.items.tolist())
        unread = sum(item.encode() not in answered for item in labels)
        notes = (*notes, *_unread(unread, "labelled items"))
        return Made((*first, *rest), self.workspace.model_version, notes)


def _require(key: QueueKey) -> None:
    if key.kind not in QUEUES:
        raise ValueRejected(
            f"a queue, one of {', '.join(QUEUES)}", repr(key.kind), "Choose one of them."
        )
    if (key.kind == "selection") != bool(key.selection):
        raise ValueRejected(
            "the id of a selection for queue 'selection', and for no other",
            f"{key.selection!r} for queue '{key.kind}'",
            "Choose a slice, or leave it out.",
        )


def _not_among(items: Sequence[str], known: Sequence[str]) -> tuple[str, ...]:
    there = set(known)
    return tuple(item for item in items if item not in there)


def _other_version(then: str, now: str) -> str:
    return f"The order is that of model version {then}; a renewed queue has that of {now}."


def _shuffled(items: tuple[str, ...], key: QueueKey) -> tuple[str, ...]:
    if not key.seed or key.kind not in SHUFFLED:
        return items
    return tuple(random.Random(key.seed).sample(items, len(items)))


def _ids(found: PairVectors, rows: np.ndarray) -> tuple[str, ...]:
    return tuple(i.decode("ascii") for i in found.items[rows].tolist())


def _unread(count: int, what: str) -> tuple[str, ...]:
    if count <= 0:
        return ()
    return (f"{count:,} {what} have no stored answer yet and are left out.",)


def _between(count: int) -> str:
    items = "item" if count == 1 else "items"
    return f"First come {count:,} {items} on which annotators differ."


def answer(found: PairVectors, row: int) -> Label:
    """The stored answer of one item: its best relation if that passes its line, else ``NONE``."""
    if found.margins[row] < 0:
        return Label(NONE)
    return Label(found.relations[row], found.directions[row])


def _differs(found: PairVectors, row: int, labels: Mapping[str, Label], item: bytes) -> bool:
    label = labels.get(item.decode("ascii"))
    if label is None:
        return False
    given = answer(found, row)
    return given != label and (given.relation, label.relation) != (NONE, NONE)
