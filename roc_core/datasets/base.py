"""Files: their lines, one at a time and of bounded length, and writing that is all or nothing."""

from __future__ import annotations

import os
import reprlib
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from roc_core.errors import (
    DataSetInvalid,
    DataSetMissing,
    RecordRejected,
    RocError,
    ValueRejected,
)
from roc_core.schema import Record

LINE_LIMIT = 1_000_000
"""Bytes a line of JSONL or a CSV record may have; a longer one is refused, never held in memory."""

_BOM = b"\xef\xbb\xbf"
_SHORT = reprlib.Repr()
_SHORT.maxstring = _SHORT.maxother = 70
_SHORT.maxlevel = 3


def shown(value: object) -> str:
    """``value`` as Python would write it, shortened to about 70 characters."""
    return _SHORT.repr(value)


@dataclass(frozen=True, slots=True)
class Where:
    """A place in a data set file: the file's name and the line, counted from 1; in a file without
    lines ``unit`` says what is counted instead."""

    file: str
    line: int
    unit: str = "line"

    def refuse(self, field: str, expected: str, found: str) -> RecordRejected:
        """The error that names this place; the caller raises it."""
        return RecordRejected(self.file, self.line, field, expected, found, self.unit)


@dataclass(frozen=True, slots=True)
class Line:
    """One line as bytes with its line end; ``data`` is None when it was longer than ``limit``."""

    where: Where
    data: bytes | None
    limit: int

    def text(self) -> str:
        """The line without its line end. Raises RecordRejected when too long or not UTF-8."""
        if self.data is None:
            raise self.too_long()
        try:
            return self.data.decode("utf-8").removesuffix("\n").removesuffix("\r")
        except UnicodeDecodeError as error:
            found = f"byte 0x{self.data[error.start]:02x} at byte {error.start} of the line"
            raise self.where.refuse("line", "UTF-8 text", found) from None

    def too_long(self) -> RecordRejected:
        """The error for a line over the limit."""
        return self.where.refuse("line", f"at most {self.limit:,} bytes", "a longer line")


def in_record(
    error: ValueRejected | RecordRejected, number: int, record: Record, todo: str
) -> ValueRejected:
    """Why a format cannot hold a record, which is named by its number and first words."""
    found = f"{error.found} in record {number} ({record.example.sentence[:40]!r})"
    return ValueRejected(error.expected, found, todo)


def is_file(path: Path) -> bool:
    """Whether there is a file; False also for a path the system cannot even look up."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """A file open for reading. Raises DataSetMissing when there is none, DataSetInvalid when it
    cannot be read."""
    try:
        file = path.open("rb")
    except (FileNotFoundError, NotADirectoryError):
        raise DataSetMissing("a data set file", f"nothing at {path}", "Check the path.") from None
    except (OSError, ValueError) as error:
        raise DataSetInvalid(
            f"a readable file at {path}", f"{error}", "Give the path of a file you may read."
        ) from None
    with file:
        yield file


def raw_lines(path: Path, limit: int = LINE_LIMIT) -> Iterator[Line]:
    """Every line of a file, blank ones too, without a byte order mark. Holds one line at most."""
    with opened(path) as file:
        number = 0
        while data := file.readline(limit + 2):
            number += 1
            complete = len(data.rstrip(b"\r\n")) <= limit
            while not data.endswith(b"\n") and (rest := file.readline(1 << 16)):
                complete, data = False, rest
            kept = data.removeprefix(_BOM) if number == 1 else data
            yield Line(Where(path.name, number), kept if complete else None, limit)


def lines(path: Path, limit: int = LINE_LIMIT) -> Iterator[Line]:
    """The lines of a file that are not blank."""
    return (line for line in raw_lines(path, limit) if line.data is None or line.data.strip())


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """A file to write that takes the place of ``path`` at the end, whole and on disk, or not at
    all: an error inside the block leaves what was there before and no trace of the attempt.

    Raises ValueRejected when the folder cannot be written to.
    """
    part = path.with_name(f".{path.name[:100]}.{uuid.uuid4().hex}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
        _sync_folder(path.parent)
    except RocError:
        raise  # some of ours are OSErrors too and already say what is wrong
    except OSError as error:
        raise ValueRejected(
            f"to write {path}", f"{error.strerror or error}", "Choose another place or make room."
        ) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    # The rename itself is only safe once the folder is on disk; not every system can do this.
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
