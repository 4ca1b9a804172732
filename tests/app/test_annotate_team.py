"""The Team tab: disputes, agreement, assignment."""

from __future__ import annotations

from pathlib import Path

import pytest

from app import state
from roc_core.schema import Label
from roc_core.workspace import Workspace
from tests.app.annotate_steps import COUNT, MEMBER, PEER, answer, make, open_page, own
from tests.app.steps import button, texts
from tests.workspace.made_workspace import record


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("annotate"))


@pytest.fixture
def ws(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """The very workspace object the app uses, its model loaded."""
    monkeypatch.setenv("ROC_WORKSPACE", str(folder))
    found = state.workspace()
    found.warm()
    return found


# --- the team ------------------------------------------------------------------------------


@pytest.fixture
def team(ws):
    """Two new annotators who differ on a new item, and a session of a third on the Team tab."""
    number = next(COUNT)
    item = ws.save_item(record(1000 + number, False).example).id
    names = f"Ann {number}", f"Ben {number}"
    for name, label in zip(names, (PEER, MEMBER), strict=True):
        ws.annotation.save(item, Label(*label), name)
    at = open_page(f"Cleo {number}")
    at.session_state["annotate:tab"] = ":material/groups: Team"
    return at.run(), item, names


def test_a_dispute_is_decided_and_taken_back(team, ws):
    at, item, names = team
    assert item in {d.item for d in ws.annotation.disputes()}
    while not [b for b in at.button if (b.key or "").startswith(f"team:decide:{item}:")]:
        button(at, "Next").click().run()
    assert not at.exception
    next(b for b in at.button if b.label.endswith(f"\\({names[0]}\\)")).click().run()
    assert ws.item(item).label == Label(*PEER)
    assert own(ws, item, names[1]) == Label(*MEMBER)
    assert item not in {d.item for d in ws.annotation.disputes()}
    button(at, "Undo my last step").click().run()
    assert item in {d.item for d in ws.annotation.disputes()}


def test_agreement_and_confusion_are_shown(team):
    at, _, names = team
    assert not at.exception
    assert "Krippendorff's alpha" in texts(at)
    assert at.get("download_button")[0].proto.label == "Everybody's labels (CSV)"
    who = next(s for s in at.selectbox if s.key == "team:confusion")
    who.set_value(names[0]).run()
    assert not at.exception
    assert "1 item compared: 0 % as the present label" in texts(at)


def test_items_are_assigned_with_overlap_and_come_in_that_queue(team, ws):
    at, _, names = team
    at.selectbox(key="team:which").set_value("everything")
    at.number_input(key="team:most").set_value(10)
    at.multiselect(key="team:who").set_value(list(names))
    at.slider(key="team:overlap").set_value(40)
    button(at, "Assign").click().run()
    assert not at.exception
    found = {a.annotator: a for a in ws.annotation.assignments() if a.annotator in names}
    assert sum(a.items for a in found.values()) == 14
    assert {a.shared for a in found.values()} == {4}
    assert answer(open_page(names[0], "assigned"))["total"] == found[names[0]].items
    at.selectbox(key="team:off").set_value(names[0]).run()
    button(at, "Take off").click().run()
    assert names[0] not in {a.annotator for a in ws.annotation.assignments()}


def test_nobody_to_assign_to_is_said_so(team):
    at, _, _ = team
    at.multiselect(key="team:who").set_value([])
    button(at, "Assign").click().run()
    assert "Nothing was assigned." in texts(at)
