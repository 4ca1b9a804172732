"""The command that hides a data set's relations among made ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from roc_core.cli import show
from roc_core.cli.options import Format, written
from roc_core.cli.score_tables import table
from roc_core.workspace import default_model

if TYPE_CHECKING:
    from roc_core.evaluation.distractors import DistractorReport, Row

HEAD = ("made relations", "types", "draws", "F1", "95 %", "hit@1", "hit@3", "answered by made")


def distractors(
    format: Format,
    data: Path,
    split: Annotated[str, typer.Option(help="train, dev or val.")] = "val",
    count: Annotated[
        list[int] | None,
        typer.Option(help="Made relations; may be given several times.", show_default=False),
    ] = None,
    seeds: Annotated[int, typer.Option(help="Draws of made relations.", min=1)] = 3,
    model: Annotated[Path | None, typer.Option(help="Model version folder.")] = None,
    catalogue: Annotated[str, typer.Option(help="Relation catalogue, by name or file.")] = "mnre",
    keep: Annotated[
        Path | None, typer.Option(help="Keep the vectors of made descriptions in this folder.")
    ] = None,
    report: Annotated[Path | None, typer.Option(help="Write the figures here as JSON.")] = None,
) -> None:
    """F1 and hit@3 when the relations hide among 100, 1,000 and 10,000 made ones."""
    from roc_core.workspace.distracting import COUNTS, DistractorPlan, measure_distractors

    folder = model or default_model()
    counts = tuple(count or COUNTS)
    plan = DistractorPlan(
        format.value, data, folder, split, counts, tuple(range(seeds)), catalogue, keep
    )
    with show.progress_bar("measuring") as progress:
        found = measure_distractors(plan, progress)
    _say(found)
    if report:
        with written(report) as handle:
            handle.write(json.dumps(found.as_dict(), indent=2) + "\n")


def _say(found: DistractorReport) -> None:
    title = f"{found.relations} relations of {found.pairs} pairs hidden among made ones"
    table(HEAD, [_cells(row) for row in found.rows], title)
    show.say(
        f"Model version {found.model_version} on {found.split}, protocol honest, sentences alone. "
        f"Types: only relations that fit the types read; they keep the right relation of "
        f"{found.kept_by_types:.1%} of the pairs that have one."
    )


def _cells(row: Row) -> tuple[str, ...]:
    return (
        f"{row.distractors:,}",
        "filtered" if row.types_filtered else "not filtered",
        str(row.draws),
        f"{row.f1:.4f} ± {row.f1_spread:.4f}",
        f"{row.interval[0]:.4f}–{row.interval[1]:.4f}",
        f"{row.hit1:.4f}",
        f"{row.hit3:.4f} ± {row.hit3_spread:.4f}",
        f"{row.made:.1f}",
    )
