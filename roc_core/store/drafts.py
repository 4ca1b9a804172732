"""Drafts of the Analyze page and the workspace's settings."""

from __future__ import annotations

import sqlite3
from dataclasses import replace

from sqlite_utils import Database

from roc_core.errors import ItemMissing, ValueRejected
from roc_core.schema import Draft
from roc_core.store.clock import now
from roc_core.store.rows import draft_of, mention_json, to_json


def save(db: Database, draft: Draft) -> Draft:
    """Write the draft over an earlier one of the same id; return it with ``updated`` set.

    Raises ValueRejected for a draft without an id, ItemMissing for one of an erased item.
    """
    if not draft.id:
        raise ValueRejected("a draft with an id", "none", "Give the draft an id.")
    if draft.item and _erased(db, draft.item):
        raise ItemMissing(
            f"an item {draft.item!r} to work on",
            "that it was erased for good",
            "Choose another item.",
        )
    saved = replace(draft, updated=now())
    next_number = db.conn.execute("SELECT coalesce(max(saved), 0) + 1 FROM drafts").fetchone()[0]
    db.conn.execute(
        "INSERT INTO drafts (id, annotator, sentence, mentions, picture, picture_text, item, "
        "updated, saved) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
        "annotator = excluded.annotator, sentence = excluded.sentence, "
        "mentions = excluded.mentions, picture = excluded.picture, "
        "picture_text = excluded.picture_text, item = excluded.item, "
        "updated = excluded.updated, saved = excluded.saved",
        (
            saved.id,
            saved.annotator,
            saved.sentence,
            to_json([mention_json(mention) for mention in saved.mentions]),
            saved.picture,
            saved.picture_text,
            saved.item,
            saved.updated,
            next_number,
        ),
    )
    return saved


def _erased(db: Database, item: str) -> bool:
    sql = "SELECT 1 FROM erasures WHERE kind = 'item' AND subject = ?"
    return db.conn.execute(sql, (item,)).fetchone() is not None


def get(db: Database, id: str) -> Draft | None:
    """The draft of that id, or None."""
    return _one(db.conn.execute("SELECT * FROM drafts WHERE id = ?", (id,)))


def latest(db: Database, annotator: str) -> Draft | None:
    """The draft this annotator saved last, or None."""
    return _one(
        db.conn.execute(
            "SELECT * FROM drafts WHERE annotator = ? ORDER BY saved DESC LIMIT 1", (annotator,)
        )
    )


def _one(cursor: sqlite3.Cursor) -> Draft | None:
    row = cursor.fetchone()
    return None if row is None else draft_of(row)


def setting(db: Database, key: str, default: str) -> str:
    """A setting's text, or ``default`` when it was never set."""
    row = db.conn.execute("SELECT value FROM settings WHERE key = ?", (key,)).fetchone()
    return default if row is None else str(row[0])


def set_setting(db: Database, key: str, value: str) -> None:
    """Write a setting over its earlier value."""
    db.conn.execute(
        "INSERT INTO settings (key, value) VALUES (?, ?) "
        "ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        (key, value),
    )
