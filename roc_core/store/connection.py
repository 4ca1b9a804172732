"""A connection per operation, opened the same way everywhere, and its errors in plain words."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlite_utils import Database

from roc_core.errors import RocError, StoreInvalid, StoreUnavailable, ValueRejected

DATABASE = "workspace.db"

APPLICATION_ID = 0x524F4357
"""Marks our files (the letters ROCW) in SQLite's header, see ``PRAGMA application_id``."""


@dataclass(frozen=True, slots=True)
class Connector:
    """How to reach one database file.

    ``busy_seconds``: how long to wait for another writer. ``max_pages``: largest size of the file
    in pages of 4096 bytes, 0 for no limit. ``wal`` is off for a copy that is to stay one file.
    """

    path: Path
    busy_seconds: float = 10.0
    max_pages: int = 0
    wal: bool = True

    def open(self, create: bool = False) -> Database:
        """A new connection with WAL, busy_timeout and foreign_keys set; the caller closes it.

        Raises sqlite3.Error; a missing file is only made when ``create``.
        """
        mode = "rwc" if create else "rw"
        uri = f"{self.path.absolute().as_uri()}?mode={mode}"
        conn = sqlite3.connect(uri, uri=True, timeout=self.busy_seconds)
        try:
            conn.row_factory = sqlite3.Row
            for pragma in self._pragmas(conn, create):
                conn.execute(f"PRAGMA {pragma}")
            # recursive triggers: INSERT OR REPLACE then meets the log's delete trigger
            return Database(conn, recursive_triggers=True, execute_plugins=False)
        except BaseException:
            conn.close()
            raise

    def _pragmas(self, conn: sqlite3.Connection, create: bool) -> Iterator[str]:
        yield f"busy_timeout = {int(self.busy_seconds * 1000)}"
        # WAL is written into the file: never into one that is another program's
        mark = conn.execute("PRAGMA application_id").fetchone()[0]
        if self.wal and (mark == APPLICATION_ID or (create and _is_new(conn))):
            yield "journal_mode = WAL"
        # power may fail at any time: a save that was confirmed is on the disk
        yield "synchronous = FULL"
        yield "foreign_keys = ON"
        if self.max_pages:
            yield f"max_page_count = {self.max_pages}"

    @contextmanager
    def read(self) -> Iterator[Database]:
        """A connection for reading, closed at the end.

        Raises StoreUnavailable, StoreInvalid or ValueRejected as ``explained`` says.
        """
        with explained(self.path):
            db = self.open()
            try:
                yield db
            finally:
                db.close()

    @contextmanager
    def write(self) -> Iterator[Database]:
        """A connection inside one transaction: all of the block is kept, or nothing of it.

        Raises StoreUnavailable, StoreInvalid or ValueRejected as ``explained`` says.
        """
        with self.read() as db, immediate(db):
            yield db


def _is_new(conn: sqlite3.Connection) -> bool:
    return bool(conn.execute("PRAGMA page_count").fetchone()[0] == 0)


@contextmanager
def immediate(db: Database) -> Iterator[None]:
    """One write transaction.

    The lock is taken at the start: a transaction that reads first and writes later cannot wait for
    another writer, SQLite refuses it at once whatever busy_timeout says.
    """
    db.conn.execute("BEGIN IMMEDIATE")
    try:
        with db.atomic():
            yield
        db.conn.execute("COMMIT")
    except BaseException:
        db.rollback()
        raise


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn what SQLite and its driver raise into the named errors of this program.

    Raises StoreUnavailable (locked, read-only, full, damaged), StoreInvalid (not a database),
    ValueRejected (a text or number SQLite cannot keep).
    """
    try:
        yield
    except sqlite3.IntegrityError as error:
        raise _rejected(f"values that keep the database's rules ({error})", "others") from error
    except sqlite3.ProgrammingError:
        raise
    except sqlite3.DatabaseError as error:
        raise _explain(path, str(error)) from error
    except UnicodeEncodeError as error:
        bad = f"U+{ord(error.object[error.start]):04X} at character {error.start + 1}"
        raise _rejected("text made of whole characters", f"a lone surrogate, {bad}") from error
    except OverflowError as error:
        raise _rejected("whole numbers below 2^63", "a larger one") from error


def _rejected(expected: str, found: str) -> ValueRejected:
    return ValueRejected(expected, found, "Correct the value; nothing was saved.")


# What SQLite says (https://www.sqlite.org/rescode.html), what it means, what helps. Matched by
# message because Python 3.10 does not carry the code on the exception.
_UNAVAILABLE: tuple[tuple[str, str, str], ...] = (
    (
        "locked",
        "a lock held by another program",
        "Wait until the other import, training or backup is done, then save again.",
    ),
    (
        "readonly",
        "a database that may only be read",
        "Make the workspace folder and its files writable, then save again.",
    ),
    ("is full", "no space left", "Free some disk space, then save again."),
    (
        "unable to open",
        "a file that cannot be opened",
        "Check that the workspace folder exists and that you may read and write it.",
    ),
    ("disk i/o error", "a disk error", "Check the disk, then save again."),
    (
        "malformed",
        "a damaged database",
        "Close the program and put the newest file of the folder 'backups' in its place.",
    ),
)


def _explain(path: Path, message: str) -> RocError:
    if "not a database" in message:
        return StoreInvalid(
            f"a workspace database in {path}",
            "a file that is no SQLite database",
            "Choose another workspace folder or put a backup in its place.",
        )
    for part, found, todo in _UNAVAILABLE:
        if part in message.lower():
            return StoreUnavailable(f"to use the database {path}", f"{found} ({message})", todo)
    return StoreUnavailable(
        f"to use the database {path}",
        f"SQLite's answer: {message}",
        "Try again; nothing was saved.",
    )
