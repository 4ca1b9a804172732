"""Every page of a workspace in which a relation was retired whose labels and answers are shown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from app import state
from app.views.errors import TABS
from app.views.words import relation_names
from roc_core.schema import Example, ItemFilter, Mention, Span
from roc_core.store import Store
from roc_core.workspace import Workspace
from roc_core.workspace.doubting import doubts_job
from roc_core.workspace.mapping import map_job
from tests.app.steps import texts
from tests.tiny import make_checkpoint
from tests.workspace.made_workspace import make_workspace

MAIN = Path(__file__).resolve().parents[2] / "app" / "main.py"
MEMBER = "/per/org/member_of"
SAID = "member of (retired)"


def silent(done: int, total: int, stage: str = "") -> None:
    return


@pytest.fixture(scope="module")
def retired(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Items with answers, a map and doubts, all made after the relation was retired; two annotators
    disagree on one of its items."""
    folder = tmp_path_factory.mktemp("retired")
    Workspace.create(folder / "ws", starter=False)
    Store.open(folder / "ws").set_setting("starter", "1")  # the app would add the starter set
    made = make_workspace(folder / "ws", make_checkpoint(folder))
    item = made.items(ItemFilter(relation=MEMBER)).items[0]
    assert item.label is not None
    made.annotation.save(item.id, item.label, "bo")
    made.annotation.save(item.id, made.items(ItemFilter(relation="None")).items[0].label, "ann")
    made.undo(made.history(item.id)[-1].id, "ann")
    made.relations.retire(MEMBER, "ann", "too broad")
    map_job(made.path, {}, silent)
    doubts_job(made.path, {}, silent)
    return made.path


@pytest.fixture
def ws(retired: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.setenv("ROC_WORKSPACE", str(retired))
    return state.workspace()


def page(name: str, **kept: Any) -> AppTest:
    at = AppTest.from_file(str(MAIN), default_timeout=90)
    at.session_state["annotator"] = "tester"
    at.run()
    for key, value in kept.items():
        at.session_state[key.replace("__", ":")] = value
    if name:
        at.switch_page(f"../pages/{name}.py").run()
    assert not at.exception
    assert not at.error, [e.value for e in at.error]
    return at


def html(at: AppTest) -> str:
    return "\n".join(str(e.proto.body) for e in at.get("html"))


@pytest.mark.parametrize("name", ["data", "map", "annotate", "graph", "versions", "relations"])
def test_a_page_opens(ws: Workspace, name: str) -> None:
    page(name)


@pytest.mark.parametrize("tab", TABS)
def test_every_tab_of_errors_opens(ws: Workspace, tab: str) -> None:
    page("errors", errors__tab=tab)


def test_lists_and_names_say_that_it_is_retired(ws: Workspace) -> None:
    assert relation_names(ws)[MEMBER] == SAID
    at = page("data")
    assert f"→ {SAID} →" in texts(at).replace("\\", ""), "labels in words"
    assert SAID in str(next(b for b in at.selectbox if b.label == "Label").options)


def test_analyze_opens_an_item_with_its_label(ws: Workspace) -> None:
    item = ws.items(ItemFilter(relation=MEMBER)).items[2]
    at = AppTest.from_file(str(MAIN), default_timeout=90)
    at.session_state["annotator"] = "tester"
    at.query_params["item"] = item.id
    at.run()
    assert not at.exception
    assert not at.error, [e.value for e in at.error]
    assert "label in the data set: member → member of (retired) → city" in texts(at)
    assert SAID not in html(at), "it is no answer any more"


def test_an_answer_from_before_is_not_shown_after(ws: Workspace) -> None:
    example = Example("with band on tour", (Mention(Span(0, 4)), Mention(Span(13, 17))))
    before = state.answers_key(ws)
    peer = ws.predict(example).ranked[0].relation
    ws.relations.retire(peer, "ann")
    try:
        assert state.answers_key(ws) != before, "pages keep answers under it"
        assert peer not in [r.relation for r in ws.predict(example).ranked]
    finally:
        ws.relations.restore(peer, "ann")
    assert state.answers_key(ws) == before
