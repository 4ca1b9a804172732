"""Putting a backup in the place of the database, while others may have it open."""

from __future__ import annotations

import shutil
import sqlite3
import time
import uuid
from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path

from sqlite_utils import Database

from roc_core.errors import StoreUnavailable
from roc_core.schema import Backup
from roc_core.store import backups, erasures
from roc_core.store.clock import now
from roc_core.store.connection import Connector, explained, immediate
from roc_core.store.schema_version import Migration, migrate, require_ours

STOPPED = "Stopped: a backup from before its end was restored. Start the job again."


def prepared(
    backup: Backup, folder: Path, steps: tuple[Migration, ...], since: Sequence[sqlite3.Row]
) -> Path:
    """A copy of a backup beside the database, brought up to date and checked, in which what was
    erased ``since`` then is erased again. The caller removes it.

    Raises StoreInvalid, StoreUnavailable; then no copy is left.
    """
    part = folder / f".restoring-{uuid.uuid4().hex}.db"
    try:
        shutil.copyfile(backup.path, part)
        with explained(part), closing(Connector(part, wal=False).open()) as db:
            require_ours(db, backup.path, steps[-1].number)
            migrate(db, steps)
            erasures.apply(db, since, marks=True)
            backups.check(db, backup.path)
            _settle(db)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise StoreUnavailable(
            f"to copy the backup {backup.name}",
            error.strerror or str(error),
            "Free some disk space or make the folder writable.",
        ) from error
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return part


def _settle(db: Database) -> None:
    """No job of then goes on now."""
    with immediate(db):
        db.conn.execute(
            "UPDATE jobs SET state = 'cancelled', error = ?, finished = ?, pid = NULL, "
            "process = '', seconds_left = NULL WHERE state IN ('queued', 'running')",
            (STOPPED, now()),
        )


def replace(at: Connector, part: Path) -> None:
    """Make the database what ``part`` is, all at once; whoever has it open sees it from the next
    look on. Numbers of log rows and jobs go on from where they were, so that none means two things.

    Raises StoreUnavailable when others keep it locked for longer than ``busy_seconds``.
    """
    end = time.monotonic() + at.busy_seconds

    def give_up(status: int, _remaining: int, _total: int) -> None:
        if status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED) and time.monotonic() > end:
            raise sqlite3.OperationalError("database is locked")

    with at.read() as db:
        last = dict(db.conn.execute("SELECT name, seq FROM sqlite_sequence").fetchall())
    with explained(part), closing(Connector(part, wal=False).open()) as source:
        with immediate(source):
            for name, number in last.items():
                source.conn.execute(
                    "UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = ?", (number, name)
                )
                source.conn.execute(
                    "INSERT INTO sqlite_sequence (name, seq) SELECT ?, ? WHERE NOT EXISTS "
                    "(SELECT 1 FROM sqlite_sequence WHERE name = ?)",
                    (name, number, name),
                )
        with explained(at.path), closing(at.open()) as db:
            source.conn.backup(db.conn, progress=give_up, sleep=0.05)
            db.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def remove(part: Path) -> None:
    """Remove a prepared copy and what SQLite may have left beside it."""
    for end in ("", "-journal", "-wal", "-shm"):
        with suppress(OSError):
            Path(f"{part}{end}").unlink()
