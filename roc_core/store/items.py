"""Items: adding many in one transaction, finding, filtering, paging, counting."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from itertools import islice
from pathlib import Path

from sqlite_utils import Database

from roc_core.errors import ItemMissing, PictureMissing, ValueRejected
from roc_core.schema import ITEM_STATES, Count, Item, ItemFilter, ItemPage, Record
from roc_core.store.clock import now
from roc_core.store.connection import immediate
from roc_core.store.rows import ITEM_COLUMNS, item_of, item_values, to_json

_COLUMNS = ", ".join(ITEM_COLUMNS)
_STAGE = f"INSERT INTO temp.staged ({_COLUMNS}) VALUES ({', '.join('?' * len(ITEM_COLUMNS))})"
_SELECT = (
    "SELECT items.*, pictures.suffix FROM items "
    "LEFT JOIN pictures ON pictures.sha256 = items.picture"
)
OPEN_FLAGS = (
    "marks_in_force AS flag WHERE action = 'flag' AND NOT EXISTS "
    "(SELECT 1 FROM marks_in_force AS closed WHERE closed.item = flag.item "
    "AND closed.action = 'unflag' AND closed.id > flag.id)"
)
_DISPUTED = (
    "SELECT item FROM annotator_labels AS own GROUP BY item "
    "HAVING count(DISTINCT relation || ' ' || direction) > 1 AND NOT EXISTS "
    "(SELECT 1 FROM decisions AS last WHERE last.item = own.item AND last.correction = "
    "(SELECT max(correction) FROM decisions WHERE decisions.item = own.item) AND NOT EXISTS "
    "(SELECT 1 FROM annotator_labels AS later WHERE later.item = own.item "
    "AND later.correction > last.correction "
    "AND (later.relation, later.direction) IS NOT (last.relation, last.direction)))"
)
"""What ``evaluation.agreement.open_disputes`` finds."""
_OPEN = {"flagged": f"SELECT item FROM {OPEN_FLAGS}", "disputed": _DISPUTED}
_PICTURE = {"": None, "with": 1, "without": 0}


def stage(
    db: Database,
    records: Iterable[tuple[Record, str | None]],
    batch: int,
    progress: Callable[[int], None] | None,
) -> int:
    """Collect rows in a temporary table of this connection; return how many.

    The database itself stays unlocked, so a slow source of records, or one that adds its pictures
    while it is read, holds up nobody. ``progress`` is told after each batch how many were read.
    """
    db.conn.execute(f"CREATE TEMP TABLE staged AS SELECT {_COLUMNS} FROM items WHERE false")
    source, done, created = iter(records), 0, now()
    while chunk := list(islice(source, batch)):
        rows = [item_values(record, picture, created) for record, picture in chunk]
        with db.atomic():
            db.conn.executemany(_STAGE, rows)
        done += len(rows)
        if progress is not None:
            progress(done)
    return done


def move_staged(db: Database) -> int:
    """Add all staged rows in one transaction; return how many were new. Raises PictureMissing."""
    with immediate(db):
        lost = db.conn.execute(
            "SELECT picture FROM temp.staged WHERE picture IS NOT NULL "
            "AND picture NOT IN (SELECT sha256 FROM pictures) LIMIT 1"
        ).fetchone()
        if lost is not None:
            raise PictureMissing(
                f"a stored picture {lost[0][:16]}", "none", "Add the picture before its items."
            )
        # "WHERE true" tells ON CONFLICT from a join's ON (sqlite.org/lang_upsert.html)
        cursor = db.conn.execute(
            f"INSERT INTO main.items ({_COLUMNS}) SELECT {_COLUMNS} FROM temp.staged WHERE true "
            "ORDER BY rowid ON CONFLICT (id) DO NOTHING"
        )
        return cursor.rowcount


def get(db: Database, id: str, pictures: Path) -> Item:
    """One item. Raises ItemMissing."""
    row = db.conn.execute(f"{_SELECT} WHERE items.id = ?", (id,)).fetchone()
    if row is None:
        raise missing(id)
    return item_of(row, pictures)


def require(db: Database, id: str) -> None:
    """Raises ItemMissing when there is no such item."""
    if db.conn.execute("SELECT 1 FROM items WHERE id = ?", (id,)).fetchone() is None:
        raise missing(id)


def known(db: Database, ids: Sequence[str], batch: int = 500) -> frozenset[str]:
    """Those of ``ids`` that are items; asked in parts, as SQLite limits parameters."""
    found: set[str] = set()
    for start in range(0, len(ids), batch):
        part = ids[start : start + batch]
        marks = ",".join("?" * len(part))
        rows = db.conn.execute(f"select id from items where id in ({marks})", part)
        found.update(row[0] for row in rows)
    return frozenset(found)


def missing(id: str) -> ItemMissing:
    """The error for an id that names nothing here."""
    return ItemMissing(
        f"an item {id!r} in this workspace",
        "none",
        "Choose an item from the list; it may belong to another workspace.",
    )


def conditions(filter: ItemFilter) -> tuple[str, list[object]]:
    """The filter as SQL over ``items`` and its parameters. Raises ValueRejected.

    Text is found literally, whatever characters it has; letters a–z match either case.
    """
    if filter.state not in ITEM_STATES or filter.picture not in _PICTURE:
        raise ValueRejected(
            "state '', unlabelled, imported, corrected, flagged or disputed; picture '', with or "
            "without",
            f"state {filter.state!r}, picture {filter.picture!r}",
            "Choose one of them.",
        )
    parts: list[tuple[str, object]] = [
        (f"{name} = ?", getattr(filter, name))
        for name in ("source", "split", "relation")
        if getattr(filter, name)
    ]
    if filter.state in _OPEN:
        parts.append((f"(items.id IN ({_OPEN[filter.state]})) = ?", 1))
    elif filter.state:
        parts.append(("state = ?", filter.state))
    if filter.picture:
        parts.append(("has_picture = ?", _PICTURE[filter.picture]))
    if filter.text:
        # instr, unlike LIKE, has no wildcards and does not stop at a NUL
        parts.append(("instr(lower(sentence), lower(?)) > 0", filter.text))
    if filter.annotator:
        who = "(SELECT annotator FROM present_labels WHERE present_labels.item = items.id)"
        parts.append((f"items.corrections > 0 AND {who} = ?", filter.annotator))
    parts += [(f"{_LABELLED} {sign} ?", moment) for sign, moment in _period(filter)]
    if filter.only is not None:
        # one parameter for any number of ids
        parts.append(("items.id IN (SELECT value FROM json_each(?))", to_json(filter.only)))
    return " AND ".join(part for part, _ in parts) or "true", [value for _, value in parts]


_LABELLED = (
    "coalesce((SELECT said.created FROM present_labels "
    "JOIN corrections AS said ON said.id = present_labels.correction "
    "WHERE present_labels.item = items.id AND items.corrections > 0), items.created)"
)
"""When the present label was given, or the item came in."""


def _period(filter: ItemFilter) -> list[tuple[str, str]]:
    """Signs and moments, spelt as the store writes time, that the time of a label is compared with.
    Raises ValueRejected for what is no date."""
    found = []
    for name in ("since", "until"):
        given = getattr(filter, name)
        if not given:
            continue
        try:
            moment = datetime.fromisoformat(given.replace("Z", "+00:00"))
        except ValueError:
            raise ValueRejected(
                f"a date such as 2026-03-01 as '{name}', or a time such as 2026-03-01T12:30",
                repr(given),
                "Correct it.",
            ) from None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=timezone.utc)
        # The end itself counts: the first moment that does not is a day or a microsecond later.
        step = timedelta(days=1) if len(given) == len("2026-03-01") else timedelta(microseconds=1)
        with suppress(OverflowError):  # beyond the last year there is nothing to leave out
            moment = moment.astimezone(timezone.utc) + (step if name == "until" else timedelta())
            sign = ">=" if name == "since" else "<"
            found.append((sign, moment.isoformat(timespec="microseconds")))
    return found


def page(db: Database, filter: ItemFilter, offset: int, limit: int, pictures: Path) -> ItemPage:
    """Matches ``offset`` … ``offset + limit`` in order of arrival, and how many match in all."""
    offset, limit = max(offset, 0), max(limit, 0)
    where, values = conditions(filter)
    numbers = db.conn.execute(
        f"SELECT n FROM {_walk(filter)} WHERE {where} ORDER BY n LIMIT ? OFFSET ?",
        [*values, limit, offset],
    ).fetchall()
    total = offset + len(numbers)
    # a page that is not full is the last one and knows the total; an empty one may lie beyond it
    if len(numbers) == limit or (not numbers and offset):
        total = db.conn.execute(f"SELECT count(*) FROM items WHERE {where}", values).fetchone()[0]
    rows = _rows(db, [number for (number,) in numbers])
    return ItemPage(tuple(item_of(row, pictures) for row in rows), total)


def _walk(filter: ItemFilter) -> str:
    # By number, or by relation and then number: both give the order of arrival without sorting,
    # which another index would need.
    return "items INDEXED BY items_relation" if filter.relation else "items NOT INDEXED"


def _rows(db: Database, numbers: list[int]) -> list[sqlite3.Row]:
    rows: list[sqlite3.Row] = []
    # 500: older SQLite allows 999 parameters a statement
    for start in range(0, len(numbers), 500):
        part = numbers[start : start + 500]
        marks = ", ".join("?" * len(part))
        rows += db.conn.execute(f"{_SELECT} WHERE items.n IN ({marks}) ORDER BY items.n", part)
    return rows


def after(
    db: Database, filter: ItemFilter, n: int, limit: int, pictures: Path
) -> list[tuple[int, Item]]:
    """Up to ``limit`` matches numbered above ``n``, each with its number."""
    where, values = conditions(filter)
    numbers = db.conn.execute(
        f"SELECT n FROM {_walk(filter)} WHERE n > ? AND {where} ORDER BY n LIMIT ?",
        [n, *values, limit],
    ).fetchall()
    rows = _rows(db, [number for (number,) in numbers])
    return [(row["n"], item_of(row, pictures)) for row in rows]


def counts(db: Database) -> tuple[Count, ...]:
    """How many items share source, split, state and whether they have a picture."""
    rows = db.conn.execute(
        "SELECT source, split, state, has_picture, count(*) FROM items "
        "GROUP BY source, split, state, has_picture ORDER BY source, split, state, has_picture"
    )
    return tuple(Count(source, split, state, bool(has), n) for source, split, state, has, n in rows)
