"""The commands."""

from __future__ import annotations

import json
import sys
from contextlib import ExitStack
from enum import Enum
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated

import typer

from roc_core.cli import show
from roc_core.errors import DataSetMissing, RocError, ValueRejected
from roc_core.schema import ItemFilter
from roc_core.workspace import FORMATS, Workspace, default_model

if TYPE_CHECKING:
    from roc_core.training.trainer import Step

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="Retrieve relations by their descriptions."
)
Format = Enum("Format", {f: f for f in FORMATS}, type=str)  # type: ignore[misc]
Pictures = Enum("Pictures", {p: p for p in ("none", "given", "shuffled")}, type=str)  # type: ignore[misc]
WorkspaceOption = Annotated[
    Path, typer.Option("--workspace", envvar="ROC_WORKSPACE", help="The workspace's folder.")
]
WORKSPACE = Path("workspace")


def main() -> None:
    """Run a command; an error of ours is one clear sentence on stderr and exit status 1."""
    try:
        app()
    except RocError as error:
        show.say(f"Error: {error}", show.errors)
        sys.exit(1)


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(help="Where the workspace goes.")] = WORKSPACE,
    starter: Annotated[bool, typer.Option(help="Fill it with the starter set.")] = True,
    preset: Annotated[str, typer.Option(help="Model version to use, by its name.")] = "",
) -> None:
    """Make a workspace, or bring the one that is there up to date."""
    workspace = Workspace.create(folder, starter, preset)
    items = sum(c.items for c in workspace.counts())
    show.say(f"Workspace {workspace.path}: {items} items, model version {workspace.model_version}.")


@app.command("import")
def import_(
    format: Format,
    path: Path,
    workspace: WorkspaceOption = WORKSPACE,
    dry_run: Annotated[bool, typer.Option(help="Only say what would happen.")] = False,
    strict: Annotated[bool, typer.Option(help="Stop at the first malformed line.")] = False,
) -> None:
    """Import a data set: JSONL, CSV, MNRE or MORE."""
    target = Workspace.create(workspace, starter=False)
    with show.progress_bar("importing") as progress:
        report = target.import_data(format.value, path, dry_run, strict, progress)
    show.import_table(report)


@app.command()
def export(
    format: Format,
    path: Path,
    workspace: WorkspaceOption = WORKSPACE,
    source: Annotated[str, typer.Option(help="Only items of this source.")] = "",
    split: Annotated[str, typer.Option(help="Only items of this split.")] = "",
) -> None:
    """Write items with their present labels."""
    count = Workspace.open(workspace).export(
        format.value, path, ItemFilter(source=source, split=split)
    )
    show.say(f"{count} items written to {path}.")


@app.command()
def predict(
    source: Annotated[str, typer.Argument(help="A JSONL file, or - for standard input.")] = "-",
    workspace: WorkspaceOption = WORKSPACE,
    out: Annotated[Path | None, typer.Option(help="Write here, not to standard output.")] = None,
    top: Annotated[int, typer.Option(help="Relations a line.", min=1)] = 5,
    reasons: Annotated[bool, typer.Option(help="Add leave-one-out shares (slower).")] = False,
    batch: Annotated[int, typer.Option(help="Lines answered together.", min=1)] = 32,
) -> None:
    """Read records as JSONL, write them with ranked relations and what decided."""
    from roc_core.workspace.answers import answers

    target, refused = Workspace.create(workspace), 0
    with ExitStack() as files:
        given = sys.stdin.buffer if source == "-" else files.enter_context(_opened(Path(source)))
        folder = Path.cwd() if source == "-" else Path(source).parent
        handle = files.enter_context(_written(out)) if out else sys.stdout
        for line in answers(target, given, source, folder, top, reasons, batch):
            refused += "error" in line
            handle.write(json.dumps(line, ensure_ascii=False) + "\n")
            handle.flush()
    if refused:
        show.errors.print(f"{refused} lines could not be answered; each says why.")
        raise typer.Exit(2)


def _opened(path: Path) -> IO[bytes]:
    try:
        return path.open("rb")
    except OSError as error:
        raise DataSetMissing(
            f"a JSONL file at {path}", error.strerror or str(error), "Check the path."
        ) from error


def _written(path: Path) -> IO[str]:
    try:
        return path.open("w", encoding="utf-8")
    except OSError as error:
        raise ValueRejected(
            f"to write {path}", error.strerror or str(error), "Choose another place."
        ) from error


@app.command()
def train(
    format: Format,
    data: Path,
    out: Annotated[Path, typer.Option(help="Folder of the new model version.")],
    preset: Annotated[str, typer.Option(help="Settings of model and training.")] = "mini",
    seed: int = 0,
    catalogue: Annotated[str, typer.Option(help="Relation catalogue.")] = "mnre",
) -> None:
    """Train a model version; epoch and lines are chosen on dev."""
    from roc_core.workspace.learning import TrainPlan
    from roc_core.workspace.learning import train as run

    with show.progress_bar("starting") as update:

        def watch(step: Step) -> None:
            note = f"{step.stage} {f'loss {step.loss:.3f}' if step.loss else ''}"
            update(step.done, step.total, note)  # type: ignore[call-arg]
            if step.dev_f1 is not None:
                show.errors.print(
                    f"epoch {step.epoch}: loss {step.loss:.3f}, dev F1 {step.dev_f1:.4f}"
                )

        done = run(TrainPlan(format.value, data, out, preset, seed, catalogue), watch)
    show.report_table(done.dev, f"{out.name} on dev, sentence only, seed {seed}")


@app.command()
def evaluate(
    format: Format,
    data: Path,
    split: Annotated[str, typer.Option(help="train, dev, val or test.")] = "val",
    model: Annotated[Path | None, typer.Option(help="Model version folder.")] = None,
    pictures: Annotated[Pictures, typer.Option(help="Picture evidence.")] = Pictures.none,  # type: ignore[attr-defined]
    seed: Annotated[int, typer.Option(help="Of shuffling, for shuffled pictures.")] = 0,
    out: Annotated[Path | None, typer.Option(help="Write the figures here as JSON.")] = None,
) -> None:
    """Score a model version under the honest protocol."""
    from roc_core.workspace.learning import evaluate as run

    folder = model or default_model()
    with show.progress_bar("scoring") as progress:
        report = run(format.value, data, split, folder, pictures.value, seed, progress=progress)
    show.report_table(report, f"{folder.name} on {split}, pictures {pictures.value}")
    if out:
        with _written(out) as handle:
            handle.write(json.dumps(report.as_dict(), indent=2) + "\n")


@app.command()
def backup(workspace: WorkspaceOption = WORKSPACE) -> None:
    """Copy a workspace's database while it may be in use."""
    show.say(f"Copied to {Workspace.open(workspace).backup()}.")


@app.command()
def info(workspace: WorkspaceOption = WORKSPACE) -> None:
    """What is in a workspace."""
    target = Workspace.open(workspace)
    show.say(f"{target.name} in {target.path}, model version {target.model_version}")
    for c in target.counts():
        picture = "with picture" if c.picture else "without picture"
        show.say(f"{c.items:>8} {c.source} {c.split} {c.state}, {picture}")
