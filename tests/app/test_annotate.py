"""The Annotate page without a browser: what becomes of each step, queues, the login."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
import streamlit as st

from app import state
from app.views.annotate_sitting import NEXT
from roc_core.errors import StoreUnavailable
from roc_core.schema import ItemFilter, Label, Span
from roc_core.workspace import Workspace
from roc_core.workspace.pair_vectors import vectors_job
from tests.app.annotate_steps import (
    MEMBER,
    PEER,
    answer,
    make,
    open_page,
    outcome,
    own,
    tell,
    tell_until_ready,
)
from tests.app.steps import texts


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


# --- steps ---------------------------------------------------------------------------------


def test_the_page_opens_on_the_first_item_and_brings_suggestions(ws):
    at = open_page()
    data = tell_until_ready(at)
    queue = ws.annotation.queue("everything", at.session_state["annotator"])
    assert data["at"] == queue.items[0]
    assert data["ahead"] == list(queue.items[: 1 + NEXT])
    assert (data["total"], data["done"]) == (len(queue), 0)
    item = next(i for i in data["items"] if i["id"] == data["at"])
    assert len(item["ranked"]) == 9
    assert item["version"] == "tiny"


def test_what_the_browser_holds_is_not_sent_again(ws):
    at = open_page()
    item = next(i for i in tell_until_ready(at)["items"])
    assert item["id"] not in {i["id"] for i in tell(at, have={item["id"]: item["v"]})["items"]}


def test_a_label_is_kept_with_what_was_on_screen_and_sent_twice_is_one_row(ws):
    at = open_page()
    name, item = at.session_state["annotator"], answer(at)["at"]
    step = {"token": "the-same-token", "action": "label", "item": item, "label": PEER}
    step |= {"predicted": MEMBER, "offered": [MEMBER, PEER], "version": "tiny", "shown": True}
    for _ in range(2):
        at.session_state["annotate:outcomes"] = {}  # as after a restart of the server
        said = outcome(tell(at, step))
        assert (said["state"], said["item"]) == ("saved", item)
    rows = [mark for mark in ws.annotation.marks(item) if mark.annotator == name]
    assert [(m.label, m.predicted, m.model_version, m.shown) for m in rows] == [
        (Label(*PEER), Label(*MEMBER), "tiny", True)
    ]
    assert tell(at)["done"] == 1
    assert item not in tell(at)["ahead"]


def test_hidden_suggestions_are_recorded_as_hidden(ws):
    at = open_page()
    item = answer(at)["at"]
    step = {"action": "label", "item": item, "label": PEER, "predicted": MEMBER, "shown": False}
    mark = outcome(tell(at, {**step, "version": "tiny", "offered": [MEMBER]}))["mark"]
    (row,) = [m for m in ws.annotation.marks(item) if m.id == mark]
    assert (row.shown, row.predicted) == (False, Label(*MEMBER))


def test_undo_and_redo_name_their_item_also_in_a_new_session(ws):
    at = open_page()
    name, item = at.session_state["annotator"], answer(at)["at"]
    tell(at, {"action": "label", "item": item, "label": PEER}, {"action": "skip", "item": item})
    again = open_page(name)
    assert outcome(tell(again, {"action": "undo"}))["goto"] == item
    assert own(ws, item, name) == Label(*PEER)
    assert outcome(tell(again, {"action": "undo"}))["goto"] == item
    assert own(ws, item, name) is None
    assert outcome(tell(again, {"action": "undo"}))["nothing"]
    assert outcome(tell(again, {"action": "redo"}))["goto"] == item
    assert own(ws, item, name) == Label(*PEER)


def test_flag_comment_and_a_wrong_description_are_kept_apart(ws):
    at = open_page()
    item = answer(at)["at"]
    data = tell(
        at,
        {"action": "flag", "item": item, "text": "blurred"},
        {"action": "comment", "item": item, "text": "see the caption"},
        {"action": "wrong-description", "item": item, "text": "too wide", "relation": PEER[0]},
    )
    assert [o["state"] for o in data["outcomes"]] == ["saved"] * 3
    rows = ws.annotation.marks(item)[-3:]
    assert [(m.action, m.text, m.relation) for m in rows] == [
        ("flag", "blurred", ""),
        ("comment", "see the caption", ""),
        ("wrong-description", "too wide", PEER[0]),
    ]
    assert own(ws, item, at.session_state["annotator"]) is None
    shown = next(i for i in tell_until_ready(at)["items"] if i["id"] == item)
    assert shown["flags"] == ["blurred"]
    assert len(shown["remarks"]) == 3
    tell(at, {"action": "unflag", "item": item})
    assert ws.annotation.status([item], "x")[0].flags == ()


def test_a_pair_marked_again_is_a_new_item_and_the_old_one_is_skipped(ws):
    at = open_page()
    name, old = at.session_state["annotator"], ws.item(answer(at)["at"])
    tail = len(old.example.sentence.split(" ")[0]) + 1
    places = [[0, 3], [tail, tail + 2]]
    said = outcome(tell(at, {"action": "mark-again", "item": old.id, "places": places}))
    new = ws.item(said["goto"])
    assert new.id != old.id
    assert [m.place for m in new.example.mentions] == [Span(*place) for place in places]
    (skip,) = [m for m in ws.annotation.marks(old.id) if m.annotator == name]
    assert (skip.action, skip.text) == ("skip", f"marked again as item {new.id}")


def test_an_item_left_for_later_is_among_the_drafts(ws):
    at = open_page()
    name, item = at.session_state["annotator"], answer(at)["at"]
    tell(at, {"action": "later", "item": item}, {"action": "later", "item": item})
    assert ws.annotation.queue("drafts", name).items == (item,)


def test_a_failing_save_is_said_so_tried_again_and_overtaken_by_nothing(ws, monkeypatch):
    at = open_page()
    name, item = at.session_state["annotator"], answer(at)["at"]
    steps = [
        {"token": "first-token", "action": "label", "item": item, "label": PEER},
        {"token": "second-token", "action": "undo"},
    ]
    error = StoreUnavailable("a writable database", "a full disk", "Free some space.")

    def fail(*args: object) -> None:
        raise error

    with monkeypatch.context() as broken:
        broken.setattr("roc_core.store.remarks.MarkTable.add", fail)
        said = outcome(tell(at, *steps))
        assert (said["state"], said["token"]) == ("failed", "first-token")
        assert said["error"] == ["a writable database", "a full disk", "Free some space."]
        assert tell(at)["at"] == item
    assert [o["state"] for o in tell(at, *steps)["outcomes"]] == ["saved", "saved"]
    assert own(ws, item, name) is None
    assert [m.action for m in ws.annotation.marks(item) if m.annotator == name] == ["label", "undo"]


@pytest.mark.parametrize(
    ("step", "found"),
    [
        ({"action": "label", "label": ["/no/such", "both"]}, "'/no/such'"),
        ({"action": "skip", "item": "0000000000000000"}, "none"),
        ({"action": "flag", "text": " "}, "none"),
        ({"action": "dance"}, "{'token': "),
    ],
)
def test_a_step_that_can_never_be_kept_is_refused_with_a_reason(ws, step, found):
    at = open_page()
    said = outcome(tell(at, {"item": answer(at)["at"], **step}))
    assert said["state"] == "refused"
    assert said["error"][1].startswith(found)


def test_another_annotators_label_is_not_shown_where_it_would_lead(ws):
    first = open_page()
    item, name = answer(first)["at"], first.session_state["annotator"]
    tell(first, {"action": "label", "item": item, "label": PEER})
    second = open_page()
    shown = next(i for i in tell_until_ready(second)["items"] if i["id"] == item)
    assert shown["label"] is None
    assert name in shown["others"]
    tell(second, {"action": "label", "item": item, "label": MEMBER})
    assert own(ws, item, name) == Label(*PEER)
    assert own(ws, item, second.session_state["annotator"]) == Label(*MEMBER)


# --- queues --------------------------------------------------------------------------------


def test_queues_that_need_answers_offer_the_work_that_gives_them(ws):
    at = open_page(kind="uncertain")
    assert "have no answer yet (tiny" in texts(at) or "ordered by the model" in texts(at)
    assert [b for b in at.button if b.label in ("Read all items", "Read them now")]


def test_an_empty_queue_says_what_to_do(ws):
    assert "Nothing is assigned to you." in texts(open_page(kind="assigned"))
    assert "Nothing is selected and no slice is saved." in texts(open_page(kind="selection"))


def test_a_slice_is_a_queue(ws):
    kept = ws.keep_filter(ItemFilter(relation=PEER[0]), "peers", "x")
    at = open_page(kind="selection")
    assert answer(at)["total"] == len(kept.items)
    ws.drop_selection(kept.id)


def test_the_queue_keeps_its_place_when_the_page_is_left(ws):
    at = open_page()
    third = answer(at)["ahead"][2]
    tell(at, at=third)
    at.switch_page("../pages/data.py").run()
    at.switch_page("../pages/annotate.py").run()
    assert answer(at)["at"] == third


def test_after_a_correction_look_alikes_come_or_the_reason_why_not(ws):
    at = open_page()
    item = answer(at)["at"]

    def correct() -> dict[str, Any]:
        predicted = [*next(i for i in tell_until_ready(at)["items"])["predicted"]]
        label = PEER if predicted != PEER else MEMBER
        seen = {"predicted": predicted, "version": "tiny", "offered": []}
        data = tell(at, {"action": "label", "item": item, "label": label, **seen})
        for _ in range(100):
            if data["alike"] is not None:
                break
            time.sleep(0.05)
            data = tell(at)
        return dict(data["alike"])

    assert correct()["entries"] == []
    assert "have no answer yet (tiny" in texts(at)
    vectors_job(ws.path, {}, lambda *args: None)
    for entry in correct()["entries"]:
        assert entry["item"] != item
        assert entry["label"] != entry["predicted"]
    assert "have no answer yet (tiny" not in texts(at)


# --- the login -----------------------------------------------------------------------------


def test_with_a_login_nobody_works_before_it(ws, monkeypatch):
    monkeypatch.setattr(st, "user", {"is_logged_in": False})
    at = open_page()
    assert "This workspace asks who you are." in texts(at)
    assert [b.label for b in at.button] == ["Log in"]


def test_a_step_is_kept_under_the_name_of_the_login_alone(ws, monkeypatch):
    monkeypatch.setattr(st, "user", {"is_logged_in": True, "name": "Ann Login"})
    at = open_page()
    item = answer(at)["at"]
    assert answer(at)["annotator"] == "Ann Login"
    step = {"action": "label", "item": item, "label": PEER}
    assert outcome(tell(at, {**step, "annotator": "Ben"}))["state"] == "refused"
    assert outcome(tell(at, {**step, "annotator": "Ann Login"}))["state"] == "saved"
    assert own(ws, item, "Ben") is None
