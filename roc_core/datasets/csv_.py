"""Comma-separated values: the same records as JSONL in a table, UTF-8, one header line.

Columns, in the order they are written::

    sentence, first_start, first_end, first_left, first_top, first_right, first_bottom, first_type,
    second_start, …, second_type, picture, picture_text, relation, direction,
    source, split, line, key, order, extra

Each mention has either start and end (code points, end exclusive) or left, top, right, bottom
(pixels). Empty cells mean "not given". ``extra`` is a JSON object. When reading, columns may stand
in any order and all but ``sentence`` may be missing; unknown columns are refused. ``direction``
refers to the file's first and second mention, as in JSONL. Without a column ``source``, source is
the file's name without its suffix and, without ``line``, line is the line's number.

Quoting is RFC 4180: cells with a comma, quote or line end are quoted, quotes doubled. A byte order
mark and ``\\r\\n`` are read; written are neither. Cells are written exactly as they are: a cell
that begins with ``=``, ``+``, ``-`` or ``@`` is **not** disarmed, since the file must read back
the same. Do not open files of strangers in a spreadsheet that runs formulas.
"""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from roc_core.datasets import fields
from roc_core.datasets.base import LINE_LIMIT, Line, Where, raw_lines, shown
from roc_core.datasets.picture_names import Namer
from roc_core.errors import RecordRejected
from roc_core.schema import Box, Mention, Provenance, Record, Span

_SPAN, _BOX = ("start", "end"), ("left", "top", "right", "bottom")
_MENTION = (*_SPAN, *_BOX, "type")
COLUMNS: tuple[str, ...] = (
    "sentence",
    *(f"{which}_{part}" for which in ("first", "second") for part in _MENTION),
    *("picture", "picture_text", "relation", "direction"),
    *("source", "split", "line", "key", "order", "extra"),
)
_CELL = re.compile(r'"([^"]*(?:""[^"]*)*)"|([^",\r\n]*)')
_WHOLE = re.compile(r"[0-9]{1,15}")
_NUMBER = re.compile(r"-?[0-9]{1,30}(?:\.[0-9]{1,30})?(?:[eE][-+]?[0-9]{1,3})?")


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of one record by column name."""

    where: Where
    cells: dict[str, str]


def rows(path: Path) -> Iterator[Row | RecordRejected]:
    """The records of a file, and an error for each line that is none.

    A quote that is never closed costs its own line only: reading goes on with the next line.
    """
    waiting: deque[Line] = deque()
    source = raw_lines(path, LINE_LIMIT)
    columns: list[str] = []
    while (line := waiting.popleft() if waiting else next(source, None)) is not None:
        if line.data is not None and not line.data.strip():
            continue
        taken, ahead = _gather(line, waiting, source)
        waiting.extendleft(reversed(ahead))
        try:
            cells = _cells(taken, len(columns))
        except RecordRejected as error:
            waiting.extendleft(reversed(taken[1:]))
            yield error
            if not columns:
                return
            continue
        if columns:
            yield Row(line.where, dict(zip(columns, cells, strict=True)))
            continue
        try:
            columns = _header(line.where, cells)
        except RecordRejected as error:
            yield error
            return


def _gather(
    line: Line, waiting: deque[Line], source: Iterator[Line]
) -> tuple[list[Line], list[Line]]:
    # A line end inside quotes belongs to the record: take lines until quotes are even.
    taken, quotes, length = [line], 0, 0
    while True:
        data = taken[-1].data
        if data is None:
            return (taken, []) if len(taken) == 1 else (taken[:-1], taken[-1:])
        quotes, length = quotes + data.count(b'"'), length + len(data)
        if quotes % 2 == 0 or length > LINE_LIMIT:
            return taken, []
        more = waiting.popleft() if waiting else next(source, None)
        if more is None:
            return taken, []
        taken.append(more)


def _cells(taken: list[Line], width: int) -> list[str]:
    """The cells of the lines of one record. Raises RecordRejected."""
    where, data = taken[0].where, taken[0].data
    if len(taken) > 1:
        data = b"".join(line.data or b"" for line in taken)
    text = Line(where, None if data is None or len(data) > LINE_LIMIT + 2 else data, LINE_LIMIT)
    cells = split(where, text.text())
    if width and len(cells) != width:
        raise where.refuse("line", f"{width} cells, as the header has", f"{len(cells)}")
    return cells


def split(where: Where, text: str) -> list[str]:
    """The cells of one record. Raises RecordRejected for quotes that are not whole."""
    cells, at = [], 0
    while match := _CELL.match(text, at):
        quoted, plain = match.groups()
        cells.append(plain if quoted is None else quoted.replace('""', '"'))
        at = match.end()
        if at == len(text):
            return cells
        if text[at] != ",":
            break
        at += 1
    raise where.refuse("line", "cells in whole quotes, with quotes inside doubled", shown(text))


def row(where: Where, line: str) -> Row:
    """A row of all columns in the written order. Raises RecordRejected."""
    return Row(where, dict(zip(COLUMNS, split(where, line), strict=True)))


def _header(where: Where, cells: list[str]) -> list[str]:
    for name in cells:
        if name not in COLUMNS:
            raise where.refuse("header", f"the columns {', '.join(COLUMNS)}", shown(name))
        if cells.count(name) > 1:
            raise where.refuse("header", "each column once", f"{name} {cells.count(name)} times")
    if "sentence" not in cells:
        raise where.refuse("header", "a column sentence", ", ".join(cells))
    return cells


def parse(row: Row, folder: Path) -> Record:
    """The record of a row; ``folder`` is what picture paths are relative to.

    Raises RecordRejected naming the column.
    """
    where, cells = row.where, row.cells
    for column, cell in cells.items():
        fields.text(where, column, cell)
    mentions = _mention(row, "first"), _mention(row, "second")
    turned = mentions[0].order > mentions[1].order
    picture = cells.get("picture", "")
    example = fields.example(
        where,
        cells["sentence"],
        mentions,
        fields.picture_path(where, picture, folder) if picture else None,
        cells.get("picture_text", ""),
    )
    relation, direction = cells.get("relation", ""), cells.get("direction", "")
    label = fields.label(where, relation, direction, turned) if relation or direction else None
    return Record(example, label, _provenance(row, turned))


def _mention(row: Row, which: str) -> Mention:
    given = {part: row.cells.get(f"{which}_{part}", "") for part in _MENTION}
    has_span, has_box = (any(given[p] for p in parts) for parts in (_SPAN, _BOX))
    if has_span == has_box:
        expected = f"either {which}_start and {which}_end or {which}_left to {which}_bottom"
        raise row.where.refuse(f"{which}_start", expected, "both" if has_span else "neither")
    kind = "span" if has_span else "box"
    numbers = [_number(row.where, f"{which}_{p}", given[p]) for p in (_SPAN if has_span else _BOX)]
    place: Span | Box = getattr(fields, kind)(row.where, f"{which}_{kind}", numbers)
    column = f"{which}_type"
    type_ = fields.entity_type(row.where, column, given["type"]) if given["type"] else None
    return Mention(place, type_)


def _number(where: Where, column: str, cell: str) -> int | float:
    if _WHOLE.fullmatch(cell):
        return int(cell)
    if _NUMBER.fullmatch(cell):
        return float(cell)
    raise where.refuse(column, "a number such as 12 or 12.5", shown(cell))


def _provenance(row: Row, turned: bool) -> Provenance:
    where, cells = row.where, row.cells
    order: fields.Order = "backward" if turned else "forward"
    if cells.get("order"):
        order = fields.order(where, "order", cells["order"])
    number = cells.get("line", str(where.line)) or "0"
    if not _WHOLE.fullmatch(number):
        raise where.refuse("line", "a whole number of at least 0", shown(number))
    try:
        extra = fields.load_json(cells.get("extra") or "{}")
    except ValueError as error:
        raise where.refuse("extra", "a JSON object", str(error)) from None
    return Provenance(
        cells.get("source", Path(where.file).stem),
        cells.get("split", ""),
        int(number),
        cells.get("key", ""),
        order,
        fields.extra(where, "extra", extra),
    )


def header() -> str:
    """The header line, without its line end."""
    return ",".join(COLUMNS)


def compose(record: Record, name: Namer) -> str:
    """The row of a record, without its line end; ``name`` names its picture.

    Raises ValueRejected for a picture that cannot be named or an ``extra`` that is not JSON.
    """
    example, label, origin = record.example, record.label, record.provenance
    extra = fields.extra_object(origin)
    cells = [
        example.sentence,
        *_mention_cells(example.first),
        *_mention_cells(example.second),
        name(example.picture) if example.picture is not None else "",
        example.picture_text,
        *((label.relation, label.direction) if label else ("", "")),
        *(origin.source, origin.split, str(origin.line or ""), origin.key),
        "" if origin.order == "forward" else origin.order,
        json.dumps(extra, ensure_ascii=False) if extra else "",
    ]
    return ",".join(map(_quoted, cells))


def _mention_cells(mention: Mention) -> list[str]:
    p, kind = mention.place, mention.type or ""
    if isinstance(p, Span):
        return [str(p.start), str(p.end), "", "", "", "", kind]
    return ["", "", *(repr(v) for v in (p.left, p.top, p.right, p.bottom)), kind]


def _quoted(cell: str) -> str:
    if any(c in cell for c in ',"\r\n'):
        return '"' + cell.replace('"', '""') + '"'
    return cell
