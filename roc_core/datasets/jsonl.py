"""This project's own format: one JSON object a line, UTF-8, line end ``\\n``.

::

    {"sentence": "Mira joins the band", "mentions": [{"span": [0, 4], "type": "person"},
     {"box": [10, 20, 64, 80]}], "picture": "pictures/a.jpg", "picture_text": "a stage",
     "relation": "/per/org/member_of", "direction": "forward",
     "provenance": {"source": "posts", "split": "train", "line": 3, "key": "a", "order": "backward",
     "extra": {"any": ["JSON"]}}}

Required: ``sentence`` and ``mentions``, exactly two, each a ``span`` (code points, end exclusive)
or a ``box`` (pixels after EXIF orientation). ``relation`` and ``direction`` come together or, for
an unlabelled record, not at all; the relation "None" goes with the direction "both". Fields that
are empty are left out; unknown fields and ``null`` are refused.

The mentions may stand in any order. ``direction`` refers to the order in which the file gives
them; a record keeps them in canonical order and turns the direction along, so the head stays the
same mention. Writing always uses canonical order. ``provenance.order`` refers to canonical order;
where it is absent it becomes "backward" for mentions given in reverse.

Without ``provenance``, source is the file's name without its suffix and line the line's number.
Text with NUL or lone surrogates is refused, and so is a line over 1,000,000 bytes.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from roc_core.datasets import fields
from roc_core.datasets.base import Where, shown
from roc_core.datasets.picture_names import Namer
from roc_core.schema import Box, Label, Mention, Provenance, Record

_RECORD = (
    "sentence",
    "mentions",
    "picture",
    "picture_text",
    "relation",
    "direction",
    "provenance",
)
_PROVENANCE = ("source", "split", "line", "key", "order", "extra")


def parse(where: Where, line: str, folder: Path) -> Record:
    """The record of one line; ``folder`` is what picture paths are relative to.

    Raises RecordRejected naming the field.
    """
    return record_of(where, _json(where, line), folder)


def record_of(where: Where, value: object, folder: Path) -> Record:
    """The record of a line's JSON value, or of a row of another format with the same fields.

    Raises RecordRejected naming the field.
    """
    given = _object(where, where.unit, value, _RECORD)
    for field in ("sentence", "mentions"):
        if field not in given:
            raise where.refuse(field, f"the field {field}", "none")
    mentions = _mentions(where, given["mentions"])
    turned = mentions[0].order > mentions[1].order
    example = fields.example(
        where,
        fields.text(where, "sentence", given["sentence"]),
        mentions,
        fields.picture_path(where, given["picture"], folder) if "picture" in given else None,
        fields.text(where, "picture_text", given.get("picture_text", "")),
    )
    return Record(example, _label(where, given, turned), _provenance(where, given, turned))


def _json(where: Where, line: str) -> object:
    try:
        return fields.load_json(line)
    except ValueError as error:
        raise where.refuse("line", "one JSON object", str(error)) from None


def _object(where: Where, field: str, value: object, known: tuple[str, ...]) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise where.refuse(field, "an object", shown(value))
    for name in value:
        if name not in known:
            inside = name if field == where.unit else f"{field}.{name}"
            raise where.refuse(inside, f"only the fields {', '.join(known)}", shown(name))
    return value


def _mentions(where: Where, value: object) -> tuple[Mention, Mention]:
    if not isinstance(value, list) or len(value) != 2:
        found = f"{len(value)}" if isinstance(value, list) else shown(value)
        raise where.refuse("mentions", "a list of exactly two mentions", found)
    first, second = (_mention(where, f"mentions[{i}]", m) for i, m in enumerate(value))
    return first, second


def _mention(where: Where, field: str, value: object) -> Mention:
    given = _object(where, field, value, ("span", "box", "type"))
    if ("span" in given) == ("box" in given):
        found = "both" if "span" in given else "neither"
        raise where.refuse(field, "either a span or a box", found)
    kind = "span" if "span" in given else "box"
    place = getattr(fields, kind)(where, f"{field}.{kind}", given[kind])
    type_ = None
    if "type" in given:
        type_ = fields.entity_type(where, f"{field}.type", given["type"])
    return Mention(place, type_)


def _label(where: Where, given: dict[str, Any], turned: bool) -> Label | None:
    if "relation" not in given and "direction" not in given:
        return None
    for field in ("relation", "direction"):
        if field not in given:
            raise where.refuse(field, "relation and direction together, or neither", "none")
    return fields.label(where, given["relation"], given["direction"], turned)


def provenance_of(where: Where, value: object, order: fields.Order) -> Provenance:
    """The origin that an object of the fields of ``provenance`` states; ``order`` where it states
    none. Raises RecordRejected."""
    values = _object(where, "provenance", value, _PROVENANCE)
    if "order" in values:
        order = fields.order(where, "provenance.order", values["order"])
    source, split, key = (
        fields.text(where, f"provenance.{name}", values.get(name, ""))
        for name in ("source", "split", "key")
    )
    line = fields.whole(where, "provenance.line", values.get("line", 0))
    extra = fields.extra(where, "provenance.extra", values.get("extra", {}))
    return Provenance(source, split, line, key, order, extra)


def _provenance(where: Where, given: dict[str, Any], turned: bool) -> Provenance:
    order: fields.Order = "backward" if turned else "forward"
    if "provenance" not in given:
        return Provenance(Path(where.file).stem, line=where.line, order=order)
    return provenance_of(where, given["provenance"], order)


def compose(record: Record, name: Namer) -> str:
    """The line of a record, without its line end; ``name`` names its picture.

    Raises ValueRejected for a picture that cannot be named or an ``extra`` that is not JSON.
    """
    example, label = record.example, record.label
    line: dict[str, object] = {
        "sentence": example.sentence,
        "mentions": [_mention_object(m) for m in example.mentions],
    }
    if example.picture is not None:
        line["picture"] = name(example.picture)
    if example.picture_text:
        line["picture_text"] = example.picture_text
    if label is not None:
        line["relation"], line["direction"] = label.relation, label.direction
    line["provenance"] = provenance_object(record.provenance)
    return json.dumps(line, ensure_ascii=False)


def _mention_object(mention: Mention) -> dict[str, object]:
    p = mention.place
    if isinstance(p, Box):
        place: dict[str, object] = {"box": [p.left, p.top, p.right, p.bottom]}
    else:
        place = {"span": [p.start, p.end]}
    return place if mention.type is None else {**place, "type": mention.type}


def provenance_object(provenance: Provenance) -> dict[str, object]:
    """The inverse of ``provenance_of``. Raises ValueRejected for an ``extra`` that is not JSON."""
    values: dict[str, object] = {
        "source": provenance.source,
        "split": provenance.split,
        "line": provenance.line,
        "key": provenance.key,
        "order": "" if provenance.order == "forward" else provenance.order,
        "extra": fields.extra_object(provenance),
    }
    return {name: value for name, value in values.items() if value}
