"""Learning and looking after versions by commands, on a tiny version that was really trained."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from roc_core.workspace import Workspace
from tests.cli.running import Run
from tests.training.made import LIVES
from tests.workspace.learnt import correct, taught_workspace, trainable


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(taught_workspace(), tmp_path / "ws")
    return tmp_path / "ws"


def test_learn_promote_and_roll_back(run: Run, folder: Path, tmp_path: Path) -> None:
    workspace = Workspace.open(folder)
    correct(workspace, trainable(workspace)[:12], LIVES, "backward")
    done = run("learn", "--workspace", folder, "--mode", "fast", "--annotator", "ann")
    assert done.code == 0, done.err
    assert "tiny-1: learnt from 12 corrections with 100 replayed and " in done.out
    assert "made dev" in done.out
    assert "Rule: F1 on the whole guard set is not lower" in done.out
    assert f"versions promote tiny-1 --workspace {folder}" in done.out
    assert run("versions", "promote", "tiny-1", "--workspace", folder, "--by", "ann").code == 0
    listed = run("versions", "list", "--workspace", folder).out
    assert "tiny-1: offered, in use, from tiny, " in listed
    assert "promote tiny-1 in the place of tiny, by ann" in listed
    compared = run("versions", "compare", "tiny-1", "--workspace", folder)
    assert "tiny-1 beside tiny: 0 labelled items compared, 372 not answered yet" in compared.out
    out = tmp_path / "out"
    assert run("versions", "export", "tiny-1", out, "--workspace", folder).code == 0
    same = run("versions", "import", out / "tiny-1", "--workspace", folder)
    assert "Version tiny-1 is here." in same.out
    back = run("versions", "roll-back", "--workspace", folder, "--by", "ann")
    assert "tiny is in use again, in the place of tiny-1." in back.out
    again = run("versions", "roll-back", "--workspace", folder)
    assert (again.code, again.err.strip()[:60]) == (
        1, "Error: Expected a version in use that was promoted. Found tiny"[:60],
    )  # fmt: skip


def test_what_cannot_be_learnt_is_said(run: Run, folder: Path) -> None:
    done = run("learn", "--workspace", folder, "--annotator", "bo")
    assert done.code == 1
    assert "Error: Expected corrections by bo. Found none. Correct some items first" in done.err
    done = run("versions", "discard", "tiny-9", "--workspace", folder)
    assert "Expected an unfinished training. Found tiny-9." in done.err
