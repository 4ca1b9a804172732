"""The commands that look after catalogues of relations."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Annotated

import typer

from roc_core.cli import show
from roc_core.cli.options import WORKSPACE, WorkspaceOption, write_bytes
from roc_core.errors import DataSetMissing
from roc_core.schema import DiffPiece, RelationChange
from roc_core.workspace import Workspace

catalogue = typer.Typer(
    no_args_is_help=True, help="Relations: list, edit by files, retire, history, revert."
)
ByOption = Annotated[str, typer.Option(help="Who changes it. Default: the name you log in with.")]
ReasonOption = Annotated[str, typer.Option(help="Why, for the log.")]
SHOWN = 20


def _name(by: str) -> str:
    try:
        return by or getpass.getuser()
    except (OSError, KeyError):  # no such user in the system's list
        return "command line"


@catalogue.command("list")
def list_(
    query: Annotated[str, typer.Argument(help="Only relations with these words.")] = "",
    workspace: WorkspaceOption = WORKSPACE,
    retired: Annotated[bool, typer.Option(help="The retired ones, too.")] = False,
    limit: Annotated[int, typer.Option(help="Relations to list.", min=0)] = 50,
) -> None:
    """Every catalogue, and the relations of the one in use."""
    relations = Workspace.open(workspace).relations
    for info in relations.catalogues():
        used = ", in use" if info.in_use else ""
        gone = f", {info.retired} retired" if info.retired else ""
        show.say(f"{info.id}: {info.title}; {info.relations} relations{gone}{used}")
    states, total = relations.states(query, retired, limit=limit)
    for state in states:
        r = state.relation
        changed = f", change {state.change} by {state.by or 'the program'}" if state.change else ""
        gone = " (retired)" if state.retired else ""
        show.say(
            f"  {r.id}: {r.name}{gone}, {r.head} / {r.tail}, {len(r.descriptions)} descriptions, "
            f"{state.labels} labels{changed}"
        )
    if total > len(states):
        show.say(f"  … and {total - len(states)} more")


@catalogue.command()
def use(id: str, workspace: WorkspaceOption = WORKSPACE) -> None:
    """Retrieve another catalogue's relations from now on."""
    target = Workspace.open(workspace)
    target.relations.use(id)
    show.say(f"{id} is in use now, with {len(target.catalogue)} relations.")


@catalogue.command()
def export(
    out: Annotated[Path, typer.Argument(help="A .toml or .csv file to write.")],
    id: Annotated[str, typer.Option("--id", help="Catalogue. Default: the one in use.")] = "",
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """Write a catalogue as a TOML or CSV file, without its retired relations."""
    format = out.suffix.casefold().lstrip(".")
    data = Workspace.open(workspace).relations.export(id, format)  # type: ignore[arg-type]
    write_bytes(out, data)
    show.say(f"Written to {out}.")


@catalogue.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="A .toml or .csv file.")],
    workspace: WorkspaceOption = WORKSPACE,
    by: ByOption = "",
) -> None:
    """Take in a catalogue, or changes to one that is there, from a file."""
    try:
        data = file.read_bytes()
    except OSError as error:
        raise DataSetMissing(
            f"a catalogue at {file}", error.strerror or str(error), "Check the path."
        ) from error
    done = Workspace.open(workspace).relations.import_file(data, file.name, _name(by))
    show.say(
        f"{done.info.id}: {done.added} relations added, {done.edited} changed, {done.same} as they "
        "were."
    )
    if not done.info.in_use:
        show.say(f"To use it: python -m roc_core catalogue use {done.info.id}")


@catalogue.command()
def history(
    relation: Annotated[str, typer.Argument(help="A relation's id. Default: all.")] = "",
    workspace: WorkspaceOption = WORKSPACE,
    limit: Annotated[int, typer.Option(help="Changes to list.", min=0)] = SHOWN,
) -> None:
    """Changes of one relation or of all, newest first, with what differs."""
    relations = Workspace.open(workspace).relations
    changes = relations.history(relation, limit=limit)
    if not changes:
        show.say("Nothing was changed yet.")
    for change in changes:
        _show(change)
        if change.action in ("edit", "revert"):
            for line in _lines(relations.diff(change)):
                show.say(f"    {line}")


@catalogue.command()
def revert(
    change: Annotated[int, typer.Argument(help="A change's number, from the history.")],
    workspace: WorkspaceOption = WORKSPACE,
    by: ByOption = "",
    reason: ReasonOption = "",
) -> None:
    """Bring back a relation as it was after a change."""
    _show(Workspace.open(workspace).relations.revert(change, _name(by), reason))


@catalogue.command()
def retire(
    relation: str,
    workspace: WorkspaceOption = WORKSPACE,
    by: ByOption = "",
    reason: ReasonOption = "",
) -> None:
    """Rank a relation no more; its labels stay."""
    _show(Workspace.open(workspace).relations.retire(relation, _name(by), reason))


@catalogue.command()
def restore(
    relation: str,
    workspace: WorkspaceOption = WORKSPACE,
    by: ByOption = "",
    reason: ReasonOption = "",
) -> None:
    """Rank a retired relation again."""
    _show(Workspace.open(workspace).relations.restore(relation, _name(by), reason))


def _show(change: RelationChange) -> None:
    why = f": {change.reason}" if change.reason else ""
    of = f" to change {change.of}" if change.of else ""
    who = change.author or "the program"
    show.say(
        f"{change.id} {change.created[:19]} {change.action}{of} {change.relation} by {who}{why}"
    )


def _lines(pieces: tuple[DiffPiece, ...]) -> list[str]:
    """A line a field: what went in [-…-], what came in {+…+}."""
    fields: dict[str, str] = {}
    for piece in pieces:
        marks = {"same": ("", ""), "removed": ("[-", "-]"), "added": ("{+", "+}")}[piece.kind]
        fields[piece.field] = fields.get(piece.field, "") + piece.text.join(marks)
    return [f"{field}: {text}" for field, text in fields.items()]
