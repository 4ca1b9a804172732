"""Every annotator's own labels as a table, for measures of agreement elsewhere."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from roc_core.schema import Box, Example, ItemFilter, Label, Mention

if TYPE_CHECKING:
    from roc_core.store import Store

COLUMNS = (
    "item", "sentence", "first mention", "second mention", "annotator", "relation", "direction",
    "given", "decided relation", "decided direction", "present relation", "present direction",
)  # fmt: skip


def own_labels_csv(store: Store) -> bytes:
    """One row for each annotator's label in force, items in order of arrival, as CSV with a line of
    ``COLUMNS``, UTF-8 with a byte order mark for spreadsheets.

    A box is told as left, top, right, bottom in picture pixels. "decided" is empty where nobody
    settled a dispute. Text is written as it is.
    """
    marks = store.annotation.marks
    said: dict[str, list[tuple[str, Label, str]]] = {}
    for own in marks.own_labels():
        said.setdefault(own.item, []).append((own.annotator, own.label, own.created))
    decided = {item: own.label for item, own in marks.decisions().items()}
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for item in store.iter_items(ItemFilter(only=tuple(said))):
        example = item.example
        told = (item.id, example.sentence, *(_words(example, m) for m in example.mentions))
        after = (*_parts(decided.get(item.id)), *_parts(item.label))
        for annotator, label, created in sorted(said[item.id], key=lambda row: row[0]):
            writer.writerow((*told, annotator, *_parts(label), created, *after))
    return out.getvalue().encode("utf-8-sig")


def _parts(label: Label | None) -> tuple[str, str]:
    return (label.relation, label.direction) if label else ("", "")


def _words(example: Example, mention: Mention) -> str:
    place = mention.place
    if isinstance(place, Box):
        return f"box {place.left}, {place.top}, {place.right}, {place.bottom}"
    return place.of(example.sentence)
