"""Annotators' work as a workspace offers it: queues, marks, assignments, agreement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from roc_core.evaluation.agreement import agreement, by_item, confusion_of, open_disputes
from roc_core.schema import (
    Agreement,
    AnnotatorConfusion,
    Assigned,
    Dispute,
    ItemStatus,
    Label,
    LookAlike,
    Mark,
    MarkAction,
    OwnLabel,
    Prediction,
    Queue,
    QueueKind,
)
from roc_core.store import Store
from roc_core.store.queues import QueueKey
from roc_core.store.remarks import Step
from roc_core.workspace.annotation_checks import (
    named,
    require_label,
    require_parts,
    require_shares,
)
from roc_core.workspace.assigning import shares
from roc_core.workspace.look_alikes import look_alikes
from roc_core.workspace.own_labels import own_labels_csv
from roc_core.workspace.queues import QueueMaker

if TYPE_CHECKING:
    from roc_core.workspace.workspace import Workspace


class Annotating:
    """The part of ``Workspace`` that annotators work with."""

    _store: Store

    @property
    def annotation(self) -> Annotation:
        """Queues, marks, assignments and agreement."""
        return Annotation(cast("Workspace", self), self._store)


class Annotation:
    """What annotators do with the items of one workspace.

    Every step is a row of an append-only log. Each annotator's own last label is kept apart from
    the item's present one, which is the last that anybody gave. Methods that name an annotator
    raise ValueRejected for an empty name.
    """

    def __init__(self, workspace: Workspace, store: Store) -> None:
        self._workspace, self._store = workspace, store
        self._tables = store.annotation

    # --- queues ----------------------------------------------------------------------------

    def queue(
        self,
        kind: QueueKind,
        annotator: str,
        selection: str = "",
        seed: int = 0,
        renew: bool = False,
    ) -> Queue:
        """A queue for an annotator, see ``schema.QUEUES``. It keeps its order until ``renew``.

        Items that come to belong to a queue made without a model go to its end. A seed above 0
        shuffles the queues everything, unlabelled and selection, and varies informative. Raises
        AnswersMissing when a queue needs stored answers of the version in use (job "vectors"),
        DoubtsMissing (job "doubts"), SelectionMissing, ValueRejected for an unknown kind.
        """
        key = QueueKey(named(annotator), kind, selection, seed)
        return QueueMaker(self._workspace, self._store).queue(key, renew)

    # --- marks -----------------------------------------------------------------------------

    def save(
        self,
        item: str,
        label: Label | None,
        annotator: str,
        prediction: Prediction | None = None,
        shown: bool = False,
        action: MarkAction = "label",
        text: str = "",
        relation: str = "",
        token: str = "",
    ) -> Mark:
        """Keep one step: a label (``action`` "label"), or what else was done with an item.

        ``shown`` says whether the suggestions of ``prediction`` were on screen. ``text`` is a
        comment, reason, or what is wrong with a description of ``relation``. ``token`` makes
        sending it twice one row. Raises ItemMissing, RelationUnknown, ValueRejected for parts that
        do not go together, CorrectionInvalid for a token used for something else.
        """
        require_parts(action, label, text, relation, self._workspace.catalogue)
        from roc_core.workspace.workspace import SHOWN

        ranked = prediction.ranked[:SHOWN] if prediction and shown else ()
        step = Step(
            item,
            named(annotator),
            action,
            label,
            prediction.label if prediction else None,
            prediction.model_version if prediction else "",
            shown and prediction is not None,
            [Label(r.relation, r.direction) for r in ranked],
            text,
            relation,
            token,
        )
        return self._tables.marks.add(step)

    def undo(self, annotator: str, token: str = "") -> Mark | None:
        """Take back the annotator's own last step, on whatever item; None when there is none.

        The row says on which item. Raises CorrectionInvalid for a token used for something else.
        """
        return self._tables.marks.undo(named(annotator), token)

    def redo(self, annotator: str, token: str = "") -> Mark | None:
        """Do again, as a new row, the step the annotator undid last; None when nothing was undone
        since their last other step. Raises as ``undo``."""
        return self._tables.marks.redo(named(annotator), token)

    def marks(self, item: str) -> tuple[Mark, ...]:
        """All marks of an item by everybody, oldest first. Raises ItemMissing."""
        return self._tables.marks.of_item(item)

    def wrong_descriptions(self, relation: str = "") -> tuple[Mark, ...]:
        """What annotators found wrong with the descriptions of a relation, or of all, the newest
        first; what was undone is left out."""
        found = self._tables.marks.wrong_descriptions()
        return tuple(m for m in found if relation in ("", m.relation))

    def status(self, items: Sequence[str], annotator: str) -> tuple[ItemStatus, ...]:
        """What lists show of items, in the order given."""
        marks = self._tables.marks
        rows, labels = marks.statuses(items, annotator), marks.own_labels(items)
        disputes = open_disputes(by_item(labels), marks.decisions(items))
        disputed = {dispute.item for dispute in disputes}
        own: dict[str, dict[str, Label]] = {item: {} for item in items}
        for one in labels:
            own[one.item][one.annotator] = one.label
        return tuple(
            ItemStatus(
                item,
                own[item].get(annotator),
                rows[item].skipped,
                rows[item].flags,
                rows[item].comments,
                tuple(sorted(own[item])),
                item in disputed,
            )
            for item in items
        )

    def look_alikes(self, item: str, label: Label, limit: int = 20) -> tuple[LookAlike, ...]:
        """Neighbours with the same wrong answer that no person has labelled, the nearest first.

        Raises ItemMissing, AnswersMissing, RelationUnknown.
        """
        require_label(label, self._workspace.catalogue)
        return look_alikes(self._workspace, self._store, item, label, limit)

    # --- several annotators ----------------------------------------------------------------

    def assign(
        self,
        items: Sequence[str],
        annotators: Sequence[str],
        overlap: float = 0.0,
        seed: int = 0,
        times: int = 2,
    ) -> tuple[Assigned, ...]:
        """Share items out evenly; a share ``overlap`` (0..1) of them goes to ``times`` annotators,
        so that agreement can be measured. What everybody has now.

        The same again changes nothing. Raises ItemMissing; ValueRejected for no annotators, an
        overlap outside 0..1, or more ``times`` than annotators.
        """
        names = list(dict.fromkeys(named(a) for a in annotators))
        require_shares(names, overlap, times)
        self._tables.assignments.add(shares(items, names, overlap, seed, times))
        return self.assignments()

    def unassign(self, annotator: str, items: Sequence[str] | None = None) -> int:
        """Take items, or all, off an annotator; how many these were. Labels stay."""
        return self._tables.assignments.remove(annotator, items)

    def assignments(self) -> tuple[Assigned, ...]:
        """How many items each annotator was assigned, and shares with another one."""
        return self._tables.assignments.counts()

    def annotators(self) -> tuple[str, ...]:
        """Everybody who has labelled, marked or been assigned something, by name."""
        return self._tables.assignments.annotators()

    def own_labels(self, items: Sequence[str] | None = None) -> tuple[OwnLabel, ...]:
        """Every annotator's label in force on all or some items, oldest first."""
        return self._tables.marks.own_labels(items)

    def labels_csv(self) -> bytes:
        """Every annotator's labels as a table, see ``own_labels.own_labels_csv``."""
        return own_labels_csv(self._store)

    def agreement(self) -> Agreement:
        """How far annotators agree on what at least two of them labelled."""
        return agreement(self.own_labels(), self._tables.marks.decisions())

    def disputes(self) -> tuple[Dispute, ...]:
        """Items whose annotators' labels differ and on which nobody has decided."""
        return open_disputes(by_item(self.own_labels()), self._tables.marks.decisions())

    def adjudicate(self, item: str, label: Label, adjudicator: str, token: str = "") -> Mark:
        """Decide what an item's present label is. It is a step of the adjudicator's and can be
        undone; their own label, as anybody's, stays as it was. Raises as ``save``."""
        require_label(label, self._workspace.catalogue)
        used = self._workspace.model_version
        step = Step(item, named(adjudicator), "adjudicate", label, model_version=used, token=token)
        return self._tables.marks.add(step)

    def confusion(self, annotator: str) -> AnnotatorConfusion:
        """An annotator's labels against the present ones, where somebody else labelled the item or
        a dispute was decided. A dispute that is still open counts as it stands."""
        marks = self._tables.marks
        everybody, present = marks.own_labels(), self._tables.queues.labels()
        others = {own.item for own in everybody if own.annotator != annotator}
        others |= marks.decisions().keys()
        mine = [own for own in everybody if own.annotator == annotator]
        shared = [(present[own.item], own.label) for own in mine if own.item in others]
        return confusion_of(annotator, shared, len(mine) - len(shared))
