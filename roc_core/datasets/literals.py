"""Lines that are Python literals, as MNRE and MORE are published: words, word spans, file names."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from itertools import accumulate
from typing import Any

from roc_core.datasets import fields
from roc_core.datasets.base import Where, shown
from roc_core.schema import Span

LITERAL_LIMIT = 100_000
"""Bytes a line may have: ``ast.literal_eval`` needs some hundred times as much memory."""

_TROUBLES = (ValueError, SyntaxError, TypeError, MemoryError, RecursionError)


def literal(where: Where, line: str) -> dict[str, Any]:
    """A line as a dict of plain values; nothing in it is ever run.

    Raises RecordRejected when it is anything but a dict literal with text for names.
    """
    try:
        value = ast.literal_eval(line.strip())
    except _TROUBLES as error:
        reason = getattr(error, "msg", "") or str(error) or type(error).__name__
        raise where.refuse("line", "one Python dict of plain values", reason[:100]) from None
    if not isinstance(value, dict) or not all(isinstance(name, str) for name in value):
        raise where.refuse("line", "one Python dict with text for names", shown(value))
    return value


def need(where: Where, given: dict[str, Any], field: str) -> Any:
    """A field that must be there; a dot leads into an inner dict."""
    value: Any = given
    for name in field.split("."):
        if not isinstance(value, dict) or name not in value:
            raise where.refuse(field, f"the field {field}", "none")
        value = value[name]
    return value


def words(where: Where, value: object) -> list[str]:
    """A list of words: not empty, none with white space inside."""
    if not isinstance(value, list | tuple) or not value:
        raise where.refuse("token", "a list of words", shown(value))
    for i, word in enumerate(value):
        fields.text(where, f"token[{i}]", word)
        if not word or any(c.isspace() for c in word):
            raise where.refuse(f"token[{i}]", "a word without white space", shown(word))
    return list(value)


def word_range(where: Where, field: str, value: object, count: int) -> tuple[int, int]:
    """``[start, end]`` in words, end exclusive, inside a sentence of ``count`` words."""
    if not isinstance(value, list | tuple) or [type(v) for v in value] != [int, int]:
        raise where.refuse(field, "[start, end] in words, two whole numbers", shown(value))
    start, end = value
    if not 0 <= start < end <= count:
        expected = f"0 <= start < end <= {count}, the number of words"
        raise where.refuse(field, expected, shown(value))
    return start, end


def code_points(tokens: Sequence[str], start: int, end: int) -> Span:
    """The code points of words ``start`` to ``end`` (exclusive) in the words joined by a space."""
    ends = list(accumulate((len(word) + 1 for word in tokens), initial=0))
    return Span(ends[start], ends[end] - 1)


def file_name(where: Where, field: str, value: object) -> str:
    """A plain file name of at most 255 bytes: no folder, no way up."""
    name = fields.text(where, field, value)
    if name in ("", ".", "..") or "/" in name or "\\" in name or len(name.encode()) > 255:
        raise where.refuse(field, "a plain file name without folders", shown(name))
    return name
