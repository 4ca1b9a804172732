"""The command that checks the explainers."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Column, Table

from roc_core.cli import show
from roc_core.cli.options import Format, written
from roc_core.schema import SanityReport
from roc_core.workspace import default_model


def sanity(
    format: Format,
    data: Path,
    pairs: Annotated[int, typer.Option(help="Pairs to explain.", min=1)] = 200,
    seed: Annotated[int, typer.Option(help="Of the pairs, the draws and the new weights.")] = 0,
    model: Annotated[Path | None, typer.Option(help="Model version folder.")] = None,
    split: Annotated[str, typer.Option(help="train, dev or val.")] = "val",
    catalogue: Annotated[str, typer.Option(help="Relation catalogue, by name or file.")] = "mnre",
    report: Annotated[Path | None, typer.Option(help="Write the figures here as JSON.")] = None,
) -> None:
    """Check that explanations speak of the model: removal, completeness, random weights."""
    from roc_core.workspace.explaining import SanityPlan, check_explainers

    folder = model or default_model()
    plan = SanityPlan(format.value, data, folder, split, pairs, seed, catalogue)
    with show.progress_bar("explaining") as progress:
        found = check_explainers(plan, progress)
    _table(found)
    if report:
        with written(report) as handle:
            handle.write(json.dumps(asdict(found), indent=2) + "\n")


def _table(found: SanityReport) -> None:
    """A column an explainer."""
    show.say(f"Model version {found.model_version}, {found.pairs} pairs, seed {found.seed}")
    table = Table(Column("figure", no_wrap=True), *(r.explainer for r in found.rows))
    figures = {
        "lost without the top 3": [f"{r.top:.4f}" for r in found.rows],
        "lost without 3 drawn": [f"{r.drawn:.4f}" for r in found.rows],
        "ratio (at least 2)": [f"{r.ratio:.2f}" for r in found.rows],
        "left unexplained, mean": [f"{r.gap:.2%}" for r in found.rows],
        "left unexplained, worst": [f"{r.worst_gap:.2%}" for r in found.rows],
        "new weights (below 0.3)": [f"{r.correlation:.3f}" for r in found.rows],
        "the same without signs": [f"{r.size_correlation:.3f}" for r in found.rows],
    }
    for figure, values in figures.items():
        table.add_row(figure, *values)
    show.console.print(table)
    show.say(
        "Lost: cosine points, parts hidden together. Unexplained: share of the score's difference "
        "from an empty input; integrated gradients must stay within 2 %. New weights: rank "
        "correlation with the explanation by the same network, its trained parts drawn anew."
    )
