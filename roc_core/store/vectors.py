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
from roc_core.schema import Item, PairVectors, Reading
from roc_core.store.connection import Connector
from roc_core.store.rows import item_of

_ITEMS = (
    "SELECT items.*, pictures.suffix FROM items "
    "LEFT JOIN pictures ON pictures.sha256 = items.picture "
)
_NOW = "v.version = ? AND v.model = ?"
_COMPLETE = "v.types <> ''"
_COLUMNS = (
    "version", "item", "model", "vector", "catalogue", "relation", "direction", "score", "margin",
    "runner_up", "lead", "types", "ranks", "told",
)  # fmt: skip
_PUT = (
    f"INSERT INTO pair_vectors ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))}) "
    "ON CONFLICT (version, item) DO UPDATE SET "
    + ", ".join(f"{c} = excluded.{c}" for c in _COLUMNS[2:])
)


@dataclass(frozen=True, slots=True)
class Key:
    """What vectors and answers belong to: the key of a reading, the hash of its version's files,
    and the hash of the catalogue its answers were chosen from."""

    version: str
    model: str
    catalogue: str

    @property
    def oracle(self) -> bool:
        """Whether what was read depends on the items' labels."""
        return Reading.parse(self.version).oracle


class VectorTable:
    """Pair vectors of one workspace; raises as ``Store``."""

    def __init__(self, at: Connector, pictures: Path) -> None:
        self._at, self._pictures = at, pictures

    def count_missing(self, key: Key) -> int:
        """How many items have no vector of this reading as it is now; of an oracle reading, how
        many labelled items have none for their present label."""
        return self._count(f"FROM items WHERE {_without(key)}", _of(key))

    def count_answered(self, key: Key) -> int:
        """How many items have an answer that is complete and from this catalogue."""
        source = "FROM pair_vectors AS v JOIN items ON items.id = v.item"
        where = f"{_present(key)} AND {_COMPLETE} AND v.catalogue = ?"
        return self._count(f"{source} WHERE {where}", (*_of(key), key.catalogue))

    def count_answerable(self, key: Key) -> int:
        """How many items a reading can answer: all, or the labelled ones for an oracle."""
        return self._count(f"FROM items WHERE {_answerable(key)}", ())

    def _count(self, source: str, values: tuple[object, ...]) -> int:
        with self._at.read() as db:
            return int(db.conn.execute(f"SELECT count(*) {source}", values).fetchone()[0])

    def iter_missing(self, key: Key, batch: int) -> Iterator[tuple[Item, ...]]:
        """Items without a vector in order of arrival, ``batch`` at a time; what is kept meanwhile
        is not met again."""
        n = 0
        while True:
            with self._at.read() as db:
                rows = db.conn.execute(
                    f"{_ITEMS} WHERE items.n > ? AND {_without(key)} ORDER BY items.n LIMIT ?",
                    (n, *_of(key), batch),
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
            found.runners_up, found.leads.tolist(), found.types, found.ranks, found.told,
            strict=True,
        )  # fmt: skip
        rows = [
            (key.version, item.decode(), key.model, vector.tobytes(), key.catalogue, *answer)
            for item, vector, answer in zip(
                found.items.tolist(), found.vectors.astype("<f2"), answers, strict=True
            )
        ]
        with self._at.write() as db:
            db.conn.executemany(_PUT, rows)

    def outdated(self, key: Key, batch: int) -> PairVectors:
        """Up to ``batch`` present vectors whose answers come from another catalogue."""
        where = f"{_present(key)} AND v.catalogue <> ? LIMIT ?"
        return self._read(where, (*_of(key), key.catalogue, batch))

    def count_outdated(self, key: Key) -> int:
        """How many present vectors have answers from another catalogue."""
        source = "FROM pair_vectors AS v JOIN items ON items.id = v.item"
        where = f"{_present(key)} AND v.catalogue <> ?"
        return self._count(f"{source} WHERE {where}", (*_of(key), key.catalogue))

    def read(self, key: Key, vectors: bool = True) -> PairVectors:
        """All present vectors and answers of a reading in the items' order of arrival; without
        ``vectors`` only the answers, the vectors then having a width of 0. Those of an oracle that
        was told another label than the present one are left out."""
        where = f"{_present(key)} AND v.catalogue = ? ORDER BY items.n"
        return self._read(where, (*_of(key), key.catalogue), "v.vector" if vectors else "x''")

    def _read(
        self, where: str, values: tuple[object, ...], vector: str = "v.vector"
    ) -> PairVectors:
        with self._at.read() as db:
            rows = db.conn.execute(
                f"SELECT v.item, {vector}, v.relation, v.direction, v.score, v.margin, "
                "v.runner_up, v.lead, v.types, v.ranks, v.told FROM pair_vectors AS v "
                f"JOIN items ON items.id = v.item WHERE {where}",
                values,
            ).fetchall()
        if not rows:
            none = np.zeros(0)
            return PairVectors(
                none.astype("S16"), np.zeros((0, 0), np.float16), (), (), none, none, (), none,
                (), (), (),
            )  # fmt: skip
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
            *columns[8:],
        )


def _of(key: Key) -> tuple[str, str]:
    return key.version, key.model


def _present(key: Key) -> str:
    """Condition that a vector is one of this reading as it is now."""
    told = " AND v.told = items.relation || ' ' || items.direction" if key.oracle else ""
    return f"{_NOW}{told}"


def _answerable(key: Key) -> str:
    return "items.relation IS NOT NULL" if key.oracle else "true"


def _without(key: Key) -> str:
    """Condition that an item is still to be read."""
    return (
        f"{_answerable(key)} AND NOT EXISTS (SELECT 1 FROM pair_vectors AS v "
        f"WHERE v.item = items.id AND {_present(key)} AND {_COMPLETE})"
    )
