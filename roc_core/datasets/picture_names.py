"""How a written file names its pictures: relative to itself, copied beside it if need be."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from roc_core.datasets.base import is_file, replacing
from roc_core.errors import PictureMissing, ValueRejected

Namer = Callable[[Path], str]
"""From a picture's path to its name in the file, with forward slashes."""


def namer(target: Path, copy: bool) -> Namer:
    """Names for the pictures of the data set file ``target``.

    A picture inside the file's folder is named by its relative path. Any other is, with ``copy``,
    copied once into ``<stem>-pictures/<SHA-256><suffix>``; without ``copy`` it raises
    ValueRejected. Copying raises PictureMissing when the picture's file is gone.
    """
    folder = os.path.abspath(target.parent)

    @lru_cache(maxsize=1024)
    def name(picture: Path) -> str:
        inside = Path(os.path.abspath(picture))
        if inside.is_relative_to(folder):
            return inside.relative_to(folder).as_posix()
        if copy:
            return _copied(picture, target)
        raise ValueRejected(
            f"a picture inside {folder}, the folder of the file to write",
            str(picture),
            "Copy the pictures along, or write the file above them.",
        )

    return name


def _copied(picture: Path, target: Path) -> str:
    try:
        data = picture.read_bytes()
    except OSError as error:
        raise PictureMissing(
            f"the picture file {picture}",
            error.strerror or str(error),
            "Put it back or leave this record out.",
        ) from None
    relative = f"{target.stem}-pictures/{hashlib.sha256(data).hexdigest()}{picture.suffix.lower()}"
    copy = target.parent / relative
    if not is_file(copy):
        with replacing(copy) as file:
            file.write(data)
    return relative
