"""What several commands share: their choices, and the files they write."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import IO, Annotated

import typer

from roc_core.errors import ValueRejected
from roc_core.evaluation.ablations import PICTURE_USES
from roc_core.evaluation.protocols import PROTOCOLS
from roc_core.workspace import FORMATS

Format = Enum("Format", {f: f for f in FORMATS}, type=str)  # type: ignore[misc]
_STATES = ("any", "unlabelled", "imported", "corrected", "flagged", "disputed")
States = Enum("States", {s: s for s in _STATES}, type=str)  # type: ignore[misc]
Pictures = Enum("Pictures", {p: p for p in PICTURE_USES}, type=str)  # type: ignore[misc]
Protocols = Enum("Protocols", {p: p for p in PROTOCOLS}, type=str)  # type: ignore[misc]
WorkspaceOption = Annotated[
    Path, typer.Option("--workspace", envvar="ROC_WORKSPACE", help="The workspace's folder.")
]
WORKSPACE = Path("workspace")


def written(path: Path, newline: str | None = None) -> IO[str]:
    """A text file opened for writing; ``newline`` as ``open`` takes it. Raises ValueRejected."""
    try:
        return path.open("w", encoding="utf-8", newline=newline)
    except OSError as error:
        raise ValueRejected(
            f"to write {path}", error.strerror or str(error), "Choose another place."
        ) from error
