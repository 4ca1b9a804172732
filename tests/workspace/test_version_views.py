"""What a training would read and how long it takes, and where a version puts items on a map."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from roc_core.errors import ProjectionMissing, ValueRejected
from roc_core.schema import Job, LearnRequest
from roc_core.store import Store
from roc_core.workspace import Workspace, version_views
from roc_core.workspace.mapping import map_job
from roc_core.workspace.pair_vectors import vectors_job
from tests.training.made import LIVES
from tests.workspace.learnt import PARENT, correct, learn, posts, taught_workspace, trainable


def silent(done: int, total: int, stage: str) -> None:
    """Progress nobody follows."""


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    shutil.copytree(taught_workspace(), tmp_path / "ws")
    return Workspace.open(tmp_path / "ws")


def test_a_preview_counts_what_the_training_then_reads(workspace: Workspace) -> None:
    with pytest.raises(ValueRejected, match="Expected corrections by anybody"):
        workspace.learning.preview({})
    correct(workspace, posts(workspace)[:20], LIVES, "backward")
    found = workspace.learning.preview({"replay": 3, "mode": "fast"})
    assert found.learn + found.held_out == 20
    assert (found.replay, found.seconds, found.resumes) == (100, None, "")
    workspace.learning.settled({"replay": 3, "mode": "fast"})
    again = workspace.learning.preview({"replay": 3, "mode": "fast"})
    assert again == replace(found, resumes="tiny-1")
    assert workspace.learning.preview({"replay": 4}).resumes == ""


def job(seconds: int, mode: str = "fast", parent: str = "tiny-3", **result: int) -> Job:
    times = f"2026-01-01T00:00:{seconds:02}+00:00"
    return Job(
        1, "learn", "Learning", "done", {"mode": mode, "parent": parent},
        started="2026-01-01T00:00:00+00:00", finished=times, result=result,
    )  # fmt: skip


def test_the_time_is_that_of_earlier_trainings_of_its_kind(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    correct(workspace, trainable(workspace)[:10], LIVES, "backward")
    counts = {"learn": 50, "replay": 50}
    earlier = [
        job(10, **counts), job(20, **counts), job(30, **counts),
        job(59, mode="full", **counts), job(59, parent="mini", **counts), job(59),
    ]  # fmt: skip
    monkeypatch.setattr(workspace, "jobs", lambda limit=50: tuple(earlier))
    found = workspace.learning.preview({})
    pairs = found.learn + found.replay + found.unlabelled + found.guard
    assert found.seconds == pytest.approx(0.2 * pairs)


def test_items_are_placed_on_the_map_of_the_parent(workspace: Workspace) -> None:
    some = trainable(workspace)[:12]
    correct(workspace, some, LIVES, "backward")
    name, ids = learn(workspace).name, [i.id for i in some]
    with pytest.raises(ProjectionMissing, match=r"a map of model version 'tiny'\. Found none"):
        workspace.learning.moved(name, PARENT, ids)
    map_job(workspace.path, {"version": PARENT}, silent)
    unread = workspace.learning.moved(name, PARENT, [*ids, "f" * 16])
    assert (len(unread.items), unread.missing) == (0, 13)
    same = workspace.learning.moved(PARENT, PARENT, ids)
    far = np.abs(same.starts.astype(int) - same.ends.astype(int)).max(axis=1)
    assert np.median(far) < 50, "what did not move lies where it was"
    vectors_job(workspace.path, {"version": name}, silent)
    found = workspace.learning.moved(name, PARENT, ids)
    assert found.missing == 0
    assert [i.decode() for i in found.items.tolist()] == ids
    view = workspace.map_of(PARENT)
    assert (view.items[found.rows] == found.items).all()
    assert (found.starts[:, 0] == view.xs[found.rows]).all()
    moved = np.abs(found.starts.astype(int) - found.ends.astype(int)).max(axis=1)
    assert np.median(moved) > np.median(far), "corrected items moved"


def test_an_unfinished_training_of_other_choices_is_not_resumed(workspace: Workspace) -> None:
    correct(workspace, trainable(workspace)[:3], LIVES, "backward")
    Store.open(workspace.path).versions.begin(LearnRequest(parent=PARENT, seed=3), (), "command")
    assert workspace.learning.preview({}).resumes == ""
    assert workspace.learning.preview({"seed": 3}).resumes == "tiny-1"
    assert version_views._family("mini-12") == version_views._family("mini") == "mini"
