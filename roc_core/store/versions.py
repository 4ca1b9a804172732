"""Model versions learnt or brought in, which one is in use, and the labels to learn from."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sqlite_utils import Database

from roc_core.errors import PromotionRefused
from roc_core.schema import GuardReport, Label, LearnRequest, Promotion
from roc_core.store import drafts
from roc_core.store.clock import now
from roc_core.store.connection import Connector
from roc_core.store.rows import label_of, to_json

MODEL = "model"
"""Setting: name of the version in use."""


@dataclass(frozen=True, slots=True)
class VersionRow:
    """What the database knows of a version. ``state`` is unfinished, offered, kept or imported."""

    name: str
    parent: str
    state: str
    created: str
    request: LearnRequest | None
    data: Mapping[str, Any]
    guard: GuardReport | None
    command: str
    bytes: int


@dataclass(frozen=True, slots=True)
class LabelInForce:
    """The last label of one annotator on one item that was not undone. ``correction`` is its number
    in the log; ``decided`` says that it settled a dispute."""

    correction: int
    item: str
    annotator: str
    created: str
    label: Label
    decided: bool = False


class VersionTable:
    """Versions of one workspace; raises as ``Store``."""

    def __init__(self, at: Connector) -> None:
        self._at = at

    # --- learnt versions ---------------------------------------------------------------------

    def begin(self, request: LearnRequest, taken: Collection[str], command: str) -> str:
        """Name of the version that a request is to end in: that of its unfinished training, else a
        new one after its parent, which is none of ``taken``."""
        written = to_json(asdict(request))
        with self._at.write() as db:
            row = db.conn.execute(
                "SELECT name FROM versions WHERE state = 'unfinished' AND request = ? "
                "ORDER BY created DESC LIMIT 1",
                (written,),
            ).fetchone()
            if row is not None:
                return str(row[0])
            known = {*taken, *(r[0] for r in db.conn.execute("SELECT name FROM versions"))}
            name = _next_name(request.parent, known)
            db.conn.execute(
                "INSERT INTO versions (name, parent, state, created, request, command) "
                "VALUES (?, ?, 'unfinished', ?, ?, ?)",
                (name, request.parent, now(), written, command),
            )
            return name

    def finish(self, name: str, data: Mapping[str, Any], guard: GuardReport, size: int) -> None:
        """A version was saved: offered when it passed the guard, else kept."""
        with self._at.write() as db:
            db.conn.execute(
                "UPDATE versions SET state = ?, finished = ?, data = ?, guard = ?, bytes = ? "
                "WHERE name = ?",
                (
                    "offered" if guard.passed else "kept",
                    now(),
                    to_json(dict(data)),
                    to_json(guard.as_dict()),
                    size,
                    name,
                ),
            )

    def add_imported(self, name: str, parent: str, command: str, size: int) -> None:
        """Note a version that was brought in; one of that name is noted anew."""
        with self._at.write() as db:
            db.conn.execute(
                "INSERT OR REPLACE INTO versions (name, parent, state, created, finished, command, "
                "bytes) VALUES (?, ?, 'imported', ?, ?, ?, ?)",
                (name, parent, now(), now(), command, size),
            )

    def forget(self, name: str) -> bool:
        """Leave out an unfinished version; whether there was one."""
        with self._at.write() as db:
            found = db.conn.execute(
                "DELETE FROM versions WHERE name = ? AND state = 'unfinished'", (name,)
            )
            return found.rowcount == 1

    def rows(self) -> tuple[VersionRow, ...]:
        """All versions in the order they were begun."""
        with self._at.read() as db:
            rows = db.conn.execute("SELECT * FROM versions ORDER BY created, name").fetchall()
        return tuple(_version(row) for row in rows)

    def row(self, name: str) -> VersionRow | None:
        """One version, or None."""
        with self._at.read() as db:
            row = db.conn.execute("SELECT * FROM versions WHERE name = ?", (name,)).fetchone()
        return None if row is None else _version(row)

    # --- the version in use ------------------------------------------------------------------

    def promote(self, name: str, before: str, by: str, rule: str = "") -> Promotion:
        """Put a version to use in the place of ``before``; log and setting change together."""
        with self._at.write() as db:
            drafts.set_setting(db, MODEL, name)
            return _log(db, "promote", name, before, by, rule, None)

    def roll_back(self, present: str, by: str) -> Promotion:
        """Put the version back to use that the latest promotion of the ``present`` one replaced.

        Raises PromotionRefused when the present version was not promoted, or was rolled back.
        """
        with self._at.write() as db:
            row = db.conn.execute(
                "SELECT * FROM promotions AS p WHERE action = 'promote' AND NOT EXISTS "
                "(SELECT 1 FROM promotions AS later WHERE later.undoes = p.id) "
                "ORDER BY id DESC LIMIT 1"
            ).fetchone()
            if row is None or row["version"] != present:
                raise PromotionRefused(
                    "a version in use that was promoted",
                    f"{present}, which was not",
                    "Choose another version by its name.",
                )
            drafts.set_setting(db, MODEL, row["before"])
            return _log(db, "roll-back", row["before"], present, by, "", row["id"])

    def promotions(self) -> tuple[Promotion, ...]:
        """The log, oldest first."""
        with self._at.read() as db:
            rows = db.conn.execute("SELECT * FROM promotions ORDER BY id").fetchall()
        return tuple(_promotion(row) for row in rows)

    # --- what to learn from ------------------------------------------------------------------

    def labels_in_force(self) -> tuple[LabelInForce, ...]:
        """Each annotator's own last label of each item, in the order they were given."""
        with self._at.read() as db:
            rows = db.conn.execute(
                "SELECT id, item, annotator, created, relation, direction, "
                "EXISTS (SELECT 1 FROM decisions AS d WHERE d.correction = c.id) AS decided "
                "FROM corrections AS c "
                "WHERE id IN (SELECT max(id) FROM corrections AS label WHERE action = 'label' "
                "AND NOT EXISTS (SELECT 1 FROM corrections AS u WHERE u.undoes = label.id) "
                "GROUP BY item, annotator) ORDER BY id"
            ).fetchall()
        found = []
        for row in rows:
            label = label_of(row["relation"], row["direction"])
            assert label is not None
            found.append(
                LabelInForce(
                    row["id"], row["item"], row["annotator"], row["created"], label,
                    bool(row["decided"]),
                )
            )  # fmt: skip
        return tuple(found)


def _next_name(parent: str, known: Collection[str]) -> str:
    """``mini-1``, ``mini-2`` … whichever of them the parent is."""
    stem, dash, number = parent.rpartition("-")
    root = stem if dash and number.isdecimal() else parent
    count = 1
    while f"{root}-{count}" in known:
        count += 1
    return f"{root}-{count}"


def _log(
    db: Database, action: str, version: str, before: str, by: str, rule: str, undoes: int | None
) -> Promotion:
    cursor = db.conn.execute(
        "INSERT INTO promotions (created, action, version, before, by, rule, undoes) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        (now(), action, version, before, by, rule, undoes),
    )
    row = db.conn.execute("SELECT * FROM promotions WHERE id = ?", (cursor.lastrowid,)).fetchone()
    return _promotion(row)


def _promotion(row: sqlite3.Row) -> Promotion:
    return Promotion(**{name: row[name] for name in row.keys()})  # noqa: SIM118


def _version(row: sqlite3.Row) -> VersionRow:
    request, guard = json.loads(row["request"]), json.loads(row["guard"])
    if request:
        request["annotators"] = tuple(request["annotators"])
    return VersionRow(
        row["name"],
        row["parent"],
        row["state"],
        row["created"],
        LearnRequest(**request) if request else None,
        json.loads(row["data"]),
        GuardReport.from_dict(guard) if guard else None,
        row["command"],
        row["bytes"],
    )
