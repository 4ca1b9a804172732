"""The commands that keep copies of a workspace, put them back, and erase for good."""

from __future__ import annotations

import getpass
import hashlib
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from roc_core.cli import show
from roc_core.cli.options import WORKSPACE, WorkspaceOption
from roc_core.errors import ValueRejected
from roc_core.schema import Erasure
from roc_core.workspace import Workspace

erase = typer.Typer(
    no_args_is_help=True,
    help="Erase an item, a picture or an annotator for good, from older backups as well.",
)
ByOption = Annotated[str, typer.Option(help="Who erases. Default: the name you logged in with.")]
ReasonOption = Annotated[str, typer.Option(help="Why, for the tombstone. Name nobody in it.")]
YesOption = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


def backup(workspace: WorkspaceOption = WORKSPACE) -> None:
    """Copy a workspace's database while it may be in use."""
    show.say(f"Copied to {Workspace.open(workspace).backup()}.")


def backups(
    workspace: WorkspaceOption = WORKSPACE,
    keep: Annotated[int | None, typer.Option(help="Keep so many from now on.", min=1)] = None,
    erase_after: Annotated[
        int | None,
        typer.Option(help="Erase in backups once they are so many days old; 0: at once.", min=0),
    ] = None,
) -> None:
    """List the backups, newest first; say how many are kept."""
    target = Workspace.open(workspace)
    if keep is not None:
        target.backups.keep(keep)
    if erase_after is not None:
        target.privacy.set_backup_days(erase_after)
    table = Table("name", "made (UTC)", "reason", "bytes")
    for one in target.backups.all():
        table.add_row(one.name, one.created[:19].replace("T", " "), one.reason, f"{one.bytes:,}")
    show.console.print(table)
    days = target.privacy.backup_days
    said = f"once they are {days} days old" if days else "at once"
    show.say(f"The newest {target.backups.kept} are kept. Backups lose what is erased {said}.")


def restore(
    name: Annotated[str, typer.Argument(help="A backup's name, or latest.")],
    workspace: WorkspaceOption = WORKSPACE,
    yes: YesOption = False,
) -> None:
    """Put a backup in the place of the database; the present state is backed up first."""
    target = Workspace.open(workspace)
    _confirm(yes, f"Put {name} in the place of what is in {target.path} now?")
    done = target.backups.restore(name)
    show.say(f"Restored {done.backup.name}. To undo it: restore {done.before.name}")
    if done.erased:
        show.say(f"Erased again, because it was erased since: {done.erased}.")


@erase.command("item")
def erase_item(
    id: Annotated[str, typer.Argument(help="The item's id, 16 hex digits.")],
    workspace: WorkspaceOption = WORKSPACE,
    whole_sentence: Annotated[
        bool, typer.Option("--whole-sentence", help="Every other pair of its sentence as well.")
    ] = False,
    by: ByOption = "",
    reason: ReasonOption = "",
    yes: YesOption = False,
) -> None:
    """Erase an item with its corrections, marks and drafts."""
    target = Workspace.open(workspace)
    others = len(target.privacy.same_sentence(id))
    what = f"{1 + others} items" if whole_sentence else "1 item"
    left = others and not whole_sentence
    note = f" Its sentence stays in {others} other items; see --whole-sentence." if left else ""
    _confirm(yes, f"Erase {what} for good?{note}")
    _said(target, target.privacy.erase_item(id, _name(by), reason, whole_sentence))


@erase.command("picture")
def erase_picture(
    picture: Annotated[str, typer.Argument(help="The SHA-256 of its bytes, or a file of them.")],
    workspace: WorkspaceOption = WORKSPACE,
    by: ByOption = "",
    reason: ReasonOption = "",
    yes: YesOption = False,
) -> None:
    """Erase a picture; items with a box in it go with it, others lose it."""
    target = Workspace.open(workspace)
    sha256 = _hash(picture)
    shown = len(target.privacy.with_picture(sha256))
    _confirm(yes, f"Erase the picture for good? {shown} items have it.")
    _said(target, target.privacy.erase_picture(sha256, _name(by), reason))


@erase.command("annotator")
def erase_annotator(
    name: Annotated[str, typer.Argument(help="The name, exactly as it is kept.")],
    workspace: WorkspaceOption = WORKSPACE,
    by: ByOption = "",
    reason: ReasonOption = "",
    yes: YesOption = False,
) -> None:
    """Replace a name everywhere by erased-1 or the next number; labels and counts stay."""
    target = Workspace.open(workspace)
    _confirm(yes, f"Erase the name {name!r} for good? The labels stay.")
    found = target.privacy.erase_annotator(name, _name(by), reason)
    show.say(f"The name is {found.subject} now, in {found.changed} rows.")
    _left(target)


@erase.command("list")
def erase_list(workspace: WorkspaceOption = WORKSPACE) -> None:
    """The tombstones: what was erased, by whom, when and why."""
    target = Workspace.open(workspace)
    table = Table("kind", "what", "by", "when (UTC)", "reason", "corrections", "traces")
    for e in target.privacy.all():
        when, traces = e.created[:19].replace("T", " "), "none" if e.cleaned else "in backups"
        cells = (e.kind, e.subject, e.author, when, e.reason, str(e.corrections), traces)
        table.add_row(*map(escape, cells))
    show.console.print(table)
    _left(target)


@erase.command("finish")
def erase_finish(workspace: WorkspaceOption = WORKSPACE) -> None:
    """Remove last traces from files that were in use before."""
    target = Workspace.open(workspace)
    target.privacy.finish()
    if not _left(target):
        show.say("Nothing that was erased is left in any file.")


def _said(target: Workspace, found: tuple[Erasure, ...]) -> None:
    items = sum(e.kind == "item" for e in found)
    corrections = sum(e.corrections for e in found)
    changed = sum(e.changed for e in found)
    pictures = sum(e.kind == "picture" for e in found)
    show.say(
        f"Erased: {items} items with {corrections} corrections, {pictures} pictures; "
        f"{changed} items lost their picture."
    )
    _left(target)


def _left(target: Workspace) -> int:
    left = target.privacy.counts().open
    if left:
        days = target.privacy.backup_days
        show.say(f"{left} erasures still have a trace in backups younger than {days} days.")
    return left


def _confirm(yes: bool, question: str) -> None:
    if not yes and not typer.confirm(question, err=True):
        raise typer.Exit(1)


def _name(by: str) -> str:
    try:
        return by or getpass.getuser()
    except (OSError, KeyError):
        raise ValueRejected("the name of who erases", "none", "Give it with --by.") from None


def _hash(picture: str) -> str:
    """A picture's hash, given as such or by a file of the same bytes."""
    path = Path(picture)
    if len(picture) == 64 and not path.exists():
        return picture.lower()
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise ValueRejected(
            "a picture's SHA-256 or its file", f"{picture!r}: {error.strerror}", "Check it."
        ) from error
