"""Drafts of the Graph page: what a browser session had on screen, with any number of mentions."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace

from roc_core.errors import ValueRejected
from roc_core.schema import GraphDraft, Mention
from roc_core.store.clock import now
from roc_core.store.connection import Connector
from roc_core.store.rows import mention_json, mention_of, to_json


class GraphTable:
    """Graph drafts of one workspace; raises as ``Store``."""

    def __init__(self, at: Connector) -> None:
        self._at = at

    def save(self, draft: GraphDraft) -> GraphDraft:
        """Write the draft over an earlier one of the same id; return it with ``updated`` set.

        Raises ValueRejected for a draft without an id.
        """
        if not draft.id:
            raise ValueRejected("a graph with an id", "none", "Give the graph an id.")
        saved = replace(draft, updated=now())
        values = {
            "id": saved.id,
            "annotator": saved.annotator,
            "sentence": saved.sentence,
            "mentions": to_json([mention_json(mention) for mention in saved.mentions]),
            "picture": saved.picture,
            "picture_text": saved.picture_text,
            "updated": saved.updated,
        }
        names, marks = ", ".join(values), ", ".join("?" * len(values))
        with self._at.write() as db:
            db.conn.execute(
                f"INSERT OR REPLACE INTO graphs ({names}, saved) VALUES ({marks}, "
                "(SELECT coalesce(max(saved), 0) + 1 FROM graphs))",
                list(values.values()),
            )
        return saved

    def get(self, id: str) -> GraphDraft | None:
        """The graph draft of that id, or None."""
        with self._at.read() as db:
            row = db.conn.execute("SELECT * FROM graphs WHERE id = ?", (id,)).fetchone()
        return None if row is None else _draft_of(row)

    def latest(self, annotator: str) -> GraphDraft | None:
        """The graph draft this annotator saved last, or None."""
        with self._at.read() as db:
            row = db.conn.execute(
                "SELECT * FROM graphs WHERE annotator = ? ORDER BY saved DESC LIMIT 1",
                (annotator,),
            ).fetchone()
        return None if row is None else _draft_of(row)


def _draft_of(row: sqlite3.Row) -> GraphDraft:
    found = (mention_of(value) for value in json.loads(row["mentions"]))
    return GraphDraft(
        id=row["id"],
        annotator=row["annotator"],
        sentence=row["sentence"],
        mentions=tuple(m for m in found if isinstance(m, Mention)),
        picture=row["picture"],
        picture_text=row["picture_text"],
        updated=row["updated"],
    )
