"""The command that makes a workspace to show."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from roc_core.cli import show


def demo(
    folder: Annotated[Path, typer.Argument(help="Where the workspace goes; nothing may be there.")],
    seed: Annotated[int, typer.Option(help="Of the annotators' labels and the training.")] = 0,
) -> None:
    """Make a workspace to show: labels by three made annotators, two versions, a map."""
    from roc_core.workspace.demo import make_demo

    with show.progress_bar("demo") as progress:
        made = make_demo(folder, progress, seed)
    passed = "passed" if made.passed else "did not pass"
    show.say(
        f"Workspace {folder}: {made.items} items, {made.unlabelled} of them unlabelled, "
        f"{made.labels} labels by three annotators, {made.disputes} items in dispute. Version "
        f"{made.version} was learnt from them and {passed} the guard."
    )
