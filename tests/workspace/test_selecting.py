"""Selections through the workspace: what a notebook or another process sees."""

from __future__ import annotations

from pathlib import Path

import pytest

from roc_core.errors import SelectionMissing
from roc_core.schema import ItemFilter
from roc_core.workspace import Workspace


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return Workspace.create(tmp_path_factory.mktemp("selecting") / "ws")


def test_a_selection_is_seen_by_others_until_it_is_dropped(workspace: Workspace) -> None:
    ids = tuple(item.id for item in workspace.items(limit=4).items)
    kept = workspace.keep_selection(ids, "four", "ann")
    other = Workspace.open(workspace.path)
    assert other.selections() == (kept,)
    assert (kept.items, kept.annotator, kept.filter) == (ids, "ann", None)
    assert other.name_selection(kept.id, "the four").name == "the four"
    assert workspace.slice_names() == ((kept.id, "the four"),)
    other.drop_selection(kept.id)
    assert workspace.selections() == ()
    assert workspace.selection(kept.id).items == ids
    with pytest.raises(SelectionMissing, match="the link may belong to another workspace"):
        workspace.selection("elsewhere000")


def test_an_export_can_be_of_a_selection(workspace: Workspace, tmp_path: Path) -> None:
    found = workspace.keep_filter(ItemFilter(source="starter", picture="without"), "no picture")
    assert found.items == tuple(
        item.id for item in workspace.items(ItemFilter(picture="without"), limit=9_999).items
    )
    few = ItemFilter(only=found.items[:3])
    assert workspace.export("jsonl", tmp_path / "few.jsonl", few) == 3
    assert (tmp_path / "few.jsonl").read_text("utf-8").count("\n") == 3
