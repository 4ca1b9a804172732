"""The command that measures the correction memory."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from roc_core.cli import show
from roc_core.cli.options import Format, written
from roc_core.schema import MemorySettings
from roc_core.workspace import default_model

if TYPE_CHECKING:
    from roc_core.evaluation.remembering import MemoryReport, Trial

USUAL = MemorySettings()


def memory(
    format: Format,
    data: Path,
    split: Annotated[str, typer.Option(help="train, dev or val.")] = "val",
    seed: Annotated[int, typer.Option(help="Of the corrections drawn.")] = 0,
    model: Annotated[Path | None, typer.Option(help="Model version folder.")] = None,
    weight: Annotated[
        float, typer.Option(help="Most points that votes add together.")
    ] = USUAL.weight,
    neighbours: Annotated[
        int, typer.Option(help="Nearest corrections that vote.")
    ] = USUAL.neighbours,
    floor: Annotated[float, typer.Option(help="Cosine above which pairs are near.")] = USUAL.floor,
    least: Annotated[int, typer.Option(help="Pairs a confusion needs to count.", min=6)] = 25,
    draws: Annotated[int, typer.Option(help="Draws of corrections.", min=1)] = 20,
    choose: Annotated[bool, typer.Option(help="Choose the settings on this split first.")] = False,
    catalogue: Annotated[str, typer.Option(help="Relation catalogue, by name or file.")] = "mnre",
    report: Annotated[Path | None, typer.Option(help="Write the figures here as JSON.")] = None,
) -> None:
    """How many look-alikes does a correction fix at once, and how many right answers break?"""
    from roc_core.workspace.measuring import MemoryPlan, measure_memory

    settings = MemorySettings(True, weight, neighbours, floor)
    folder = model or default_model()
    plan = MemoryPlan(
        format.value, data, folder, split, seed, settings, least, draws, catalogue, choose
    )
    with show.progress_bar("measuring") as progress:
        found = measure_memory(plan, progress)
    _tables(found, split)
    if report:
        with written(report) as handle:
            handle.write(json.dumps(found.as_dict(), indent=2) + "\n")


def _tables(found: MemoryReport, split: str) -> None:
    """Means over confusions, then each confusion."""
    used = found.settings
    show.say(
        f"Model version {found.model_version} on {split}: {found.pairs} pairs, {found.right} right "
        f"without memory; weight {used.weight}, {used.neighbours} neighbours, floor {used.floor}; "
        f"{found.draws} draws, seed {found.seed}"
    )
    table = Table("corrections", "confusions", "look-alikes", "fixed", "share fixed", "broken")
    for row in found.rows:
        table.add_row(
            str(row.corrections),
            str(row.confusions),
            f"{row.look_alikes:.1f}",
            f"{row.fixed:.2f}",
            f"{row.share:.1%}",
            f"{row.broken:.2f}",
        )
    show.console.print(table)
    each = Table("gold", "answered", "pairs", "corrections", "fixed", "broken")
    for trial in found.trials:
        each.add_row(*_cells(trial))
    show.console.print(each)
    show.say(
        "Means over draws, of numbers of pairs. Look-alikes: pairs of the same confusion that were "
        "not corrected. Broken: pairs of the whole split that were right before."
    )


def _cells(trial: Trial) -> tuple[str, ...]:
    return (
        escape(trial.gold),
        escape(trial.answered),
        str(trial.members),
        str(trial.corrections),
        f"{trial.fixed:.2f}",
        f"{trial.broken:.2f}",
    )
