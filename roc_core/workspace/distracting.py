"""A data set's relations among made ones, measured on a labelled split outside any workspace."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from roc_core.errors import ModelVersionInvalid, ValueRejected
from roc_core.relations import load_catalogue
from roc_core.relations.plausible import MOST, plausible_catalogue
from roc_core.schema import NONE, Record
from roc_core.workspace.evaluating import hidden_by, read_split, with_pictures
from roc_core.workspace.models import load_retriever

if TYPE_CHECKING:
    from roc_core.evaluation.distractors import DistractorReport, Types
    from roc_core.retrieval import Readings, RelationRetriever

BATCH = 256
COUNTS = (0, 100, 1_000, 10_000)
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class DistractorPlan:
    """What to measure on, with how many made relations, and by which seeds they are drawn.

    ``kept`` is a folder for the vectors of their descriptions: a second run is then quick.
    """

    format: str
    data: Path
    model: Path
    split: str = "val"
    counts: tuple[int, ...] = COUNTS
    seeds: tuple[int, ...] = (0, 1, 2)
    catalogue: str = "mnre"
    kept: Path | None = None


def measure_distractors(
    plan: DistractorPlan, progress: Progress = lambda done, total, what: None
) -> DistractorReport:
    """F1 and ranks under the honest protocol, sentences alone, without and with the type filter.

    Raises ModelVersionInvalid for a folder that is none, ValueRejected for an empty split, for
    labels that are not in the catalogue, and for numbers or seeds that cannot be drawn.
    """
    from roc_core.evaluation.distractors import DistractorReport, margins_of, measure
    from roc_core.evaluation.report import gold_of

    _check(plan)
    retriever = load_retriever(plan.model, load_catalogue(plan.catalogue))
    records = with_pictures(read_split(plan.format, plan.data, plan.split), "none")
    gold = gold_of(records)
    _check_gold(gold, retriever)
    pairs, types = _read(retriever, records, progress)
    pool, described = _pool(plan, retriever, progress)
    free = margins_of(retriever, pool, described, pairs, None, progress)
    typed = margins_of(retriever, pool, described, pairs, types, progress)
    held = [n for n, g in enumerate(gold) if g != NONE]
    own = [np.isfinite(typed.own[n, typed.names.index(gold[n])]) for n in held]
    return DistractorReport(
        retriever.version.id,
        plan.split,
        len(gold),
        len(free.names),
        float(np.mean(own)) if own else 0.0,
        measure(free, gold, plan.counts, plan.seeds)
        + measure(typed, gold, plan.counts, plan.seeds, types_filtered=True),
    )


def _check(plan: DistractorPlan) -> None:
    if not plan.model.is_dir():
        raise ModelVersionInvalid(
            f"a model version folder at {plan.model}", "none", "Check the path."
        )
    if not plan.seeds or not plan.counts or not 0 <= min(plan.counts) <= max(plan.counts) <= MOST:
        raise ValueRejected(
            f"at least one seed and numbers of made relations from 0 to {MOST}",
            f"seeds {plan.seeds} and numbers {plan.counts}",
            "Ask for others.",
        )


def _check_gold(gold: Sequence[str], retriever: RelationRetriever) -> None:
    for relation in set(gold) - {NONE}:
        retriever.catalogue.get(relation)


def _read(
    retriever: RelationRetriever, records: Sequence[Record], progress: Progress
) -> tuple[np.ndarray, list[Types]]:
    """Unit vectors (B, W) of pairs, and the types given or suggested for their mentions."""
    hide, vectors = hidden_by("none"), []
    types: list[Types] = []
    for start in range(0, len(records), BATCH):
        examples = [r.example for r in records[start : start + BATCH]]
        inputs = retriever.reader.read(examples, [hide] * len(examples))
        vectors.append(retriever.encode(inputs).numpy())
        types += [pair.likeliest_types() for pair in inputs]
        progress(min(start + BATCH, len(records)), len(records), "reading pairs")
    return np.concatenate(vectors), types


def _pool(
    plan: DistractorPlan, retriever: RelationRetriever, progress: Progress
) -> tuple[Readings, np.ndarray]:
    """Readings of all made relations and their unit vectors (M, W)."""
    from roc_core.retrieval import KeptReadings, readings

    pool = readings(plausible_catalogue(max(1, *plan.counts)))
    what = "reading made descriptions"
    if plan.kept is not None:
        kept = KeptReadings(plan.kept, retriever.version.settings.pair_width)
        found = kept.vectors(
            pool.all, retriever.describe, lambda done, total: progress(done, total, what)
        )
        return pool, found
    parts = []
    for start in range(0, len(pool.all), BATCH):
        parts.append(retriever.describe(pool.all[start : start + BATCH]))
        progress(start, len(pool.all), what)
    return pool, np.concatenate(parts)
