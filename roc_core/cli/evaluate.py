"""The commands that score: model versions on a split, and zero-shot retrieval."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from roc_core.cli import score_tables, show
from roc_core.cli.options import Format, Pictures, Protocols
from roc_core.workspace import default_model


def evaluate(
    format: Format,
    data: Path,
    split: Annotated[str, typer.Option(help="train, dev, val or test.")] = "val",
    model: Annotated[
        list[Path] | None,
        typer.Option(help="Model version folder; may be given several times."),
    ] = None,
    protocol: Annotated[
        Protocols, typer.Option(help="What a model may know of types and order.")
    ] = Protocols.honest,  # type: ignore[attr-defined]
    catalogue: Annotated[str, typer.Option(help="Relation catalogue, by name or file.")] = "mnre",
    pictures: Annotated[Pictures, typer.Option(help="Picture evidence.")] = Pictures.none,  # type: ignore[attr-defined]
    type_filter: Annotated[
        bool, typer.Option(help="Under oracle-types, only relations that fit the types.")
    ] = True,
    suite: Annotated[
        bool, typer.Option(help="Add ablations of the first version, beside the others.")
    ] = False,
    seed: Annotated[int, typer.Option(help="Of shuffling, for shuffled pictures.")] = 0,
    out: Annotated[
        Path | None, typer.Option(help="Write report.json, .md and .html to this folder.")
    ] = None,
    note: Annotated[bool, typer.Option(help="Note the figures in the versions' cards.")] = False,
) -> None:
    """Score model versions, side by side if there are several."""
    from roc_core.workspace.cards import note_scores
    from roc_core.workspace.comparing import EvaluatePlan, compare
    from roc_core.workspace.report_files import check_folder, write_reports

    if out:
        check_folder(out)
    plan = EvaluatePlan(
        format.value,
        data,
        split,
        protocol.value,
        pictures.value,
        seed,
        catalogue,
        type_filter,
    )
    models = model or [default_model()]
    with show.progress_bar("scoring") as progress:
        found = compare(plan, models, suite, progress)
    score_tables.comparison(found)
    if note:
        note_scores(models, found)
    if out:
        write_reports(out, found)
        show.say(f"Reports written to {out}.")


def zero_shot(
    format: Format,
    data: Path,
    out: Annotated[Path, typer.Option(help="Folder of the three folds' model versions.")],
    preset: Annotated[str, typer.Option(help="Settings of model and training.")] = "mini",
    catalogue: Annotated[str, typer.Option(help="Relation catalogue, by name or file.")] = "mnre",
    seed: int = 0,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", help="Change one setting, key=value; may be given several times."),
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(help="Write zero-shot.json, .md and .html to this folder."),
    ] = None,
) -> None:
    """Score relations that were never trained on, in three folds; trains what is missing."""
    from roc_core.workspace.measured_files import write_zero_shot
    from roc_core.workspace.report_files import check_folder
    from roc_core.workspace.zero_shot import ZeroShotPlan
    from roc_core.workspace.zero_shot import zero_shot as run

    if report:
        check_folder(report)
    with show.progress_bar("starting") as progress:
        plan = ZeroShotPlan(format.value, data, out, preset, seed, catalogue, tuple(set_ or ()))
        found = run(plan, progress)
    score_tables.zero_shot(found)
    if report:
        write_zero_shot(report, found)
        show.say(f"Reports written to {report}.")
