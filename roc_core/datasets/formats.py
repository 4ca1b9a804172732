"""One way to read and write every format."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO

from roc_core.datasets import (
    csv_,
    fields,
    jsonl,
    label_studio,
    label_studio_out,
    mnre,
    mnre_files,
    more,
    more_out,
    parquet,
)
from roc_core.datasets.base import LINE_LIMIT, Line, Where, in_record, lines, replacing
from roc_core.datasets.captions import CAPTIONERS
from roc_core.datasets.picture_names import Namer, namer
from roc_core.errors import DataSetInvalid, RecordRejected, RocError, ValueRejected
from roc_core.schema import Record, Refusal

FORMATS: tuple[str, ...] = ("jsonl", "csv", "parquet", "label-studio", "mnre", "more")
"""The formats that can be read."""

WRITABLE: tuple[str, ...] = ("jsonl", "csv", "parquet", "label-studio", "mnre", "more")
"""The formats that can be written."""


def read(
    format: str,
    path: Path,
    *,
    strict: bool = False,
    pictures: Path | None = None,
    symmetric: frozenset[str] | None = None,
    captioners: tuple[str, ...] = CAPTIONERS,
) -> Iterator[Record | Refusal]:
    """The records of a data set, one after the other, and a Refusal for each malformed line.

    ``path`` is a file or, for MNRE and MORE, also their folder. ``pictures`` is the folder that
    picture paths are relative to (default: the file's folder; MNRE and MORE: ``img_org``).
    ``symmetric`` are the relations without a direction in MNRE and MORE (default: their own) and
    in Label Studio, where every link has an arrow (default: those whose arrow points both ways);
    ``captioners`` says whose captions of MNRE's pictures are preferred.

    Raises DataSetMissing (nothing there), DataSetInvalid (no line can be read), ValueRejected
    (unknown format) and, with ``strict``, RecordRejected for the first malformed line.
    """
    _known(format, FORMATS)
    return _guarded(_stream(format, Path(path), pictures, symmetric, captioners), path, strict)


def _guarded(
    found: Iterator[Record | RecordRejected], path: Path, strict: bool
) -> Iterator[Record | Refusal]:
    try:
        for one in found:
            if isinstance(one, Record):
                yield one
            elif strict:
                raise one
            else:
                yield Refusal(one.file, one.line, one.field, one.expected, one.found)
    except RocError:
        raise
    except OSError as error:
        raise DataSetInvalid(
            f"a readable data set at {path}", f"{error}", "Check the path and its permissions."
        ) from error


def _stream(
    format: str,
    path: Path,
    pictures: Path | None,
    symmetric: frozenset[str] | None,
    captioners: tuple[str, ...],
) -> Iterator[Record | RecordRejected]:
    if format == "mnre":
        own = mnre.SYMMETRIC if symmetric is None else symmetric
        return mnre_files.read(path, own, pictures, captioners)
    if format == "more":
        return more.read(path, more.SYMMETRIC if symmetric is None else symmetric, pictures)
    folder = path.parent if pictures is None else pictures
    if format == "csv":
        return _each(csv_.rows(path), lambda row: csv_.parse(row, folder))
    if format == "parquet":
        return parquet.read(path, folder)
    if format == "label-studio":
        return label_studio.read(path, folder, symmetric)
    return _each(lines(path), lambda line: jsonl.parse(line.where, line.text(), folder))


def _each(
    source: Iterable[object], parse: Callable[..., Record]
) -> Iterator[Record | RecordRejected]:
    for one in source:
        try:
            yield one if isinstance(one, RecordRejected) else parse(one)
        except RecordRejected as error:
            yield error


def read_stream(
    source: IO[bytes], name: str, folder: Path
) -> Iterator[tuple[int, Record | Refusal]]:
    """Records of a JSONL stream with their line numbers, as they arrive; blank lines are left out.

    ``name`` is how refusals call the stream; picture paths are relative to ``folder``.
    """
    for number, data in enumerate(iter(lambda: source.readline(LINE_LIMIT + 1), b""), start=1):
        if not data.strip():
            continue
        where = Where(name, number)
        try:
            if len(data) > LINE_LIMIT:
                raise Line(where, None, LINE_LIMIT).too_long()
            yield number, jsonl.parse(where, Line(where, data, LINE_LIMIT).text(), folder)
        except RecordRejected as error:
            yield (
                number,
                Refusal(error.file, error.line, error.field, error.expected, error.found),
            )


def size(format: str, path: Path) -> int:
    """How many records and refusals ``read`` will yield, but for refused captions.

    Reads the files once without parsing values. Raises as ``read`` does.
    """
    _known(format, FORMATS)
    path = Path(path)
    if format in ("mnre", "more"):
        return (mnre_files if format == "mnre" else more).size(path)
    if format == "parquet":
        return parquet.size(path)
    if format == "label-studio":
        return sum(1 for _ in label_studio.read(path, path.parent))
    return sum(1 for _ in (csv_.rows(path) if format == "csv" else lines(path)))


def write(
    format: str,
    records: Iterable[Record],
    path: Path,
    *,
    symmetric: frozenset[str] | None = None,
    copy_pictures: bool = False,
) -> int:
    """Write records and return how many; the file appears whole or not at all.

    Pictures are named relative to the file; with ``copy_pictures`` those that lie outside its
    folder are copied to ``<stem>-pictures/`` beside it. MNRE names no paths; it is one file if
    ``path`` ends in ``.txt``, else a folder with one file a split. MORE is a folder with text,
    boxes and pictures by split.

    Raises ValueRejected saying which record the format cannot hold and what to do, PictureMissing
    for a picture to copy that is gone.
    """
    _known(format, WRITABLE)
    path = Path(path)
    if format == "mnre":
        return mnre_files.write(records, path, mnre.SYMMETRIC if symmetric is None else symmetric)
    if format == "more":
        return more_out.write(records, path, more.SYMMETRIC if symmetric is None else symmetric)
    lines = _lines(format, records, namer(path, copy_pictures), path.parent)
    count = _Count()
    with replacing(path) as file:
        if format == "parquet":
            parquet.write(file, map(parquet.row, count.of(lines)))
        else:
            for text in _framed(format, count.of(lines)):
                file.write(text.encode())
    return count.seen


def _framed(format: str, lines: Iterable[str]) -> Iterator[str]:
    """The file's text: lines with what stands before, between and after them."""
    if format == "csv":
        yield csv_.header() + "\n"
    if format != "label-studio":
        yield from (f"{line}\n" for line in lines)
        return
    yield "["
    for number, line in enumerate(lines):
        yield (",\n" if number else "\n") + line
    yield "\n]\n"


class _Count:
    """How many of an iterable went by."""

    def __init__(self) -> None:
        self.seen = 0

    def of(self, source: Iterable[str]) -> Iterator[str]:
        for one in source:
            self.seen += 1
            yield one


def _lines(format: str, records: Iterable[Record], name: Namer, folder: Path) -> Iterator[str]:
    """Each record as a line of its format, Parquet's as JSONL. Raises as ``write``."""
    for number, record in enumerate(records, start=1):
        try:
            yield _line(format, record, number, name, folder)
        except (ValueRejected, RecordRejected) as error:
            mend = f"Mend its field '{error.field}'" if isinstance(error, RecordRejected) else ""
            todo = f"{mend} or leave the record out." if mend else error.todo
            raise in_record(error, number, record, todo) from None


def _line(format: str, record: Record, number: int, name: Namer, folder: Path) -> str:
    where = Where("the written file", number)
    line = (
        label_studio_out.compose(record, number, name)
        if format == "label-studio"
        else (csv_ if format == "csv" else jsonl).compose(record, name)
    )
    if len(line.encode("utf-8", "surrogatepass")) > LINE_LIMIT:
        raise Line(where, None, LINE_LIMIT).too_long()
    # Whatever could not be read back must not be written.
    if format == "csv":
        csv_.parse(csv_.row(where, line), folder)
    elif format == "label-studio":
        if record.label is not None:  # the arrow alone would not tell a direction that cannot be
            fields.label(where, record.label.relation, record.label.direction, False)
        label_studio.parse(where, line, folder)
    else:
        jsonl.parse(where, line, folder)
    return line


def _known(format: str, known: tuple[str, ...]) -> None:
    if format not in known:
        raise ValueRejected(
            f"one of the formats {', '.join(known)}", repr(format), "Choose one of them."
        )
