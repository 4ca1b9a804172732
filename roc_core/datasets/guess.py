"""Which format a file or folder is in."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

from roc_core.datasets import csv_, mnre_files, more
from roc_core.datasets.base import Line, is_file, lines, opened
from roc_core.datasets.fields import load_json
from roc_core.datasets.literals import LITERAL_LIMIT, literal
from roc_core.errors import DataSetInvalid, DataSetMissing, RecordRejected

_LOOK = 5
"""Lines looked at: one malformed line at the top should not hide the format."""


LIMIT_HEAD = 65_536
"""Bytes looked at in a file that is one value: its first task, unless that is very long."""


def detect(path: Path) -> str | None:
    """The format by the layout of a folder or by the first lines of a file, never by its name
    alone; None when it is none that can be read.

    Raises DataSetMissing when there is nothing at ``path``, DataSetInvalid when it is unreadable.
    """
    path = Path(path)
    if is_file(path):
        if whole := _of_whole(path):
            return whole
        votes = [_format_of(line) for line in islice(lines(path), _LOOK)]
        return next((vote for vote in votes if vote), None)
    if not path.exists():
        raise DataSetMissing("a data set", f"nothing at {path}", "Check the path.")
    for format, layout in (("mnre", mnre_files.text_files), ("more", more.text_files)):
        try:
            layout(path)
        except DataSetMissing:
            continue
        except DataSetInvalid:
            return format  # it is MNRE's layout; reading it will say what is wrong
        return format
    return None


def _of_whole(path: Path) -> str | None:
    """The format of a file that is no lines: Parquet begins with PAR1, an array of Label Studio's
    tasks with an object that has data."""
    with opened(path) as file:
        head = file.read(LIMIT_HEAD)
    if head.startswith(b"PAR1"):
        return "parquet"
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    task = text.removeprefix(b"[").lstrip().startswith(b"{") and b'"data"' in text
    return "label-studio" if text.startswith(b"[") and task else None


def _format_of(line: Line) -> str | None:
    try:
        text = line.text().strip()
        if text.startswith("{"):
            return _of_object(line, text)
        cells = csv_.split(line.where, text)
    except RecordRejected:
        return None
    return "csv" if "sentence" in cells and set(cells) <= set(csv_.COLUMNS) else None


def _of_object(line: Line, text: str) -> str | None:
    try:
        return "jsonl" if "sentence" in load_json(text) else None
    except ValueError:
        pass
    given = literal(line.where, text) if len(text) <= LITERAL_LIMIT else {}
    tail = given.get("t")
    if "token" not in given or not isinstance(tail, dict):
        return None
    is_object = "pos" not in tail or str(tail.get("name", "")).startswith("[OBJ")
    return "more" if is_object else "mnre"
