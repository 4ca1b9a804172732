"""The selection that all pages share: its link, the sidebar's block, slices, the Data page."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from app import selected
from roc_core.errors import StoreUnavailable
from roc_core.schema import Example, ItemFilter, Mention, Span
from roc_core.workspace import Workspace
from tests.app import steps
from tests.app.steps import button

DATA = "../pages/data.py"


@pytest.fixture
def ids(ws: Workspace) -> Iterator[tuple[str, ...]]:
    """Ids of the first items; slices made by a test are gone after it."""
    yield tuple(item.id for item in ws.items(limit=30).items)
    for found in ws.selections():
        ws.drop_selection(found.id)


def data_page(at: AppTest) -> AppTest:
    at.switch_page(DATA).run()
    assert not at.exception
    return at


def texts(at: AppTest) -> str:
    """What the page says, without the marks that keep user text from being Markdown."""
    return steps.texts(at).replace("\\", "")


def labels(at: AppTest) -> list[str]:
    return [b.label for b in at.sidebar.button]


def opened_items(at: AppTest) -> list[str]:
    """Ids the page's own links open, in order."""
    links = [e.proto for e in at.main.get("page_link")]
    return [link.query_string.removeprefix("item=") for link in links]


def test_nothing_selected_shows_nothing(open_app, ids) -> None:
    at = data_page(open_app())
    assert "selected" not in texts(at)
    assert not {"Show", "Clear", "Load"} & set(labels(at))
    assert not at.toggle


def test_a_link_shows_the_same_selection_and_item_in_another_session(open_app, ws, ids) -> None:
    kept = ws.keep_selection(ids[5:8][::-1])
    at = open_app(sel=kept.id, item=ids[2])
    assert "**3 items selected** (link)" in texts(at)
    assert at.session_state["selection"] == ids[5:8][::-1]
    assert at.session_state["selection:primary"] == ids[2]
    assert at.session_state["draft"].item == ids[2], "Analyze opens the item"
    assert at.query_params["sel"] == kept.id
    assert at.query_params["item"] == ids[2]
    draft = at.query_params["draft"]
    data_page(at)
    assert "**3 items selected** (link)" in texts(at)
    assert at.query_params["sel"] == kept.id, "every page's address names it"
    assert at.query_params["item"] == ids[2]
    again = open_app(draft=draft, sel=kept.id, item=ids[4])
    assert again.query_params["draft"] == draft, "the draft is what is open, the item is primary"
    assert again.session_state["draft"].item == ids[2]
    assert again.session_state["selection:primary"] == ids[4]


def test_what_is_gone_is_left_out_and_said(open_app, ws, ids) -> None:
    kept = ws.keep_selection([ids[0], "0" * 16, ids[1]])
    at = open_app(sel=kept.id)
    assert at.session_state["selection"] == ids[:2]
    assert "1 item of this selection is not in the workspace any more." in texts(at)
    at.run()
    assert "not in the workspace any more" not in texts(at), "said once"


def test_a_link_to_nothing_is_said_and_leaves_the_address(open_app, ids) -> None:
    at = open_app(sel="abcabcabcabc")
    assert "The selection of this link is not in this workspace" in texts(at)
    assert "sel" not in at.query_params
    assert "selected (" not in texts(data_page(at))
    lost = open_app(item="0" * 16)
    assert "There is no item 0000000000000000 in this workspace" in texts(lost)
    assert "item" not in lost.query_params


def test_show_lists_the_selection_on_the_data_page_and_clear_ends_it(open_app, ws, ids) -> None:
    at = open_app(sel=ws.keep_selection(ids[3:6]).id)
    data_page(at)
    at.text_input(key="list:text").set_value("no such sentence").run()
    button(at, "Show").click().run()
    assert opened_items(at) == list(ids[3:6])
    assert "1 to 3 of 3" in texts(at)
    at.toggle(key="list:only").set_value(False).run()
    assert len(opened_items(at)) == 15
    button(at, "Clear").click().run()
    assert not at.toggle
    assert "sel" not in at.query_params
    assert "selected" not in texts(at)


def test_the_export_can_be_of_the_selection(open_app, ws, ids) -> None:
    at = data_page(open_app(sel=ws.keep_selection(ids[:4]).id))
    at.toggle(key="export:only").set_value(True).run()
    button(at, "Make a file of 4 items").click().run()
    assert "The file holds 4 items." in texts(at)
    assert at.session_state["export:made"][1].only == ids[:4]


def test_a_slice_is_saved_loaded_renamed_and_deleted(open_app, ws, ids) -> None:
    at = data_page(open_app(sel=ws.keep_selection(ids[:2]).id))
    at.text_input(key="selected:name").set_value("my slice")
    button(at, "Save").click().run()
    assert [s.name for s in ws.selections()] == ["my slice"]
    assert "**2 items selected** (slice: my slice)" in texts(at)
    button(at, "Clear").click().run()
    button(at, "Load").click().run()
    assert at.session_state["selection"] == ids[:2]
    at.text_input(key="selected:name").set_value("its new name")
    button(at, "Save").click().run()
    assert [s.name for s in ws.selections()] == ["its new name"]
    button(at, "Delete").click().run()
    assert ws.selections() == ()
    assert "**2 items selected** (slice)" in texts(at), "the items stay selected"


def test_a_name_that_is_taken_is_refused(open_app, ws, ids) -> None:
    ws.keep_selection(ids[:1], name="taken")
    at = data_page(open_app(sel=ws.keep_selection(ids[:2]).id))
    at.text_input(key="selected:name").set_value("taken")
    button(at, "Save").click().run()
    assert "The slice was not saved." in texts(at)
    assert "Choose another or delete that slice." in texts(at)


def test_a_filter_is_a_slice_too(open_app, ws, ids) -> None:
    at = data_page(open_app())
    assert not [b for b in at.button if b.key == "list:slice:save"], "there is no filter yet"
    at.text_input(key="list:text").set_value("Bandicoot").run()
    assert "No item matches" in texts(at)
    pair = (Mention(Span(0, 9)), Mention(Span(15, 21)))
    first = ws.save_item(Example("Bandicoot eats Crumbs", pair))
    at.run()
    at.text_input(key="list:slice").set_value("bandicoots")
    at.button(key="list:slice:save").click().run()
    assert ws.selections()[0].filter == ItemFilter(text="Bandicoot")
    second = ws.save_item(Example("Bandicoot sees Crumbs", pair))
    button(at, "Load").click().run()
    assert at.session_state["selection"] == (first.id, second.id)
    at.text_input(key="list:slice").set_value("  ")
    at.button(key="list:slice:save").click().run()
    assert "a name of 1 to 80 characters" in texts(at)


def test_all_that_match_can_be_selected(open_app, ws, ids) -> None:
    at = data_page(open_app())
    at.selectbox(key="list:source").set_value("starter").run()
    button(at, "Select all").click().run()
    total = ws.items(ItemFilter(source="starter"), limit=1).total
    assert len(at.session_state["selection"]) == total
    assert f"**{total:,} items selected** (Data: list)" in texts(at)


def test_a_selection_that_cannot_be_kept_still_holds(open_app, ws, ids, monkeypatch) -> None:
    def refuse(self, *given, **named):
        raise StoreUnavailable("to use the database", "a full disk", "Free some space.")

    def page() -> None:
        import streamlit as st

        from app import selected, state

        if st.button("go"):
            selected.select(state.workspace(), st.session_state["chosen"], "test")

    monkeypatch.setattr(Workspace, "keep_selection", refuse)
    at = AppTest.from_function(page, default_timeout=60)
    at.session_state["chosen"] = ids[:2]
    at.run()
    at.button[0].click().run()
    assert not at.exception
    assert at.session_state["selection"] == ids[:2]
    assert at.session_state["selection:id"] == ""
    assert "Free some space." in at.session_state["selection:notice"]


def test_a_late_address_does_not_bring_a_selection_back(open_app, ws, ids, monkeypatch) -> None:
    left, now = ws.keep_selection(ids[:2]).id, ws.keep_selection(ids[2:4]).id
    at = data_page(open_app(sel=left))
    at.query_params["sel"] = now
    at.run()
    at.query_params["sel"] = left  # an action the browser had sent before it knew
    at.run()
    assert at.session_state["selection:id"] == now
    assert at.query_params["sel"] == now
    monkeypatch.setattr(selected, "LATE", 0.0)
    at.query_params["sel"] = left  # going back on purpose
    at.run()
    assert at.session_state["selection:id"] == left
