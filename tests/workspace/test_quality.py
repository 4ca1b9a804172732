"""The report on descriptions: made by a job, kept beside the database, marked when outdated."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path

import pytest

from roc_core.errors import AnswersMissing
from roc_core.workspace import Workspace
from tests.tiny import make_checkpoint
from tests.workspace.made_workspace import make_workspace


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_checkpoint(tmp_path_factory.mktemp("tiny"))


@pytest.fixture
def workspace(tmp_path: Path, checkpoint: Path) -> Workspace:
    return make_workspace(tmp_path / "ws", checkpoint)


def test_a_report_is_made_from_nothing_and_kept(workspace: Workspace) -> None:
    assert workspace.quality_report() is None
    told: list[tuple[int, int, str]] = []
    found = workspace.quality(lambda *t: told.append(t))
    assert (60, 60, "Reading pairs") in told
    assert told[-1] == (60, 60, "Judging descriptions")
    assert (found.catalogue, found.version, found.items) == ("mnre", "tiny", 60)
    assert {r.relation for r in found.robustness} == {"/per/org/member_of", "/per/per/peer"}
    assert sum(r.items for r in found.robustness) == 41
    assert workspace.quality_report() == found == Workspace.open(workspace.path).quality_report()
    assert not found.outdated
    assert found.created > "2020"
    first, second = found.rivals[0].first, found.rivals[0].second
    between = workspace.what_if(first).items_between(first, second)
    assert len(between) == found.rivals[0].between


def test_a_changed_catalogue_outdates_it(workspace: Workspace) -> None:
    found = workspace.quality()
    relation = workspace.catalogue.get("/per/per/peer")
    saved = workspace.relations.save(replace(relation, name="colleague of"), "ann")
    assert workspace.quality_report() == replace(found, outdated=True)
    workspace.relations.revert(saved.id, "ann")
    again = workspace.quality()
    assert workspace.quality_report() == again
    assert replace(again, created="") == replace(found, created="")


def test_a_retired_relation_is_not_judged(workspace: Workspace) -> None:
    workspace.relations.retire("/per/per/peer", "ann")
    found = workspace.quality()
    assert [r.relation for r in found.robustness] == ["/per/org/member_of"]
    assert "/per/per/peer" not in {r.first for r in found.rivals} | {r.second for r in found.rivals}
    assert all(g.relation != "/per/per/peer" for g in found.gaps)


def test_a_damaged_report_is_none(workspace: Workspace) -> None:
    workspace.quality()
    (file,) = (workspace.path / "quality").iterdir()
    for text in ("", "[]", "{}", '{"report": {}}', json.dumps({"key": [], "report": 3}), "\xff"):
        file.write_text(text, "latin-1")
        assert workspace.quality_report() is None, text
    assert workspace.quality() == workspace.quality_report()


def test_without_items_there_is_nothing_to_judge(tmp_path: Path, checkpoint: Path) -> None:
    workspace = make_workspace(tmp_path / "none", checkpoint, items=0)
    with pytest.raises(AnswersMissing, match="Start the job 'vectors'"):
        workspace.quality()


def test_it_runs_as_a_job(workspace: Workspace) -> None:
    job = workspace.start_job("quality")
    end = time.monotonic() + 240
    while not workspace.job(job).over:
        assert time.monotonic() < end, workspace.job(job)
        time.sleep(0.1)
    done, found = workspace.job(job), workspace.quality_report()
    assert done.state == "done", done.error
    assert found is not None
    assert done.result == {
        "items": 60, "rivals": len(found.rivals), "hubs": len(found.hubs),
        "gaps": len(found.gaps), "style": len(found.style),
    }  # fmt: skip
