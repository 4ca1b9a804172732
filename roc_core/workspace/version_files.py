"""A model version as one zip file, for browsers, which cannot send or take a folder."""

from __future__ import annotations

import io
import shutil
import zipfile
import zlib
from collections.abc import Collection
from pathlib import Path, PurePosixPath

from roc_core.errors import ModelVersionInvalid

MOST_BYTES = 4 * 1024**3
"""Most bytes the files of a version may have once they are unpacked."""

CONFIG = "config.json"


def packed(folder: Path, names: Collection[str]) -> bytes:
    """A zip with those of ``names`` that are in ``folder``, in a folder of its name.

    Weights hardly shrink, so nothing is compressed.
    """
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:
        for name in names:
            if (folder / name).is_file():
                archive.write(folder / name, f"{folder.name}/{name}")
    return made.getvalue()


def unpacked(data: bytes, into: Path, names: Collection[str]) -> Path:
    """The folder in ``into`` with those of ``names`` that lie beside the one ``config.json`` of a
    zip; nothing else of it is written. Raises ModelVersionInvalid."""
    target = into / "version"
    target.mkdir(parents=True)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for member in _members(archive, names):
                with archive.open(member) as source:
                    place = target / PurePosixPath(member.filename).name
                    with place.open("wb") as handle:
                        shutil.copyfileobj(source, handle)
    except (
        zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, ValueError,
    ) as error:  # fmt: skip
        raise ModelVersionInvalid(
            "a zip file of one model version", f"one that cannot be read: {error}", "Export again."
        ) from error
    return target


def _members(archive: zipfile.ZipFile, names: Collection[str]) -> list[zipfile.ZipInfo]:
    files = [m for m in archive.infolist() if not m.is_dir()]
    homes = {PurePosixPath(m.filename).parent for m in files if _name(m) == CONFIG}
    if len(homes) != 1:
        raise ModelVersionInvalid(
            f"a zip file with one model version, its {CONFIG} among its files",
            f"{len(homes)} of them" if homes else f"no {CONFIG}",
            "Pack the folder of one exported version.",
        )
    (home,) = homes
    found = [m for m in files if PurePosixPath(m.filename).parent == home and _name(m) in names]
    size = sum(m.file_size for m in found)
    if size > MOST_BYTES:
        raise ModelVersionInvalid(
            f"a model version of at most {MOST_BYTES / 1e9:.1f} GB",
            f"{size / 1e9:.1f} GB",
            "Export it again.",
        )
    return found


def _name(member: zipfile.ZipInfo) -> str:
    return PurePosixPath(member.filename).name
