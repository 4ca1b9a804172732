"""Selected items as the bytes of a file: JSONL in this project's own form, or a flat CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

from roc_core.schema import Box, Item, MapPoint, Mention

Selected = Sequence[tuple[Item, MapPoint | None]]
"""Items, each with its point on the map if it is there."""

COLUMNS = (
    "item", "sentence", "first", "first_type", "second", "second_type", "label", "direction",
    "answer", "score", "margin", "outcome", "source", "split", "picture",
)  # fmt: skip


def as_jsonl(selected: Selected) -> bytes:
    """One record a line, as the Data page imports it; item, answer, score, margin and outcome are
    under ``provenance.extra``."""
    lines = [json.dumps(_record(i, p), ensure_ascii=False) for i, p in selected]
    return "".join(line + "\n" for line in lines).encode()


def as_csv(selected: Selected) -> bytes:
    """One row an item under ``COLUMNS``; text is written as it is, so a spreadsheet that runs
    formulas would run those of strangers."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    for item, point in selected:
        writer.writerow(_flat(item, point))
    return out.getvalue().encode()


def _record(item: Item, point: MapPoint | None) -> dict[str, Any]:
    example, origin = item.example, item.record.provenance
    extra = {name: json.loads(value) for name, value in origin.extra}
    provenance = {
        "source": origin.source,
        "split": origin.split,
        "line": origin.line,
        "key": origin.key,
        "order": origin.order,
        "extra": extra | {"item": item.id} | _told(point),
    }
    record: dict[str, Any] = {
        "sentence": example.sentence,
        "mentions": [_mention(m) for m in example.mentions],
    }
    if example.picture:
        record["picture"] = f"pictures/{example.picture.name}"
    if example.picture_text:
        record["picture_text"] = example.picture_text
    if item.label:
        record |= {"relation": item.label.relation, "direction": item.label.direction}
    return record | {"provenance": provenance}


def _mention(mention: Mention) -> dict[str, Any]:
    p = mention.place
    place: dict[str, Any] = (
        {"box": [p.left, p.top, p.right, p.bottom]}
        if isinstance(p, Box)
        else {"span": [p.start, p.end]}
    )
    return place if mention.type is None else place | {"type": mention.type}


def _told(point: MapPoint | None) -> dict[str, Any]:
    """What the map says of an item."""
    if point is None:
        return {}
    return {
        "answer": point.prediction,
        "score": round(point.score, 4),
        "margin": round(point.margin, 4),
        "outcome": point.outcome,
    }


def _flat(item: Item, point: MapPoint | None) -> dict[str, Any]:
    example, origin = item.example, item.record.provenance
    first, second = example.names()
    return {
        "item": item.id,
        "sentence": example.sentence,
        "first": first,
        "first_type": example.first.type or "",
        "second": second,
        "second_type": example.second.type or "",
        "label": item.label.relation if item.label else "",
        "direction": item.label.direction if item.label else "",
        "source": origin.source,
        "split": origin.split,
        "picture": example.picture.name if example.picture else "",
    } | _told(point)
