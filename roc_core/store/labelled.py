"""What an analysis needs to know of each item in scope: columns, not whole items."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np

from roc_core.schema import ItemFilter
from roc_core.store.connection import Connector
from roc_core.store.items import conditions


@dataclass(frozen=True, slots=True, eq=False)
class ItemColumns:
    """Columns of all N items in scope, in order of arrival.

    ``items`` (N,) ids as bytes; ``relations`` and ``directions`` the present label, "" without one;
    ``places`` each item's two spans as code points, None when one is a box; ``pictures`` and
    ``texts`` whether there is a picture and a picture text; ``annotators`` who labelled it last, ""
    for nobody.
    """

    items: np.ndarray
    relations: tuple[str, ...]
    directions: tuple[str, ...]
    sentences: tuple[str, ...]
    places: tuple[tuple[int, int, int, int] | None, ...]
    pictures: tuple[int, ...]
    texts: tuple[int, ...]
    sources: tuple[str, ...]
    splits: tuple[str, ...]
    annotators: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.items)


class LabelledTable:
    """Items of one workspace as columns; raises as ``Store``."""

    def __init__(self, at: Connector) -> None:
        self._at = at

    def columns(self, filter: ItemFilter) -> ItemColumns:
        """Columns of the matching items. Raises ValueRejected for a filter that cannot be."""
        where, values = conditions(filter)
        with self._at.read() as db:
            rows = db.conn.execute(
                "SELECT id, coalesce(relation, ''), coalesce(direction, ''), sentence, mentions, "
                "has_picture, picture_text <> '', source, split, "
                "CASE corrections WHEN 0 THEN '' ELSE coalesce((SELECT annotator "
                "FROM present_labels WHERE present_labels.item = items.id), '') END "
                f"FROM items WHERE {where} ORDER BY n",
                values,
            ).fetchall()
        ids, relations, directions, sentences, mentions, *rest = (
            zip(*rows, strict=True) if rows else ((),) * 10
        )
        # read as one text: many times as fast as one by one
        places = tuple(map(_spans, json.loads(f"[{','.join(mentions)}]")))
        return ItemColumns(np.array(ids, "S16"), relations, directions, sentences, places, *rest)

    def stamp(self) -> tuple[int, int]:
        """The newest item and the newest correction: what changes whenever labels or items do."""
        with self._at.read() as db:
            row = db.conn.execute(
                "SELECT (SELECT coalesce(max(n), 0) FROM items), "
                "(SELECT coalesce(max(id), 0) FROM corrections)"
            ).fetchone()
        return int(row[0]), int(row[1])


def _spans(mentions: list[dict[str, Any]]) -> tuple[int, int, int, int] | None:
    first, second = mentions
    if "box" in first or "box" in second:
        return None
    return first["start"], first["end"], second["start"], second["end"]
