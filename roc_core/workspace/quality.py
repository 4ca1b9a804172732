"""How good the descriptions in use are: judged in a job, kept as a file of the workspace."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from roc_core.datasets.base import replacing
from roc_core.evaluation.wording import Wordings, judged
from roc_core.jobs import Progress
from roc_core.schema import QualityReport
from roc_core.store import Store
from roc_core.store.clock import now
from roc_core.store.vectors import Key

if TYPE_CHECKING:
    from roc_core.retrieval import RelationRetriever
    from roc_core.workspace.workspace import Workspace

FOLDER = "quality"
STAGE = "Judging descriptions"


def quality_job(folder: Path, parameters: Mapping[str, Any], report: Progress) -> Mapping[str, Any]:
    """Job "quality": the report on the descriptions in use; its result counts what it lists."""
    from roc_core.workspace.workspace import Workspace

    found = Workspace.open(folder).quality(report)
    return {n: len(getattr(found, n)) for n in ("rivals", "hubs", "gaps", "style")} | {
        "items": found.items
    }


def judge(workspace: Workspace, store: Store, progress: Progress) -> QualityReport:
    """Compute vectors that are missing, judge the descriptions, keep the report."""
    from roc_core.workspace.discovering import corpus_now
    from roc_core.workspace.pair_vectors import compute
    from roc_core.workspace.what_if import numbers_of

    version, key = workspace.model_version, workspace.vector_key()
    compute(store, key, lambda: workspace.retriever_of(version), progress)
    progress(0, 0, STAGE)
    with workspace._lock:
        corpus, retriever = corpus_now(workspace, store), workspace._retriever()
        catalogue, wordings = retriever.catalogue, _wordings(retriever)
    labels = store.annotation.queues.labels()
    report = judged(
        wordings,
        corpus.vectors,
        numbers_of([labels.get(item) for item in corpus.items], catalogue),
        corpus.items,
        catalogue.id,
        version,
        lambda done, total: progress(done, total, STAGE),
    )
    report = replace(report, created=now())
    said = {"key": _told(key), "report": report.as_dict()}
    with replacing(_file(workspace, version)) as file:
        file.write((json.dumps(said, ensure_ascii=False) + "\n").encode("utf-8"))
    return report


def kept(workspace: Workspace) -> QualityReport | None:
    """The report on the version in use; None when there is none, or none that can be read: it can
    be made again."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        said = json.loads(_file(workspace, workspace.model_version).read_text("utf-8"))
        report = QualityReport.from_dict(said["report"])
        return replace(report, outdated=said["key"] != _told(workspace.vector_key()))
    return None


def _file(workspace: Workspace, version: str) -> Path:
    return workspace.path / FOLDER / f"{version}.json"


def _told(key: Key) -> list[str]:
    return [key.version, key.model, key.catalogue]


def _wordings(retriever: RelationRetriever) -> Wordings:
    from roc_core.workspace.what_if import described_of

    ids = [d.id for d in retriever.catalogue.descriptions()]
    number = {id: n for n, id in enumerate(ids)}
    readings = np.array([number[r.description.id] for r in retriever.readings.all])
    return Wordings(tuple(retriever.catalogue), described_of(retriever), readings, tuple(ids))
