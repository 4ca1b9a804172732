"""The picture-set command: what it writes is announced, what it finds is left alone."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from roc_core import cli
from roc_core.datasets import picture_set


def run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    monkeypatch.setattr(sys, "argv", ["roc_core", *map(str, arguments)])
    try:
        cli.main()
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0


def test_composes_and_says_what(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    few = {split: dict.fromkeys(counts, 1) for split, counts in picture_set.COUNTS.items()}
    whole = picture_set.compose
    monkeypatch.setattr(
        picture_set, "compose", lambda out, seed, progress: whole(out, seed, few, progress)
    )
    assert run(monkeypatch, "picture-set", tmp_path / "set", "--seed", 5) == 0
    assert "train 16, test 16 items" in capsys.readouterr().out
    assert "Composed with seed 5" in (tmp_path / "set/README.md").read_text("utf-8")


def test_a_folder_in_use_is_refused_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "mine.txt").write_text("kept")
    assert run(monkeypatch, "picture-set", tmp_path) == 1
    assert "Expected a new or empty folder" in capsys.readouterr().err
    assert [f.name for f in tmp_path.iterdir()] == ["mine.txt"]
