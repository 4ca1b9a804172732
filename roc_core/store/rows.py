"""Values ↔ rows: how records, mentions and labels are written in the database."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from pathlib import Path
from typing import Any

from roc_core.errors import PictureMissing, ValueRejected
from roc_core.schema import (
    Box,
    Correction,
    Draft,
    Example,
    Item,
    Label,
    Mention,
    Provenance,
    Record,
    Span,
)

ITEM_COLUMNS = (
    "id",
    "source",
    "split",
    "line",
    "key",
    "file_order",
    "extra",
    "sentence",
    "mentions",
    "picture",
    "has_picture",
    "picture_text",
    "imported_relation",
    "imported_direction",
    "relation",
    "direction",
    "state",
    "created",
)
"""The columns a new item is written with, in the order of ``item_values``."""

DIRECTIONS = ("forward", "backward", "both")


def picture_path(pictures: Path, sha256: str, suffix: str) -> Path:
    """Where a picture's file lies: the first two hex digits make the folder."""
    return pictures / sha256[:2] / f"{sha256}{suffix}"


def to_json(value: object) -> str:
    """Compact JSON that keeps every character as it is."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def mention_json(mention: Mention | None) -> dict[str, object] | None:
    """``{"start", "end", "type"}`` for a span, ``{"box": [l, t, r, b], "type"}`` for a box."""
    if mention is None:
        return None
    place = mention.place
    if isinstance(place, Span):
        return {"start": int(place.start), "end": int(place.end), "type": mention.type}
    corners = [float(x) for x in (place.left, place.top, place.right, place.bottom)]
    return {"box": corners, "type": mention.type}


def mention_of(value: dict[str, Any] | None) -> Mention | None:
    """The opposite of ``mention_json``."""
    if value is None:
        return None
    place = Box(*value["box"]) if "box" in value else Span(value["start"], value["end"])
    return Mention(place, value["type"])


def item_id(record: Record, picture: str | None) -> str:
    """First 16 hex digits of SHA-256 over where the record comes from and what it shows.

    The label is left out: the same line read again is the same item, whatever was made of it.
    """
    example, origin = record.example, record.provenance
    content = [
        origin.source,
        origin.split,
        int(origin.line),
        origin.key,
        example.sentence,
        [mention_json(mention) for mention in example.mentions],
        picture,
        example.picture_text,
    ]
    canonical = json.dumps(content, ensure_ascii=True, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()[:16]


def item_values(record: Record, picture: str | None, created: str) -> tuple[object, ...]:
    """A new item's row, in the order of ``ITEM_COLUMNS``.

    Raises PictureMissing for a box without a stored picture, ValueRejected for a broken label.
    """
    example, origin = record.example, record.provenance
    if picture is None and any(isinstance(m.place, Box) for m in example.mentions):
        raise PictureMissing(
            "a stored picture, because a mention is a box",
            f"none ({origin.source}, line {origin.line})",
            "Add the picture or mark the entity in the sentence.",
        )
    relation, direction = label_columns(record.label)
    return (
        item_id(record, picture),
        origin.source,
        origin.split,
        int(origin.line),
        origin.key,
        origin.order,
        to_json([list(pair) for pair in origin.extra]),
        example.sentence,
        to_json([mention_json(mention) for mention in example.mentions]),
        picture,
        int(picture is not None),
        example.picture_text,
        relation,
        direction,
        relation,
        direction,
        "unlabelled" if relation is None else "imported",
        created,
    )


def label_columns(label: Label | None) -> tuple[str | None, str | None]:
    """Relation and direction as columns. Raises ValueRejected for a label that names nothing."""
    if label is None:
        return None, None
    if not label.relation or label.direction not in DIRECTIONS:
        raise ValueRejected(
            f"a label with a relation id and a direction, one of {', '.join(DIRECTIONS)}",
            f"relation {label.relation!r}, direction {label.direction!r}",
            "Choose a relation and which way it holds.",
        )
    return label.relation, label.direction


def label_of(relation: str | None, direction: Any) -> Label | None:
    """The opposite of ``label_columns``."""
    return None if relation is None else Label(relation, direction)


def item_of(row: sqlite3.Row, pictures: Path) -> Item:
    """An item from its row; ``row["suffix"]`` comes from the joined picture."""
    path = picture_path(pictures, row["picture"], row["suffix"]) if row["picture"] else None
    first, second = (mention_of(value) for value in json.loads(row["mentions"]))
    assert first is not None
    assert second is not None
    example = Example(row["sentence"], (first, second), path, row["picture_text"])
    origin = Provenance(
        source=row["source"],
        split=row["split"],
        line=row["line"],
        key=row["key"],
        order=row["file_order"],
        extra=_pairs(row["extra"]),
    )
    imported = label_of(row["imported_relation"], row["imported_direction"])
    present = label_of(row["relation"], row["direction"])
    record = Record(example, imported, origin)
    return Item(row["id"], record, present, row["corrections"], row["created"])


def _pairs(text: str) -> tuple[tuple[str, str], ...]:
    return () if text == "[]" else tuple((name, value) for name, value in json.loads(text))


def correction_of(row: sqlite3.Row) -> Correction:
    """A correction from its row; ``row["undone"]`` is computed by the query."""
    return Correction(
        id=row["id"],
        item=row["item"],
        annotator=row["annotator"],
        created=row["created"],
        action=row["action"],
        label=label_of(row["relation"], row["direction"]),
        predicted=label_of(row["predicted_relation"], row["predicted_direction"]),
        model_version=row["model_version"],
        comment=row["comment"],
        undoes=row["undoes"],
        undone=bool(row["undone"]),
    )


def draft_of(row: sqlite3.Row) -> Draft:
    """A draft from its row."""
    first, second = (mention_of(value) for value in json.loads(row["mentions"]))
    return Draft(
        id=row["id"],
        annotator=row["annotator"],
        sentence=row["sentence"],
        mentions=(first, second),
        picture=row["picture"],
        picture_text=row["picture_text"],
        item=row["item"],
        updated=row["updated"],
    )
