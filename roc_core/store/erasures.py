"""The log of erasures, and erasing for good: from the database, its file and its backups."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing, suppress
from datetime import datetime, timedelta, timezone
from pathlib import Path

from sqlite_utils import Database

from roc_core.errors import RocError, StoreUnavailable, ValueRejected
from roc_core.schema import ErasedCounts, ErasedIds, Erasure
from roc_core.store import backups, drafts, erasing, items, pictures
from roc_core.store.clock import now
from roc_core.store.connection import Connector, explained

AFTER_DAYS = "erase_backups_after_days"
"""Setting: how old a backup is, in whole days, before what was erased is erased in it, too."""

_SCRUBBED = "erased_from_file_up_to"
"""Setting: number of the last erasure whose traces are gone from the database's own file."""


class ErasureTable:
    """Erasures of one workspace; raises as ``Store``.

    Each of the erasing methods is whole once it returns or raises StoreUnavailable: what was named
    is gone from the tables then, and ``clean`` removes what may be left of it in files.
    """

    def __init__(self, at: Connector, folder: Path) -> None:
        self._at, self._folder = at, folder

    # --- erasing -----------------------------------------------------------------------------

    def items(self, ids: Sequence[str], author: str, reason: str) -> tuple[Erasure, ...]:
        """Erase items and all that is kept about them. Raises ItemMissing."""
        with self._at.read() as db, erasing.unlocked(db):
            for id in ids:
                items.require(db, id)
            return tuple(_erase_item(db, id, author, reason) for id in dict.fromkeys(ids))

    def picture(self, sha256: str, author: str, reason: str) -> tuple[Erasure, ...]:
        """Erase a picture: its own tombstone, then those of the items that had a box in it. Other
        items stay without it. Raises PictureMissing."""
        with self._at.read() as db, erasing.unlocked(db):
            pictures.require(db, sha256)
            with_box = erasing.boxed(db, sha256)
            whole = _log(db, "picture", sha256, author, reason)
            gone = [_erase_item(db, id, author, reason, whole.id) for id in with_box]
            changed = erasing.erase_picture(db, sha256)
            return _counted(db, whole, changed=changed), *gone

    def annotator(self, name: str, author: str, reason: str) -> Erasure:
        """Put "erased-1" (or the next number) in the place of a name, everywhere; labels stay.

        Raises ValueRejected for a name that is not there, or is such a tombstone itself.
        """
        with self._at.read() as db, erasing.unlocked(db):
            known = erasing.names(db)
            if name not in known or _exists(
                db, "SELECT 1 FROM erasures WHERE kind = 'annotator' AND subject = ?", name
            ):
                said = ", ".join(known) or "nobody"
                raise ValueRejected(f"a name in this workspace ({said})", repr(name), "Choose one.")
            taken = {n.lower() for n in known}
            number = 1
            while f"erased-{number}" in taken or _exists(
                db, "SELECT 1 FROM erasures WHERE subject = ?", f"erased-{number}"
            ):
                number += 1
            tombstone = f"erased-{number}"
            author = tombstone if author == name else author
            changed = erasing.rename(db, name, tombstone)
            found = _log(db, "annotator", tombstone, author, reason, _mark(name))
            return _counted(db, found, changed=changed)

    # --- what was erased ---------------------------------------------------------------------

    def all(self) -> tuple[Erasure, ...]:
        """All tombstones, oldest first."""
        with self._at.read() as db:
            return tuple(_erasure(row) for row in _rows(db))

    def counts(self) -> ErasedCounts:
        """How much was erased."""
        found = self.all()
        kinds = [e.kind for e in found]
        return ErasedCounts(
            kinds.count("item"),
            kinds.count("picture"),
            kinds.count("annotator"),
            sum(e.corrections for e in found),
            sum(not e.cleaned for e in found),
        )

    def ids(self) -> ErasedIds:
        """Items and pictures that stay out."""
        found = self.all()
        return ErasedIds(
            frozenset(e.subject for e in found if e.kind == "item"),
            frozenset(e.subject for e in found if e.kind == "picture"),
        )

    def same_sentence(self, id: str) -> tuple[str, ...]:
        """Ids of the other items with an item's sentence. Raises ItemMissing."""
        with self._at.read() as db:
            items.require(db, id)
            rows = db.conn.execute(
                "SELECT id FROM items WHERE sentence = (SELECT sentence FROM items WHERE id = ?1) "
                "AND id <> ?1 ORDER BY n",
                (id,),
            )
            return tuple(row[0] for row in rows)

    def with_picture(self, sha256: str) -> tuple[str, ...]:
        """Ids of the items that have a picture. Raises PictureMissing."""
        with self._at.read() as db:
            pictures.require(db, sha256)
            sql = "SELECT id FROM items WHERE picture = ? ORDER BY n"
            return tuple(row[0] for row in db.conn.execute(sql, (sha256,)))

    def names(self) -> tuple[str, ...]:
        """Everybody named in the database but tombstones."""
        with self._at.read() as db:
            gone = {row["subject"] for row in _rows(db) if row["kind"] == "annotator"}
            return tuple(name for name in erasing.names(db) if name not in gone)

    # --- the last traces ---------------------------------------------------------------------

    def clean(self) -> int:
        """Remove what is left of erased things from files: pictures, logs of jobs, the database's
        own free space, and backups that are older than the setting ``erase_backups_after_days``
        says. How many erasures still have a trace, in younger backups.

        May be repeated at any time. Raises StoreUnavailable when a file cannot be changed now.
        """
        with self._at.read() as db:
            pending = [row for row in _rows(db) if row["cleaned"] is None]
            if not pending:
                return 0
            days = int(drafts.setting(db, AFTER_DAYS, "0"))
            scrubbed = int(drafts.setting(db, _SCRUBBED, "0"))
        try:
            self._clean_files(pending)
            if pending[-1]["id"] > scrubbed:
                self._scrub(pending[-1]["id"])
            held = self._clean_backups(pending, days)
        except OSError as error:
            raise StoreUnavailable(
                "to remove the last traces of what was erased",
                error.strerror or str(error),
                "Make the workspace's folder writable and finish the erasure again.",
            ) from error
        done = [row["id"] for row in pending if held is None or row["created"] < held]
        with self._at.read() as db:
            db.conn.execute("PRAGMA secure_delete = ON")
            db.conn.executemany(
                "UPDATE erasures SET cleaned = ?, mark = '' WHERE id = ?",
                [(now(), id) for id in done],
            )
            db.conn.commit()
            db.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return len(pending) - len(done)

    def _clean_files(self, pending: Sequence[sqlite3.Row]) -> None:
        for row in pending:
            if row["kind"] == "picture":
                folder = self._folder / "pictures" / row["subject"][:2]
                for file in folder.glob(f"{row['subject']}.*"):
                    file.unlink(missing_ok=True)
        # Logs say what a job met, perhaps in the words of an item; none ran when it was erased.
        last = datetime.fromisoformat(pending[-1]["created"]).timestamp()
        for log in (self._folder / "jobs").glob("*.log"):
            if log.stat().st_mtime < last:
                log.unlink(missing_ok=True)

    def _scrub(self, last: int) -> None:
        """Write the database anew without free space, and empty the write-ahead log."""
        with self._at.read() as db:
            scrub(db)
            busy = db.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        if busy:
            raise StoreUnavailable(
                f"the database {self._at.path} to itself for a moment",
                "another program that reads it",
                "Close it, then finish the erasure: python -m roc_core erase finish",
            )
        with self._at.write() as db:
            drafts.set_setting(db, _SCRUBBED, str(last))

    def _clean_backups(self, pending: Sequence[sqlite3.Row], days: int) -> str | None:
        """Erase in the backups that are old enough; when the oldest of the others was made, or
        None when none is left that holds anything."""
        limit = (datetime.now(timezone.utc) - timedelta(days=days)).isoformat()
        young = []
        for backup in backups.listed(self._folder / "backups"):
            since = [row for row in pending if row["created"] > backup.created]
            if since and days and backup.created > limit:
                young.append(backup.created)
            elif since:
                clean_copy(backup.path, since)
        return min(young, default=None)

    def rows_since(self, created: str) -> list[sqlite3.Row]:
        """Erasures after a UTC time, for ``apply``."""
        with self._at.read() as db:
            return [row for row in _rows(db) if row["created"] > created]


def clean_copy(path: Path, since: Sequence[sqlite3.Row]) -> None:
    """Erase in a backup what was erased after it was made; a file that cannot be opened as a
    database goes altogether. Raises OSError, StoreUnavailable."""
    try:
        with closing(Connector(path, wal=False).open()) as db:
            if apply(db, since):
                scrub(db)
    except sqlite3.OperationalError as error:
        if "malformed" not in str(error):
            with explained(path):
                raise
        os.unlink(path)
    except sqlite3.DatabaseError:
        os.unlink(path)


def apply(db: Database, since: Sequence[sqlite3.Row], marks: bool = False) -> bool:
    """Erase in another copy of the database what these rows name; whether it held any of it.

    Its own log gets the rows, with the ``marks`` that name annotators in backups only if it is to
    be the database. A copy from before there were erasures is left without a log of them.
    """
    with erasing.unlocked(db):
        before = db.conn.total_changes
        erasing.erase_items(db, [r["subject"] for r in since if r["kind"] == "item"])
        for row in since:
            if row["kind"] == "picture":
                erasing.erase_items(db, erasing.boxed(db, row["subject"]))
                erasing.erase_picture(db, row["subject"])
            elif row["kind"] == "annotator":
                for name in erasing.names(db):
                    if _is_marked(row["mark"], name):
                        erasing.rename(db, name, row["subject"])
        changed = db.conn.total_changes > before
        if _exists(db, "SELECT 1 FROM sqlite_master WHERE name = ?", "erasures"):
            _carry(db, since, marks)
    return changed


def _carry(db: Database, since: Sequence[sqlite3.Row], marks: bool) -> None:
    for row in since:
        names = [name for name in row.keys() if marks or name != "mark"]  # noqa: SIM118
        db.conn.execute(
            f"INSERT OR IGNORE INTO erasures ({', '.join(names)}) "
            f"VALUES ({', '.join('?' * len(names))})",
            [row[n] for n in names],
        )


def scrub(db: Database) -> None:
    """Write the file anew: free pages and the unused parts of others are gone."""
    db.conn.commit()
    db.conn.execute("PRAGMA secure_delete = ON")
    db.conn.execute("VACUUM")


def _erase_item(
    db: Database, id: str, author: str, reason: str, because: int | None = None
) -> Erasure:
    corrections = erasing.erase_items(db, [id])
    return _counted(db, _log(db, "item", id, author, reason, "", because), corrections)


def _log(
    db: Database,
    kind: str,
    subject: str,
    author: str,
    reason: str,
    mark: str = "",
    because: int | None = None,
) -> Erasure:
    cursor = db.conn.execute(
        "INSERT INTO erasures (kind, subject, author, reason, created, because, mark) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        (kind, subject, author, reason, now(), because, mark),
    )
    row = db.conn.execute("SELECT * FROM erasures WHERE id = ?", (cursor.lastrowid,)).fetchone()
    return _erasure(row)


def _counted(db: Database, found: Erasure, corrections: int = 0, changed: int = 0) -> Erasure:
    db.conn.execute(
        "UPDATE erasures SET corrections = ?, changed = ? WHERE id = ?",
        (corrections, changed, found.id),
    )
    row = db.conn.execute("SELECT * FROM erasures WHERE id = ?", (found.id,)).fetchone()
    return _erasure(row)


def _rows(db: Database) -> list[sqlite3.Row]:
    return db.conn.execute("SELECT * FROM erasures ORDER BY id").fetchall()


def _erasure(row: sqlite3.Row) -> Erasure:
    return Erasure(
        row["id"],
        row["kind"],
        row["subject"],
        row["author"],
        row["reason"],
        row["created"],
        row["because"],
        row["corrections"],
        row["changed"],
        row["cleaned"] or "",
    )


def _exists(db: Database, sql: str, value: str) -> bool:
    return db.conn.execute(sql, (value,)).fetchone() is not None


def _mark(name: str) -> str:
    salt = os.urandom(16)
    return f"{salt.hex()}:{_digest(name, salt)}"


def _is_marked(mark: str, name: str) -> bool:
    salt, _, digest = mark.partition(":")
    return bool(digest) and _digest(name, bytes.fromhex(salt)) == digest


def _digest(name: str, salt: bytes) -> str:
    # Slow on purpose: the mark stays until the last backup is clean, and must not give the name
    # away to whoever tries a list of names. Cost as RFC 7914 has it for interactive logins.
    data = name.encode("utf-8", "surrogatepass")
    return hashlib.scrypt(data, salt=salt, n=2**14, r=8, p=1).hex()


def settle(at: Connector, folder: Path) -> None:
    """Clean if anything is left to clean, and let it be for now when a file is in use."""
    with suppress(RocError):
        ErasureTable(at, folder).clean()
