"""The commands."""

from __future__ import annotations

import json
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Annotated

import typer

from roc_core.cli import (
    analyze,
    audit,
    catalogue,
    demo,
    descriptions,
    distractors,
    evaluate,
    index,
    learn,
    memory,
    picture_set,
    quality,
    safekeeping,
    sanity,
    show,
    simulate,
    versions,
    write,
)
from roc_core.cli.options import WORKSPACE, Format, States, WorkspaceOption, write_bytes, written
from roc_core.errors import DataSetMissing, RocError
from roc_core.schema import ItemFilter
from roc_core.workspace import Workspace

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="Retrieve relations by their descriptions."
)


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
    """Import a data set: JSONL, CSV, Parquet, Label Studio, MNRE or MORE."""
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
    relation: Annotated[str, typer.Option(help="Only items with this label.")] = "",
    state: Annotated[
        States, typer.Option(help="Only items in this state.", show_default=False)
    ] = States.any,  # type: ignore[attr-defined]
    annotator: Annotated[str, typer.Option(help="Only items this one labelled last.")] = "",
    since: Annotated[str, typer.Option(help="Only labelled from then on: 2026-03-01.")] = "",
    until: Annotated[str, typer.Option(help="Only labelled until then, that day too.")] = "",
) -> None:
    """Write items with their present labels."""
    chosen = ItemFilter(
        source=source,
        split=split,
        relation=relation,
        state="" if state.value == "any" else state.value,
        annotator=annotator,
        since=since,
        until=until,
    )
    count = Workspace.open(workspace).export(format.value, path, chosen)
    show.say(f"{count} items written to {path}.")


@app.command("own-labels")
def own_labels(
    path: Annotated[Path, typer.Argument(help="The CSV file to write.")],
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """Write every annotator's own labels as a table, one row a label."""
    write_bytes(path, Workspace.open(workspace).annotation.labels_csv())
    show.say(f"Labels written to {path}.")


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
        handle = files.enter_context(written(out)) if out else sys.stdout
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


app.command()(learn.train)
app.command("learn")(versions.learn)
app.add_typer(versions.versions, name="versions")
app.add_typer(catalogue.catalogue, name="catalogue")
app.command()(evaluate.evaluate)
app.command()(audit.audit)
app.command()(analyze.analyze)
app.command("zero-shot")(evaluate.zero_shot)
app.command()(sanity.sanity)
app.command()(memory.memory)
app.command()(distractors.distractors)
app.command()(index.index)
app.command()(quality.quality)
app.command("re-add")(descriptions.re_add)
app.command()(descriptions.wording)
app.command()(write.write)
app.command("picture-set")(picture_set.picture_set)
app.command()(demo.demo)
app.command()(simulate.simulate)
app.command()(safekeeping.backup)
app.command()(safekeeping.backups)
app.command()(safekeeping.restore)
app.add_typer(safekeeping.erase, name="erase")


@app.command()
def info(workspace: WorkspaceOption = WORKSPACE) -> None:
    """What is in a workspace."""
    target = Workspace.open(workspace)
    show.say(f"{target.name} in {target.path}, model version {target.model_version}")
    for c in target.counts():
        picture = "with picture" if c.picture else "without picture"
        show.say(f"{c.items:>8} {c.source} {c.split} {c.state}, {picture}")
