"""Folders that hold no index, or a damaged one, and writes that fail."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest

from roc_core.errors import IndexInvalid
from roc_core.index import ApproximateIndex, ExactIndex
from roc_core.index.saved import ABANDONED
from tests.index.made import BUILDERS, Build, clusters, load


@pytest.fixture(params=sorted(BUILDERS))
def build(request: pytest.FixtureRequest) -> Build:
    return BUILDERS[request.param]


def test_a_folder_without_an_index_is_named(tmp_path: Path) -> None:
    with pytest.raises(IndexInvalid) as caught:
        ApproximateIndex.load(tmp_path / "none")
    assert "Expected an approximate index of format 1 in" in str(caught.value)
    assert "Delete the folder; the index is then built again." in str(caught.value)


def test_an_index_of_another_kind_is_refused(tmp_path: Path) -> None:
    ExactIndex(clusters(30)).save(tmp_path)
    with pytest.raises(IndexInvalid, match="another format or kind"):
        ApproximateIndex.load(tmp_path)


def test_every_damaged_file_is_noticed(build: Build, tmp_path: Path) -> None:
    index = build(np.arange(50), clusters(50))
    for number in range(5):
        folder = tmp_path / str(number)
        index = build(np.arange(50), clusters(50))
        index.save(folder)
        files = sorted(f for f in folder.iterdir() if f.stat().st_size > 100)
        if number >= len(files):
            break
        whole = files[number].read_bytes()
        files[number].write_bytes(whole[: len(whole) // 3])
        with pytest.raises(IndexInvalid):
            load(index, folder)
        files[number].unlink()
        with pytest.raises(IndexInvalid):
            load(index, folder)
    assert number >= 3


@pytest.mark.parametrize("head", ["", "[]", "{}", '{"format": 1, "kind": "exact"}', '"\ud800"'])
def test_a_head_that_says_nothing_is_refused(tmp_path: Path, head: str) -> None:
    (tmp_path / "index.json").write_bytes(head.encode("utf-8", "surrogatepass"))
    with pytest.raises(IndexInvalid):
        ExactIndex.load(tmp_path)


def test_a_failed_save_leaves_what_was_there(
    build: Build, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = build(np.arange(50), clusters(50))
    index.save(tmp_path)
    before = sorted(f.name for f in tmp_path.iterdir())
    index.remove(np.array([3]))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(IndexInvalid, match="No space left on device") as caught:
        index.save(tmp_path)
    assert "Free space, or check the folder." in str(caught.value)
    monkeypatch.undo()
    assert sorted(f.name for f in tmp_path.iterdir()) == before
    assert load(index, tmp_path).size == 50


def test_files_of_a_killed_process_are_swept_after_a_day(tmp_path: Path) -> None:
    index = ExactIndex(clusters(30))
    index.save(tmp_path)
    young, old = tmp_path / "aaaa.vectors.npy", tmp_path / "bbbb.vectors.npy"
    for file in (young, old):
        file.write_bytes(b"x")
    stat = old.stat()
    os.utime(old, (stat.st_atime, stat.st_mtime - ABANDONED - 60))
    index.save(tmp_path)
    assert young.exists(), "another process may be writing it"
    assert not old.exists()
    named = json.loads((tmp_path / "index.json").read_text("utf-8"))["files"].values()
    assert {f.name for f in tmp_path.iterdir()} == {*named, young.name, "index.json"}
