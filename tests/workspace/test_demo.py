"""The workspace to show: made by annotators who err, learnt from, answered and drawn."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from roc_core.errors import ProjectionMissing, ValueRejected
from roc_core.schema import ItemFilter, Label
from roc_core.store import Store
from roc_core.workspace import Workspace
from roc_core.workspace import demo as making
from roc_core.workspace.demo import HANDS, LEFT, SLICE, fill, make_demo
from roc_core.workspace.workspace import STARTER
from tests.training.made import LIVES, MEMBER, PEER
from tests.workspace.learnt import PARENT, taught_workspace

ROOT = Path(__file__).resolve().parents[2]


def quiet(done: int, total: int, stage: str) -> None:
    pass


def taught(folder: Path) -> tuple[Workspace, dict[str, Label]]:
    """A copy of the small workspace, and the right label of every item in it."""
    shutil.copytree(taught_workspace(), folder)
    workspace = Workspace.open(folder)
    items = workspace.items(ItemFilter(), 0, 1000).items
    return workspace, {i.id: i.label or Label(LIVES, "backward") for i in items}


def test_a_small_demo_has_everything_that_is_to_be_seen(tmp_path: Path) -> None:
    workspace, truth = taught(tmp_path / "ws")
    made = fill(workspace, truth, quiet, seed=3)
    work = workspace.annotation
    names = [hand.name for hand in HANDS]
    assert list(work.annotators()) == names
    assert made.labels == len(work.own_labels()) > 30
    assert 0 < made.unlabelled < 90
    for name in names:
        queue = work.queue("assigned", name)
        assert len(queue) - queue.done == LEFT
    assert work.agreement().alpha is not None
    assert len(work.disputes()) == made.disputes
    (slice_,) = workspace.selections()
    assert slice_.name == SLICE
    info = workspace.learning.version(made.version)
    assert (info.parent, info.guard is not None) == (PARENT, True)
    assert workspace.model_version == PARENT, "putting it to use is left to the one who looks"
    for version in (PARENT, made.version):
        assert len(workspace.map_of(version).items) == made.items
    assert len(workspace.learning.comparison(made.version).items) > 0


def test_the_same_seed_makes_the_same_labels(tmp_path: Path) -> None:
    said = []
    for name in ("a", "b"):
        workspace, truth = taught(tmp_path / name)
        items = list(workspace.items(ItemFilter(), 0, 1000).items)
        answers = making._answers(workspace, items, quiet)
        chosen = making._to_do(items, answers, truth, 5)
        workspace.annotation.assign(chosen, [h.name for h in HANDS], making.OVERLAP, 5)
        for hand in HANDS:
            making._label(workspace, hand, answers, truth, 5)
        own = workspace.annotation.own_labels()
        said.append([(o.item, o.annotator, o.label) for o in own])
    assert said[0] == said[1]
    wrong = [label for item, _, label in said[0] if label != truth[item]]
    assert 0 < len(wrong) < len(said[0]) / 2


def test_how_an_annotator_errs() -> None:
    hand = making.Hand("x", 0.1, 0.1, 0.1, 0.0)
    right, answer = Label(MEMBER, "forward"), Label(LIVES, "forward")
    said = [making._said(hand, c, answer, right, {PEER}) for c in (0.05, 0.15, 0.25, 0.35)]
    assert said == [answer, Label("None"), Label(MEMBER, "backward"), right]
    both = Label(PEER, "both")
    assert making._said(hand, 0.25, answer, both, {PEER}) == both
    assert making._said(hand, 0.15, answer, Label("None"), {PEER}) == Label("None")


def test_withheld_labels_are_missing_and_nothing_else(tmp_path: Path) -> None:
    workspace, truth = making._imported(tmp_path / "ws", 0, STARTER)
    starter = Workspace.create(tmp_path / "starter")
    whole = {i.id: i for i in starter.items(ItemFilter(), 0, 1000).items}
    items = {i.id: i for i in workspace.items(ItemFilter(), 0, 1000).items}
    assert items.keys() == whole.keys() == truth.keys()
    assert truth == {id: item.label for id, item in whole.items()}
    bare = {i.example.sentence for i in items.values() if i.label is None}
    assert bare.isdisjoint(i.example.sentence for i in items.values() if i.label)
    assert 0.2 < sum(i.label is None for i in items.values()) / len(items) < 0.4
    assert {i.id for i in items.values() if i.example.picture} == {
        i.id for i in whole.values() if i.example.picture
    }
    assert not (workspace.path / "import").exists()
    Workspace.create(workspace.path)  # as init does on a workspace that is there
    assert workspace.items(ItemFilter(state="unlabelled")).total == sum(
        i.label is None for i in items.values()
    )


def test_a_place_that_is_taken_is_refused(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("mine")
    with pytest.raises(ValueRejected, match=r"Expected nothing in .*\. Found something\. Choose"):
        make_demo(tmp_path, quiet)
    assert [f.name for f in tmp_path.iterdir()] == ["note.txt"]


def test_what_fails_on_the_way_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(done: int, total: int, stage: str) -> None:
        raise ProjectionMissing("a map", "none", "Draw it.")

    monkeypatch.setattr(making, "_answers", lambda workspace, items, report: report(0, 0, ""))
    with pytest.raises(ProjectionMissing):
        make_demo(tmp_path / "demo", stop)
    assert list(tmp_path.iterdir()) == []


def test_nothing_to_label_is_said(tmp_path: Path) -> None:
    workspace, truth = taught(tmp_path / "ws")
    with pytest.raises(ValueRejected, match=r"Expected items to label\. Found none"):
        fill(workspace, {}, quiet)
    assert truth
    assert workspace.annotation.annotators() == ()


def test_the_tour_names_what_is_there() -> None:
    tour = (ROOT / "docs/tour.md").read_text("utf-8")
    rows = re.findall(r"^\| \*\*(\w+)\*\*", tour, re.MULTILINE)
    pages = {page.stem for page in (ROOT / "pages").glob("*.py")}
    assert {name.lower() for name in rows} == pages - {"__init__"}
    assert all(hand.name in tour for hand in HANDS)
    assert SLICE in tour
    assert re.search(r"^demo:", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)


@pytest.mark.soak
def test_the_whole_demo(tmp_path: Path) -> None:
    lines = [json.loads(line) for line in STARTER.read_text("utf-8").splitlines()]
    stages: list[str] = []
    made = make_demo(tmp_path / "demo", lambda done, total, stage: stages.append(stage))
    workspace = Workspace.open(tmp_path / "demo")
    Store.open(workspace.path).check()
    assert made.items == len(lines)
    assert (made.labels > 250, made.passed, made.disputes > 0) == (True, True, True)
    assert {v.state for v in workspace.learning.versions()} == {"packaged", "offered"}
    assert workspace.learning.promote(made.version, "visitor").version == made.version
    assert "Naming regions" in stages
    assert [f.name for f in tmp_path.iterdir()] == ["demo"]
