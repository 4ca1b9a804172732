"""``kill -9`` of a training at random moments: no half-written version, nothing lost, and in the
end the very same version as without."""

from __future__ import annotations

import os
import random
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from roc_core.jobs.process import kill
from roc_core.schema import Job
from roc_core.store import Store
from roc_core.workspace import Workspace
from roc_core.workspace.versions import FILES
from tests.training.made import LIVES
from tests.workspace.learnt import PARENT, correct, taught_workspace, trainable

pytestmark = pytest.mark.soak
WEIGHTS = "trained.safetensors"


def _copy(folder: Path) -> Workspace:
    shutil.copytree(taught_workspace(), folder)
    workspace = Workspace.open(folder)
    correct(workspace, trainable(workspace)[:12], LIVES, "backward")
    return workspace


def _over(workspace: Workspace, id: int, seconds: float) -> Job:
    """The job when it is over, or after so many seconds."""
    end = time.monotonic() + seconds
    while not (job := workspace.job(id)).over and time.monotonic() < end:
        time.sleep(0.02)
    return job


def _kill(workspace: Workspace) -> None:
    for held in Store.open(workspace.path).jobs.held():
        assert held.pid != os.getpid()
        assert kill(held.pid, held.process)


def _require_whole(workspace: Workspace, corrections: int) -> None:
    """The database is sound, every version that can be seen is complete and loads."""
    store = Store.open(workspace.path)
    store.check()
    assert len(store.versions.labels_in_force()) == corrections
    assert workspace.model_version == PARENT
    for info in workspace.learning.versions():
        if info.state in ("packaged", "unfinished"):
            continue
        assert {f.name for f in info.folder.iterdir()} >= set(FILES)
        workspace.retriever_of(info.name)


def test_a_training_killed_at_random_moments_leaves_no_half(
    tmp_path: Path, times: Callable[[int], int]
) -> None:
    whole, workspace = _copy(tmp_path / "whole"), _copy(tmp_path / "killed")
    begun = time.monotonic()
    done = _over(whole, whole.start_job("learn"), 600)
    assert (done.state, done.error) == ("done", "")
    lasts = time.monotonic() - begun
    expected = (whole.path / "models" / str(done.result["version"]) / WEIGHTS).read_bytes()
    corrections = len(Store.open(workspace.path).versions.labels_in_force())
    chance, kills, seed, finished = random.Random(12), 0, 0, 0
    for _ in range(times(50)):
        job = _over(workspace, workspace.start_job("learn", seed=seed), lasts * chance.random())
        if not job.over:
            _kill(workspace)
            job = _over(workspace, job.id, 30)
            kills += 1
        assert job.state in ("lost", "done"), job.error
        _require_whole(workspace, corrections)
        if job.state == "done":
            seed, finished = seed + 1, finished + 1
    job = _over(workspace, workspace.start_job("learn", seed=seed), 600)
    assert (job.state, job.error) == ("done", "")
    _require_whole(workspace, corrections)
    assert kills > 0
    first = next(v for v in workspace.learning.versions() if v.parent == PARENT)
    assert (first.folder / WEIGHTS).read_bytes() == expected
    left = list((workspace.path / "models").glob("*.training"))
    assert left == [], f"{finished} finished after {kills} kills"
