"""The commands that learn from corrections and look after model versions."""

from __future__ import annotations

import getpass
import time
from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from roc_core.cli import show
from roc_core.cli.options import WORKSPACE, WorkspaceOption
from roc_core.schema import LEARN_MODES, GuardReport, ItemDiff, Job, Label, VersionInfo
from roc_core.workspace import Workspace

Modes = Enum("Modes", {m: m for m in LEARN_MODES}, type=str)  # type: ignore[misc]
ByOption = Annotated[str, typer.Option(help="Who decides. Default: the name you logged in with.")]
POLL = 0.5
CHANGES_SHOWN = 20

versions = typer.Typer(no_args_is_help=True, help="Model versions: list, compare, promote …")


def learn(
    workspace: WorkspaceOption = WORKSPACE,
    annotator: Annotated[
        list[str] | None, typer.Option(help="Only this one's corrections. Repeatable.")
    ] = None,
    since: Annotated[str, typer.Option(help="Only corrections from then on: 2026-03-01.")] = "",
    agreed: Annotated[
        bool, typer.Option(help="Leave out what annotators labelled differently.")
    ] = False,
    mode: Annotated[
        Modes, typer.Option(help="fast: fusion and heads. full: LoRA as well.")
    ] = Modes.fast,  # type: ignore[attr-defined]
    replay: Annotated[
        float, typer.Option(help="Labelled items mixed in for each correction.")
    ] = 2.0,
    seed: int = 0,
    parent: Annotated[str, typer.Option(help="Go on from this version, not the one in use.")] = "",
    promote: Annotated[bool, typer.Option(help="Put it to use if it passes the guard.")] = False,
    by: ByOption = "",
    anew: Annotated[bool, typer.Option(help="Do not go on with one that was stopped.")] = False,
) -> None:
    """Learn a new version from corrections. Rerun to go on after a kill or Ctrl+C."""
    target = Workspace.open(workspace)
    given = {
        "annotators": tuple(annotator or ()), "since": since, "agreed": agreed, "mode": mode.value,
        "replay": replay, "seed": seed, "parent": parent, "promote": promote, "by": by or _user(),
        "anew": anew,
    }  # fmt: skip
    job = _followed(target, target.start_job("learn", **given))
    if job.state != "done":
        show.say(
            f"Error: {job.error or 'It was cancelled; the same command goes on.'}", show.errors
        )
        raise typer.Exit(1)
    info = target.learning.version(str(job.result["version"]))
    show.say(
        f"{info.name}: learnt from {job.result['learn']} corrections with {job.result['replay']} "
        f"replayed and {job.result['unlabelled']} unlabelled items, from {info.parent}."
    )
    if info.guard is not None:
        guard_table(info.guard)
    show.say(_advice(info, bool(job.result["promoted"]), workspace))


def _advice(info: VersionInfo, promoted: bool, workspace: Path) -> str:
    if promoted:
        return f"Passed the guard and promoted. It is in use now: {info.name}."
    if info.state == "offered":
        return (
            "Passed the guard. To put it to use: python -m roc_core versions promote "
            f"{info.name} --workspace {workspace}"
        )
    return "It did not pass the guard: kept, not to be promoted."


def _followed(target: Workspace, id: int) -> Job:
    """Draw a job until it is over; Ctrl+C cancels it."""
    with show.progress_bar("learning") as update:
        try:
            return _watched(target, id, update)
        except KeyboardInterrupt:
            target.cancel_job(id)
            return _watched(target, id, update)


def _watched(target: Workspace, id: int, update: Callable[..., None]) -> Job:
    while not (job := target.job(id)).over:
        update(job.done, job.total, job.stage or job.state)
        time.sleep(POLL)
    return job


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # no such user in the system's list
        return "command line"


def guard_table(guard: GuardReport) -> None:
    """The guard set's figures before and after, what became of single items, the verdict."""
    table = Table("guard part", "pairs", "F1", "hit@3", "None kept", "right", title="Guard")
    for part in guard.parts:
        old, new = part.before, part.after
        table.add_row(
            escape(part.name),
            str(part.pairs),
            f"{old.f1:.3f} → {new.f1:.3f}",
            f"{old.hit3:.3f} → {new.hit3:.3f}",
            f"{old.none_kept:.3f} → {new.none_kept:.3f}",
            f"{old.right} → {new.right}",
        )
    show.console.print(table)
    for change in guard.changes[:CHANGES_SHOWN]:
        show.say(_change_line(change))
    if len(guard.changes) > CHANGES_SHOWN:
        show.say(f"… and {len(guard.changes) - CHANGES_SHOWN} more items changed.")
    show.say(f"Rule: {guard.rule.said}")
    for reason in guard.reasons:
        show.say(reason)


def _change_line(change: ItemDiff) -> str:
    return (
        f"{change.outcome:>11} {change.item} {change.part}: {_said(change.before)} (rank "
        f"{change.before_rank or '–'}) → {_said(change.after)} (rank {change.after_rank or '–'}), "
        f"label {_said(change.gold)}"
    )


def _said(label: Label) -> str:
    return label.relation if label.direction == "both" else f"{label.relation} {label.direction}"


# --- versions ----------------------------------------------------------------------------


@versions.command("list")
def list_(workspace: WorkspaceOption = WORKSPACE) -> None:
    """Every version with parent, state, size and what it was trained on."""
    target = Workspace.open(workspace)
    for v in target.learning.versions():
        parent = f", from {v.parent}" if v.parent else ""
        used = ", in use" if v.in_use else ""
        size = f", {v.bytes / 1e6:.1f} MB" if v.bytes else ""
        show.say(f"{v.name}: {v.state}{used}{parent}{size}{', ' if v.data else ''}{v.data}")
    for p in target.learning.promotions():
        show.say(f"{p.created[:19]} {p.action} {p.version} in the place of {p.before}, by {p.by}")


@versions.command()
def promote(name: str, workspace: WorkspaceOption = WORKSPACE, by: ByOption = "") -> None:
    """Put a version to use."""
    done = Workspace.open(workspace).learning.promote(name, by or _user())
    show.say(f"{done.version} is in use now, in the place of {done.before}.")


@versions.command("roll-back")
def roll_back(workspace: WorkspaceOption = WORKSPACE, by: ByOption = "") -> None:
    """Put the version back to use that the present one replaced."""
    done = Workspace.open(workspace).learning.roll_back(by or _user())
    show.say(f"{done.version} is in use again, in the place of {done.before}.")


@versions.command()
def compare(
    name: str,
    other: Annotated[str, typer.Option(help="Another version than its parent.")] = "",
    workspace: WorkspaceOption = WORKSPACE,
    top: Annotated[int, typer.Option(help="Items to list.", min=0)] = CHANGES_SHOWN,
) -> None:
    """A version beside its parent on all labelled items that both have answered."""
    found = Workspace.open(workspace).learning.comparison(name, other)
    show.say(
        f"{found.version} beside {found.other}: {found.compared} labelled items compared, "
        f"{found.unread} not answered yet; {found.won} won, {found.lost} lost "
        f"(McNemar p = {found.mcnemar:.3f})."
    )
    for change in found.items[:top]:
        show.say(_change_line(change))


@versions.command()
def export(name: str, folder: Path, workspace: WorkspaceOption = WORKSPACE) -> None:
    """Copy a version into a folder."""
    place = Workspace.open(workspace).learning.export_version(name, folder)
    show.say(f"Written to {place}.")


@versions.command("import")
def import_(folder: Path, workspace: WorkspaceOption = WORKSPACE) -> None:
    """Bring a version's folder into the workspace, after checking and loading it."""
    name = Workspace.open(workspace).learning.import_version(folder)
    show.say(
        f"Version {name} is here. To put it to use: python -m roc_core versions promote {name}"
    )


@versions.command()
def discard(name: str, workspace: WorkspaceOption = WORKSPACE) -> None:
    """Give up an unfinished training."""
    Workspace.open(workspace).learning.discard(name)
    show.say(f"The unfinished training of {name} is gone.")
