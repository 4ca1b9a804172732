"""The Relations page: find, edit and try, keep, somebody else meanwhile, retire, history, files."""

from __future__ import annotations

import itertools
import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from app import state
from roc_core.relations import build_relation
from roc_core.schema import FACETS, ItemFilter, Relation
from roc_core.workspace import Workspace
from roc_core.workspace.pair_vectors import vectors_job
from tests.app.conftest import MAIN
from tests.app.steps import texts
from tests.training.made import LIVES
from tests.workspace.learnt import taught_workspace

SEQUENCE = itertools.count(1)
BAD = "in the city { who }"


def silent(done: int, total: int, stage: str) -> None:
    """Progress nobody follows."""


@pytest.fixture(scope="module")
def answered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace whose items were read by a tiny version."""
    folder = tmp_path_factory.mktemp("relations") / "ws"
    shutil.copytree(taught_workspace(), folder)
    vectors_job(folder, {}, silent)
    return folder


@pytest.fixture
def ws(answered: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A copy of it, as the app opens it."""
    shutil.copytree(answered, tmp_path / "ws")
    monkeypatch.setenv("ROC_WORKSPACE", str(tmp_path / "ws"))
    return state.workspace()


@pytest.fixture
def page(ws: Workspace) -> Callable[..., AppTest]:
    """Opens the page as a new browser session: a tab, or a relation and a part of it."""

    def run(tab: str = "Relations", relation: str = "", part: str = "Edit", **more: Any) -> AppTest:
        at = AppTest.from_file(str(MAIN), default_timeout=120)
        at.session_state["annotator"] = "tester"
        at.run()
        at.session_state["relations:tab"] = tab
        at.session_state["relations:chosen"] = relation
        at.session_state["relations:part"] = part
        for name, value in more.items():
            at.session_state[f"relations:{name}"] = value
        at.switch_page("../pages/relations.py").run()
        assert not at.exception
        return at

    return run


def plain(at: AppTest) -> str:
    """All text and HTML of the page, without the signs that keep Markdown from reading it."""
    bodies = "\n".join(str(element.proto.body) for element in at.get("html"))
    return texts(at).replace("\\", "") + bodies


def draft(at: AppTest, ws: Workspace, id: str) -> Any:
    return at.session_state["relations:drafts"][(ws.catalogue.id, id)]


def type_words(at: AppTest, ws: Workspace, relation: Relation, **texts_: list[str]) -> AppTest:
    """What the description editor reports after the texts of some facets became others."""
    held = draft(at, ws, relation.id)
    kept = [[d.facet, d.text] for d in relation.descriptions if d.facet not in texts_]
    rows = kept + [[facet, text] for facet, own in texts_.items() for text in own]
    report = {"token": held.token, "seq": next(SEQUENCE), "rows": rows}
    at.session_state[held.key("words")] = {"written": report}
    at.run()
    assert not at.exception
    return at


def swapped() -> dict[str, list[str]]:
    """Words with which the relation is not found any more."""
    return {facet: [] for facet in FACETS} | {"wording": ["a tour with the band", "at the team"]}


# --- the list ----------------------------------------------------------------------------


def test_all_relations_are_listed_and_found(page, ws) -> None:
    at = page()
    table = at.dataframe[0].value
    assert set(table["relation"]) == {r.name for r in ws.catalogue}
    assert f"1 to {len(ws.catalogue)} of {len(ws.catalogue)} relations" in texts(at)
    labels = dict(zip(table["id"], table["labels"], strict=True))
    assert labels[LIVES] == ws.items(ItemFilter(relation=LIVES)).total > 0
    name = ws.catalogue.get(LIVES).name
    at.text_input(key="relations:query").set_value(name).run()
    assert name in set(at.dataframe[0].value["relation"])
    assert len(at.dataframe[0].value) < len(ws.catalogue)
    at.text_input(key="relations:query").set_value("qqq nothing").run()
    assert "No relation has these words." in texts(at)


def test_a_card_opens_its_relation(page, ws) -> None:
    at = page(view="Cards")
    first = next(iter(ws.catalogue))
    at.button(key=f"relations:open:{first.id}").click().run()
    assert not at.exception
    assert f"id {first.id}" in plain(at)
    at.button(key="relations:back").click().run()
    assert f"of {len(ws.catalogue)} relations" in texts(at)


def test_a_relation_that_is_gone_says_so(page) -> None:
    assert "not in the catalogue in use" in texts(page(relation="/no/such/one"))


def test_ten_thousand_relations_stay_usable(page, ws) -> None:
    relations = [
        f'[[relations]]\nid = "r{n}"\nname = "kind {n}"\nphrase = "is kind {n} of"\n'
        'head = "person"\ntail = "thing"\nsymmetric = false\n[relations.descriptions]\n'
        + f"wording = {[f'way {k} of kind {n}' for k in range(5)]}\n".replace("'", '"')
        for n in range(10_000)
    ]
    text = 'id = "many"\ntitle = "Many"\n' + "\n".join(relations)
    ws.relations.import_file(text.encode(), "many.toml", "tester")
    ws.relations.use("many")
    at = page()
    assert "1 to 25 of 10,000 relations" in texts(at)
    began = time.monotonic()
    at.text_input(key="relations:query").set_value("kind 9876").run()
    assert list(at.dataframe[0].value["id"]) == ["r9876"]
    assert time.monotonic() - began < 5
    at.text_input(key="relations:query").set_value("").run()
    at.session_state["relations:page"] = 400
    at.run()
    assert "9,976 to 10,000 of 10,000 relations" in texts(at)


# --- the editor --------------------------------------------------------------------------


def test_other_words_show_what_they_would_move(page, ws) -> None:
    at = page(relation=LIVES)
    assert "Nothing is changed yet." in texts(at)
    relation = ws.catalogue.get(LIVES)
    type_words(at, ws, relation, **swapped())
    report = ws.what_if(LIVES).try_(draft(at, ws, LIVES).relation)
    assert report.lost > 0, "with another relation's words it cannot answer as before"
    said = plain(at)
    assert f"{report.won} won, {report.lost} lost" in said
    assert f">{100 * report.f1.after:.1f}<" in said
    assert "now: " in said
    assert "then: " in said
    assert ws.catalogue.get(LIVES) == relation, "nothing is kept yet"
    key = next(b.key for b in at.button if b.key and b.key.endswith("flips:select"))
    at.button(key=key).click().run()
    chosen = {f.item for f in report.flips}
    assert set(at.session_state["selection"]) <= chosen


def test_keep_then_bring_back(page, ws) -> None:
    before = ws.catalogue.get(LIVES)
    item = next(
        i
        for i in ws.items(ItemFilter(relation=LIVES), limit=200).items
        if ws.predict(i.example).label.relation == LIVES
    )
    score = _score(ws, item)
    at = page(relation=LIVES)
    type_words(at, ws, before, **swapped())
    key = draft(at, ws, LIVES).key("reason")
    at.text_input(key=key).set_value("to see what happens").run()
    at.button(key="relations:keep").click().run()
    assert not at.exception
    assert "is answered with these words now" in texts(at)
    assert ws.catalogue.get(LIVES).descriptions[0].text == swapped()["wording"][0]
    newest = ws.relations.history(LIVES)[0]
    assert (newest.author, newest.reason, newest.action) == (
        "tester", "to see what happens", "edit",
    )  # fmt: skip
    assert _score(ws, item) != score

    at = page(relation=LIVES, part="Its history")
    assert "edited by tester: to see what happens" in plain(at)
    assert "<del>" in plain(at)
    first = ws.relations.history(LIVES)[-1]
    at.button(key=f"relations:revert:one:{first.id}").click().run()
    assert not at.exception
    assert ws.catalogue.get(LIVES) == before
    assert _score(ws, item) == pytest.approx(score)


def _score(ws: Workspace, item: Any) -> float:
    return next(r.score for r in ws.predict(item.example).ranked if r.relation == LIVES)


def test_what_breaks_a_rule_is_said_and_cannot_be_kept(page, ws) -> None:
    at = page(relation=LIVES)
    type_words(at, ws, ws.catalogue.get(LIVES), wording=[BAD])
    assert "It cannot be kept like this." in texts(at)
    assert "Wording cue 1: expected no slots but {head} and {tail}" in texts(at)
    at.button(key="relations:keep").click().run()
    assert "It was not kept. What you typed is still here." in texts(at)
    assert BAD not in [d.text for d in ws.catalogue.get(LIVES).descriptions]
    at.button(key="relations:discard").click().run()
    assert "Nothing is changed yet." in texts(at)
    at.button(key="relations:keep").click().run()
    assert "Nothing is changed yet, so nothing was kept" in texts(at)
    assert ws.relations.history(LIVES) == ()


def test_name_types_and_symmetry_are_edited(page, ws) -> None:
    at = page(relation=LIVES)
    held = draft(at, ws, LIVES)
    at.text_input(key=held.key("name")).set_value("home of").run()
    at.checkbox(key=held.key("symmetric")).check().run()
    assert "head and tail of one type" in texts(at)
    at.checkbox(key=held.key("symmetric")).uncheck().run()
    at.button(key="relations:keep").click().run()
    assert not at.exception
    assert ws.catalogue.get(LIVES).name == "home of"
    assert "home of" in plain(at)


def test_what_was_typed_is_held_when_the_page_is_left(page, ws) -> None:
    at = page(relation=LIVES)
    type_words(at, ws, ws.catalogue.get(LIVES), wording=["dwells in"])
    at.switch_page("../pages/data.py").run()
    at.switch_page("../pages/relations.py").run()
    assert not at.exception
    held = draft(at, ws, LIVES)
    assert [d.text for d in held.relation.descriptions if d.facet == "wording"] == ["dwells in"]


# --- somebody else -----------------------------------------------------------------------


def other_edit(ws: Workspace, id: str = LIVES) -> Relation:
    """What somebody else keeps meanwhile."""
    found = ws.relations.state(id)
    theirs = replace(found.relation, phrase="dwells in")
    ws.relations.save(theirs, "Kim", seen=found.change)
    return theirs


@pytest.mark.parametrize("mine", [True, False])
def test_a_conflict_loses_nothing(page, ws, mine: bool) -> None:
    at = page(relation=LIVES)
    type_words(at, ws, ws.catalogue.get(LIVES), wording=["has a flat in"])
    theirs = other_edit(ws)
    at.button(key="relations:keep").click().run()
    assert not at.exception
    assert "Kim changed this relation meanwhile." in texts(at)
    assert "flat" in plain(at)
    assert ws.catalogue.get(LIVES) == theirs, "nothing of theirs was written over"
    at.button(key="relations:mine" if mine else "relations:theirs").click().run()
    assert not at.exception
    if not mine:
        assert "Nothing is changed yet." in texts(at)
        return
    at.button(key="relations:keep").click().run()
    wording = [d.text for d in ws.catalogue.get(LIVES).descriptions if d.facet == "wording"]
    assert wording == ["has a flat in"]
    assert [c.author for c in ws.relations.history(LIVES)[:2]] == ["tester", "Kim"]


def test_an_untouched_editor_follows_others(page, ws) -> None:
    at = page(relation=LIVES)
    theirs = other_edit(ws)
    at.run()
    assert draft(at, ws, LIVES).base == theirs
    assert "meanwhile" not in texts(at)


# --- retired, history, catalogues --------------------------------------------------------


def test_retire_and_restore(page, ws) -> None:
    labels = ws.relations.state(LIVES).labels
    at = page(relation=LIVES)
    at.text_input(key=f"relations:why:retire:{LIVES}").set_value("too vague").run()
    at.button(key="relations:retire").click().run()
    assert not at.exception
    assert "It is retired" in texts(at)
    assert LIVES not in ws.catalogue
    assert ws.items(ItemFilter(relation=LIVES)).total == labels > 0
    assert f"{ws.known_relations()[LIVES].name}" not in set(page().dataframe[0].value["relation"])
    listed = page(retired=True).dataframe[0].value
    assert LIVES in set(listed["id"])
    at = page(relation=LIVES, part="Labelled items")
    assert "Its examples." in texts(at)
    at = page(relation=LIVES)
    at.button(key="relations:restore").click().run()
    assert LIVES in ws.catalogue
    at = page("History")
    assert "retired by tester: too vague" in plain(at)
    assert "restored by tester" in plain(at)


def test_without_changes_the_history_says_what_will_stand_there(page) -> None:
    assert "No relation was changed here yet." in texts(page("History"))


def test_a_file_goes_out_and_comes_back(page, ws) -> None:
    at = page("Catalogues")
    assert {"mnre", "more"} <= set(at.dataframe[0].value["id"])
    for kind in ("toml", "csv"):
        at.selectbox(key="relations:as").set_value(kind).run()
        at.button(key="relations:export").click().run()
        assert not at.exception
        made = at.session_state["relations:made"]
        assert made[2] == f"{ws.catalogue.id}.{kind}"
        done = ws.relations.import_file(made[3], made[2], "tester")
        assert (done.added, done.edited, done.same) == (0, 0, len(ws.catalogue))


def test_another_catalogue_is_used_and_a_new_one_begun(page, ws) -> None:
    at = page("Catalogues")
    at.selectbox(key="relations:other").set_value("more").run()
    at.button(key="relations:use").click().run()
    assert not at.exception
    assert ws.catalogue.id == "more"
    fields = {"Title": "Our field", "Id": "ours", "First relation": "sponsor of"}
    for label, text in {**fields, "What it means": "{head} pays for {tail}."}.items():
        next(t for t in at.text_input if t.label == label).set_value(text)
    next(b for b in at.button if b.label == "Make it").click().run()
    assert not at.exception
    assert "Catalogue Our field is made and in use." in plain(at)
    assert [r.name for r in ws.catalogue] == ["sponsor of"]


def test_a_new_catalogue_that_cannot_be_is_refused_in_words(page, ws) -> None:
    at = page("Catalogues")
    next(b for b in at.button if b.label == "Make it").click().run()
    assert not at.exception
    assert "This was not done." in texts(at)
    assert [c.id for c in ws.relations.catalogues()] == ["mnre", "more"]


def test_text_that_breaks_other_tools_is_shown_as_it_is(page, ws) -> None:
    texts_ = {"wording": ["<script>window.broken = 1</script>", "**bold** $x$ :smile:"]}
    hostile = build_relation(
        "hostile", "<b>bad</b> & `x`", "is", "person", "thing", False, texts_
    )  # fmt: skip
    ws.relations.save(hostile, "tester", "<i>why</i>")
    at = page(relation="hostile", part="Its history")
    assert "<script>" not in plain(at)
    assert "<b>" not in "".join(str(e.proto.body) for e in at.get("html"))
    assert "&lt;b&gt;bad" in plain(page(view="Cards", query="bad"))
