"""Descriptions of a large catalogue, kept in the workspace so that they are encoded once."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from roc_core.jobs import Progress
from roc_core.relations import Catalogue
from roc_core.workspace import models, pair_vectors

if TYPE_CHECKING:
    from roc_core.retrieval import KeptReadings
    from roc_core.workspace.workspace import Workspace

FOLDER = "index"
PAIRS = 256
"""Pair vectors of the workspace by which it is chosen how many lists are read."""


@dataclass(frozen=True, slots=True)
class Folded:
    """Readings kept (descriptions, each in the directions its relation can hold in), how many of
    them were encoded now, and the share of the ten nearest that a search finds (0..1)."""

    entries: int
    encoded: int
    recall: float


def folder_of(workspace: Path, version: Path) -> Path:
    """Where a version's vectors of descriptions are kept: other weights, another folder."""
    return workspace / FOLDER / f"{version.name}-{pair_vectors.weights_of(version)}"


def fold_job(folder: Path, parameters: Mapping[str, Any], report: Progress) -> Mapping[str, Any]:
    """Job "fold-index": ``fold`` for the model version ``version``."""
    from roc_core.workspace.workspace import Workspace

    workspace = Workspace.open(folder)
    return asdict(fold(workspace, str(parameters.get("version") or ""), report))


def fold(workspace: Workspace, version: str = "", report: Progress = lambda *_: None) -> Folded:
    """Encode the descriptions in use that are not kept yet, forget those that are not in use, and
    settle what came since the last time.

    A catalogue that is small enough to be encoded at every start is not kept. Raises ValueRejected
    for an unknown version, IndexInvalid when the folder cannot be written to.
    """
    from roc_core.retrieval import KeptReadings, readings
    from roc_core.retrieval.ranking import KEPT

    catalogue, name = workspace.catalogue, version or workspace.model_version
    source = models.version_named(name, workspace.path)
    every = readings(catalogue).all
    if len(every) <= KEPT:
        return Folded(0, 0, 1.0)
    report(0, 0, "Loading the model")
    # With one relation: loading it with all would encode them without a word on progress.
    few = Catalogue(catalogue.id, catalogue.title, catalogue.relations[:1])
    retriever = models.load_retriever(source, few)
    folder = folder_of(workspace.path, source)
    kept = KeptReadings(folder, retriever.version.settings.pair_width)
    new = kept.missing(every)
    kept.vectors(every, retriever.describe, lambda d, t: report(d, t, "Reading descriptions"))
    report(0, 0, "Putting descriptions in order")
    kept.fold(every)
    recall = kept.index.tune(_pairs(workspace, name, kept))
    kept.save()
    for old in folder.parent.glob(f"{source.name}-*"):
        if old != folder and len(old.name) == len(folder.name):
            shutil.rmtree(old, ignore_errors=True)
    return Folded(len(kept), new, recall)


def _pairs(workspace: Workspace, version: str, kept: KeptReadings) -> np.ndarray:
    """Vectors to choose by: of the workspace's pairs, or of descriptions when none was read yet."""
    found = workspace.vectors_of(version).vectors
    if not len(found):
        ids = kept.index.ids()
        found = kept.index.vectors_of(ids[:: max(1, len(ids) // PAIRS)])
    wide = found[:: max(1, len(found) // PAIRS)].astype(np.float32)
    return np.asarray(wide / np.linalg.norm(wide, axis=1, keepdims=True))
