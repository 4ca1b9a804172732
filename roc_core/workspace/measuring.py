"""The correction memory measured on a labelled split, outside any workspace."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from roc_core.errors import ModelVersionInvalid
from roc_core.relations import load_catalogue
from roc_core.schema import MemorySettings
from roc_core.workspace.evaluating import hidden_by, read_split, with_pictures
from roc_core.workspace.models import load_retriever

if TYPE_CHECKING:
    from roc_core.evaluation.remembering import MemoryReport, Space
    from roc_core.retrieval import RelationRetriever

BATCH = 256
USUAL = MemorySettings()


@dataclass(frozen=True, slots=True)
class MemoryPlan:
    """What to measure on and how; ``least`` is the number of pairs a confusion needs. With
    ``choose`` the settings are chosen on the split first, and ``settings`` is not used."""

    format: str
    data: Path
    model: Path
    split: str = "val"
    seed: int = 0
    settings: MemorySettings = USUAL
    least: int = 25
    draws: int = 20
    catalogue: str = "mnre"
    choose: bool = False


def measure_memory(
    plan: MemoryPlan, progress: Callable[[int, int, str], None] = lambda done, total, what: None
) -> MemoryReport:
    """Look-alikes fixed and right answers broken after 1, 5 and 20 corrections of a confusion.

    Raises ModelVersionInvalid for a folder that is none, ValueRejected for an empty split or one
    without a confusion of that size.
    """
    from roc_core.evaluation import remembering

    if not plan.model.is_dir():
        raise ModelVersionInvalid(
            f"a model version folder at {plan.model}", "none", "Check the path."
        )
    retriever = load_retriever(plan.model, load_catalogue(plan.catalogue))
    space = _space(plan, retriever, progress)
    settings = plan.settings
    if plan.choose:
        settings = remembering.choose(space, min(plan.least, 10), seed=plan.seed, progress=progress)
    progress(0, 0, "correcting")
    rows, trials = remembering.measure(
        space, settings, least=plan.least, draws=plan.draws, seed=plan.seed
    )
    gold = np.array([label.relation for label in space.labels], object)
    right = int((space.answers(space.margins) == gold).sum())
    return remembering.MemoryReport(
        retriever.version.id, settings, len(gold), right, plan.draws, plan.seed, rows, trials
    )


def _space(
    plan: MemoryPlan,
    retriever: RelationRetriever,
    progress: Callable[[int, int, str], None],
) -> Space:
    """The split's pairs, read from their sentences alone."""
    from roc_core.evaluation.remembering import space_of

    records = with_pictures(read_split(plan.format, plan.data, plan.split), "none")
    labels = [r.label for r in records if r.label is not None]
    parts = []
    for start in range(0, len(records), BATCH):
        examples = [r.example for r in records[start : start + BATCH]]
        parts.append(retriever.vectors(examples, [hidden_by("none")] * len(examples)))
        progress(min(start + BATCH, len(records)), len(records), "reading pairs")
    return space_of(retriever, np.concatenate(parts), labels)
