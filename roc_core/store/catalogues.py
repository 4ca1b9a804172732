"""Catalogues that are kept, and the append-only log of their relations' states."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlite_utils import Database

from roc_core.errors import RelationChanged, ValueRejected
from roc_core.schema import ChangeAction
from roc_core.store import drafts
from roc_core.store.clock import now
from roc_core.store.connection import Connector

CATALOGUE = "catalogue"
"""Setting: the catalogue in use, by its id, the name of a packaged one or a file."""

_ROW = (
    "SELECT c.*, coalesce(b.content, '') AS before, coalesce(b.retired, 1) AS was_retired "
    "FROM relation_changes AS c LEFT JOIN relation_changes AS b ON b.id = c.previous"
)
_LATEST = "NOT EXISTS (SELECT 1 FROM relation_changes AS later WHERE later.previous = c.id)"


@dataclass(frozen=True, slots=True)
class Stamp:
    """The log of one catalogue as it was looked at: which catalogue, whether it is kept here, its
    newest change (0 without any) with its time, and the last erasure, which may rewrite texts."""

    name: str
    kept: bool
    newest: int
    created: str
    erased: int


@dataclass(frozen=True, slots=True)
class CatalogueRow:
    """A catalogue that is kept, and how many of its relations are ranked and retired."""

    id: str
    title: str
    source: str
    relations: int
    retired: int


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One row of the log. ``content`` and ``before`` are relations as JSON, ``before`` "" for the
    first row of a relation; ``was_retired`` holds for such a one, too."""

    id: int
    catalogue: str
    relation: str
    place: int
    created: str
    author: str
    reason: str
    action: ChangeAction
    retired: bool
    content: str
    of: int
    before: str
    was_retired: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """What a new row is to say. ``seen`` is the newest change of the relation that the writer has
    seen, 0 for none."""

    relation: str
    content: str
    action: ChangeAction
    author: str
    reason: str = ""
    retired: bool = False
    seen: int = 0
    of: int = 0


@dataclass(frozen=True, slots=True)
class Base:
    """A catalogue to take in before its first change: id and JSON of each relation, in order."""

    title: str
    source: str
    relations: Sequence[tuple[str, str]]


class CatalogueTable:
    """Catalogues of one workspace; raises as ``Store``."""

    def __init__(self, at: Connector) -> None:
        self._at = at

    # --- reading -----------------------------------------------------------------------------

    def stamp(self, default: str, name: str = "") -> Stamp:
        """What changes whenever the catalogue ``name`` does; "" stands for the one in use, and that
        is ``default`` when the workspace does not say."""
        with self._at.read() as db:
            name = name or drafts.setting(db, CATALOGUE, default) or default
            row = db.conn.execute(
                "SELECT EXISTS (SELECT 1 FROM catalogues WHERE id = ?1), coalesce(max(id), 0), "
                "coalesce((SELECT created FROM relation_changes WHERE catalogue = ?1 "
                "ORDER BY id DESC LIMIT 1), ''), (SELECT coalesce(max(id), 0) FROM erasures) "
                "FROM relation_changes WHERE catalogue = ?1",
                (name,),
            ).fetchone()
        return Stamp(name, bool(row[0]), row[1], row[2], row[3])

    def all(self) -> tuple[CatalogueRow, ...]:
        """The catalogues that are kept, in the order they came."""
        with self._at.read() as db:
            rows = db.conn.execute(
                "SELECT k.id, k.title, k.source, coalesce(sum(1 - c.retired), 0), "
                "coalesce(sum(c.retired), 0) FROM catalogues AS k LEFT JOIN relation_changes AS c "
                f"ON c.catalogue = k.id AND {_LATEST} GROUP BY k.id ORDER BY k.rowid"
            ).fetchall()
        return tuple(CatalogueRow(*row) for row in rows)

    def title(self, id: str) -> str:
        """The title of a catalogue that is kept, "" for another one."""
        with self._at.read() as db:
            row = db.conn.execute("SELECT title FROM catalogues WHERE id = ?", (id,)).fetchone()
        return "" if row is None else str(row[0])

    def since(self, id: str, after: int = 0, created: str = "") -> tuple[ChangeRow, ...] | None:
        """Rows of a catalogue after the one of that number, oldest first, without what was before.

        None when that row is not there any more as it was ``created``: a backup was restored.
        """
        with self._at.read() as db:
            if (
                after
                and not db.conn.execute(
                    "SELECT 1 FROM relation_changes WHERE id = ? AND created = ?", (after, created)
                ).fetchone()
            ):
                return None
            rows = db.conn.execute(
                "SELECT c.*, '' AS before, 1 AS was_retired FROM relation_changes AS c "
                "WHERE catalogue = ? AND id > ? ORDER BY id",
                (id, after),
            ).fetchall()
        return tuple(map(_change, rows))

    def history(
        self, id: str, relation: str = "", offset: int = 0, limit: int = 500
    ) -> tuple[ChangeRow, ...]:
        """Rows of a catalogue or of one relation of it, newest first."""
        where = "c.catalogue = ?" + (" AND c.relation = ?" if relation else "")
        values = (id, relation) if relation else (id,)
        with self._at.read() as db:
            rows = db.conn.execute(
                f"{_ROW} WHERE {where} ORDER BY c.id DESC LIMIT ? OFFSET ?",
                (*values, max(limit, 0), max(offset, 0)),
            ).fetchall()
        return tuple(map(_change, rows))

    def change(self, number: int) -> ChangeRow | None:
        """One row, or None."""
        with self._at.read() as db:
            return _get(db, number)

    def labels(self) -> dict[str, int]:
        """How many items have each relation as their present label."""
        with self._at.read() as db:
            rows = db.conn.execute(
                "SELECT relation, count(*) FROM items WHERE relation IS NOT NULL GROUP BY relation"
            ).fetchall()
        return {row[0]: row[1] for row in rows}

    # --- writing -----------------------------------------------------------------------------

    def create(self, id: str, title: str, source: str) -> None:
        """Keep a new catalogue without relations. Raises ValueRejected for an id that is taken."""
        with self._at.write() as db:
            if _is_kept(db, id):
                raise ValueRejected(
                    "the id of a new catalogue", f"'{id}', which there is", "Choose another id."
                )
            _new(db, id, title, source)

    def write(
        self, id: str, entries: Sequence[Entry], base: Base | None = None, use: bool = False
    ) -> tuple[ChangeRow, ...]:
        """Append changes to a catalogue's log, all of them or none; the rows written.

        A catalogue that is not kept yet is begun with ``base``. ``use`` puts it to use in the same
        transaction. Raises RelationChanged when a relation has a newer change than was seen.
        """
        with self._at.write() as db:
            if base is not None and not _is_kept(db, id):
                _take_in(db, id, base)
            if use:
                drafts.set_setting(db, CATALOGUE, id)
            written = _Writing(db, id).add(entries)
            rows = [_get(db, number) for number in written]
        return tuple(row for row in rows if row is not None)


def _change(row: sqlite3.Row) -> ChangeRow:
    return ChangeRow(
        row["id"],
        row["catalogue"],
        row["relation"],
        row["place"],
        row["created"],
        row["author"],
        row["reason"],
        row["action"],
        bool(row["retired"]),
        row["content"],
        row["of"] or 0,
        row["before"],
        bool(row["was_retired"]),
    )


def _get(db: Database, number: int) -> ChangeRow | None:
    row = db.conn.execute(f"{_ROW} WHERE c.id = ?", (number,)).fetchone()
    return None if row is None else _change(row)


def _is_kept(db: Database, id: str) -> bool:
    return db.conn.execute("SELECT 1 FROM catalogues WHERE id = ?", (id,)).fetchone() is not None


def _new(db: Database, id: str, title: str, source: str) -> None:
    db.conn.execute(
        "INSERT INTO catalogues (id, title, source, created) VALUES (?, ?, ?, ?)",
        (id, title, source, now()),
    )


def _take_in(db: Database, id: str, base: Base) -> None:
    """The catalogue as it came, before anybody changed it: nobody is its author."""
    _new(db, id, base.title, base.source)
    entries = [Entry(relation, content, "import", "") for relation, content in base.relations]
    _Writing(db, id).add(entries)


class _Writing:
    """Rows appended to one catalogue inside one transaction."""

    def __init__(self, db: Database, id: str) -> None:
        self.db, self.id, self.created = db, id, now()
        last = db.conn.execute(
            "SELECT coalesce(max(place), 0) FROM relation_changes WHERE catalogue = ?", (id,)
        ).fetchone()
        self.last = int(last[0])

    def add(self, entries: Iterable[Entry]) -> list[int]:
        return [self._add(entry) for entry in entries]

    def _add(self, entry: Entry) -> int:
        newest = self.db.conn.execute(
            f"SELECT * FROM relation_changes AS c WHERE catalogue = ? AND relation = ? "
            f"AND {_LATEST}",
            (self.id, entry.relation),
        ).fetchone()
        if newest is None:
            self.last += 1
        elif newest["id"] != entry.seen and not _untouched(newest, entry):
            raise _changed(newest, entry)
        cursor = self.db.conn.execute(
            "INSERT INTO relation_changes (catalogue, relation, place, created, author, reason, "
            'action, retired, content, previous, "of") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
            (
                self.id,
                entry.relation,
                self.last if newest is None else newest["place"],
                self.created,
                entry.author,
                entry.reason,
                entry.action,
                entry.retired,
                entry.content,
                None if newest is None else newest["id"],
                entry.of or None,
            ),
        )
        return int(cursor.lastrowid or 0)


def _untouched(newest: sqlite3.Row, entry: Entry) -> bool:
    """Whether the newest change only took in what the program came with, which has no number for
    who saw it before."""
    return not entry.seen and newest["action"] == "import" and not newest["author"]


def _changed(newest: sqlite3.Row, entry: Entry) -> RelationChanged:
    seen = f"as change {entry.seen} left it" if entry.seen else "not there yet"
    when = str(newest["created"])[:19].replace("T", " ")
    return RelationChanged(
        f"relation '{entry.relation}' {seen}",
        f"change {newest['id']} ({newest['action']}) by {newest['author'] or 'the program'} at "
        f"{when} UTC",
        "Compare it with yours, which was not saved, then save again or leave it.",
    )
