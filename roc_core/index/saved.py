"""An index on disk: a folder of arrays, and ``index.json`` that names them.

A file is never changed once it is written. A save writes what is new under a new name, then puts
``index.json`` in place of the old one, then deletes the files that one named. So a reader sees one
state or the other, and what has not changed, a gigabyte of vectors say, is not written again.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from roc_core.errors import IndexInvalid

FORMAT = 1
HEAD = "index.json"
ABANDONED = 24 * 3600.0
"""Seconds after which a file that no ``index.json`` names was left by a process that was killed."""

Writer = Callable[[Path], None]


@dataclass(frozen=True, slots=True)
class Saved:
    """What ``index.json`` says: the kind of index, its width, names of files, and the rest."""

    kind: str
    width: int
    files: Mapping[str, str]
    more: Mapping[str, Any]


def write(
    folder: Path,
    kind: str,
    width: int,
    writers: Mapping[str, Writer],
    kept: Mapping[str, str],
    more: Mapping[str, Any],
) -> dict[str, str]:
    """Write files by ``writers`` and keep those named in ``kept``; the names of all of them.

    Raises IndexInvalid when the folder cannot be written to; what was there before then stays.
    """
    mark = uuid4().hex[:12]
    names = {part: f"{mark}.{part}" for part in writers}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for part, writer in writers.items():
            writer(folder / names[part])
        files = {**kept, **names}
        head = {"format": FORMAT, "kind": kind, "width": width, "files": files, **more}
        before = _named(folder)
        draft = folder / f"{mark}.{HEAD}"
        draft.write_text(json.dumps(head, indent=1) + "\n", "utf-8")
        os.replace(draft, folder / HEAD)
    # RuntimeError: faiss, which has no other error.
    except (OSError, RuntimeError) as error:
        for name in (*names.values(), f"{mark}.{HEAD}"):
            with suppress(OSError):
                (folder / name).unlink()
        raise IndexInvalid(
            f"to write an index to {folder}", str(error)[:200], "Free space, or check the folder."
        ) from error
    _sweep(folder, before - set(files.values()), set(files.values()))
    return files


def read(folder: Path, kind: str) -> Saved:
    """What is saved in a folder. Raises IndexInvalid when that is no index of this kind."""
    try:
        head = json.loads((folder / HEAD).read_text("utf-8"))
        if head.pop("format") != FORMAT or head.pop("kind") != kind:
            raise ValueError("another format or kind")
        saved = Saved(kind, int(head.pop("width")), dict(head.pop("files")), head)
        missing = [n for n in saved.files.values() if not (folder / n).is_file()]
        if missing:
            raise ValueError(f"no file {missing[0]}")
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise invalid(folder, kind, error) from error
    return saved


def invalid(folder: Path, kind: str, error: Exception) -> IndexInvalid:
    """The error to raise for a folder that cannot be read as an index."""
    return IndexInvalid(
        f"an {kind} index of format {FORMAT} in {folder}",
        str(error)[:200] or type(error).__name__,
        "Delete the folder; the index is then built again.",
    )


def _named(folder: Path) -> set[str]:
    """Files the present ``index.json`` names; none when it cannot be read."""
    with suppress(OSError, ValueError, AttributeError, KeyError):
        return set(json.loads((folder / HEAD).read_text("utf-8"))["files"].values())
    return set()


def _sweep(folder: Path, old: set[str], kept: set[str]) -> None:
    """Delete replaced files, and those a killed process left behind."""
    for file in folder.iterdir():
        if file.name == HEAD or file.name in kept:
            continue
        with suppress(OSError):
            if file.name in old or time.time() - file.stat().st_mtime > ABANDONED:
                file.unlink()
