"""Side columns of an audit: CSV files keyed by item number.

::

    split,item,crops          item,crops        (when the data set has one split only)
    train,1,3                 1,3
    train,2,2                 2,2

``item`` counts the records of a split from 1, in the order of the data set. An item without a row,
and an empty cell, have no value.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from roc_core.datasets.base import opened
from roc_core.errors import DataSetInvalid, RecordRejected, ValueRejected
from roc_core.schema import Record

if TYPE_CHECKING:
    from roc_core.evaluation.audit_columns import Column

Item = tuple[str, int]
"""Split as the data set names it ("" for none) and the number of the record in it, from 1."""

Row = tuple[int, list[str]]
"""A line's number and its cells."""


def numbered(records: Sequence[Record]) -> list[Item]:
    """The item of every record: its split and its place among the records of that split."""
    counts: dict[str, int] = {}
    items = []
    for record in records:
        split = record.provenance.split
        counts[split] = counts.get(split, 0) + 1
        items.append((split, counts[split]))
    return items


def parse_side(text: str) -> tuple[str, Path]:
    """Name and file of ``name=file.csv``. Raises ValueRejected for anything else."""
    name, equals, file = text.partition("=")
    if not (name.strip() and equals and file.strip()):
        raise ValueRejected("name=file.csv", repr(text), "Give a name, = and the file's path.")
    return name.strip(), Path(file.strip())


def side_columns(name: str, path: Path, items: Sequence[Item]) -> list[Column]:
    """The columns of a file, one value an item: called ``name`` if it is one, else ``name`` and
    their own.

    Raises DataSetMissing, DataSetInvalid for what is no CSV or lacks a column, RecordRejected for
    a row that fits no item.
    """
    from roc_core.evaluation.audit_columns import Column, as_values

    rows = _rows(path)
    header = rows[0][1] if rows else []
    names = _names(path, header, several=len({split for split, _ in items}) > 1)
    cells: list[dict[str, str]] = [{} for _ in items]
    numbers = {item: n for n, item in enumerate(items)}
    for line, row in rows[1:]:
        given, at = _placed(path.name, line, header, row, numbers)
        if cells[at]:
            raise RecordRejected(path.name, line, "item", "each item once", f"{row} again")
        cells[at] = given
    return [
        Column(
            name if len(names) == 1 else f"{name} {column}",
            "side",
            as_values(_numbers([c.get(column) or None for c in cells])),
        )
        for column in names
    ]


def _rows(path: Path) -> list[Row]:
    with opened(path) as file:
        data = file.read()
    try:
        reader = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True)
        return [(reader.line_num, [c.strip() for c in row]) for row in reader if any(row)]
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataSetInvalid(
            f"a CSV file in UTF-8 at {path.name}", str(error), "Write it again as CSV."
        ) from None


def _names(path: Path, header: list[str], several: bool) -> list[str]:
    keys = ["split", "item"] if several else ["item"]
    names = [c for c in header if c not in ("split", "item")]
    if any(k not in header for k in keys) or not all(names) or len(set(header)) < len(header):
        names = []
    if not names:
        raise DataSetInvalid(
            f"a header with {', '.join(keys)} and at least one more column in {path.name}, each "
            "named once",
            ", ".join(header) or "an empty file",
            "Give each row the number of its example, from 1.",
        )
    return names


def _placed(
    file: str, line: int, header: list[str], row: list[str], numbers: dict[Item, int]
) -> tuple[dict[str, str], int]:
    """The cells of a row by column, and which item they belong to."""
    if len(row) != len(header):
        raise RecordRejected(file, line, "line", f"{len(header)} cells", f"{len(row)}")
    given = dict(zip(header, row, strict=True))
    only = next(iter(numbers), ("", 0))[0]
    split, number = given.get("split", only), given["item"]
    item = (split, int(number) if number.isascii() and number.isdigit() else 0)
    if item not in numbers:
        most = max((n for s, n in numbers if s == split), default=0)
        expected = f"a number from 1 to {most}" if most else "a split of the data set"
        raise RecordRejected(file, line, "item", expected, f"{split} {number}".strip())
    return given, numbers[item]


def _numbers(cells: Sequence[str | None]) -> list[float | str | None]:
    """Numbers if every cell that is given is one, else the cells."""
    try:
        values = [None if c is None else float(c) for c in cells]
    except ValueError:
        return list(cells)
    return list(values) if all(v is None or math.isfinite(v) for v in values) else list(cells)
