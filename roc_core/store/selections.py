"""Selections of items: named ones are slices, the others are kept so that links to them open."""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
from collections.abc import Sequence
from dataclasses import asdict, replace

from sqlite_utils import Database

from roc_core.errors import SelectionMissing, ValueRejected
from roc_core.schema import ItemFilter, Selection
from roc_core.store.clock import now
from roc_core.store.connection import Connector
from roc_core.store.items import conditions
from roc_core.store.rows import to_json

UNNAMED = 1000
"""How many selections without a name are kept for links; the oldest go."""

LONGEST = 80
"""Most characters of a slice's name."""

_ID = re.compile(r"[0-9a-f]{16}")


class SelectionTable:
    """Selections of one workspace; raises as ``Store``."""

    def __init__(self, at: Connector, unnamed: int = UNNAMED) -> None:
        self._at, self._unnamed = at, unnamed

    def keep(
        self,
        items: Sequence[str] | None,
        filter: ItemFilter | None = None,
        name: str = "",
        annotator: str = "",
    ) -> Selection:
        """Keep items (None: all), or those of them that match a filter whenever it is read.

        Duplicates are left out. The same items, in whatever order, and filter have the same id;
        kept again, they take the new order, and a name if one is given. Raises ValueRejected for
        an id of another form, for neither items nor filter, a bad filter, or a name as
        ``rename`` does.
        """
        if filter is not None:
            if items is None and filter.only is not None:
                items = filter.only
            filter = replace(filter, only=None)
            conditions(filter)
        blob = None if items is None else _packed(items)
        if blob is None and filter is None:
            raise ValueRejected("items or a filter", "neither", "Select some items.")
        with self._at.write() as db:
            id = _digest(blob, filter)
            title = _name(db, id, name) if name else ""
            db.conn.execute(
                "INSERT INTO selections (id, name, items, filter, annotator, created, kept) "
                "VALUES (?, ?, ?, ?, ?, ?, (SELECT coalesce(max(kept), 0) + 1 FROM selections)) "
                "ON CONFLICT (id) DO UPDATE SET items = excluded.items, kept = excluded.kept, "
                "name = CASE excluded.name WHEN '' THEN name ELSE excluded.name END",
                (id, title, blob, filter and _written(filter), annotator, now()),
            )
            self._forget(db)
            return _selection(db, _row(db, id))

    def _forget(self, db: Database) -> None:
        db.conn.execute(
            "DELETE FROM selections WHERE name = '' AND kept <= (SELECT kept FROM selections "
            "WHERE name = '' ORDER BY kept DESC LIMIT 1 OFFSET ?)",
            (self._unnamed,),
        )

    def get(self, id: str) -> Selection:
        """A selection, its filter applied now. Raises SelectionMissing."""
        with self._at.read() as db:
            return _selection(db, _row(db, id))

    def named(self) -> tuple[Selection, ...]:
        """All slices by name, their filters applied now."""
        with self._at.read() as db:
            return tuple(_selection(db, row) for row in _named(db))

    def names(self) -> tuple[tuple[str, str], ...]:
        """Id and name of every slice by name, without looking at items."""
        with self._at.read() as db:
            return tuple((row["id"], row["name"]) for row in _named(db))

    def rename(self, id: str, name: str) -> Selection:
        """Give a selection a name, which makes it a slice.

        Raises SelectionMissing, and ValueRejected for a name that is empty, too long or that of
        another slice.
        """
        with self._at.write() as db:
            _row(db, id)
            values = (_name(db, id, name), id)
            db.conn.execute("UPDATE selections SET name = ? WHERE id = ?", values)
            return _selection(db, _row(db, id))

    def drop(self, id: str) -> None:
        """Take a slice off the list. It becomes one of the unnamed, so links to it open until it
        is the oldest of them. Raises SelectionMissing."""
        with self._at.write() as db:
            _row(db, id)
            db.conn.execute(
                "UPDATE selections SET name = '', "
                "kept = (SELECT max(kept) + 1 FROM selections) WHERE id = ?",
                (id,),
            )
            self._forget(db)


def _packed(items: Sequence[str]) -> bytes:
    """Ids as 8 bytes each, duplicates left out."""
    wrong = next((id for id in items if not _ID.fullmatch(id)), None)
    if wrong is not None:
        raise ValueRejected("ids of 16 hex digits", repr(wrong), "Select items of this workspace.")
    return bytes.fromhex("".join(dict.fromkeys(items)))


def _unpacked(blob: bytes) -> tuple[str, ...]:
    digits = blob.hex()
    return tuple(digits[start : start + 16] for start in range(0, len(digits), 16))


def _written(filter: ItemFilter) -> str:
    fields = asdict(filter)
    del fields["only"]
    return to_json(fields)


def _digest(blob: bytes | None, filter: ItemFilter | None) -> str:
    chosen = "all" if blob is None else "".join(sorted(_unpacked(blob)))
    told = f"{chosen} {_written(filter) if filter else ''}"
    return hashlib.sha256(told.encode()).hexdigest()[:12]


def _name(db: Database, id: str, name: str) -> str:
    """The name on one line, if it is free. Raises ValueRejected."""
    title = " ".join(name.replace("\0", " ").split())
    if not 0 < len(title) <= LONGEST:
        raise ValueRejected(
            f"a name of 1 to {LONGEST} characters", f"{len(title)}", "Choose another name."
        )
    taken = "SELECT 1 FROM selections WHERE name = ? AND id <> ?"
    if db.conn.execute(taken, (title, id)).fetchone():
        raise ValueRejected(
            "a name that no other slice has", repr(title), "Choose another or delete that slice."
        )
    return title


def _named(db: Database) -> list[sqlite3.Row]:
    return db.conn.execute("SELECT * FROM selections WHERE name <> '' ORDER BY name").fetchall()


def _row(db: Database, id: str) -> sqlite3.Row:
    row: sqlite3.Row | None = db.conn.execute(
        "SELECT * FROM selections WHERE id = ?", (id,)
    ).fetchone()
    if row is None:
        raise SelectionMissing(
            f"a selection {id!r} in this workspace",
            "none",
            "Select the items again; the link may belong to another workspace or be too old.",
        )
    return row


def _selection(db: Database, row: sqlite3.Row) -> Selection:
    chosen = None if row["items"] is None else _unpacked(row["items"])
    filter = ItemFilter(**json.loads(row["filter"]), only=chosen) if row["filter"] else None
    here = _matching(db, ItemFilter(only=chosen)) if chosen is not None else ()
    gone = len(chosen or ()) - len(here)
    if filter is not None:
        items = _matching(db, filter)
    else:
        among = set(here)
        items = tuple(id for id in chosen or () if id in among)
    return Selection(row["id"], row["name"], items, filter, row["created"], row["annotator"], gone)


def _matching(db: Database, filter: ItemFilter) -> tuple[str, ...]:
    """Ids of the items that match, in order of arrival."""
    where, values = conditions(filter)
    rows = db.conn.execute(f"SELECT id FROM items WHERE {where} ORDER BY n", values)
    return tuple(row[0] for row in rows)
