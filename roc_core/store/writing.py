"""Answers of language models, kept so that nothing is asked and paid for twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from roc_core.store.clock import now
from roc_core.store.connection import Connector

_COLUMNS = "relation, model, answer, prompt_tokens, completion_tokens, cost, seconds, created"


@dataclass(frozen=True, slots=True)
class Written:
    """A kept answer for one relation. ``model`` is the one that was asked for; ``cost`` is None
    where it is not known; ``created`` is set by the table."""

    relation: str
    model: str
    answer: str
    prompt_tokens: int
    completion_tokens: int
    cost: float | None
    seconds: float
    created: str = ""


class WritingTable:
    """Answers kept in one workspace; raises as ``Store``."""

    def __init__(self, at: Connector) -> None:
        self._at = at

    def put(self, key: str, answer: Written, items: Sequence[str]) -> None:
        """Keep an answer over an earlier one of the same key. ``items`` are the ids of the items
        whose sentences were sent; erasing one of them erases the answer."""
        # Exactly 16 bytes each, as the erasure looks for them.
        blob = b"".join(i.encode("ascii").ljust(16, b"\0") for i in items)
        w = answer
        with self._at.write() as db:
            db.conn.execute(
                f"INSERT OR REPLACE INTO written (key, items, {_COLUMNS}) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    *(key, blob, w.relation, w.model, w.answer, w.prompt_tokens),
                    *(w.completion_tokens, w.cost, w.seconds, now()),
                ),
            )

    def get(self, key: str) -> Written | None:
        """The answer of that key, or None."""
        return self._one("key = ?", key)

    def newest(self, relation: str) -> Written | None:
        """The answer that came last for a relation, or None."""
        return self._one("relation = ?", relation)

    def spent(self) -> tuple[int, int, float]:
        """How many answers are kept, their tokens, and the costs that are known, added up."""
        with self._at.read() as db:
            row = db.conn.execute(
                "SELECT count(*), coalesce(sum(prompt_tokens + completion_tokens), 0), "
                "coalesce(sum(cost), 0.0) FROM written"
            ).fetchone()
        return int(row[0]), int(row[1]), float(row[2])

    def _one(self, where: str, value: str) -> Written | None:
        with self._at.read() as db:
            row = db.conn.execute(
                f"SELECT {_COLUMNS} FROM written WHERE {where} ORDER BY n DESC LIMIT 1", (value,)
            ).fetchone()
        return None if row is None else Written(*row)
