"""How far the labels can be trusted, as a job found it: one row a reading."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np

from roc_core.store.clock import now
from roc_core.store.connection import Connector
from roc_core.store.rows import to_json
from roc_core.store.vectors import Key


@dataclass(frozen=True, slots=True, eq=False)
class StoredDoubts:
    """Doubts about the labels of N items as they were then: ``items`` (N,) S16; ``gold`` and
    ``suggested`` (N,) numbers of ``names``; ``quality`` (N,) float 0..1; ``likely`` (N,) bool;
    ``few`` items were not judged."""

    names: tuple[str, ...]
    items: np.ndarray
    gold: np.ndarray
    suggested: np.ndarray
    quality: np.ndarray
    likely: np.ndarray
    few: int
    created: str = ""


class DoubtTable:
    """Doubts of one workspace; raises as ``Store``."""

    def __init__(self, at: Connector) -> None:
        self._at = at

    def put(self, key: Key, found: StoredDoubts) -> None:
        """Keep doubts over the earlier ones of the same reading."""
        values = (
            key.version, key.model, now(), to_json(list(found.names)),
            found.items.astype("S16").tobytes(), found.gold.astype("<u4").tobytes(),
            found.suggested.astype("<u4").tobytes(), found.quality.astype("<f4").tobytes(),
            found.likely.astype("u1").tobytes(), found.few,
        )  # fmt: skip
        with self._at.write() as db:
            db.conn.execute(
                "INSERT OR REPLACE INTO doubts (version, model, created, names, items, gold, "
                "suggested, quality, likely, few) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                values,
            )

    def get(self, key: Key) -> StoredDoubts | None:
        """The doubts of a reading by its version as it is now, or None."""
        with self._at.read() as db:
            row = db.conn.execute(
                "SELECT * FROM doubts WHERE version = ? AND model = ?", (key.version, key.model)
            ).fetchone()
        if row is None:
            return None
        return StoredDoubts(
            tuple(json.loads(row["names"])),
            np.frombuffer(row["items"], "S16"),
            np.frombuffer(row["gold"], "<u4"),
            np.frombuffer(row["suggested"], "<u4"),
            np.frombuffer(row["quality"], "<f4"),
            np.frombuffer(row["likely"], "u1").astype(bool),
            row["few"],
            row["created"],
        )
