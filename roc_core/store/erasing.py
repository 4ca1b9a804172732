"""Erasing items, pictures and names from one database: the present one, or an older copy of it.

Logs are append-only: their triggers refuse every change. ``unlocked`` sets those triggers aside and
puts them back word by word, in the same transaction as the erasure itself, so that no other
statement ever runs without them and a failure leaves everything as it was. The other functions are
called inside it.

What each column holds is listed here; a test compares the lists with the tables there are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial

from sqlite_utils import Database

from roc_core.store.connection import immediate
from roc_core.store.rows import to_json

Column = tuple[str, str]

ITEMS: tuple[Column, ...] = (
    ("marks", "item"),
    ("assignments", "item"),
    ("pair_vectors", "item"),
    ("drafts", "item"),
    ("corrections", "item"),
    ("items", "id"),
)
"""Columns that name an item, whose rows go with it."""

COMPUTED: tuple[Column, ...] = (("maps", "items"), ("doubts", "items"), ("written", "items"))
"""Lists of item ids in tables that can be had again; a row that names an erased item goes."""

SENTENCES: tuple[Column, ...] = (("drafts", "sentence"), ("graphs", "sentence"))
"""What was on screen; a row with an erased sentence goes."""

NAMES: tuple[Column, ...] = (
    ("corrections", "annotator"),
    ("drafts", "annotator"),
    ("graphs", "annotator"),
    ("selections", "annotator"),
    ("marks", "annotator"),
    ("queues", "annotator"),
    ("assignments", "annotator"),
    ("promotions", "by"),
    ("relation_changes", "author"),
    ("erasures", "author"),
)
"""Columns that hold a person's name."""

TEXTS: tuple[Column, ...] = (
    ("corrections", "comment"),
    ("marks", "text"),
    ("erasures", "reason"),
    ("jobs", "title"),
    ("jobs", "stage"),
    ("jobs", "error"),
    ("versions", "command"),
    ("promotions", "rule"),
    ("catalogues", "title"),
    ("relation_changes", "reason"),
)
"""Text that may quote a sentence or a name."""

JSONS: tuple[Column, ...] = (
    ("jobs", "parameters"),
    ("jobs", "result"),
    ("selections", "filter"),
    ("versions", "request"),
    ("versions", "data"),
    ("versions", "guard"),
    ("queues", "notes"),
    ("relation_changes", "content"),
)
"""JSON that may hold either; a name only under one of NAME_KEYS."""

NAME_KEYS = ("annotator", "annotators", "author", "by")

QUOTED = 12
"""Characters from which on a sentence is looked for inside other texts; a shorter one would be
found everywhere."""

GONE = "(erased)"


def erase_items(db: Database, ids: Sequence[str]) -> int:
    """Erase items with all that is kept about them; how many corrections went along.

    An id that is not there is passed over. Text elsewhere that quotes a sentence loses it, unless
    another item still has that sentence.
    """
    sentences = _values(db, "SELECT DISTINCT sentence FROM items WHERE id IN", ids)
    corrections = len(_values(db, "SELECT id FROM corrections WHERE item IN", ids))
    _forget_computed(db, ids)
    for table, column in _present(db, ITEMS):
        _run(db, f"DELETE FROM {table} WHERE {column} IN", ids)
    left = set(_values(db, "SELECT sentence FROM items WHERE sentence IN", sentences))
    for sentence in sentences:
        if sentence not in left:
            _forget_sentence(db, sentence)
    return corrections


def boxed(db: Database, sha256: str) -> tuple[str, ...]:
    """Items that cannot be without this picture, because a mention is a box in it."""
    rows = db.conn.execute(
        "SELECT id FROM items WHERE picture = ? AND (json_extract(mentions, '$[0].box') IS NOT "
        "NULL OR json_extract(mentions, '$[1].box') IS NOT NULL) ORDER BY n",
        (sha256,),
    )
    return tuple(row[0] for row in rows)


def erase_picture(db: Database, sha256: str) -> int:
    """Take a picture from the items that can be without it, and forget it; how many lost it.

    The text that stood for it goes, too. Boxed items have to be erased before.
    """
    rows = db.conn.execute("SELECT id FROM items WHERE picture = ?", (sha256,)).fetchall()
    ids = [row[0] for row in rows]
    _forget_computed(db, ids)
    for table, column in _present(db, [("pair_vectors", "item")]):
        _run(db, f"DELETE FROM {table} WHERE {column} IN", ids)
    db.conn.execute(
        "UPDATE items SET picture = NULL, has_picture = 0, picture_text = '' WHERE picture = ?",
        (sha256,),
    )
    for table, _ in _present(db, [("drafts", "picture"), ("graphs", "picture")]):
        db.conn.execute(
            f"DELETE FROM {table} WHERE picture = ? AND instr(mentions, '\"box\"')", (sha256,)
        )
        db.conn.execute(
            f"UPDATE {table} SET picture = '', picture_text = '' WHERE picture = ?", (sha256,)
        )
    db.conn.execute("DELETE FROM pictures WHERE sha256 = ?", (sha256,))
    return len(ids)


def names(db: Database) -> tuple[str, ...]:
    """All names of people in the database, in alphabetical order."""
    found: set[str] = set()
    for table, column in _present(db, NAMES):
        found.update(row[0] for row in db.conn.execute(f"SELECT DISTINCT {column} FROM {table}"))
    return tuple(sorted(name for name in found if name))


def rename(db: Database, name: str, tombstone: str) -> int:
    """Put ``tombstone`` in the place of a name, also where a text has it as a whole word; how many
    rows bear it now."""
    word = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")

    def renamed(text: str) -> str:
        return word.sub(lambda _: tombstone, text)

    changed = 0
    for table, column in _present(db, NAMES):
        changed += db.conn.execute(
            f"UPDATE {table} SET {column} = ? WHERE {column} = ?", (tombstone, name)
        ).rowcount
    for place in _present(db, TEXTS):
        _rewrite(db, place, name, renamed)
    for place in _present(db, JSONS):
        spelt = json.dumps(name, ensure_ascii=False)[1:-1]
        _rewrite(db, place, spelt, lambda text: _json_renamed(text, renamed))
    return changed


@contextmanager
def unlocked(db: Database) -> Iterator[None]:
    """One transaction in which the triggers that refuse changes are set aside; what is deleted is
    overwritten. Raises sqlite3.Error; then nothing has changed."""
    db.conn.execute("PRAGMA secure_delete = ON")
    with immediate(db):
        db.conn.execute("PRAGMA defer_foreign_keys = ON")
        found = db.conn.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' "
            "AND (lower(sql) LIKE '%before update%' OR lower(sql) LIKE '%before delete%')"
        ).fetchall()
        for name, _ in found:
            db.conn.execute(f'DROP TRIGGER "{name}"')
        yield
        for _, sql in found:
            db.conn.execute(sql)


# --- the parts -------------------------------------------------------------------------------


def _present(db: Database, columns: Iterable[Column]) -> tuple[Column, ...]:
    """Those of the columns that this database has; an older copy lacks some."""
    return tuple(
        (table, f'"{column}"')
        for table, column in columns
        if db.conn.execute(
            "SELECT 1 FROM pragma_table_info(?) WHERE name = ?", (table, column)
        ).fetchone()
    )


def _run(db: Database, sql: str, values: Sequence[str]) -> None:
    db.conn.execute(f"{sql} (SELECT value FROM json_each(?))", (json.dumps(list(values)),))


def _values(db: Database, sql: str, values: Sequence[str]) -> list[str]:
    rows = db.conn.execute(f"{sql} (SELECT value FROM json_each(?))", (json.dumps(list(values)),))
    return [row[0] for row in rows]


def _forget_computed(db: Database, ids: Sequence[str]) -> None:
    for table, column in _present(db, COMPUTED):
        for id in ids:
            db.conn.execute(
                f"DELETE FROM {table} WHERE instr({column}, CAST(? AS BLOB)) > 0", (id,)
            )


def _forget_sentence(db: Database, sentence: str) -> None:
    for table, column in _present(db, SENTENCES):
        db.conn.execute(f"DELETE FROM {table} WHERE {column} = ?", (sentence,))
    if len(sentence) < QUOTED:
        return
    spelt = [sentence, json.dumps(sentence, ensure_ascii=False)[1:-1], json.dumps(sentence)[1:-1]]
    for place in _present(db, [*TEXTS, *JSONS]):
        for quoted in dict.fromkeys(spelt):
            _rewrite(db, place, quoted, partial(_without, quoted))


def _without(quoted: str, text: str) -> str:
    return text.replace(quoted, GONE)


def _rewrite(db: Database, column: Column, needle: str, change: Callable[[str], str]) -> None:
    """Change the texts of a column that contain ``needle``."""
    table, name = column
    rows = db.conn.execute(
        f"SELECT rowid, {name} FROM {table} WHERE instr({name}, ?) > 0", (needle,)
    ).fetchall()
    for rowid, text in rows:
        if (after := change(text)) != text:
            db.conn.execute(f"UPDATE {table} SET {name} = ? WHERE rowid = ?", (after, rowid))


def _json_renamed(text: str, renamed: Callable[[str], str]) -> str:
    """JSON with the name replaced in texts and keys under NAME_KEYS; whatever else is spelt the
    same, as a model version may be, stays."""

    def walk(value: object, named: bool) -> object:
        if isinstance(value, str):
            return renamed(value) if named else value
        if isinstance(value, list):
            return [walk(v, named) for v in value]
        if isinstance(value, dict):
            return {
                renamed(key) if named else key: walk(v, named or key in NAME_KEYS)
                for key, v in value.items()
            }
        return value

    try:
        before = json.loads(text)
    except ValueError:
        return text
    after = walk(before, False)
    return text if after == before else to_json(after)
