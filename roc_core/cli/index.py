"""The command that encodes the descriptions of a large catalogue ahead of time."""

from __future__ import annotations

from typing import Annotated

import typer

from roc_core.cli import show
from roc_core.cli.options import WORKSPACE, WorkspaceOption
from roc_core.workspace import Workspace


def index(
    workspace: WorkspaceOption = WORKSPACE,
    version: Annotated[str, typer.Option(help="Model version, the one in use if not given.")] = "",
) -> None:
    """Encode a large catalogue's descriptions once, and keep their vectors in the workspace."""
    from roc_core.workspace.indexing import fold

    target = Workspace.open(workspace)
    with show.progress_bar("reading descriptions") as progress:
        found = fold(target, version, progress)
    if not found.entries:
        show.say("The catalogue is small: its descriptions are encoded at every start.")
        return
    show.say(
        f"{found.entries} descriptions kept, each direction counted, {found.encoded} encoded now; "
        f"a search finds {found.recall:.1%} of the ten nearest."
    )
