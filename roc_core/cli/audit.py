"""The command that audits a data set."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from roc_core.cli import show
from roc_core.cli.options import Source, written
from roc_core.workspace.side_files import parse_side

if TYPE_CHECKING:
    from roc_core.evaluation.audit import Audit, Row
    from roc_core.evaluation.near_duplicates import Overlap


def audit(
    format: Source,
    data: Path,
    catalogue: Annotated[
        str,
        typer.Option(
            help="Relation catalogue; default: the workspace's, or a packaged one that knows the "
            "labels."
        ),
    ] = "",
    side: Annotated[
        list[str] | None,
        typer.Option(help="name=file.csv: further columns, keyed by item. May be repeated."),
    ] = None,
    model: Annotated[
        Path | None, typer.Option(help="Model version folder to compare with.")
    ] = None,
    with_model: Annotated[
        bool, typer.Option("--with-model/--no-model", help="Score a model version as well.")
    ] = True,
    out: Annotated[Path | None, typer.Option(help="Write the figures here as JSON.")] = None,
) -> None:
    """What gives a data set's labels away without reading its sentences?

    With the format "workspace" and a workspace's folder, what was imported there.
    """
    from roc_core.workspace.auditing import AuditPlan
    from roc_core.workspace.auditing import audit as run

    sides = tuple(parse_side(s) for s in side or ())
    with show.progress_bar("auditing") as progress:
        plan = AuditPlan(format.value, data, catalogue, sides, model, with_model)
        done = run(plan, progress)
    if done.refused:
        show.errors.print(f"{done.refused} malformed lines were left out.")
    audit_tables(done.audit)
    if out:
        with written(out) as handle:
            handle.write(json.dumps(done.audit.as_dict(), indent=2, ensure_ascii=False) + "\n")


def audit_tables(audit: Audit) -> None:
    """A row a feature, the near duplicates, and the verdict."""
    show.say(
        f"Fitted on {audit.fitted} train pairs, line for None chosen on {audit.tuned}, scored on "
        f"{audit.scored} pairs of {audit.split}. F1 in percent; best constant answer "
        f"{_percent(audit.constant)}."
    )
    table = Table("feature", "alone", "with sentence", "lift (95 % interval)", "")
    for row in audit.rows:
        cells = row.name, _percent(row.f1), _percent(row.with_sentence), _lift(row), row.note
        table.add_row(*map(escape, cells))
    show.console.print(table)
    for overlap in audit.overlaps:
        show.say(_overlap(overlap))
    show.say("Verdict")
    for sentence in audit.verdict:
        show.say(f"- {sentence}")


def _percent(value: float | None) -> str:
    return "" if value is None else f"{100 * value:.1f}"


def _lift(row: Row) -> str:
    if row.lift is None or row.lift_interval is None:
        return ""
    low, high = row.lift_interval
    return f"{100 * row.lift:+.1f} ({100 * low:+.1f} to {100 * high:+.1f})"


def _overlap(overlap: Overlap) -> str:
    said = (
        f"Near duplicates of {overlap.earlier} in {overlap.later}: {overlap.sentences} of "
        f"{overlap.of_sentences} sentences ({overlap.same} the same), {overlap.pairs} pairs"
    )
    shown = [f"{t.later} ~ {t.earlier} ({t.cosine:.2f})" for t in overlap.examples]
    return f"{said}: {', '.join(shown)}" if shown else f"{said}."
