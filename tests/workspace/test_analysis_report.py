"""A workspace's analysis as files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from roc_core.errors import ValueRejected
from roc_core.schema import ItemFilter, Label, Reading
from roc_core.workspace import Workspace, headline
from roc_core.workspace.analysis_report import report_on, write_analysis
from roc_core.workspace.doubting import doubts_job
from roc_core.workspace.pair_vectors import vectors_job
from tests.tiny import make_checkpoint
from tests.workspace.made_workspace import make_workspace

TINY, BARE = Reading("tiny"), Reading("tiny", "without-pictures")


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Answers as used, and doubts. Tests only read it."""
    folder = tmp_path_factory.mktemp("reports")
    found = make_workspace(folder / "ws", make_checkpoint(folder))
    doubts_job(found.path, {"version": "tiny"}, lambda *told: None)
    return found


def test_files_hold_the_analysis(workspace: Workspace, tmp_path: Path) -> None:
    vectors_job(
        workspace.path, {"version": "tiny", "variant": "without-pictures"}, lambda *told: None
    )
    a = workspace.analysis(TINY)
    workspace.keep_selection(a.ids()[:7], "some of them")
    report = report_on(workspace, TINY, BARE)
    assert report.headline == headline(a)
    assert report.doubts is not None
    assert ("saved", "some of them") in {(s.feature, s.value) for s in report.slices}
    written = write_analysis(workspace, report, tmp_path / "out")
    assert [p.name for p in written] == ["analysis.json", "analysis.md", "analysis.html"]
    plain = json.loads(written[0].read_text("utf-8"))
    assert plain == json.loads(json.dumps(report.as_dict()))
    assert plain["comparison"]["other"] == "tiny@without-pictures"
    assert "# Analysis of tiny, as used" in written[1].read_text("utf-8")
    page = written[2].read_text("utf-8")
    assert "<script src" not in page, "nothing from a network"
    assert "<link" not in page
    assert "Analysis of tiny, as used" in page
    most_doubtful = workspace.item(report.doubts.items[0].decode())
    assert most_doubtful.example.sentence in page


def test_a_filter_narrows_the_report(workspace: Workspace) -> None:
    report = report_on(workspace, TINY, None, ItemFilter(split="val"))
    assert (report.headline.pairs, dict(report.scope)) == (6, {"split": "val"})
    assert report.comparison is None


def test_nothing_to_count_says_what_to_do(workspace: Workspace, tmp_path: Path) -> None:
    with pytest.raises(ValueRejected) as caught:
        report_on(workspace, Reading("tiny", "as-published"))
    assert str(caught.value) == (
        "Expected labelled items that 'tiny@as-published' has answered. Found 55 labelled items "
        "without answers, 5 without labels. Start the job 'vectors' for tiny@as-published, or give "
        "--compute on the command line."
    )
    with pytest.raises(ValueRejected, match="labelled items that 'tiny@as-published' has"):
        report_on(workspace, TINY, Reading("tiny", "as-published"))
    with pytest.raises(ValueRejected, match=r"Import or label items first\."):
        report_on(workspace, TINY, None, ItemFilter(source="nowhere"))
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(ValueRejected, match="a folder for the reports"):
        write_analysis(workspace, report_on(workspace, TINY), tmp_path / "file")


def test_a_changed_label_is_told(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path / "ws", make_checkpoint(tmp_path))
    doubts_job(workspace.path, {"version": "tiny"}, lambda *told: None)
    first = workspace.analysis(TINY).ids()[0]
    workspace.correct(first, Label("/per/per/peer"), "ann")
    plain = report_on(workspace, TINY).as_dict()
    assert (plain["doubts"]["changed"], plain["doubts"]["judged"]) == (1, 54)
