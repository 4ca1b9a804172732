"""What several commands share: their choices, and the files they write."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import IO, Annotated

import typer

from roc_core.errors import ValueRejected
from roc_core.evaluation.ablations import PICTURE_USES
from roc_core.evaluation.protocols import PROTOCOLS
from roc_core.schema import ITEM_STATES
from roc_core.workspace import FORMATS
from roc_core.workspace.auditing import WORKSPACE as AUDITED

Format = Enum("Format", {f: f for f in FORMATS}, type=str)  # type: ignore[misc]
Source = Enum("Source", {f: f for f in (*FORMATS, AUDITED)}, type=str)  # type: ignore[misc]
_STATES = [s or "any" for s in ITEM_STATES]
States = Enum("States", {s: s for s in _STATES}, type=str)  # type: ignore[misc]
Pictures = Enum("Pictures", {p: p for p in PICTURE_USES}, type=str)  # type: ignore[misc]
Protocols = Enum("Protocols", {p: p for p in PROTOCOLS}, type=str)  # type: ignore[misc]
WorkspaceOption = Annotated[
    Path, typer.Option("--workspace", envvar="ROC_WORKSPACE", help="The workspace's folder.")
]
WORKSPACE = Path("workspace")


def written(path: Path) -> IO[str]:
    """A text file opened for writing. Raises ValueRejected."""
    try:
        return path.open("w", encoding="utf-8")
    except OSError as error:
        raise _unwritten(path, error) from error


def write_bytes(path: Path, content: bytes) -> None:
    """Write a whole file. Raises ValueRejected."""
    try:
        path.write_bytes(content)
    except OSError as error:
        raise _unwritten(path, error) from error


def _unwritten(path: Path, error: OSError) -> ValueRejected:
    return ValueRejected(f"to write {path}", error.strerror or str(error), "Choose another place.")
