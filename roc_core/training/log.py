"""What a training tells: steps for a progress bar, a text log and a table of figures."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path

from roc_core.errors import ValueRejected

LOG, TABLE = "train.log", "train.csv"


@dataclass(frozen=True, slots=True)
class Step:
    """Progress of a training: what to print or draw.

    ``done`` of ``total`` steps; ``loss`` is the mean of the epoch so far, ``examples_per_second``
    its speed without the checks on dev; ``dev_f1`` is set when an epoch was checked.
    """

    stage: str
    done: int
    total: int
    epoch: int = 0
    loss: float = 0.0
    dev_f1: float | None = None
    seconds_left: float | None = None
    examples_per_second: float = 0.0


Watch = Callable[[Step], None]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: an epoch that was checked on dev. ``seconds`` of the epoch's steps."""

    epoch: int
    step: int
    loss: float
    dev_f1: float
    examples_per_second: float
    seconds: float


class TrainLog:
    """Writes ``train.log`` (lines with the time) and ``train.csv`` into a folder, or nothing."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder

    def say(self, text: str) -> None:
        """Add one line to the log. Raises ValueRejected when the file cannot be written."""
        if self.folder is None:
            return
        line = f"{time.strftime('%Y-%m-%d %H:%M:%S')} {text}\n"
        try:
            with (self.folder / LOG).open("a", encoding="utf-8") as handle:
                handle.write(line)
        except OSError as error:
            raise not_writable(self.folder / LOG, error) from error

    def table(self, rows: list[Row]) -> None:
        """Write the table anew, so that it holds what the training state holds."""
        if self.folder is None:
            return
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow([f.name for f in fields(Row)])
        for r in rows:
            figures = (f"{r.loss:.6f}", f"{r.dev_f1:.6f}", f"{r.examples_per_second:.1f}")
            writer.writerow([r.epoch, r.step, *figures, f"{r.seconds:.1f}"])
        try:
            (self.folder / TABLE).write_text(text.getvalue(), "utf-8")
        except OSError as error:
            raise not_writable(self.folder / TABLE, error) from error


def not_writable(path: Path, error: OSError) -> ValueRejected:
    """The error for a file of a training that cannot be written."""
    return ValueRejected(
        f"to write {path}",
        error.strerror or str(error),
        "Make room or choose another place; what was saved before is kept.",
    )
