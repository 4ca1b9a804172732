"""Tables and progress bars of the command line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from roc_core.schema import ImportReport

if TYPE_CHECKING:
    from roc_core.evaluation.report import Report

console = Console()
errors = Console(stderr=True)
REFUSALS_SHOWN = 10


def say(text: str, to: Console = console) -> None:
    """One line as it is: brackets are no markup, and a long path is not broken."""
    to.print(text, markup=False, highlight=False, soft_wrap=True)


class Update(Protocol):
    """Moves a bar: units done, units in all, and a word on what is being done."""

    def __call__(self, done: int, total: int, note: str = "", /) -> None: ...


@contextmanager
def progress_bar(what: str) -> Iterator[Update]:
    """A bar on stderr with time left; what it yields moves it."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[note]}"),
    )
    with Progress(*columns, console=errors) as bar:
        task = bar.add_task(what, total=None, note="")

        def update(done: int, total: int, note: str = "", /) -> None:
            bar.update(task, completed=done, total=total, note=note)

        yield update


def import_table(report: ImportReport) -> None:
    """What an import did or would do, and the first refusals with their reasons."""
    verb = "would be added" if report.dry_run else "added"
    say(
        f"{report.read} lines read, {report.added} {verb}, {report.known} already there, "
        f"{len(report.refused)} refused; {report.pictures} pictures, "
        f"{report.pictures_missing} missing or not usable."
    )
    if report.erased:
        say(f"{report.erased} stay out, because they were erased for good.")
    if not report.refused:
        return
    table = Table("file", "line", "field", "expected", "found", title="Refused")
    for r in report.refused[:REFUSALS_SHOWN]:
        table.add_row(*map(escape, (r.file, str(r.line), r.field, r.expected, r.found)))
    console.print(table)
    if len(report.refused) > REFUSALS_SHOWN:
        console.print(f"… and {len(report.refused) - REFUSALS_SHOWN} more.")


def report_table(report: Report, title: str) -> None:
    """The figures of an evaluation and a row a relation."""
    low, high = report.interval
    say(f"{title}: {report.pairs} pairs, protocol {report.protocol}")
    figures = Table("figure", "value")
    rows = [
        ("micro F1 (None excluded)", f"{report.f1:.4f}  (95 % bootstrap {low:.4f}-{high:.4f})"),
        ("precision / recall", f"{report.precision:.4f} / {report.recall:.4f}"),
        ("macro F1 over relations", f"{report.macro_f1:.4f}"),
        ("accuracy, None included", f"{report.accuracy:.4f}"),
        ("hit@1 / hit@3 / MRR", f"{report.hit1:.4f} / {report.hit3:.4f} / {report.mrr:.4f}"),
        ("None kept", f"{report.none_kept:.4f}"),
        ("direction right", f"{report.direction:.4f}"),
    ]
    for row in rows:
        figures.add_row(*row)
    console.print(figures)
    table = Table("relation", "precision", "recall", "F1", "pairs")
    for name, s in report.per_relation.items():
        table.add_row(
            escape(name), f"{s.precision:.3f}", f"{s.recall:.3f}", f"{s.f1:.3f}", str(s.gold)
        )
    console.print(table)
