"""The tab "New relation": from one sentence over answers to a relation like the others."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from app import state
from app.views.relations_answering import AT_ONCE
from app.views.relations_keeping import KEY, ROUND, consequence_words
from app.views.relations_making import Making, Typed, relation_of
from roc_core.errors import CatalogueInvalid, StoreUnavailable
from roc_core.schema import Label, Moved, Relation, WhatIfReport
from roc_core.workspace import Workspace, check_relation
from tests.app.relations_steps import make, open_tab
from tests.app.steps import button, texts

TAB = "New relation"
SENTENCE = "{head} pays for {tail} and is named as its sponsor."


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("relations-new"))


@pytest.fixture
def ws(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """The very workspace object the app uses."""
    monkeypatch.setenv("ROC_WORKSPACE", str(folder))
    return state.workspace()


def key(at: AppTest, field: str) -> str:
    """Key of a field of the form."""
    emptied = at.session_state[ROUND] if ROUND in at.session_state else 0  # noqa: SIM401  no get
    return f"relnew:{field}:{emptied}"


def find(at: AppTest, name: str, text: str = SENTENCE, **fields: object) -> AppTest:
    """Fill in the form and look for pairs."""
    at.text_input(key=key(at, "name")).set_value(name)
    at.text_input(key=key(at, "text")).set_value(text)
    for field in ("head", "tail"):
        at.selectbox(key=key(at, field)).set_value(fields.get(field, "person"))
    at.checkbox(key=key(at, "symmetric")).set_value(bool(fields.get("symmetric", False)))
    at.button(key="relnew:find").click().run()
    assert not at.exception
    return at


def making(at: AppTest) -> Making:
    return at.session_state[KEY]


def press(at: AppTest, name: str) -> AppTest:
    at.button(key=f"relnew:{name}").click().run()
    assert not at.exception
    return at


# --- finding and answering ---------------------------------------------------------------


def test_a_sentence_ranks_the_corpus(ws) -> None:
    at = find(open_tab(TAB), "sponsor of")
    found = ws.discover(making(at).relation)
    assert len(found) == AT_ONCE
    first = ws.item(found[0].item).example
    assert f"score {found[0].score:.2f}" in texts(at).replace("\\", "")
    shown = "\n".join(str(e.proto.body) for e in at.get("html"))
    assert first.names()[0] in shown
    assert at.button(key="relnew:yes:forward").label.startswith("Yes: ")
    assert "By this sentence alone it would be the answer to" in texts(at)
    assert "sponsor of" not in {r.name for r in ws.catalogue}, "nothing is kept yet"


def test_answers_are_counted_sharpen_the_order_and_can_be_taken_back(ws) -> None:
    at = find(open_tab(TAB), "sponsor of")
    first = ws.discover(making(at).relation)[0].item
    press(at, "yes:backward")
    assert making(at).accepted == ((first, "backward"),)
    second = ws.discover(making(at).relation, making(at).accepted)[0].item
    press(at, "no")
    assert making(at).rejected == (second,)
    assert "2 of 20 answered" in texts(at)
    assert "1 accepted, 1 rejected" in texts(at)
    press(at, "undo")
    assert not making(at).rejected
    press(at, f"back:{first}")
    assert not making(at).answers
    assert at.button(key="relnew:undo").disabled


def test_a_pair_that_was_put_off_comes_last(ws) -> None:
    at = find(open_tab(TAB), "sponsor of")
    before = [f.item for f in ws.discover(making(at).relation, limit=AT_ONCE + 1)]
    press(at, "later")
    assert making(at).later == (before[0],)
    press(at, "no")
    assert making(at).rejected == (before[1],)


def test_other_words_keep_the_answers(ws) -> None:
    at = press(find(open_tab(TAB), "sponsor of"), "yes:forward")
    kept = making(at).answers
    find(at, "sponsor", "Somebody gives money so that an event can take place.")
    assert making(at).answers == kept
    (description,) = making(at).relation.descriptions
    assert (making(at).relation.name, description.facet) == ("sponsor", "wording")
    button(at, "Start over").click().run()
    assert KEY not in at.session_state
    assert at.text_input(key=key(at, "name")).value == ""


def test_answers_survive_a_look_at_another_page(ws) -> None:
    at = press(find(open_tab(TAB), "sponsor of"), "yes:forward")
    kept = making(at)
    at.switch_page("../pages/data.py").run()
    at.switch_page("../pages/relations.py").run()
    assert making(at) == kept
    assert at.text_input(key=key(at, "name")).value == "sponsor of"
    assert "1 of 20 answered" in texts(at)


def test_types_that_do_not_fit_and_labels_are_said(ws) -> None:
    at = find(open_tab(TAB), "statue in", head="person", tail="location")
    found = ws.discover(making(at).relation)[0]
    assert ("others than you asked for" in texts(at)) is not found.fits
    assert ("yes replaces that label" in texts(at)) is (found.label is not None)


# --- keeping -----------------------------------------------------------------------------


def test_saved_it_is_a_relation_like_the_others(ws) -> None:
    at = find(open_tab(TAB), "patron of")
    for _ in range(3):
        press(at, "yes:forward")
    press(at, "no")
    chosen, id = making(at).accepted, making(at).relation.id
    try:
        press(at, "save")
        assert ws.catalogue.get(id).descriptions[0].text == SENTENCE
        assert {ws.item(item).label for item, _ in chosen} == {Label(id, "forward")}
        assert ws.history(chosen[0][0])[-1].annotator == "tester"
        assert "“patron of” is a relation like the others now; 3 items carry" in texts(at)
        assert KEY not in at.session_state
        assert at.text_input(key=key(at, "name")).value == ""
        at.button(key="relnew:select-kept").click().run()
        assert at.session_state["selection"] == tuple(item for item, _ in chosen)
        assert id in {r.relation for r in ws.predict(ws.item(chosen[0][0]).example).ranked}
    finally:
        for item, _ in chosen:
            ws.undo(ws.history(item)[-1].id, "tester")
        ws.relations.retire(id, "tester")


def test_a_save_that_fails_keeps_every_answer(ws, monkeypatch) -> None:
    def refuse(self, *args, **kwargs):
        raise StoreUnavailable("a database to write", "a full disk", "Free some space.")

    at = press(find(open_tab(TAB), "sponsor of"), "yes:forward")
    kept = making(at)
    monkeypatch.setattr(Workspace, "accept_relation", refuse)
    press(at, "save")
    assert making(at) == kept
    assert "Your answers are still here." in texts(at)
    assert "Free some space." in texts(at)


def test_the_pairs_can_be_selected_for_all_pages(ws) -> None:
    at = find(open_tab(TAB), "sponsor of")
    found = ws.discover(making(at).relation)
    press(at, "select")
    assert at.session_state["selection"] == tuple(f.item for f in found)
    assert at.session_state["selection:origin"] == "Relations: sponsor of"


# --- what cannot be ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": " "}, "Give the relation a name."),
        ({"text": ""}, "Describe the relation in one sentence."),
        ({"symmetric": True, "tail": "thing"}, "joins two entities of one type"),
        ({"text": "{head} likes {who}."}, "no slots but {head} and {tail}"),
    ],
)
def test_what_cannot_be_is_said_and_stays_in_the_form(ws, fields, said) -> None:
    given = {"name": "fan of", "text": SENTENCE} | fields
    at = find(open_tab(TAB), **given)
    assert said in texts(at).replace("\\", "")
    assert at.text_input(key=key(at, "text")).value == given["text"]
    assert KEY not in at.session_state


def test_a_name_that_is_taken_is_refused(ws) -> None:
    taken = next(iter(ws.catalogue)).name
    at = find(open_tab(TAB), taken.upper())
    assert f"There is a relation “{taken}” already" in texts(at).replace("\\", "")
    assert KEY not in at.session_state


def test_hostile_words_are_words(ws) -> None:
    name = "<script>alert(1)</script> **b** $x$ [l](http://h)"
    at = press(find(open_tab(TAB), name), "yes:forward")
    assert making(at).relation.name == name
    assert "<script>" not in "".join(str(e.proto.body) for e in at.get("html"))


def test_unread_items_are_read_first(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("ROC_WORKSPACE", str(make(tmp_path, read=False)))
    started: list[tuple[str, dict]] = []
    monkeypatch.setattr(Workspace, "start_job", lambda self, kind, **p: started.append((kind, p)))
    at = find(open_tab(TAB), "sponsor of")
    assert "Every item is read once by the model" in texts(at)
    button(at, "Read all items").click().run()
    assert started == [("vectors", {"version": "tiny"})]
    assert making(at).relation.name == "sponsor of", "it can be kept without an example, too"
    press(at, "save")
    assert "sponsor of" in {r.name for r in state.workspace().catalogue}


# --- values ------------------------------------------------------------------------------


def made(symmetric: bool = False) -> Relation:
    return relation_of(Typed("sponsor of", "person", "person", symmetric, SENTENCE), "sponsor")


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(("forward", "backward", None)))))
def test_the_last_answer_to_an_item_stands(given) -> None:
    held = Making(made(), "token")
    for item, direction in given:
        held = held.answered(item, direction)
    last = dict(given)
    assert dict(held.accepted) == {i: d for i, d in last.items() if d is not None}
    assert set(held.rejected) == {i for i, d in last.items() if d is None}


def test_directions_follow_when_the_relation_becomes_symmetric() -> None:
    held = Making(made(), "t").answered("a", "backward").answered("b", None)
    turned = held.worded(made(symmetric=True))
    assert turned.accepted == (("a", "both"),)
    assert turned.rejected == ("b",)
    back = turned.worded(made())
    assert back.accepted == (), "which direction it was is not known any more"
    assert back.rejected == ("b",)


@given(st.text(min_size=1, max_size=80), st.booleans())
def test_what_is_typed_is_a_relation_or_is_refused_by_name(text, symmetric) -> None:
    relation = relation_of(Typed("n", "person", "person", symmetric, text), "n")
    try:
        check_relation("the form", relation)
        named = relation.id
    except CatalogueInvalid as error:
        named = error.relation
    assert named == "n"


def test_what_it_would_do_is_said_in_words() -> None:
    same, down = Moved(0.5, 0.5), Moved(0.5, 0.48)
    found = WhatIfReport("r", 100, 60, down, same, same, same, same, (), 0, 1, 7, 0.1)
    assert consequence_words(found) == (
        "By this sentence alone it would be the answer to 7 of 100 items. 1 is answered as "
        "labelled now, so F1 would move by −2.0 points; some of them may be of the new relation."
    )
    few = replace(found, lost=0, changed=1)
    assert consequence_words(few) == (
        "By this sentence alone it would be the answer to 1 of 100 items."
    )
    assert "to none of 100 items" in consequence_words(replace(found, changed=0))
