"""Pictures by content hash: one file and one row each, however often they are added."""

from __future__ import annotations

import hashlib
import os
import re
import sqlite3
import tempfile
from pathlib import Path

from sqlite_utils import Database

from roc_core.errors import PictureMissing, PictureRejected, StoreUnavailable, ValueRejected
from roc_core.schema import Picture
from roc_core.store.clock import now
from roc_core.store.rows import picture_path


def require_sha256(sha256: str, data: bytes) -> None:
    """Raises ValueRejected when the hash is not that of the bytes."""
    found = hashlib.sha256(data).hexdigest()
    if sha256 != found:
        raise ValueRejected(
            f"the SHA-256 of the picture's bytes, {found}",
            repr(sha256),
            "Hash the bytes that are stored, in lower-case hex digits.",
        )


def require_suffix(suffix: str) -> None:
    """Raises ValueRejected for anything but a plain file ending."""
    if not re.fullmatch(r"\.[a-z0-9]{1,8}", suffix):
        raise ValueRejected(
            "a file ending such as .jpg", repr(suffix), "Use a dot, small letters and digits."
        )


def write_file(path: Path, data: bytes) -> None:
    """Write the whole file or none of it: temporary file, fsync, rename, fsync of the folder.

    Raises StoreUnavailable when the disk is full or the folder cannot be written.
    """
    temporary = ""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=".part-", dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
        sync_folder(path.parent)
    except OSError as error:
        if temporary:
            Path(temporary).unlink(missing_ok=True)
        raise StoreUnavailable(
            f"to write {path.name} into {path.parent}",
            error.strerror or str(error),
            "Free some disk space or make the folder writable, then add the picture again.",
        ) from error


def sync_folder(folder: Path) -> None:
    """Make a rename in the folder survive a power failure, where the system allows it."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def row(db: Database, sha256: str) -> sqlite3.Row | None:
    """The picture's row, or None."""
    found: sqlite3.Row | None = db.conn.execute(
        "SELECT sha256, suffix, width, height, bytes FROM pictures WHERE sha256 = ?", (sha256,)
    ).fetchone()
    return found


def kept(db: Database, sha256: str) -> sqlite3.Row | None:
    """The row of a picture that is to be kept, or None for a new one. Raises PictureRejected for
    one that was erased for good."""
    erased = db.conn.execute(
        "SELECT created FROM erasures WHERE kind = 'picture' AND subject = ?", (sha256,)
    ).fetchone()
    if erased is not None:
        raise PictureRejected(
            "a picture that may be kept",
            f"one that was erased for good on {erased[0][:10]}",
            "Choose another picture.",
        )
    return row(db, sha256)


def insert(db: Database, sha256: str, suffix: str, size: tuple[int, int], count: int) -> None:
    """Add the picture's row unless it is there; ``size`` is width, height in pixels."""
    db.conn.execute(
        "INSERT INTO pictures (sha256, suffix, width, height, bytes, created) "
        "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (sha256) DO NOTHING",
        (sha256, suffix, int(size[0]), int(size[1]), count, now()),
    )


def require(db: Database, sha256: str) -> sqlite3.Row:
    """The picture's row. Raises PictureMissing."""
    found = row(db, sha256)
    if found is None:
        raise PictureMissing(
            f"a stored picture {sha256[:16]}", "none", "Add the picture to the workspace first."
        )
    return found


def picture_of(found: sqlite3.Row, folder: Path) -> Picture:
    """A picture from its row."""
    path = picture_path(folder, found["sha256"], found["suffix"])
    return Picture(found["sha256"], path, found["width"], found["height"])


def page(db: Database, folder: Path, limit: int, offset: int) -> tuple[Picture, ...]:
    """Pictures in order of arrival."""
    rows = db.conn.execute(
        "SELECT sha256, suffix, width, height FROM pictures ORDER BY n LIMIT ? OFFSET ?",
        (limit, offset),
    )
    return tuple(picture_of(found, folder) for found in rows)


def text(db: Database, sha256: str) -> str:
    """The picture text of the first item that has this picture and a text, else ""."""
    found = db.conn.execute(
        "SELECT picture_text FROM items WHERE picture = ? AND picture_text <> '' "
        "ORDER BY n LIMIT 1",
        (sha256,),
    ).fetchone()
    return "" if found is None else str(found[0])
