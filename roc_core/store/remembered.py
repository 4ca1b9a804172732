"""What the correction memory reads: which labels are in force, what has changed, and vectors."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from roc_core.schema import Label
from roc_core.store.connection import Connector
from roc_core.store.rows import label_of
from roc_core.store.vectors import Key

SETTING = "memory"


@dataclass(frozen=True, slots=True)
class Look:
    """The log of corrections as it was looked at: its last row and what that says, the last
    erasure, what the row asked for says ("" if it is gone), and the text of the settings."""

    last: int = 0
    newest: str = ""
    erased: int = 0
    asked: str = ""
    settings: str = ""

    def follows(self, before: Look) -> bool:
        """Whether the log has only grown since ``before``, whose last row was asked for; it has not
        when something was erased or a backup was restored."""
        return (self.erased, self.asked) == (before.erased, before.newest)


class RememberedTable:
    """Corrections and vectors of one workspace; raises as ``Store``."""

    def __init__(self, at: Connector) -> None:
        self._at = at

    def look(self, row: int = 0) -> Look:
        """The log as it is now; ``row`` is the number of the correction asked for."""
        with self._at.read() as db:
            found = db.conn.execute(
                "SELECT coalesce(max(id), 0), coalesce((SELECT item || created FROM corrections "
                "ORDER BY id DESC LIMIT 1), ''), "
                "(SELECT coalesce(max(id), 0) FROM erasures), "
                "coalesce((SELECT item || created FROM corrections WHERE id = ?), ''), "
                "coalesce((SELECT value FROM settings WHERE key = ?), '') FROM corrections",
                (row, SETTING),
            ).fetchone()
        return Look(*found)

    def corrected(self) -> dict[str, Label | None]:
        """The present label of every corrected item."""
        return self._labels("FROM items WHERE state = 'corrected'", ())

    def changed(self, after: int) -> dict[str, Label | None]:
        """Items with a row in the log after the one of this number, each with its present label,
        None where no correction is in force."""
        source = "FROM items WHERE id IN (SELECT item FROM corrections WHERE id > ?)"
        return self._labels(source, (after,))

    def _labels(self, source: str, values: tuple[object, ...]) -> dict[str, Label | None]:
        with self._at.read() as db:
            rows = db.conn.execute(
                f"SELECT id, relation, direction, state = 'corrected' {source} ORDER BY n", values
            ).fetchall()
        return {r[0]: label_of(r[1], r[2]) if r[3] else None for r in rows}

    def vectors(self, key: Key, items: Sequence[str]) -> dict[str, np.ndarray]:
        """Pair vectors (W,) float16 of those of ``items`` that have one of this reading."""
        with self._at.read() as db:
            rows = db.conn.execute(
                "SELECT item, vector FROM pair_vectors WHERE version = ? AND model = ? "
                "AND item IN (SELECT value FROM json_each(?))",
                (key.version, key.model, json.dumps(list(items))),
            ).fetchall()
        return {item: np.frombuffer(vector, "<f2") for item, vector in rows}
