"""Copies of the database while it is in use, and checks of its soundness."""

from __future__ import annotations

import os
import re
import sqlite3
from datetime import datetime, timezone
from pathlib import Path

from sqlite_utils import Database

from roc_core.errors import BackupMissing, StoreUnavailable
from roc_core.schema import Backup
from roc_core.store.pictures import sync_folder

_NAME = re.compile(r"(\d{8}T\d{12}Z)-([a-z0-9-]+)\.db")


def copy(db: Database, folder: Path, reason: str, keep: int) -> Path:
    """An online copy ``<UTC time>-<reason>.db`` in ``folder``; only the newest ``keep`` stay.

    Writers go on meanwhile. Raises sqlite3.Error, StoreUnavailable when the folder cannot be
    written. Pictures are not copied: their files never change.
    """
    stamp = datetime.now(timezone.utc).strftime("%Y%m%dT%H%M%S%fZ")
    word = re.sub(r"[^a-z0-9]+", "-", reason.lower()).strip("-")[:40] or "backup"
    path = folder / f"{stamp}-{word}.db"
    part = folder / f".part-{path.name}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        try:
            _copy_whole(db, part)
            os.replace(part, path)
        finally:
            part.unlink(missing_ok=True)
        sync_folder(folder)
        _prune(folder, keep)
    except OSError as error:
        raise StoreUnavailable(
            f"to write a backup into {folder}",
            error.strerror or str(error),
            "Free some disk space or make the folder writable.",
        ) from error
    return path


def _copy_whole(db: Database, path: Path) -> None:
    target = sqlite3.connect(str(path))
    try:
        db.conn.backup(target)
        # a copy that is one file, readable from a read-only folder
        target.execute("PRAGMA journal_mode = DELETE")
    finally:
        target.close()
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _prune(folder: Path, keep: int) -> None:
    for old in sorted(folder.glob("2*.db"))[: -max(keep, 1)]:
        old.unlink(missing_ok=True)


def listed(folder: Path) -> tuple[Backup, ...]:
    """The backups in a folder, newest first; other files are passed over."""
    found = []
    for path in sorted(folder.glob("2*.db"), reverse=True):
        match = _NAME.fullmatch(path.name)
        if match:
            moment = datetime.strptime(match[1], "%Y%m%dT%H%M%S%fZ").replace(tzinfo=timezone.utc)
            created = moment.isoformat(timespec="microseconds")
            size = path.stat().st_size
            found.append(Backup(path.name, path, created, match[2].replace("-", " "), size))
    return tuple(found)


def named(folder: Path, name: str) -> Backup:
    """The backup of that name, or the newest one for "latest". Raises BackupMissing."""
    found = listed(folder)
    for backup in found[:1] if name == "latest" else found:
        if name in (backup.name, "latest"):
            return backup
    raise BackupMissing(
        "the name of a backup, or latest",
        f"{name!r} among {len(found)} backups",
        "Choose one from the list: python -m roc_core backups",
    )


def check(db: Database, path: Path) -> None:
    """Raises StoreUnavailable when the file is damaged, a reference leads nowhere, or the present
    labels kept with the items differ from what the log says."""
    wrong = [row[0] for row in db.conn.execute("PRAGMA integrity_check(5)") if row[0] != "ok"]
    wrong += [
        f"a row of {row[0]} refers to a missing row of {row[2]}"
        for row in db.conn.execute("PRAGMA foreign_key_check").fetchmany(5)
    ]
    stale = db.conn.execute(
        "SELECT count(*) FROM items JOIN present_labels AS now ON now.item = items.id "
        "WHERE items.relation IS NOT now.relation OR items.direction IS NOT now.direction "
        "OR items.state IS NOT now.state OR items.corrections IS NOT "
        "(SELECT count(*) FROM corrections WHERE corrections.item = items.id)"
    ).fetchone()[0]
    if stale:
        wrong.append(f"{stale} items whose label differs from the log of corrections")
    if wrong:
        raise StoreUnavailable(
            f"a sound database {path}",
            "; ".join(wrong),
            "Close the program and put the newest file of the folder 'backups' in its place.",
        )
