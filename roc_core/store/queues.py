"""Queues as they were made, so that their order stays, and what decides who is still in them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from roc_core.schema import Label, QueueKind
from roc_core.store.clock import now
from roc_core.store.connection import Connector
from roc_core.store.rows import to_json


@dataclass(frozen=True, slots=True)
class QueueKey:
    """Whose queue it is and which; ``selection`` is the id of the items it is about, "" for all."""

    annotator: str
    kind: QueueKind
    selection: str = ""
    seed: int = 0


@dataclass(frozen=True, slots=True)
class StoredQueue:
    """A queue as it was made. ``version`` gave the order, "" when none did; marks and corrections
    up to ``after_mark`` and ``after_correction`` were there before."""

    items: tuple[str, ...]
    version: str = ""
    notes: tuple[str, ...] = ()
    after_mark: int = 0
    after_correction: int = 0
    created: str = ""


class QueueTable:
    """Queues of one workspace; raises as ``Store``."""

    def __init__(self, at: Connector) -> None:
        self._at = at

    def put(
        self, key: QueueKey, ids: Sequence[str], version: str = "", notes: Sequence[str] = ()
    ) -> StoredQueue:
        """Keep a queue over an earlier one of the same key."""
        with self._at.write() as db:
            db.conn.execute(
                "INSERT OR REPLACE INTO queues (annotator, kind, selection, seed, version, items, "
                "notes, after_mark, after_correction, created) VALUES (?, ?, ?, ?, ?, ?, ?, "
                "(SELECT coalesce(max(id), 0) FROM marks), "
                "(SELECT coalesce(max(id), 0) FROM corrections), ?)",
                (*_of(key), version, _packed(ids), to_json(list(notes)), now()),
            )
        found = self.get(key)
        assert found is not None
        return found

    def append(self, key: QueueKey, ids: Sequence[str]) -> None:
        """Put items at the end of a queue."""
        with self._at.write() as db:
            db.conn.execute(
                "UPDATE queues SET items = CAST(items || ? AS BLOB) "
                "WHERE annotator = ? AND kind = ? AND selection = ? AND seed = ?",
                (_packed(ids), *_of(key)),
            )

    def get(self, key: QueueKey) -> StoredQueue | None:
        """The queue of a key as it was kept, or None; some of its items may be gone."""
        with self._at.read() as db:
            row = db.conn.execute(
                "SELECT * FROM queues "
                "WHERE annotator = ? AND kind = ? AND selection = ? AND seed = ?",
                _of(key),
            ).fetchone()
        if row is None:
            return None
        digits = row["items"].hex()
        return StoredQueue(
            tuple(digits[n : n + 16] for n in range(0, len(digits), 16)),
            row["version"],
            tuple(json.loads(row["notes"])),
            row["after_mark"],
            row["after_correction"],
            row["created"],
        )

    def everything(self) -> tuple[str, ...]:
        """All items in order of arrival."""
        return self._ids("SELECT id FROM items ORDER BY n")

    def unlabelled(self) -> tuple[str, ...]:
        """Items without a label, in order of arrival."""
        return self._ids("SELECT id FROM items WHERE state = 'unlabelled' ORDER BY n")

    def labels(self) -> dict[str, Label]:
        """The present label of every labelled item, in order of arrival."""
        with self._at.read() as db:
            rows = db.conn.execute(
                "SELECT id, relation, direction FROM items WHERE relation IS NOT NULL ORDER BY n"
            )
            return {id: Label(relation, direction) for id, relation, direction in rows}

    def corrected(self) -> frozenset[str]:
        """Items whose present label a person gave."""
        return frozenset(self._ids("SELECT id FROM items WHERE state = 'corrected'"))

    def opened(self, annotator: str) -> tuple[str, ...]:
        """Items of an annotator's drafts that they have neither labelled nor, since the draft was
        last changed, skipped; the latest first."""
        return self._ids(
            "SELECT item, max(saved) FROM drafts JOIN items ON items.id = drafts.item "
            "WHERE drafts.annotator = :who AND NOT EXISTS (SELECT 1 FROM corrections AS said "
            "WHERE said.item = drafts.item AND said.annotator = :who AND said.action = 'label' "
            "AND NOT EXISTS (SELECT 1 FROM corrections AS undo WHERE undo.undoes = said.id)) "
            "AND NOT EXISTS (SELECT 1 FROM marks_in_force AS mark WHERE mark.item = drafts.item "
            "AND mark.annotator = :who AND mark.action = 'skip' "
            "AND mark.created >= drafts.updated) GROUP BY item ORDER BY max(saved) DESC",
            {"who": annotator},
        )

    def finished(self, annotator: str, after_mark: int, after_correction: int) -> frozenset[str]:
        """Items the annotator labelled, decided or skipped since then, and has not taken back."""
        return frozenset(
            self._ids(
                "SELECT item FROM corrections AS said WHERE annotator = :who AND id > :label "
                "AND action = 'label' AND NOT EXISTS "
                "(SELECT 1 FROM corrections AS undo WHERE undo.undoes = said.id) "
                "UNION SELECT item FROM marks_in_force "
                "WHERE annotator = :who AND id > :mark AND action = 'skip'",
                {"who": annotator, "mark": after_mark, "label": after_correction},
            )
        )

    def _ids(self, sql: str, values: dict[str, object] | None = None) -> tuple[str, ...]:
        with self._at.read() as db:
            return tuple(row[0] for row in db.conn.execute(sql, values or {}))


def _of(key: QueueKey) -> tuple[str, str, str, int]:
    return key.annotator, key.kind, key.selection, key.seed


def _packed(ids: Sequence[str]) -> bytes:
    return bytes.fromhex("".join(ids))
