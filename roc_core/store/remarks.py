"""The append-only log of what annotators did with items, undone and done again step by step."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlite_utils import Database

from roc_core.errors import CorrectionInvalid
from roc_core.schema import Label, Mark, MarkAction, OwnLabel
from roc_core.store import corrections, items
from roc_core.store.clock import now
from roc_core.store.connection import Connector
from roc_core.store.rows import label_columns, label_of, to_json

# What a label said lies in the log of corrections; "said" is missing for the other actions.
_SELECT = (
    "SELECT mark.id, mark.item, mark.annotator, mark.created, mark.action, mark.correction, "
    "mark.shown, mark.relation, mark.undoes, mark.redoes, "
    "said.relation AS said_relation, said.direction AS said_direction, "
    "coalesce(said.predicted_relation, mark.predicted_relation) AS predicted_relation, "
    "coalesce(said.predicted_direction, mark.predicted_direction) AS predicted_direction, "
    "CASE WHEN said.id IS NULL THEN mark.model_version ELSE said.model_version END AS version, "
    "CASE WHEN said.id IS NULL THEN mark.text ELSE said.comment END AS text, "
    "EXISTS (SELECT 1 FROM marks AS later WHERE later.undoes = mark.id) OR EXISTS (SELECT 1 "
    "FROM corrections AS later WHERE later.undoes = mark.correction) AS undone "
    "FROM marks AS mark LEFT JOIN corrections AS said "
    "ON said.id = mark.correction AND said.action = 'label'"
)
_INSERT = (
    "INSERT INTO marks (item, annotator, created, action, correction, shown, predicted_relation, "
    "predicted_direction, model_version, text, relation, undoes, redoes, token) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_LAST = "SELECT id FROM marks_in_force WHERE annotator = ? ORDER BY id DESC LIMIT 1"
# Undos that were not taken back, since the annotator's last step that was neither undo nor redo.
_UNDONE_LAST = (
    "SELECT id FROM marks AS mark WHERE annotator = ? AND action = 'undo' "
    "AND NOT EXISTS (SELECT 1 FROM marks AS later WHERE later.redoes = mark.id) "
    "AND id > coalesce((SELECT max(id) FROM marks "
    "WHERE annotator = ? AND action <> 'undo' AND redoes IS NULL), 0) ORDER BY id DESC LIMIT 1"
)
# The view annotator_labels for some items: SQLite would group the whole log before it chooses.
_OWN_OF_SOME = (
    "SELECT item, annotator, relation, direction, max(id) AS correction, created "
    "FROM corrections AS said WHERE item IN (SELECT value FROM json_each(?)) "
    "AND action = 'label' AND annotator <> '' "
    "AND NOT EXISTS (SELECT 1 FROM corrections AS later WHERE later.undoes = said.id) "
    "AND NOT EXISTS (SELECT 1 FROM marks WHERE marks.correction = said.id "
    "AND marks.action = 'adjudicate') GROUP BY item, annotator ORDER BY correction"
)


@dataclass(frozen=True, slots=True)
class Step:
    """What one new mark says. ``offered`` are the labels that were on screen, best first."""

    item: str
    annotator: str
    action: MarkAction
    label: Label | None = None
    predicted: Label | None = None
    model_version: str = ""
    shown: bool = False
    offered: Sequence[Label] = ()
    text: str = ""
    relation: str = ""
    token: str = ""
    redoes: int | None = None


@dataclass(frozen=True, slots=True)
class StatusRow:
    """What marks in force say of one item."""

    skipped: bool = False
    flags: tuple[str, ...] = ()
    comments: int = 0


class MarkTable:
    """Marks of one workspace; raises as ``Store``."""

    def __init__(self, at: Connector) -> None:
        self._at = at

    def add(self, step: Step) -> Mark:
        """Write a mark, and its label into the log of corrections, both or neither.

        The same token again gives the row it wrote first. Raises ItemMissing, ValueRejected for a
        broken label, CorrectionInvalid for a token that was used for something else.
        """
        with self._at.write() as db:
            known = _by_token(db, step.token)
            return _same(known, step) if known is not None else _add(db, step)

    def undo(self, annotator: str, token: str = "") -> Mark | None:
        """Take back the annotator's own last step that is in force; None when there is none."""
        with self._at.write() as db:
            known = _by_token(db, token)
            if known is not None:
                return _same_way(known, annotator, known.action == "undo")
            row = db.conn.execute(_LAST, (annotator,)).fetchone()
            return None if row is None else _undo(db, _get(db, row["id"]), annotator, token)

    def redo(self, annotator: str, token: str = "") -> Mark | None:
        """Do again what the annotator undid last, as a new row; None when there is nothing, also
        after any other step of theirs."""
        with self._at.write() as db:
            known = _by_token(db, token)
            if known is not None:
                return _same_way(known, annotator, known.redoes is not None)
            row = db.conn.execute(_UNDONE_LAST, (annotator, annotator)).fetchone()
            return None if row is None else _add(db, _again(db, _get(db, row["id"]), token))

    def of_item(self, item: str) -> tuple[Mark, ...]:
        """All marks of one item, oldest first. Raises ItemMissing."""
        with self._at.read() as db:
            items.require(db, item)
            rows = db.conn.execute(f"{_SELECT} WHERE mark.item = ? ORDER BY mark.id", (item,))
            return tuple(_mark_of(row) for row in rows)

    def wrong_descriptions(self) -> tuple[Mark, ...]:
        """Remarks in force that a relation's description is wrong, the newest first."""
        with self._at.read() as db:
            rows = db.conn.execute(
                f"{_SELECT} WHERE mark.id IN (SELECT id FROM marks_in_force "
                "WHERE action = 'wrong-description') ORDER BY mark.id DESC"
            )
            return tuple(_mark_of(row) for row in rows)

    def statuses(self, wanted: Sequence[str], annotator: str) -> dict[str, StatusRow]:
        """What marks say of each of some items; whether ``annotator`` skipped it last."""
        with self._at.read() as db:
            rows = db.conn.execute(
                "SELECT item, annotator, action, text FROM marks_in_force "
                "WHERE item IN (SELECT value FROM json_each(?)) ORDER BY id",
                (to_json(list(wanted)),),
            ).fetchall()
        found = {item: StatusRow() for item in wanted}
        for row in rows:
            found[row["item"]] = _told(found[row["item"]], row, annotator)
        return found

    def flagged(self) -> tuple[str, ...]:
        """Items with an open flag, the oldest flag first."""
        with self._at.read() as db:
            rows = db.conn.execute(
                f"SELECT item FROM {items.OPEN_FLAGS} GROUP BY item ORDER BY min(id)"
            ).fetchall()
        return tuple(row["item"] for row in rows)

    def own_labels(self, wanted: Sequence[str] | None = None) -> tuple[OwnLabel, ...]:
        """Every annotator's label in force on each item, of all items or of some, oldest first."""
        if wanted is None:
            return self._labels("SELECT * FROM annotator_labels ORDER BY correction", ())
        return self._labels(_OWN_OF_SOME, (to_json(list(wanted)),))

    def decisions(self, wanted: Sequence[str] | None = None) -> dict[str, OwnLabel]:
        """The last decision in force on each item, of all items or of some."""
        some = " WHERE item IN (SELECT value FROM json_each(?))" if wanted is not None else ""
        values = (to_json(list(wanted)),) if wanted is not None else ()
        rows = self._labels(f"SELECT * FROM decisions{some} ORDER BY correction", values)
        return {found.item: found for found in rows}

    def _labels(self, sql: str, values: tuple[str, ...]) -> tuple[OwnLabel, ...]:
        with self._at.read() as db:
            rows = db.conn.execute(sql, values).fetchall()
        return tuple(
            OwnLabel(
                row["item"],
                row["annotator"],
                Label(row["relation"], row["direction"]),
                row["correction"],
                row["created"],
            )
            for row in rows
        )


def _add(db: Database, step: Step) -> Mark:
    items.require(db, step.item)
    correction = None
    if step.label is not None:
        entry = corrections.Entry(
            step.item, step.annotator, step.label, step.predicted, step.offered,
            step.model_version, step.text,
        )  # fmt: skip
        correction = corrections.add_label(db, entry).id
    return _insert(db, step, correction, None)


def _undo(db: Database, last: Mark, annotator: str, token: str) -> Mark:
    correction = None
    if last.correction is not None:
        correction = corrections.add_undo(db, last.correction, annotator, "").id
    return _insert(db, Step(last.item, annotator, "undo", token=token), correction, last.id)


def _insert(db: Database, step: Step, correction: int | None, undoes: int | None) -> Mark:
    # what the log of corrections says is not repeated
    told = step if correction is None else Step(step.item, step.annotator, step.action)
    cursor = db.conn.execute(
        _INSERT,
        (
            step.item, step.annotator, now(), step.action, correction, int(step.shown),
            *label_columns(told.predicted), told.model_version, told.text, step.relation,
            undoes, step.redoes, step.token or None,
        ),
    )  # fmt: skip
    return _get(db, cursor.lastrowid or 0)


def _again(db: Database, undo: Mark, token: str) -> Step:
    """The step that an undo took back, as a new one."""
    assert undo.undoes is not None
    mark = _get(db, undo.undoes)
    return Step(
        mark.item,
        mark.annotator,
        mark.action,
        mark.label,
        mark.predicted,
        mark.model_version,
        mark.shown,
        corrections.shown(db, mark.correction) if mark.correction else (),
        mark.text,
        mark.relation,
        token,
        undo.id,
    )


def _same(known: Mark, step: Step) -> Mark:
    wanted = (step.item, step.annotator, step.action, step.label, step.text, step.relation)
    said = (known.item, known.annotator, known.action, known.label, known.text, known.relation)
    if said == wanted and known.redoes is None:
        return known
    raise _used(known)


def _same_way(known: Mark, annotator: str, same: bool) -> Mark:
    if same and known.annotator == annotator:
        return known
    raise _used(known)


def _used(known: Mark) -> CorrectionInvalid:
    return CorrectionInvalid(
        "a new token for a new step",
        f"the token of mark {known.id}, which says something else",
        "Save it again with a token of its own.",
    )


def _get(db: Database, id: int) -> Mark:
    return _mark_of(db.conn.execute(f"{_SELECT} WHERE mark.id = ?", (id,)).fetchone())


def _by_token(db: Database, token: str) -> Mark | None:
    if not token:
        return None
    row = db.conn.execute(f"{_SELECT} WHERE mark.token = ?", (token,)).fetchone()
    return None if row is None else _mark_of(row)


def _mark_of(row: sqlite3.Row) -> Mark:
    return Mark(
        id=row["id"],
        item=row["item"],
        annotator=row["annotator"],
        created=row["created"],
        action=row["action"],
        label=label_of(row["said_relation"], row["said_direction"]),
        predicted=label_of(row["predicted_relation"], row["predicted_direction"]),
        model_version=row["version"],
        correction=row["correction"],
        shown=bool(row["shown"]),
        text=row["text"],
        relation=row["relation"],
        undoes=row["undoes"],
        redoes=row["redoes"],
        undone=bool(row["undone"]),
    )


def _told(known: StatusRow, row: sqlite3.Row, annotator: str) -> StatusRow:
    """A status after one more mark, in the order of the log."""
    action, text = row["action"], row["text"]
    if action in ("label", "skip", "adjudicate") and row["annotator"] == annotator:
        return replace(known, skipped=action == "skip")
    if action == "flag":
        return replace(known, flags=(*known.flags, text))
    if action == "unflag":
        return replace(known, flags=())
    return replace(known, comments=known.comments + 1) if action == "comment" else known
