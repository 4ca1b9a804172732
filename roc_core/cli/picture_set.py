"""The command that composes the picture-dependent set."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from roc_core.cli import show


def picture_set(
    out: Annotated[Path, typer.Argument(help="A new folder for the set.")],
    seed: Annotated[int, typer.Option(help="Of everything drawn at random.")] = 0,
) -> None:
    """Compose sentences that leave four relations open and the pictures that decide."""
    from roc_core.datasets.picture_set import compose

    with show.progress_bar("composing") as progress:
        written = compose(out, seed, progress=progress)
    counts = ", ".join(f"{split} {n}" for split, n in written.items())
    show.say(f"{out}: {counts} items; relations in {out / 'catalogue.toml'}.")
