"""Two model versions on one map: which items both get right, one alone, neither."""

from __future__ import annotations

import numpy as np

from roc_core.schema import NONE, Codes, MapView
from roc_core.schema.work import (
    BOTH_RIGHT,
    BOTH_WRONG,
    DIFFERENT,
    ONLY_OTHER,
    ONLY_THIS,
    SAME,
    UNANSWERED,
)
from roc_core.store import Store
from roc_core.store.maps import Answers
from roc_core.store.vectors import Key
from roc_core.workspace.mapping import codes_of, judged, rows_of

RIGHT = {
    (True, True): BOTH_RIGHT,
    (True, False): ONLY_THIS,
    (False, True): ONLY_OTHER,
    (False, False): BOTH_WRONG,
}


def agreement(store: Store, view: MapView, own: Key, other: Key) -> Codes:
    """How the answers of two readings compare on each point of the first one's map, one of
    ``AGREEMENT``."""
    colours = store.maps.colours()
    kept = rows_of(view.items, colours.items)
    assert kept is not None, "an item on a map is always there"
    at = kept.tolist()
    labels = [colours.labels[k] for k in at]
    directions = [colours.directions[k] for k in at]
    first, second = (_judged(store, key, view, labels, directions) for key in (own, other))
    found = []
    for label, one, two in zip(labels, first, second, strict=True):
        if one is None or two is None:
            found.append(UNANSWERED)
        elif label:
            found.append(RIGHT[one[1], two[1]])
        else:
            found.append(SAME if one[0] == two[0] else DIFFERENT)
    return codes_of(found)


_Judged = tuple[tuple[str, str], bool]
"""Relation and direction that were answered, and whether they are right."""


def _judged(
    store: Store, key: Key, view: MapView, labels: list[str], directions: list[str]
) -> list[_Judged | None]:
    """The answer of a reading to every point; None where there is none."""
    found: Answers = store.maps.answers(key.version, key.model, key.catalogue)
    place = {item: row for row, item in enumerate(found.items.tolist())}
    result: list[_Judged | None] = [None] * len(view)
    asked = [n for n, item in enumerate(view.items.tolist()) if item in place]
    rows = np.array([place[view.items[n]] for n in asked], int)
    answers, outcomes = judged(
        found, rows, [labels[n] for n in asked], [directions[n] for n in asked]
    )
    for n, row, answer, outcome in zip(asked, rows.tolist(), answers, outcomes, strict=True):
        way = "" if answer == NONE else found.directions[row]
        result[n] = ((answer, way), outcome == "right")
    return result
