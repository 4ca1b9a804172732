"""The effect of the descriptions' wording, measured on a labelled data set."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from roc_core.errors import ModelVersionInvalid
from roc_core.relations import Catalogue, load_catalogue
from roc_core.workspace.comparing import Progress
from roc_core.workspace.evaluating import read_split
from roc_core.workspace.fold_versions import Fold, fold_versions
from roc_core.workspace.kept_pairs import read_kept
from roc_core.workspace.models import load_retriever

if TYPE_CHECKING:
    from roc_core.evaluation.pair_sets import PairSet
    from roc_core.evaluation.wording_effect import WordingEffect, ZeroShotSet
    from roc_core.retrieval import RelationRetriever


@dataclass(frozen=True, slots=True)
class WordingPlan:
    """What to measure on and how: ``model`` is scored on ``split``; with ``folds``, the folder
    ``zero-shot`` trained into, zero-shot retrieval is measured as well; ``written`` are catalogue
    files with other descriptions. ``seed`` is that of shuffling, swapping and the bootstrap;
    ``keep`` a folder for pair vectors, so that the next measurement need not read them again."""

    format: str
    data: Path
    model: Path
    split: str = "dev"
    folds: Path | None = None
    written: tuple[Path, ...] = ()
    catalogue: str = "mnre"
    seed: int = 0
    keep: Path | None = None


def measure_wording(
    plan: WordingPlan, progress: Progress = lambda done, total, what: None
) -> WordingEffect:
    """F1 and zero-shot hit@3 under every case; the sentence alone is read.

    Raises ModelVersionInvalid for a folder that is no version or folds that do not fit,
    CatalogueInvalid and ValueRejected for descriptions that cannot be used.
    """
    from roc_core.evaluation.wording_cases import wording_cases
    from roc_core.evaluation.wording_effect import measure

    if not plan.model.is_dir():
        raise ModelVersionInvalid(
            f"a model version folder at {plan.model}", "none", "Check the path."
        )
    catalogue = load_catalogue(plan.catalogue)
    others = {f"from {path.name}": load_catalogue(path) for path in plan.written}
    rows = wording_cases(catalogue, others, plan.seed)
    folds = fold_versions(plan.folds, catalogue) if plan.folds else ()
    retriever = load_retriever(plan.model, catalogue)
    pairs = _split(plan, plan.split, retriever, progress)
    dev = None if plan.split == "dev" else _split(plan, "dev", retriever, progress)
    held = [_held_out(plan, fold, catalogue, progress) for fold in folds]
    notes = _notes(plan, bool(folds))
    return measure(retriever, pairs, dev, rows, held, plan.split, plan.seed, notes, progress)


def _split(
    plan: WordingPlan, split: str, retriever: RelationRetriever, progress: Progress
) -> PairSet:
    records = read_split(plan.format, plan.data, split)
    what = f"{retriever.version.id}: {split}"
    return read_kept(retriever, plan.model, records, plan.keep, progress, what)


def _held_out(
    plan: WordingPlan, fold: Fold, catalogue: Catalogue, progress: Progress
) -> ZeroShotSet:
    """Pairs of the relations a fold was never trained on, from the file it was trained on."""
    from roc_core.evaluation.wording_effect import ZeroShotSet
    from roc_core.evaluation.zero_shot import only

    retriever = load_retriever(fold.folder, catalogue)
    records = [r for s in ("train", "dev") for r in read_split(plan.format, plan.data, s)]
    asked, what = only(records, fold.held_out), f"{fold.folder.name}: held-out relations"
    read = read_kept(retriever, fold.folder, asked, plan.keep, progress, what)
    return ZeroShotSet(retriever, read)


def _notes(plan: WordingPlan, zero_shot: bool) -> tuple[str, ...]:
    """What a reader of the figures must know besides."""
    lines = (
        'Lines of "none of these" are drawn anew for every row: on the other four fifths of dev\'s '
        "sentences."
        if plan.split == "dev"
        else 'Lines of "none of these" are drawn anew for every row, on dev.'
    )
    notes = [lines, "The version was trained with the hand-written descriptions."]
    if zero_shot:
        notes.append(
            "Zero-shot: pairs of relations never trained on, ranked by score among all classes of "
            "the row; the mean over relations of their hit@3."
        )
    return tuple(notes)
