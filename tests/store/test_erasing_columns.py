"""Every column of the database is known to the erasure, or known to hold nobody's words."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from roc_core.store import Store, erasing

# Columns that hold neither an item, nor a name, nor a text of a person.
PLAIN = {
    "assignments": {"n", "created"},
    "catalogues": {"id", "source", "created"},
    "corrections": {
        "id", "created", "action", "relation", "direction", "predicted_relation",
        "predicted_direction", "shown", "model_version", "undoes", "token",
    },
    "doubts": {
        "version", "model", "created", "names", "gold", "suggested", "quality", "likely", "few",
    },
    "drafts": {"id", "mentions", "picture", "picture_text", "updated", "saved"},
    "erasures": {
        "id", "kind", "subject", "created", "because", "corrections", "changed", "mark", "cleaned",
    },
    "graphs": {"id", "mentions", "picture", "picture_text", "updated", "saved"},
    "items": set(),
    "jobs": {
        "id", "kind", "heavy", "state", "done", "total", "seconds_left", "pid", "process", "handed",
        "cancel_asked", "created", "started", "finished",
    },
    "maps": {
        "version", "model", "data", "settings", "created", "known", "newest", "sampled", "frame",
        "xs", "ys", "placed", "landmarks", "regions", "density",
    },
    "marks": {
        "id", "created", "action", "correction", "shown", "predicted_relation",
        "predicted_direction", "model_version", "relation", "undoes", "redoes", "token",
    },
    "migrations": {"number", "name", "applied"},
    "pair_vectors": {
        "version", "model", "vector", "catalogue", "relation", "direction", "score", "margin",
        "runner_up", "lead", "types", "ranks", "told",
    },
    "pictures": {"n", "sha256", "suffix", "width", "height", "bytes", "created"},
    "promotions": {"id", "created", "action", "version", "before", "undoes"},
    # Ids alone: what is gone is left out when they are read.
    "queues": {
        "kind", "selection", "seed", "version", "items", "after_mark", "after_correction",
        "created",
    },
    "relation_changes": {
        "id", "catalogue", "relation", "place", "created", "action", "retired", "previous", "of",
    },
    "selections": {"id", "name", "items", "created", "kept"},
    "settings": {"key", "value"},
    "versions": {"name", "parent", "state", "created", "finished", "bytes"},
    # A machine's words; they go when an item goes whose sentence was sent.
    "written": {
        "n", "key", "relation", "created", "model", "answer", "prompt_tokens", "completion_tokens",
        "cost", "seconds",
    },
}  # fmt: skip


def rows(store: Store, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(store.folder / "workspace.db")) as conn:
        return conn.execute(sql).fetchall()


def test_every_column_is_accounted_for(store: Store) -> None:
    told = {
        *erasing.ITEMS, *erasing.COMPUTED, *erasing.SENTENCES, *erasing.NAMES, *erasing.TEXTS,
        *erasing.JSONS,
    }  # fmt: skip
    tables = [str(t) for (t,) in rows(store, "SELECT name FROM sqlite_master WHERE type = 'table'")]
    unknown = []
    for table in tables:
        if table.startswith("sqlite_") or table == "items":
            continue
        columns = {str(row[1]) for row in rows(store, f"PRAGMA table_info({table})")}
        known = PLAIN.get(table, set()) | {c for t, c in told if t == table}
        unknown += [f"{table}.{column}" for column in columns - known]
    assert unknown == [], "say in store/erasing.py what happens to it, or here that it is plain"
    assert {t for t, _ in told} <= {*tables}, "a column that is not there"
