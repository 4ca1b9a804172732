"""Checks of single fields that several formats share. All raise RecordRejected."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any, Literal, get_args

from roc_core.datasets.base import Where, shown
from roc_core.errors import PictureMissing, ValueRejected
from roc_core.schema import (
    ENTITY_TYPES,
    NONE,
    Box,
    Direction,
    EntityType,
    Example,
    Label,
    Mention,
    Provenance,
    Span,
)

Order = Literal["forward", "backward"]
Extra = tuple[tuple[str, str], ...]

_FLIPPED: dict[Direction, Direction] = {
    "forward": "backward",
    "backward": "forward",
    "both": "both",
}


def text(where: Where, field: str, value: object) -> str:
    """A string that UTF-8 and SQLite can hold: no NUL, no half of a surrogate pair."""
    if not isinstance(value, str):
        raise where.refuse(field, "text", shown(value))
    if "\0" in value:
        raise where.refuse(field, "text without the NUL character", shown(value))
    if not value.isascii() and any("\ud800" <= c <= "\udfff" for c in value):
        raise where.refuse(field, "text without lone surrogates", shown(value))
    return value


def whole(where: Where, field: str, value: object) -> int:
    """An integer of at least 0; ``True`` is not one."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**53:
        raise where.refuse(field, "a whole number of at least 0", shown(value))
    return value


def span(where: Where, field: str, value: object) -> Span:
    """A span from ``[start, end]``."""
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise where.refuse(field, "[start, end] in code points", shown(value))
    start, end = (whole(where, field, v) for v in value)
    return _placed(where, field, Span, (start, end))


def box(where: Where, field: str, value: object) -> Box:
    """A box from ``[left, top, right, bottom]``; numbers keep being int or float."""
    expected = "[left, top, right, bottom] in pixels"
    if not isinstance(value, list | tuple) or len(value) != 4:
        raise where.refuse(field, expected, shown(value))
    for number in value:
        if isinstance(number, bool) or not isinstance(number, int | float) or number >= 2**53:
            raise where.refuse(field, expected, shown(value))
    return _placed(where, field, Box, value)


def _placed(where: Where, field: str, kind: Any, numbers: Sequence[float]) -> Any:
    try:
        return kind(*numbers)
    except ValueRejected as error:
        raise where.refuse(field, error.expected, error.found) from None


def entity_type(where: Where, field: str, value: object) -> EntityType:
    """One of the entity types."""
    if value not in ENTITY_TYPES:
        raise where.refuse(field, f"one of {', '.join(ENTITY_TYPES)}", shown(value))
    return value


def order(where: Where, field: str, value: object) -> Order:
    """Which mention the source wrote first."""
    if value not in get_args(Order):
        raise where.refuse(field, "forward or backward", shown(value))
    return value  # type: ignore[return-value]


def label(where: Where, relation: object, direction: object, reversed_: bool) -> Label:
    """A label; ``reversed_`` says that the file gave its mentions against the canonical order, so
    that the direction is turned to mean the same head."""
    name = text(where, "relation", relation)
    if not name:
        raise where.refuse("relation", f"a relation id or {NONE}", "empty text")
    if direction not in get_args(Direction):
        raise where.refuse("direction", f"one of {', '.join(_FLIPPED)}", shown(direction))
    if name == NONE and direction != "both":
        raise where.refuse("direction", f"both, because the relation is {NONE}", shown(direction))
    given: Direction = direction  # type: ignore[assignment]
    return Label(name, _FLIPPED[given] if reversed_ else given)


def example(
    where: Where,
    sentence: str,
    mentions: tuple[Mention, Mention],
    picture: Path | None,
    picture_text: str = "",
) -> Example:
    """An example; what its constructor rejects is refused here with file and line."""
    try:
        return Example(sentence, mentions, picture, picture_text)
    except PictureMissing as error:
        raise where.refuse("picture", error.expected, error.found) from None
    except ValueRejected as error:
        raise where.refuse("mentions", error.expected, error.found) from None


def picture_path(where: Where, value: object, folder: Path) -> Path:
    """``folder`` / a relative path with forward slashes that stays inside it. The file itself is
    not looked at: a picture that is missing on disk is the importer's to count."""
    name = text(where, "picture", value)
    posix, windows = PurePosixPath(name), PureWindowsPath(name)
    leaves = posix.is_absolute() or windows.drive or windows.root or ".." in windows.parts
    if not posix.name or leaves:
        expected = "a relative path that stays inside the file's folder"
        raise where.refuse("picture", expected, shown(name))
    return folder / posix


def extra(where: Where, field: str, value: object) -> Extra:
    """Further fields as sorted (name, JSON text) pairs."""
    if not isinstance(value, dict):
        raise where.refuse(field, "an object", shown(value))
    for name in value:
        text(where, field, name)
    pairs = ((name, json.dumps(v, ensure_ascii=False)) for name, v in value.items())
    return tuple(sorted((name, text(where, field, dumped)) for name, dumped in pairs))


def extra_object(provenance: Provenance) -> dict[str, object]:
    """The inverse of ``extra``. Raises ValueRejected when a value is not JSON text."""
    try:
        return {name: load_json(value) for name, value in provenance.extra}
    except ValueError as error:
        raise ValueRejected("JSON text in provenance.extra", f"{error}", "Mend it.") from None


def load_json(source: str) -> Any:
    """JSON without its traps: no double names, no NaN, no number that overflows.

    Raises ValueError with a short reason.
    """
    try:
        return json.loads(
            source, object_pairs_hook=_unique, parse_constant=_no_constant, parse_float=_finite
        )
    except json.JSONDecodeError as error:
        raise ValueError(f"{error.msg} at character {error.pos + 1}") from None
    except RecursionError:
        raise ValueError("objects nested too deeply") from None


def _unique(pairs: list[tuple[str, object]]) -> Mapping[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        double = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the name {shown(double)} twice in one object")
    return found


def _no_constant(name: str) -> object:
    raise ValueError(f"{name}, which is not JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise ValueError(f"the number {shown(digits)}, which is too large")
    return number
