"""Relations taken out of training and added back by their descriptions, on a labelled data set."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from roc_core.errors import ValueRejected
from roc_core.relations import Catalogue, load_catalogue
from roc_core.schema import MemorySettings, Record
from roc_core.workspace.comparing import Progress
from roc_core.workspace.evaluating import read_split
from roc_core.workspace.fold_versions import Fold, fold_versions
from roc_core.workspace.kept_pairs import read_kept
from roc_core.workspace.models import load_retriever

if TYPE_CHECKING:
    from roc_core.evaluation.re_adding import Answered, ReAddReport

USUAL = MemorySettings()


@dataclass(frozen=True, slots=True)
class ReAddPlan:
    """What to measure on and how: ``folds`` is the folder ``zero-shot`` trained into; relations
    with fewer than ``least`` training pairs are left out; ``beside`` is a version trained with all
    pairs to compare with; ``seed`` is that of the bootstrap; ``keep`` a folder for pair vectors, so
    that the next measurement need not read the pairs again."""

    format: str
    data: Path
    folds: Path
    split: str = "dev"
    least: int = 50
    sizes: tuple[int, ...] = (0, 5, 20)
    settings: MemorySettings = USUAL
    beside: Path | None = None
    catalogue: str = "mnre"
    seed: int = 0
    keep: Path | None = None


def re_add_all(plan: ReAddPlan, progress: Progress = lambda done, total, what: None) -> ReAddReport:
    """F1 of every held-out relation after each number of answers; the sentence alone is read.

    Raises ModelVersionInvalid for folds that are not there or do not fit, ValueRejected when no
    relation has enough pairs or the numbers of answers do not begin at 0 and rise.
    """
    from roc_core.evaluation import re_adding

    _check(plan)
    catalogue = load_catalogue(plan.catalogue)
    folds = fold_versions(plan.folds, catalogue)
    train, test = (read_split(plan.format, plan.data, s) for s in ("train", plan.split))
    found: list[Answered] = []
    for fold in folds:
        found += _fold(fold, catalogue, train, test, plan, progress)
    if not found:
        raise ValueRejected(
            f"a held-out relation with {plan.least} training pairs", "none", "Ask for fewer."
        )
    found.sort(key=lambda a: a.relation)
    gold = [r.label.relation for r in test if r.label is not None]
    beside = ("", ()) if plan.beside is None else _beside(plan, plan.beside, test, progress)
    return re_adding.report_of(
        found, gold, plan.split, len(train), plan.sizes, plan.settings, plan.seed, beside
    )


def _check(plan: ReAddPlan) -> None:
    if not plan.sizes or plan.sizes[0] != 0 or list(plan.sizes) != sorted(set(plan.sizes)):
        raise ValueRejected(
            "numbers of answers from 0 that rise", f"{plan.sizes}", "For example 0, 5, 20."
        )


def _fold(
    fold: Fold,
    catalogue: Catalogue,
    train: list[Record],
    test: list[Record],
    plan: ReAddPlan,
    progress: Progress,
) -> list[Answered]:
    from roc_core.evaluation import re_adding
    from roc_core.evaluation.remembering import space_of
    from roc_core.retrieval import Candidates

    retriever, name = load_retriever(fold.folder, catalogue), fold.folder.name
    shown = read_kept(
        retriever, fold.folder, train, plan.keep, progress, f"{name}: pairs to be shown"
    )
    tested = read_kept(retriever, fold.folder, test, plan.keep, progress, f"{name}: {plan.split}")
    space = space_of(retriever, tested.vectors, tested.labels)
    wanted = re_adding.enough(shown, fold.held_out, plan.least)
    found = []
    for number, id in enumerate(wanted, 1):
        relation = catalogue.get(id)
        candidates = Candidates(retriever, relation, shown.vectors, shown.types)
        found.append(
            re_adding.re_add(relation, name, candidates, shown, space, plan.settings, plan.sizes)
        )
        progress(number, len(wanted), f"{name}: answering")
    return found


def _beside(
    plan: ReAddPlan, folder: Path, test: list[Record], progress: Progress
) -> tuple[str, list[str]]:
    """The name of a version trained with all pairs, and its answers."""
    from roc_core.evaluation.remembering import space_of

    retriever = load_retriever(folder, load_catalogue(plan.catalogue))
    what = f"{folder.name}, trained with all pairs"
    read = read_kept(retriever, folder, test, plan.keep, progress, what)
    space = space_of(retriever, read.vectors, read.labels)
    return retriever.version.id, space.answers(space.margins).tolist()
