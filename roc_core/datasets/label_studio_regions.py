"""Regions of a Label Studio task: spans counted in either way, boxes in per cent."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from roc_core.datasets import fields
from roc_core.datasets.base import Where, shown
from roc_core.datasets.pictures import upright_size
from roc_core.schema import Box, EntityType, Mention

KINDS = ("labels", "rectanglelabels")
"""Types of results that are a region with a label."""

UNTYPED = "mention"
"""Label of a region without an entity type."""

DECIMALS = 6
"""Digits after the point of a pixel that per cent are turned into."""


def dict_of(where: Where, field: str, value: object) -> dict[str, Any]:
    """The value, if it is an object. Raises RecordRejected."""
    if not isinstance(value, dict):
        raise where.refuse(field, "an object", shown(value))
    return value


def regions_of(
    where: Where, results: list[dict[str, Any]], sentence: str, picture: Path | None
) -> dict[str, Mention]:
    """Mentions by the ids of their regions; results of other kinds are left out. Raises
    RecordRejected."""
    spans = [dict_of(where, "value", r.get("value")) for r in results if r.get("type") == "labels"]
    count = _count(where, sentence, spans)
    regions: dict[str, Mention] = {}
    for n, result in enumerate(results):
        kind, field = result.get("type"), f"result[{n}]"
        if kind not in KINDS:
            continue
        value = dict_of(where, f"{field}.value", result.get("value"))
        place = (
            fields.span(where, f"{field}.value", [count(value.get(k)) for k in ("start", "end")])
            if kind == "labels"
            else _box(where, field, result, value, picture)
        )
        type_ = _type(where, f"{field}.value.{kind}", value.get(kind))
        regions[fields.text(where, f"{field}.id", result.get("id"))] = Mention(place, type_)
    return regions


def _count(where: Where, sentence: str, spans: list[dict[str, Any]]) -> Callable[[Any], Any]:
    """How offsets of this task become code points."""
    told = [v for v in spans if isinstance(v.get("text"), str)]
    for count in (lambda offset: offset, lambda offset: _from_utf16(sentence, offset)):
        if all(_fits(sentence, count, v) for v in told):
            return count
    first = next(v for v in told if not _fits(sentence, lambda offset: offset, v))
    here = f"{shown(first['text'])} at {first.get('start')} to {first.get('end')}"
    raise where.refuse("value.text", "the sentence's own text between start and end", here)


def _fits(sentence: str, count: Callable[[Any], Any], value: dict[str, Any]) -> bool:
    start, end = count(value.get("start")), count(value.get("end"))
    if not (isinstance(start, int) and isinstance(end, int) and 0 <= start <= end):
        return False
    # Older versions spell a line end inside a region as a backslash and an n.
    return value["text"].replace("\\n", "\n") == sentence[start:end].replace("\\n", "\n")


def _from_utf16(sentence: str, offset: Any) -> Any:
    """Code points before a UTF-16 offset; the offset itself when it cuts a character in two."""
    if isinstance(offset, bool) or not isinstance(offset, int) or offset < 0:
        return offset
    units = sentence.encode("utf-16-le", "surrogatepass")[: 2 * offset]
    try:
        return len(units.decode("utf-16-le"))
    except UnicodeDecodeError:
        return offset


def _box(
    where: Where, field: str, result: dict[str, Any], value: dict[str, Any], picture: Path | None
) -> Box:
    if picture is None:
        raise where.refuse("data.image", "a picture, because a region is a box", "none")
    given = {"rotation": 0, **value}
    x, y, width, height, rotation = (
        _number(where, f"{field}.value.{name}", given.get(name))
        for name in ("x", "y", "width", "height", "rotation")
    )
    if rotation:
        raise where.refuse(f"{field}.value.rotation", "0, an upright box", shown(rotation))
    if not (-0.01 <= x <= x + width <= 100.01 and -0.01 <= y <= y + height <= 100.01):
        found = f"x {x}, y {y}, width {width}, height {height}"
        raise where.refuse(f"{field}.value", "per cent of the picture, 0 to 100", found)
    across, down = _size(where, field, result, picture)
    corners = [
        min(max(round(share * pixels / 100, DECIMALS), 0), pixels)
        for share, pixels in ((x, across), (y, down), (x + width, across), (y + height, down))
    ]
    return fields.box(where, f"{field}.value", corners)


def _number(where: Where, field: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 2**53:
        raise where.refuse(field, "a number", shown(value))
    return value


def _size(where: Where, field: str, result: dict[str, Any], picture: Path) -> tuple[int, int]:
    names = ("original_width", "original_height")
    if all(name in result for name in names):
        width, height = (fields.whole(where, f"{field}.{name}", result[name]) for name in names)
        return width, height
    try:
        return upright_size(picture)
    except Exception as error:  # Pillow raises nearly anything for damaged headers
        expected = "original_width and original_height, or the picture itself"
        raise where.refuse(field, expected, f"{picture.name}: {str(error)[:100]}") from None


def _type(where: Where, field: str, value: object) -> EntityType | None:
    if not isinstance(value, list) or len(value) != 1 or not isinstance(value[0], str):
        raise where.refuse(field, "a list of one label", shown(value))
    name = value[0].lower()
    return None if name == UNTYPED else fields.entity_type(where, field, name)
