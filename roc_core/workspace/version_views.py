"""What is to be seen of learning beside its figures: what it would read, and what has moved."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from roc_core.errors import ProjectionMissing, ValueRejected
from roc_core.projection import Frame, place
from roc_core.schema import Job, LearnPreview, LearnRequest, Moves
from roc_core.store import Store
from roc_core.store.maps import StoredMap
from roc_core.workspace import feedback, lessons
from roc_core.workspace.lessons import LessonPlan

if TYPE_CHECKING:
    from roc_core.workspace.workspace import Workspace

READ = ("learn", "replay", "unlabelled", "guard")
"""Parts of a lesson whose pairs are read; how many they are decides how long it takes."""


# --- before a training -------------------------------------------------------------------


def preview(workspace: Workspace, store: Store, given: Mapping[str, Any]) -> LearnPreview:
    """What job "learn" would read with these parameters. Raises ValueRejected as it would."""
    request = feedback.request_of(given, workspace.model_version)
    lessons.require_corrections(store, request)
    plan = lessons.plan(store, workspace.catalogue, request, feedback.RULE)
    rows = store.versions.rows()
    unfinished = [r.name for r in rows if r.state == "unfinished" and r.request == request]
    return LearnPreview(
        len(plan.learn),
        len(plan.replay),
        len(plan.unlabelled),
        len(plan.guard),
        sum("corrections" in c.parts for c in plan.guard),
        plan.left_out,
        _seconds(workspace.jobs(), request, plan),
        unfinished[-1] if unfinished else "",
    )


def _seconds(jobs: Sequence[Job], request: LearnRequest, plan: LessonPlan) -> float | None:
    """By the median time a pair took in earlier trainings of this mode and family."""
    times = []
    for job in jobs:
        same = job.parameters.get("mode") == request.mode and _family(
            str(job.parameters.get("parent", ""))
        ) == _family(request.parent)
        pairs = sum(int(job.result.get(part, 0)) for part in READ)
        if job.kind == "learn" and job.state == "done" and same and pairs:
            times.append(_taken(job) / pairs)
    pairs = sum(len(getattr(plan, part)) for part in READ)
    return statistics.median(times) * pairs if times else None


def _family(name: str) -> str:
    """ "mini" of "mini", "mini-1", "mini-2"."""
    stem, dash, number = name.rpartition("-")
    return stem if dash and number.isdecimal() else name


def _taken(job: Job) -> float:
    began, ended = datetime.fromisoformat(job.started), datetime.fromisoformat(job.finished)
    return (ended - began).total_seconds()


# --- after it ----------------------------------------------------------------------------


def moved(
    workspace: Workspace, store: Store, name: str, other: str, wanted: Sequence[str]
) -> Moves:
    """Where version ``name`` puts the items ``wanted`` on the map of ``other``, which it went on
    from: each new vector is placed among that map's fitted ones (``projection.place``), so that
    both maps have one frame. What did not move at all lies where it was; a short arrow may as well
    be the coarseness of placing.

    Raises ProjectionMissing when ``other`` has no map, ValueRejected for an unknown version or one
    whose vectors are of another width.
    """
    stored = _map(workspace, store, other)
    old, new = workspace.vectors_of(other), workspace.vectors_of(name)
    if len(new) and len(old) and new.vectors.shape[1] != old.vectors.shape[1]:
        raise ValueRejected(
            f"a version that went on from {other}", name, "Compare it with its own parent."
        )
    on_map = {item: row for row, item in enumerate(stored.items.tolist())}
    in_new = {item: row for row, item in enumerate(new.items.tolist())}
    ids = [i.encode("ascii") for i in dict.fromkeys(wanted)]
    both = [i for i in ids if i in on_map and i in in_new]
    rows = np.array([on_map[i] for i in both], int)
    numbers = np.stack([stored.xs, stored.ys], axis=1)
    ends = numbers[rows]
    if both:
        vectors = new.vectors[[in_new[i] for i in both]]
        ends = _placed(vectors, old.items, old.vectors, stored, numbers)
    items = np.array(both, "S16")
    return Moves(name, other, items, rows, numbers[rows], ends, len(ids) - len(both))


def _map(workspace: Workspace, store: Store, version: str) -> StoredMap:
    stored = store.maps.get(version)
    if stored is None or stored.model != workspace.vector_key(version).model:
        raise ProjectionMissing(
            f"a map of model version '{version}'",
            "none" if stored is None else "one drawn before that version was trained again",
            "Start the job 'map'.",
        )
    return stored


def _placed(
    vectors: np.ndarray,
    known: np.ndarray,
    old: np.ndarray,
    stored: StoredMap,
    numbers: np.ndarray,
) -> np.ndarray:
    """Numbers (M, 2) of vectors among the points that map was fitted of."""
    at = {item: row for row, item in enumerate(known.tolist())}
    base = [r for r, i in enumerate(stored.items.tolist()) if not stored.placed[r] and i in at]
    if not base:
        raise ProjectionMissing(
            f"a map of model version '{stored.version}' whose items are read",
            "none of them",
            "Start the job 'map'.",
        )
    frame = Frame(*stored.frame)
    fitted = old[[at[stored.items[r]] for r in base]]
    return frame.numbers(place(vectors, fitted, frame.places(numbers[base])))
