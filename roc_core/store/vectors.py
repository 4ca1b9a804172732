"""Pair vectors and the best relation of every item, per model version.

Float16 blobs in the workspace's own database, not an .npy file beside it: a batch is kept whole or
not at all, a killed job goes on where it was, a row names its item and goes by SQL with labels and
filters, and there is no second file whose rows must agree with it. 256 numbers are 512 bytes a
pair, 7 MB for 13,871 pairs, read in well under a second. Rounding to float16 moves a cosine by
about 0.0002. All of it can be computed again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from roc_core.errors import ValueRejected
from roc_core.schema import Item, PairVectors
from roc_core.store.connection import Connector
from roc_core.store.rows import item_of

_ITEMS = (
    "SELECT items.*, pictures.suffix FROM items "
    "LEFT JOIN pictures ON pictures.sha256 = items.picture "
)
_WITHOUT = (
    "NOT EXISTS (SELECT 1 FROM pair_vectors AS v "
    "WHERE v.version = ? AND v.item = items.id AND v.model = ?)"
)
_NOW = "WHERE v.version = ? AND v.model = ?"


@dataclass(frozen=True, slots=True)
class Key:
    """What vectors and answers belong to: a version's name, the hash of its files, and the hash of
    the catalogue its answers were chosen from."""

    version: str
    model: str
    catalogue: str


class VectorTable:
    """Pair vectors of one workspace; raises as ``Store``."""

    def __init__(self, at: Connector, pictures: Path) -> None:
        self._at, self._pictures = at, pictures

    def count_missing(self, key: Key) -> int:
        """How many items have no vector of this version as it is now."""
        with self._at.read() as db:
            sql = f"SELECT count(*) FROM items WHERE {_WITHOUT}"
            return int(db.conn.execute(sql, (key.version, key.model)).fetchone()[0])

    def iter_missing(self, key: Key, batch: int) -> Iterator[tuple[Item, ...]]:
        """Items without a vector in order of arrival, ``batch`` at a time; what is kept meanwhile
        is not met again."""
        n = 0
        while True:
            with self._at.read() as db:
                rows = db.conn.execute(
                    f"{_ITEMS} WHERE items.n > ? AND {_WITHOUT} ORDER BY items.n LIMIT ?",
                    (n, key.version, key.model, batch),
                ).fetchall()
            if not rows:
                return
            n = rows[-1]["n"]
            yield tuple(item_of(row, self._pictures) for row in rows)

    def put(self, key: Key, found: PairVectors) -> None:
        """Keep vectors and answers, over earlier ones of the same version and item.

        Raises ValueRejected for numbers that are not finite.
        """
        numbers = (found.vectors, found.scores, found.margins, found.leads)
        if not all(np.isfinite(a).all() for a in numbers):
            raise ValueRejected(
                "finite pair vectors and scores",
                "not-a-number or infinity",
                "The model version is damaged: restore or retrain it.",
            )
        answers = zip(
            found.relations, found.directions, found.scores.tolist(), found.margins.tolist(),
            found.runners_up, found.leads.tolist(), strict=True,
        )  # fmt: skip
        rows = [
            (key.version, item.decode(), key.model, vector.tobytes(), key.catalogue, *answer)
            for item, vector, answer in zip(
                found.items.tolist(), found.vectors.astype("<f2"), answers, strict=True
            )
        ]
        with self._at.write() as db:
            db.conn.executemany(
                "INSERT INTO pair_vectors (version, item, model, vector, catalogue, relation, "
                "direction, score, margin, runner_up, lead) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (version, item) DO UPDATE "
                "SET model = excluded.model, vector = excluded.vector, "
                "catalogue = excluded.catalogue, relation = excluded.relation, "
                "direction = excluded.direction, score = excluded.score, "
                "margin = excluded.margin, runner_up = excluded.runner_up, lead = excluded.lead",
                rows,
            )

    def outdated(self, key: Key, batch: int) -> PairVectors:
        """Up to ``batch`` present vectors whose answers come from another catalogue."""
        return self._read(f"{_NOW} AND v.catalogue <> ? LIMIT ?", (*_of(key), key.catalogue, batch))

    def count_outdated(self, key: Key) -> int:
        """How many present vectors have answers from another catalogue."""
        with self._at.read() as db:
            sql = f"SELECT count(*) FROM pair_vectors AS v {_NOW} AND v.catalogue <> ?"
            return int(db.conn.execute(sql, (*_of(key), key.catalogue)).fetchone()[0])

    def read(self, key: Key, vectors: bool = True) -> PairVectors:
        """All present vectors and answers of a version in the items' order of arrival; without
        ``vectors`` only the answers, the vectors then having a width of 0."""
        where = f"{_NOW} AND v.catalogue = ? ORDER BY items.n"
        return self._read(where, (*_of(key), key.catalogue), "v.vector" if vectors else "x''")

    def _read(
        self, where: str, values: tuple[object, ...], vector: str = "v.vector"
    ) -> PairVectors:
        with self._at.read() as db:
            rows = db.conn.execute(
                f"SELECT v.item, {vector}, v.relation, v.direction, v.score, v.margin, "
                "v.runner_up, v.lead FROM pair_vectors AS v JOIN items ON items.id = v.item "
                f"{where}",
                values,
            ).fetchall()
        if not rows:
            none = np.zeros(0)
            return PairVectors(
                none.astype("S16"), np.zeros((0, 0), np.float16), (), (), none, none, (), none
            )
        columns = list(zip(*rows, strict=True))
        return PairVectors(
            np.array(columns[0], "S16"),
            np.frombuffer(b"".join(columns[1]), "<f2").reshape(len(rows), len(columns[1][0]) // 2),
            columns[2],
            columns[3],
            np.array(columns[4]),
            np.array(columns[5]),
            columns[6],
            np.array(columns[7]),
        )


def _of(key: Key) -> tuple[str, str]:
    return key.version, key.model
