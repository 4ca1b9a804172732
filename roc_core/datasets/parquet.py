"""Parquet: the fields of JSONL as columns, one record a row.

::

    sentence string, mentions list<struct<span list<int64>, box list<double>, type string>>,
    picture string, picture_text string, relation string, direction string,
    provenance struct<source, split string, line int64, key, order string, extra string>

What JSONL leaves out is null; ``provenance.extra`` is JSON text. When reading, columns may stand
in any order and all but ``sentence`` and ``mentions`` may be missing; other columns and other types
are refused (narrower or wider numbers and the large forms of text and lists are the same types).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from roc_core.datasets import fields, jsonl
from roc_core.datasets.base import Where, opened
from roc_core.errors import DataSetInvalid, RecordRejected
from roc_core.schema import Record

if TYPE_CHECKING:
    import pyarrow as pa

BATCH = 1000
"""Rows of a row group that is written; as many are read at a time."""

_TODO = "Write the file with these columns, or give it as JSONL."


def schema() -> pa.Schema:
    """The columns as they are written."""
    import pyarrow as pa

    text, numbers = pa.string(), pa.list_(pa.float64())
    mention = pa.struct([("span", pa.list_(pa.int64())), ("box", numbers), ("type", text)])
    origin = [("source", text), ("split", text), ("line", pa.int64())]
    origin += [("key", text), ("order", text), ("extra", text)]
    return pa.schema(
        [("sentence", text), ("mentions", pa.list_(mention))]
        + [(name, text) for name in ("picture", "picture_text", "relation", "direction")]
        + [("provenance", pa.struct(origin))]
    )


def read(path: Path, folder: Path) -> Iterator[Record | RecordRejected]:
    """The records of a file, and an error for each row that is none; ``folder`` is what picture
    paths are relative to. Raises DataSetMissing; DataSetInvalid for another kind of file, a column
    of another type, and where the file is damaged."""
    for number, row in enumerate(_rows(path), start=1):
        where = Where(path.name, number, "row")
        try:
            yield jsonl.record_of(where, _value(where, row), folder)
        except RecordRejected as error:
            yield error


def size(path: Path) -> int:
    """How many rows a file has. Raises as ``read``."""
    return sum(1 for _ in _rows(path))


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    with opened(path) as file:
        try:
            source = pq.ParquetFile(file)
            _check(path, source.schema_arrow)
            for batch in source.iter_batches(BATCH):
                yield from batch.to_pylist()
        except (pa.ArrowException, OSError, ValueError, OverflowError, MemoryError) as error:
            reason = (str(error).splitlines() or [type(error).__name__])[0][:200]
            raise DataSetInvalid(f"a Parquet file {path.name}", reason, _TODO) from None


def _check(path: Path, found: pa.Schema) -> None:
    """Raises DataSetInvalid for a column that is unknown, missing, double or of another type."""
    wanted = schema()
    if len(set(found.names)) < len(found.names):
        raise DataSetInvalid(f"each column once in {path.name}", ", ".join(found.names), _TODO)
    for name in found.names:
        if name not in wanted.names:
            expected = f"only the columns {', '.join(wanted.names)} in {path.name}"
            raise DataSetInvalid(expected, repr(name), _TODO)
        if not _same(wanted.field(name).type, found.field(name).type):
            expected = f"column '{name}' of type {wanted.field(name).type} in {path.name}"
            raise DataSetInvalid(expected, str(found.field(name).type), _TODO)
    for name in ("sentence", "mentions"):
        if name not in found.names:
            raise DataSetInvalid(f"a column '{name}' in {path.name}", "none", _TODO)


def _same(wanted: pa.DataType, found: pa.DataType) -> bool:
    from pyarrow import types

    if types.is_null(found):
        return True
    if types.is_struct(wanted):
        names = [field.name for field in wanted]
        return types.is_struct(found) and all(
            f.name in names and _same(wanted.field(f.name).type, f.type) for f in found
        )
    if types.is_list(wanted):
        lists = (types.is_list, types.is_large_list, types.is_fixed_size_list)
        return any(is_(found) for is_ in lists) and _same(wanted.value_type, found.value_type)
    if types.is_string(wanted):
        return bool(types.is_string(found) or types.is_large_string(found))
    return bool(types.is_integer(found) or (types.is_floating(wanted) and types.is_floating(found)))


def _value(where: Where, row: dict[str, Any]) -> dict[str, Any]:
    """A row as JSONL would give it: without nulls, ``extra`` read."""
    given = _without_nulls(row)
    mentions = given.get("mentions")
    if isinstance(mentions, list):
        given["mentions"] = [_without_nulls(m) if isinstance(m, dict) else m for m in mentions]
    if "provenance" in given:
        origin = given["provenance"] = _without_nulls(given["provenance"])
        if "extra" in origin:
            try:
                origin["extra"] = fields.load_json(origin["extra"])
            except ValueError as error:
                raise where.refuse("provenance.extra", "a JSON object", str(error)) from None
    return given


def _without_nulls(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def row(line: str) -> dict[str, Any]:
    """The row of a line of JSONL."""
    given: dict[str, Any] = json.loads(line)
    if "extra" in given["provenance"]:
        given["provenance"]["extra"] = json.dumps(given["provenance"]["extra"], ensure_ascii=False)
    return given


def write(file: IO[bytes], rows: Iterable[dict[str, Any]]) -> None:
    """Write rows into an open file, ``BATCH`` at a time."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns, source = schema(), iter(rows)
    with pq.ParquetWriter(file, columns) as writer:
        while batch := list(islice(source, BATCH)):
            writer.write_table(pa.Table.from_pylist(batch, columns))
