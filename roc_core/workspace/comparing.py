"""Model versions scored on a split, side by side, and what one of them loses by ablation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from roc_core.errors import ModelVersionInvalid, ValueRejected
from roc_core.evaluation.ablations import CONDITIONS, Condition, PictureUse
from roc_core.evaluation.protocols import HONEST, ORACLE_TYPES, allowed, check_protocol, prepare
from roc_core.relations import Catalogue, load_catalogue
from roc_core.schema import Record
from roc_core.workspace.evaluating import hidden_by, read_split, with_pictures
from roc_core.workspace.models import load_retriever

if TYPE_CHECKING:
    from roc_core.evaluation.ablations import Ablation
    from roc_core.evaluation.comparison import Comparison
    from roc_core.evaluation.full import Evaluation, Scored
    from roc_core.evaluation.report import Report
    from roc_core.retrieval import RelationRetriever

Progress = Callable[[int, int, str], None]
"""Called with pairs done, pairs in all, and what is being scored."""


@dataclass(frozen=True, slots=True)
class EvaluatePlan:
    """What to score on and how. ``type_filter`` restricts answers to the types given; it works
    under oracle-types alone. ``seed`` is that of shuffled pictures."""

    format: str
    data: Path
    split: str = "val"
    protocol: str = HONEST
    pictures: PictureUse = "none"
    seed: int = 0
    catalogue: str = "mnre"
    type_filter: bool = True


@dataclass(frozen=True, slots=True)
class _Data:
    """Prepared records of the split, and of ``dev`` if the data set has one."""

    test: list[Record]
    dev: list[Record]
    catalogue: Catalogue


def compare(
    plan: EvaluatePlan,
    models: Sequence[Path],
    suite: bool = False,
    progress: Progress = lambda done, total, what: None,
) -> Comparison:
    """Score model versions under a protocol; with ``suite`` also the first one's ablations, in a
    table with the other versions.

    ``dev``, where the data set has one, only fits the confidence curve and, where scores mean
    something else than in training (type filter, other descriptions), the lines. Raises
    ModelVersionInvalid for a folder that is none, ValueRejected for an unknown protocol or an
    empty split.
    """
    from roc_core.evaluation.comparison import Comparison

    check_protocol(plan.protocol)
    for model in models:
        if not model.is_dir():
            raise ModelVersionInvalid(
                f"a model version folder at {model}", "none", "Check the path."
            )
    data = _read(plan)
    versions: list[Evaluation] = []
    ablations: tuple[Ablation, ...] = ()
    for number, folder in enumerate(models):
        retriever = _loaded(folder, data.catalogue, plan)
        versions.append(_evaluated(folder, retriever, data, plan, progress))
        if suite and number == 0:
            ablations = _ablated(retriever, data, plan, progress, versions[0].report)
        elif suite:
            ablations += (_trained_otherwise(versions[-1], retriever),)
    return Comparison(_setting(plan, data), tuple(versions), ablations)


def _setting(plan: EvaluatePlan, data: _Data) -> dict[str, Any]:
    filtered = "on" if plan.protocol == ORACLE_TYPES and plan.type_filter else "off"
    return {
        "data": plan.format,
        "split": plan.split,
        "pairs": len(data.test),
        "protocol": plan.protocol,
        "type_filter": filtered,
        "pictures": plan.pictures,
        "catalogue": f"{plan.catalogue} ({data.catalogue.digest[:12]})",
    }


def _read(plan: EvaluatePlan) -> _Data:
    catalogue = load_catalogue(plan.catalogue)
    test = prepare(read_split(plan.format, plan.data, plan.split), catalogue, plan.protocol)
    try:
        dev = test if plan.split == "dev" else read_split(plan.format, plan.data, "dev")
    except ValueRejected:
        return _Data(test, [], catalogue)
    return _Data(test, dev if dev is test else prepare(dev, catalogue, plan.protocol), catalogue)


def _loaded(folder: Path, catalogue: Catalogue, plan: EvaluatePlan) -> RelationRetriever:
    retriever = load_retriever(folder, catalogue)
    if plan.protocol == HONEST:
        return retriever
    # Types that the protocol withholds must not come back through the tagger.
    return _with(retriever, tagger=None)


def _with(retriever: RelationRetriever, **changes: Any) -> RelationRetriever:
    from roc_core.retrieval import RelationRetriever

    version = replace(retriever.version, **changes)
    return RelationRetriever(retriever.reader, version, retriever.catalogue)


def _scored(
    retriever: RelationRetriever,
    records: Sequence[Record],
    plan: EvaluatePlan,
    condition: Condition,
    progress: Progress,
    what: str,
) -> Scored:
    from roc_core.evaluation.full import Scored
    from roc_core.evaluation.report import score_records

    use = condition.pictures or plan.pictures
    seen = with_pictures(records, use, plan.seed)
    hide = hidden_by(use, condition.hide_types, condition.hide_positions)
    scores = score_records(retriever, seen, progress=lambda d, t: progress(d, t, what), hide=hide)
    by_types = plan.protocol == ORACLE_TYPES and plan.type_filter and not condition.hide_types
    pairs = retriever.readings.pairs
    mask = allowed(pairs, [r.example for r in records]) if by_types else None
    return Scored(records, scores, mask)


def _fresh_lines(retriever: RelationRetriever, dev: Scored) -> RelationRetriever:
    """The retriever with lines drawn on ``dev``; pairs without an allowed relation never pass, so
    they have no say."""
    from roc_core.evaluation.calibration import calibrate
    from roc_core.evaluation.report import gold_of
    from roc_core.retrieval import PairScores

    gold, scores = gold_of(dev.records), dev.scores
    if dev.allowed is not None:
        relations = scores.relations.copy()
        relations[~dev.allowed] = float("-inf")
        rows = np.asarray(dev.allowed.any(axis=1))
        if not rows.any():
            return retriever
        scores = PairScores(scores.descriptions[rows], relations[rows], scores.none[rows])
        gold = [g for g, there in zip(gold, rows, strict=True) if there]
    return _with(retriever, lines=calibrate(retriever.readings, scores, gold))


def _evaluated(
    folder: Path,
    retriever: RelationRetriever,
    data: _Data,
    plan: EvaluatePlan,
    progress: Progress,
) -> Evaluation:
    from roc_core.evaluation.comparison import recipe
    from roc_core.evaluation.full import full_evaluation
    from roc_core.evaluation.tagging import tagger_report

    card = retriever.version.card
    row, trained = str(card.get("row") or folder.name), recipe(card)
    base = CONDITIONS[0]
    test = _scored(retriever, data.test, plan, base, progress, f"{row}: {plan.split}")
    dev = None
    if data.dev and plan.split == "dev":
        dev = test
    elif data.dev:
        dev = _scored(retriever, data.dev, plan, base, progress, f"{row}: dev, for confidence")
    if test.allowed is not None and dev is not None:
        retriever = _fresh_lines(retriever, dev)
    tagger = tagger_report(retriever, data.test) if plan.protocol == HONEST else None
    return full_evaluation(
        row, trained, retriever, test, dev, plan.protocol, tagger, _notes(plan, data, trained)
    )


def _notes(plan: EvaluatePlan, data: _Data, trained: dict[str, Any]) -> tuple[str, ...]:
    """What a reader of the figures must know besides."""
    notes: list[str] = []
    if trained["protocol"] and trained["protocol"] != plan.protocol:
        notes.append(
            f"This version was trained under the protocol {trained['protocol']} and scored under "
            f"{plan.protocol}."
        )
    if not data.dev:
        notes.append("The data set has no dev part, so calibration was not measured.")
    if plan.split == "dev":
        notes.append("Scored on dev, on which lines were chosen and confidence was fitted.")
    if plan.split == "train":
        notes.append("Scored on sentences it was trained on.")
    return tuple(notes)


def _ablated(
    retriever: RelationRetriever,
    data: _Data,
    plan: EvaluatePlan,
    progress: Progress,
    whole: Report,
) -> tuple[Ablation, ...]:
    """A row for each condition that applies; ``whole`` is the version's own report."""
    from roc_core.evaluation.ablations import Ablation

    rows: list[Ablation] = []
    known: dict[object, Report] = {(plan.pictures, False, False, None): whole}
    for condition in CONDITIONS:
        if not _applies(condition, data.test):
            continue
        # Two names may stand for one condition, such as "as trained" and "without picture".
        key = (
            condition.pictures or plan.pictures,
            condition.hide_types,
            condition.hide_positions,
            condition.relations,
        )
        if key not in known:
            known[key] = _ablation(retriever, condition, data, plan, progress)
        rows.append(Ablation(condition.name, known[key]))
    return tuple(rows)


def _trained_otherwise(found: Evaluation, retriever: RelationRetriever) -> Ablation:
    """The row of a version that was trained without something, where others only lack it in use."""
    from roc_core.evaluation.ablations import Ablation

    head = "classification head" if retriever.version.settings.classes else "trained otherwise"
    return Ablation(f"{head}: {found.row}", found.report)


def _applies(condition: Condition, records: Sequence[Record]) -> bool:
    """Whether the records have what a condition shows: pictures, or picture texts."""
    texts = any(r.example.picture_text.strip() for r in records)
    pictures = any(r.example.picture is not None for r in records)
    if condition.pictures in ("captions", "shuffled-captions"):
        return texts
    return condition.pictures in (None, "none") or pictures or texts


def _ablation(
    retriever: RelationRetriever,
    condition: Condition,
    data: _Data,
    plan: EvaluatePlan,
    progress: Progress,
) -> Report:
    from roc_core.evaluation.report import report
    from roc_core.retrieval import RelationRetriever

    if condition.relations is not None:
        described = condition.relations(data.catalogue)
        retriever = RelationRetriever(retriever.reader, retriever.version, described)
    what = f"ablation: {condition.name}"
    test = _scored(retriever, data.test, plan, condition, progress, what)
    if data.dev and (condition.fresh_lines or test.allowed is not None):
        dev = _scored(retriever, data.dev, plan, condition, progress, f"{what}, on dev")
        retriever = _fresh_lines(retriever, dev)
    return report(retriever, data.test, test.scores, plan.protocol, test.allowed)
