"""The commands that measure descriptions: relations added back, and other wordings."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from roc_core.cli import score_tables, show
from roc_core.cli.options import Format
from roc_core.schema import MemorySettings
from roc_core.workspace import default_model

USUAL = MemorySettings()

Folds = Annotated[Path, typer.Option(help="Folder that zero-shot trained into.")]
Out = Annotated[Path | None, typer.Option(help="Write JSON and Markdown to this folder.")]
Keep = Annotated[
    Path | None,
    typer.Option(help="Keep pair vectors in this folder, for the next measurement."),
]
CatalogueName = Annotated[str, typer.Option(help="Relation catalogue, by name or file.")]


def re_add(
    format: Format,
    data: Path,
    folds: Folds,
    split: Annotated[str, typer.Option(help="Where F1 is taken: dev or val.")] = "dev",
    least: Annotated[int, typer.Option(help="Training pairs a relation needs.", min=1)] = 50,
    answers: Annotated[
        list[int] | None, typer.Option(help="F1 after so many answers; may be given several times.")
    ] = None,
    floor: Annotated[
        float, typer.Option(help="Cosine above which an accepted pair votes.")
    ] = USUAL.floor,
    beside: Annotated[
        Path | None, typer.Option(help="Compare with this version, trained with all pairs.")
    ] = None,
    catalogue: CatalogueName = "mnre",
    seed: Annotated[int, typer.Option(help="Of the bootstrap.")] = 0,
    keep: Keep = None,
    out: Out = None,
) -> None:
    """How good is a relation that is added by its descriptions, at once and after some answers?"""
    from roc_core.evaluation import measured_tables as tables
    from roc_core.workspace.measured_files import write_re_added
    from roc_core.workspace.re_adding import ReAddPlan, re_add_all
    from roc_core.workspace.report_files import check_folder

    if out:
        check_folder(out)
    sizes = tuple(sorted({0, *(answers or (5, 20))}))
    plan = ReAddPlan(
        format.value, data, folds, split, least, sizes, replace(USUAL, floor=floor),
        beside or default_model(), catalogue, seed, keep,
    )  # fmt: skip
    with show.progress_bar("starting") as progress:
        found = re_add_all(plan, progress)
    for line in tables.re_added_words(found):
        show.say(line)
    score_tables.table(*tables.re_added_table(found), "F1 after answers")
    if out:
        write_re_added(out, found)
        show.say(f"Written to {out}.")


def wording(
    format: Format,
    data: Path,
    split: Annotated[str, typer.Option(help="Where F1 is taken: dev or val.")] = "dev",
    model: Annotated[Path | None, typer.Option(help="Model version folder.")] = None,
    folds: Annotated[
        Path | None, typer.Option(help="Folder that zero-shot trained into: adds zero-shot hit@3.")
    ] = None,
    written: Annotated[
        list[Path] | None,
        typer.Option(help="Catalogue file with other descriptions; may be given several times."),
    ] = None,
    catalogue: CatalogueName = "mnre",
    seed: Annotated[int, typer.Option(help="Of shuffling, swapping and the bootstrap.")] = 0,
    keep: Keep = None,
    out: Out = None,
) -> None:
    """Does the wording matter? Names alone, other texts, spoilt ones, fewer and finer relations."""
    from roc_core.evaluation import measured_tables as tables
    from roc_core.workspace.measured_files import write_wording
    from roc_core.workspace.measuring_wording import WordingPlan, measure_wording
    from roc_core.workspace.report_files import check_folder

    if out:
        check_folder(out)
    plan = WordingPlan(
        format.value, data, model or default_model(), split, folds, tuple(written or ()),
        catalogue, seed, keep,
    )  # fmt: skip
    with show.progress_bar("starting") as progress:
        found = measure_wording(plan, progress)
    for line in tables.wording_words(found):
        show.say(line)
    score_tables.table(*tables.wording_table(found), "Descriptions")
    if out:
        write_wording(out, found)
        show.say(f"Written to {out}.")
