"""Which items were assigned to whom."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from roc_core.schema import Assigned
from roc_core.store import items
from roc_core.store.clock import now
from roc_core.store.connection import Connector
from roc_core.store.rows import to_json


class AssignmentTable:
    """Assignments of one workspace; raises as ``Store``."""

    def __init__(self, at: Connector) -> None:
        self._at = at

    def add(self, pairs: Sequence[tuple[str, str]]) -> int:
        """Assign items, given as (item, annotator); how many of the pairs are new.

        All or nothing. Raises ItemMissing, naming the first item that is not here.
        """
        with self._at.write() as db:
            here = items.known(db, list(dict.fromkeys(item for item, _ in pairs)))
            gone = next((item for item, _ in pairs if item not in here), None)
            if gone is not None:
                raise items.missing(gone)
            created = now()
            cursor = db.conn.executemany(
                "INSERT INTO assignments (item, annotator, created) VALUES (?, ?, ?) "
                "ON CONFLICT (item, annotator) DO NOTHING",
                [(item, annotator, created) for item, annotator in pairs],
            )
            return cursor.rowcount

    def remove(self, annotator: str, wanted: Iterable[str] | None = None) -> int:
        """Take some items, or all, off an annotator; how many these were. Labels stay."""
        some = " AND item IN (SELECT value FROM json_each(?))" if wanted is not None else ""
        values = (annotator, to_json(list(wanted))) if wanted is not None else (annotator,)
        with self._at.write() as db:
            sql = f"DELETE FROM assignments WHERE annotator = ?{some}"
            return db.conn.execute(sql, values).rowcount

    def of(self, annotator: str) -> tuple[str, ...]:
        """Items assigned to an annotator, in the order they were."""
        with self._at.read() as db:
            sql = "SELECT item FROM assignments WHERE annotator = ? ORDER BY n"
            return tuple(row["item"] for row in db.conn.execute(sql, (annotator,)))

    def counts(self) -> tuple[Assigned, ...]:
        """How many items each annotator has, and shares with another one, by name."""
        with self._at.read() as db:
            rows = db.conn.execute(
                "SELECT annotator, count(*), sum(EXISTS (SELECT 1 FROM assignments AS other "
                "WHERE other.item = own.item AND other.annotator <> own.annotator)) "
                "FROM assignments AS own GROUP BY annotator ORDER BY annotator"
            ).fetchall()
        return tuple(Assigned(*row) for row in rows)

    def annotators(self) -> tuple[str, ...]:
        """Everybody who has labelled, marked or been assigned something, by name."""
        with self._at.read() as db:
            rows = db.conn.execute(
                "SELECT annotator FROM corrections UNION SELECT annotator FROM marks "
                "UNION SELECT annotator FROM assignments ORDER BY annotator"
            ).fetchall()
        return tuple(row["annotator"] for row in rows if row["annotator"])
