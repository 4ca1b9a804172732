"""The command that makes a workspace to show; ``tests/workspace/test_demo.py`` tests the making."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from roc_core.workspace import demo
from roc_core.workspace.demo import Demo
from tests.cli.running import Run


def test_it_says_what_was_made(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def make(folder: Path, report: Callable[..., None], seed: int) -> Demo:
        report(1, 2, "Answering all items")
        assert (folder, seed) == (tmp_path / "demo", 4)
        return Demo(551, 79, 309, 7, "mini-1", True)

    monkeypatch.setattr(demo, "make_demo", make)
    done = run("demo", tmp_path / "demo", "--seed", "4")
    assert done.code == 0, done.err
    assert "551 items, 79 of them unlabelled, 309 labels by three annotators, 7 " in done.out
    assert "Version mini-1 was learnt from them and passed the guard." in done.out


def test_a_place_that_is_taken_is_refused(run: Run, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    done = run("demo", tmp_path)
    assert done.code == 1
    assert f"Expected nothing in {tmp_path}. Found something." in done.err
