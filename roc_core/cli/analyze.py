"""The command that says how good a workspace's answers and labels are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from roc_core.cli import show
from roc_core.schema import ItemFilter, Reading
from roc_core.workspace import Workspace

if TYPE_CHECKING:
    from roc_core.evaluation.analysis_report import AnalysisReport

READINGS = "a model version's name, or with @without-pictures, @oracle-types or @as-published"


def analyze(
    workspace: Annotated[Path, typer.Argument(help="The workspace's folder.")],
    reading: Annotated[
        str, typer.Option(help=f"Whose answers: {READINGS}. Default: the version in use.")
    ] = "",
    compare: Annotated[str, typer.Option(help="Another reading to compare with.")] = "",
    source: Annotated[str, typer.Option(help="Only items of this source.")] = "",
    split: Annotated[str, typer.Option(help="Only items of this split.")] = "",
    compute: Annotated[bool, typer.Option(help="Compute answers that are missing first.")] = False,
    doubts: Annotated[bool, typer.Option(help="Find likely label errors first.")] = False,
    out: Annotated[
        Path | None, typer.Option(help="Write analysis.json, .md and .html to this folder.")
    ] = None,
) -> None:
    """Where do answers to the labelled items of a workspace go wrong?"""
    from roc_core.workspace.analysis_report import report_on, write_analysis
    from roc_core.workspace.report_files import check_folder

    if out:
        check_folder(out)
    target = Workspace.open(workspace)
    own = Reading.parse(reading or target.model_version)
    other = Reading.parse(compare) if compare else None
    if compute or doubts:
        with show.progress_bar("starting") as progress:
            _prepare(target, own, other, compute, doubts, progress)
    report = report_on(target, own, other, ItemFilter(source=source, split=split))
    tables(report)
    if out:
        write_analysis(target, report, out)
        show.say(f"Analysis written to {out}.")


def _prepare(
    target: Workspace,
    own: Reading,
    other: Reading | None,
    compute: bool,
    doubts: bool,
    progress: show.Update,
) -> None:
    """Do here what jobs "vectors" and "doubts" would do."""
    from roc_core.workspace.doubting import doubts_job
    from roc_core.workspace.pair_vectors import vectors_job

    for reading in (own, other) if compute else ():
        if reading is not None:
            vectors_job(target.path, _parameters(reading), progress)
    if doubts:
        doubts_job(target.path, _parameters(own), progress)


def _parameters(reading: Reading) -> dict[str, str]:
    return {"version": reading.version, "variant": reading.variant}


def tables(report: AnalysisReport) -> None:
    """Headline, comparison, the worst slices and the most frequent mistakes."""
    from roc_core.evaluation import analysis_markdown as rows

    show.say(report.title)
    for note in report.notes:
        show.say(note)
    if report.comparison is not None:
        _print("", *rows.comparison_table(report))
    else:
        _print("", rows.FIGURE_HEAD, rows.headline_rows(report.headline))
    parts = [s for s in report.slices if s.figures.pairs < report.headline.pairs]
    _print("Slices, worst first", rows.SLICE_HEAD, rows.slice_rows(parts[:12]))
    _print("Most frequent mistakes", ("label", "answered", "pairs"), rows.mistakes(report))
    if report.doubts is not None:
        likely = int(report.doubts.likely.sum())
        show.say(f"{likely} of {len(report.doubts)} labels are likely wrong. {report.doubts.seen}")
        _print("Most doubtful labels", rows.DOUBT_HEAD, rows.doubt_rows(report.doubts, 10))


def _print(title: str, head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    table = Table(title=title or None)
    for name in head:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*map(escape, row))
    show.console.print(table)
