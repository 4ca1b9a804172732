"""The append-only log of corrections: labels and undos, each a new row."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from sqlite_utils import Database

from roc_core.errors import CorrectionInvalid
from roc_core.schema import Correction, Label
from roc_core.store import items
from roc_core.store.clock import now
from roc_core.store.rows import correction_of, label_columns, label_of, to_json

_SELECT = (
    "SELECT corrections.*, EXISTS (SELECT 1 FROM corrections AS later "
    "WHERE later.undoes = corrections.id) AS undone FROM corrections"
)


@dataclass(frozen=True, slots=True)
class Entry:
    """What one new row of the log says; ``undoes`` is None for a label."""

    item: str
    annotator: str
    label: Label | None = None
    predicted: Label | None = None
    shown: Sequence[Label] = ()
    model_version: str = ""
    comment: str = ""
    undoes: int | None = None
    token: str = ""

    @property
    def action(self) -> str:
        """ "label" or "undo"."""
        return "label" if self.undoes is None else "undo"


def add_label(db: Database, entry: Entry) -> Correction:
    """Write a label; the same token again gives the row it wrote first.

    Raises ItemMissing, ValueRejected (broken label), CorrectionInvalid (token used for another).
    """
    known = by_token(db, entry.token)
    if known is not None:
        return _same(known, entry)
    items.require(db, entry.item)
    return _insert(db, entry)


def add_undo(db: Database, undoes: int, annotator: str, token: str) -> Correction:
    """Take a label back; the same token again gives the row it wrote first.

    Raises CorrectionInvalid for an unknown row, an undo, or a label that is already undone.
    """
    known = by_token(db, token)
    row = get(db, undoes)
    if row is None:
        raise CorrectionInvalid(
            "the number of a saved correction", str(undoes), "Choose one from the item's history."
        )
    entry = Entry(row.item, annotator, undoes=undoes, token=token)
    if known is not None:
        return _same(known, entry)
    if row.action == "undo":
        raise CorrectionInvalid(
            "a correction that set a label",
            f"correction {undoes}, which is itself an undo",
            "Save the label again instead.",
        )
    if row.undone:
        raise CorrectionInvalid(
            "a correction that is still in force",
            f"correction {undoes}, which was already undone",
            "Look at the item's history; nothing more needs to be done.",
        )
    return _insert(db, entry)


def _same(known: Correction, entry: Entry) -> Correction:
    wanted = (entry.item, entry.action, entry.label, entry.undoes)
    if (known.item, known.action, known.label, known.undoes) == wanted:
        return known
    raise CorrectionInvalid(
        "a new token for a new correction",
        f"the token of correction {known.id}, which says something else",
        "Save it again with a token of its own.",
    )


def _insert(db: Database, entry: Entry) -> Correction:
    relation, direction = label_columns(entry.label)
    predicted_relation, predicted_direction = label_columns(entry.predicted)
    shown = [
        dict(zip(("relation", "direction"), label_columns(x), strict=True)) for x in entry.shown
    ]
    cursor = db.conn.execute(
        "INSERT INTO corrections (item, annotator, created, action, relation, direction, "
        "predicted_relation, predicted_direction, shown, model_version, comment, undoes, token) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            entry.item,
            entry.annotator,
            now(),
            entry.action,
            relation,
            direction,
            predicted_relation,
            predicted_direction,
            to_json(shown),
            entry.model_version,
            entry.comment,
            entry.undoes,
            entry.token or None,
        ),
    )
    written = get(db, cursor.lastrowid or 0)
    assert written is not None
    return written


def get(db: Database, id: int) -> Correction | None:
    """One row of the log, or None."""
    return _one(db, f"{_SELECT} WHERE corrections.id = ?", id)


def by_token(db: Database, token: str) -> Correction | None:
    """The row that was written with this token, or None."""
    return _one(db, f"{_SELECT} WHERE corrections.token = ?", token) if token else None


def _one(db: Database, sql: str, value: object) -> Correction | None:
    row: sqlite3.Row | None = db.conn.execute(sql, (value,)).fetchone()
    return None if row is None else correction_of(row)


def history(db: Database, item: str) -> tuple[Correction, ...]:
    """All rows of one item, oldest first. Raises ItemMissing."""
    items.require(db, item)
    rows = db.conn.execute(f"{_SELECT} WHERE item = ? ORDER BY corrections.id", (item,))
    return tuple(correction_of(row) for row in rows)


def shown(db: Database, id: int) -> tuple[Label, ...]:
    """The labels that were on screen when a correction was made. Raises CorrectionInvalid."""
    row = db.conn.execute("SELECT shown FROM corrections WHERE id = ?", (id,)).fetchone()
    if row is None:
        raise CorrectionInvalid(
            "the number of a saved correction", str(id), "Choose one from the item's history."
        )
    labels = (label_of(value["relation"], value["direction"]) for value in json.loads(row[0]))
    return tuple(label for label in labels if label is not None)


def annotators(db: Database) -> tuple[str, ...]:
    """Names that have corrected or drafted something, in alphabetical order."""
    rows = db.conn.execute(
        "SELECT annotator FROM corrections UNION SELECT annotator FROM drafts ORDER BY annotator"
    )
    return tuple(name for (name,) in rows if name)
