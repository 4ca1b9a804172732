"""The map of each model version: one row, its points as arrays, and what points are coloured by."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from roc_core.schema import Landmark, Region
from roc_core.store.clock import now
from roc_core.store.connection import Connector
from roc_core.store.rows import to_json


@dataclass(frozen=True, slots=True, eq=False)
class StoredMap:
    """A map as it is kept. ``items`` (P,) S16; ``xs``, ``ys`` (P,) uint16; ``placed`` (P,) bool;
    ``frame`` left, bottom, width, height of the fitted plane; ``density`` (S, S) uint8; ``data``
    is the hash of what was drawn; ``settings`` those of the fit. ``known`` items were there then,
    ``newest`` is the id of the last of them that has a vector."""

    version: str
    model: str
    data: str
    settings: dict[str, Any]
    known: int
    newest: str
    sampled: bool
    frame: tuple[float, float, float, float]
    items: np.ndarray
    xs: np.ndarray
    ys: np.ndarray
    placed: np.ndarray
    landmarks: tuple[Landmark, ...]
    regions: tuple[Region, ...]
    density: np.ndarray
    created: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Colours:
    """What points are coloured by, for every item in order of arrival: its label and that one's
    direction ("" without one), types ("person – location", "?" for one not given) and who labelled
    it last ("" for nobody)."""

    items: np.ndarray
    labels: tuple[str, ...]
    directions: tuple[str, ...]
    types: tuple[str, ...]
    annotators: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """What a reading answered to N items, in no order: ids (N,) S16, best relation and its
    direction, score and margin (N,)."""

    items: np.ndarray
    relations: tuple[str, ...]
    directions: tuple[str, ...]
    scores: np.ndarray
    margins: np.ndarray


class MapTable:
    """Maps of one workspace; raises as ``Store``."""

    def __init__(self, at: Connector) -> None:
        self._at = at

    def put(self, found: StoredMap) -> None:
        """Keep a map over the earlier one of its version."""
        values = {
            "version": found.version,
            "model": found.model,
            "data": found.data,
            "settings": to_json(found.settings),
            "created": now(),
            "known": found.known,
            "newest": found.newest,
            "sampled": int(found.sampled),
            "frame": to_json(list(found.frame)),
            "items": found.items.astype("S16").tobytes(),
            "xs": found.xs.astype("<u2").tobytes(),
            "ys": found.ys.astype("<u2").tobytes(),
            "placed": found.placed.astype("u1").tobytes(),
            "landmarks": to_json([asdict(x) for x in found.landmarks]),
            "regions": to_json([asdict(x) for x in found.regions]),
            "density": found.density.astype("u1").tobytes(),
        }
        names, marks = ", ".join(values), ", ".join("?" * len(values))
        with self._at.write() as db:
            db.conn.execute(
                f"INSERT OR REPLACE INTO maps ({names}) VALUES ({marks})", list(values.values())
            )

    def get(self, version: str) -> StoredMap | None:
        """The map of a version, or None."""
        with self._at.read() as db:
            row = db.conn.execute("SELECT * FROM maps WHERE version = ?", (version,)).fetchone()
        return None if row is None else _map_of(row)

    def colours(self) -> Colours:
        """What every item's point is coloured by."""
        with self._at.read() as db:
            rows = db.conn.execute(
                "SELECT id, coalesce(relation, ''), coalesce(direction, ''), "
                "coalesce(json_extract(mentions, '$[0].type'), '?') || ' – ' || "
                "coalesce(json_extract(mentions, '$[1].type'), '?'), "
                "CASE corrections WHEN 0 THEN '' ELSE coalesce((SELECT annotator "
                "FROM present_labels WHERE present_labels.item = items.id), '') END "
                "FROM items ORDER BY n"
            ).fetchall()
        ids, *columns = zip(*rows, strict=True) if rows else ((),) * 5
        return Colours(np.array(ids, "S16"), *columns)

    def answers(self, version: str, model: str, catalogue: str) -> Answers:
        """The present answers of a reading, without what a map does not show: much faster than
        ``VectorTable.read``."""
        with self._at.read() as db:
            cursor = db.conn.cursor()
            cursor.row_factory = None
            rows = cursor.execute(
                "SELECT item, relation, direction, score, margin FROM pair_vectors "
                "WHERE version = ? AND model = ? AND catalogue = ?",
                (version, model, catalogue),
            ).fetchall()
        ids, relations, directions, *numbers = zip(*rows, strict=True) if rows else ((),) * 5
        scores, margins = (np.array(n, float) for n in numbers)
        return Answers(np.array(ids, "S16"), relations, directions, scores, margins)

    def stamp(self, version: str) -> tuple[object, ...]:
        """Changes whenever a map or what its points are coloured by does."""
        with self._at.read() as db:
            found = db.conn.execute(
                "SELECT (SELECT created FROM maps WHERE version = ?), "
                "(SELECT max(id) FROM corrections), (SELECT count(*) FROM items), "
                "(SELECT max(id) FROM erasures)",
                (version,),
            ).fetchone()
        return tuple(found)

    def sentences(self, items: Sequence[str]) -> list[str]:
        """Sentences of items, "" for one that is not there."""
        with self._at.read() as db:
            found = dict(db.conn.execute("SELECT id, sentence FROM items").fetchall())
        return [found.get(item, "") for item in items]

    def total(self) -> int:
        """How many items there are."""
        with self._at.read() as db:
            return int(db.conn.execute("SELECT count(*) FROM items").fetchone()[0])


def _map_of(row: sqlite3.Row) -> StoredMap:
    density = np.frombuffer(row["density"], "u1")
    side = round(len(density) ** 0.5)
    left, bottom, width, height = json.loads(row["frame"])
    return StoredMap(
        version=row["version"],
        model=row["model"],
        data=row["data"],
        settings=json.loads(row["settings"]),
        known=row["known"],
        newest=row["newest"],
        sampled=bool(row["sampled"]),
        frame=(left, bottom, width, height),
        items=np.frombuffer(row["items"], "S16"),
        xs=np.frombuffer(row["xs"], "<u2"),
        ys=np.frombuffer(row["ys"], "<u2"),
        placed=np.frombuffer(row["placed"], "u1").astype(bool),
        landmarks=tuple(Landmark(**x) for x in json.loads(row["landmarks"])),
        regions=tuple(
            Region(**(x | {"words": tuple(x["words"])})) for x in json.loads(row["regions"])
        ),
        density=density.reshape(side, side),
        created=row["created"],
    )
