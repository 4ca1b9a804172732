"""The Graph page: marks, all pairs at once, a chosen pair, saving, a reload, files."""

from __future__ import annotations

import csv
import io
import itertools
import json
import uuid

import pytest

from app.views import graph_desk
from app.views.graph import examples
from app.views.graph_pairs import COLUMNS, as_csv, as_json, item_of, relations_of, table_rows
from app.views.words import NONE_WORDS
from roc_core.errors import StoreUnavailable
from roc_core.schema import NONE, Box, Example, GraphDraft, ItemFilter, Label, Mention, Span
from roc_core.workspace import Workspace
from roc_core.workspace.graphing import Graphing
from tests.app.steps import button, texts

PAGE = "../pages/graph.py"
SEQUENCE = itertools.count(1)
NAMES = ("Katy Perry", "the Fireflies", "Lima")


def opened(open_app, annotator="", **address):
    """The Graph page of an annotator nobody has been before."""
    at = open_app(annotator=annotator or f"tester-{uuid.uuid4().hex}")
    at.switch_page(PAGE)
    for name, value in address.items():
        at.query_params[name] = value
    at.run()
    assert not at.exception
    return at


def report(at, *names, **changes):
    """What the marker sends after these words were marked."""
    draft = at.session_state["graph:draft"]
    starts = [draft.sentence.index(name) for name in names]
    raw = {
        "token": f"{draft.id}:{draft.sentence}",
        "session": at.session_state["nonce"],
        "seq": next(SEQUENCE),
        "marks": [[s, s + len(n)] for s, n in zip(starts, names, strict=True)],
        "base": [],
    }
    at.session_state[f"graph:marker:{draft.id}"] = {"marks": raw | changes}
    at.run()
    assert not at.exception
    return at


@pytest.fixture
def sentence() -> str:
    return f"\U0001f600 Katy Perry joins the Fireflies in Lima {uuid.uuid4().hex[:6]}"


@pytest.fixture
def marked(open_app, sentence):
    """A page with three mentions."""
    at = opened(open_app)
    at.text_area[0].set_value(sentence).run()
    return report(at, *NAMES)


def names_of(at):
    draft = at.session_state["graph:draft"]
    return [m.place.of(draft.sentence) for m in draft.mentions]


def choose(at, first, second):
    mentions = at.session_state["graph:draft"].mentions
    at.session_state["graph:chosen"] = (mentions[first].place, mentions[second].place)
    at.run()
    assert not at.exception
    return at


def example_of(at, first, second):
    draft = at.session_state["graph:draft"]
    return Example(draft.sentence, (draft.mentions[first], draft.mentions[second]))


def test_a_fresh_page_says_what_to_do_and_an_example_is_one_click(open_app, ws):
    at = opened(open_app)
    assert "Type a sentence, then mark its entities." in texts(at)
    offered = [b for b in at.button if (b.key or "").startswith("graph:example:")]
    assert len(offered) == 3
    offered[0].click().run()
    assert not at.exception
    mentions = len(at.session_state["graph:draft"].mentions)
    assert mentions >= 3
    (table,) = at.dataframe
    assert len(table.value) == mentions * (mentions - 1) / 2
    assert list(table.value["margin"]) == sorted(table.value["margin"], reverse=True)
    assert "Choose a row of the table, or click an arrow, to see why." in texts(at)


def test_examples_cover_words_pictures_and_boxes(ws):
    found = examples(ws.items(ItemFilter(source="starter"), limit=2000).items)
    drafts = [graph_desk.draft_of(items) for items in found]
    assert [bool(d.picture) for d in drafts] == [False, True, True]
    assert any(isinstance(m.place, Box) for m in drafts[2].mentions)
    for items, draft in zip(found, drafts, strict=True):
        assert len(draft.mentions) >= 3
        assert len({i.example.sentence for i in items}) == 1


def test_marks_are_exact_and_every_pair_is_answered(marked, ws):
    assert names_of(marked) == list(NAMES)
    assert len(marked.dataframe[0].value) == 3
    report(marked, *NAMES[:2])
    assert names_of(marked) == list(NAMES[:2])
    assert len(marked.dataframe[0].value) == 1


def test_one_mark_asks_for_another(open_app, sentence):
    at = opened(open_app)
    at.text_area[0].set_value(sentence).run()
    assert "Mark two or more entities" in texts(at)
    report(at, "Lima")
    assert "One is marked. Mark at least one more." in texts(at)
    assert not at.dataframe


def test_a_report_about_another_sentence_or_session_changes_nothing(marked):
    report(marked, "Lima", token="old")
    report(marked, "Lima", session="before", base=[[0, 1]])
    assert names_of(marked) == list(NAMES)
    base = [[m.place.start, m.place.end] for m in marked.session_state["graph:draft"].mentions]
    report(marked, "Lima", session="before", base=base)
    assert names_of(marked) == ["Lima"]


def test_a_reload_restores_marks_and_the_chosen_pair(open_app, marked):
    choose(marked, 0, 2)
    assert marked.query_params["pair"] == "1-3"
    draft = marked.session_state["graph:draft"]
    again = opened(open_app, graph=draft.id, pair="1-3")
    restored = again.session_state["graph:draft"]
    assert (restored.sentence, restored.mentions) == (draft.sentence, draft.mentions)
    assert again.session_state["graph:chosen"] == (draft.mentions[0].place, draft.mentions[2].place)
    other = opened(open_app, annotator=draft.annotator).session_state["graph:draft"]
    assert other.id != draft.id
    assert other.mentions == draft.mentions


def test_an_unknown_graph_leaves_a_notice(open_app):
    said = texts(opened(open_app, graph="no"))
    assert "That graph is not in this workspace any more" in said


def test_the_answer_is_saved_once_and_taken_back(marked, ws):
    choose(marked, 0, 1)
    graph = ws.graph(*content(marked))
    answer = graph.edge(0, 1).prediction.label
    key = "graph:none" if answer.relation == NONE else "graph:save"
    for _ in range(2):
        marked.button(key=key).click().run()
        assert not marked.exception
    item = ws.save_item(example_of(marked, 0, 1))
    (row,) = ws.history(item.id)
    assert (row.label, row.predicted) == (answer, answer)
    assert row.annotator == marked.session_state["annotator"]
    assert f"correction {row.id}" in texts(marked)
    (saved,) = [s for s in marked.dataframe[0].value["saved as"] if s]
    assert saved
    button(marked, "Undo").click().run()
    assert [r.action for r in ws.history(item.id)] == ["label", "undo"]
    assert "Not saved yet" in texts(marked)


def content(at):
    draft = at.session_state["graph:draft"]
    return draft.sentence, draft.mentions


def test_another_relation_is_saved(marked, ws):
    choose(marked, 1, 2)
    (select,) = [s for s in marked.selectbox if s.label == "Save any other relation"]
    label = Label("/loc/loc/contain", "backward")
    select.set_value(label).run()
    assert not marked.exception
    assert ws.save_item(example_of(marked, 1, 2)).label == label


def test_a_save_that_fails_is_said_and_tried_again(marked, ws, monkeypatch):
    choose(marked, 0, 1)

    def refuse(self, *args, **named):
        raise StoreUnavailable("a database to write", "a full disk", "Free some space.")

    with monkeypatch.context() as broken:
        broken.setattr(Workspace, "correct", refuse)
        marked.button(key="graph:none").click().run()
    assert "Not saved. Everything you marked is still here." in texts(marked)
    assert "Free some space." in texts(marked)
    marked.button(key="graph:again").click().run()
    assert not marked.error
    assert ws.save_item(example_of(marked, 0, 1)).label == Label(NONE, "both")


def test_marks_stay_on_screen_when_they_cannot_be_stored(marked, monkeypatch):
    def refuse(self):
        raise StoreUnavailable("a database to write", "a full disk", "Free some space.")

    with monkeypatch.context() as broken:
        broken.setattr(Graphing, "graphs", property(refuse))
        report(marked, *NAMES[1:])
        assert "Your marks are on screen but not stored yet." in texts(marked)
        assert names_of(marked) == list(NAMES[1:])
    marked.button(key="graph:store").click().run()
    assert not marked.error


def test_an_answer_that_fails_keeps_the_marks(marked, monkeypatch):
    def refuse(self, *args, **named):
        raise StoreUnavailable("a model", "none", "Train one.")

    monkeypatch.setattr(Graphing, "graph", refuse)
    report(marked, *NAMES[1:])
    assert "No relations could be found. What you marked is kept." in texts(marked)
    assert names_of(marked) == list(NAMES[1:])


def test_an_edited_sentence_keeps_marks_whose_text_stays(marked, sentence):
    marked.button(key="graph:edit").click().run()
    marked.text_area[0].set_value(sentence.replace("Katy Perry", "Somebody")).run()
    assert not marked.exception
    assert names_of(marked) == list(NAMES[1:])


def test_new_begins_anew_and_leaves_the_graph_before(marked, ws):
    before = marked.session_state["graph:draft"]
    marked.button(key="graph:new").click().run()
    assert not marked.exception
    fresh = marked.session_state["graph:draft"]
    assert (fresh.sentence, fresh.mentions) == ("", ())
    assert marked.query_params["graph"] == fresh.id != before.id
    assert ws.graphs.get(before.id).mentions == before.mentions


def test_a_pair_opens_on_analyze(marked):
    choose(marked, 0, 2)
    marked.button(key="graph:open").click().run()
    assert not marked.exception
    draft = marked.session_state["draft"]
    example = example_of(marked, 0, 2)
    assert (draft.sentence, draft.mentions) == (example.sentence, example.mentions)


def test_marks_of_known_items_are_added(open_app, ws, sentence):
    at = opened(open_app)
    at.text_area[0].set_value(sentence).run()
    start = sentence.index("Lima")
    pair = (Mention(Span(start, start + 4), "location"), Mention(Span(2, 12)))
    ws.save_item(Example(sentence, pair))
    report(at, "the Fireflies")
    assert names_of(at) == ["the Fireflies"]
    button(at, "Add 2 marks of known items").click().run()
    assert names_of(at) == list(NAMES)
    assert at.session_state["graph:draft"].mentions[2].type == "location"


def test_files_hold_every_pair(ws):
    text = 'Ann, "the boss", met Bob in Lima'
    mentions = [
        Mention(Span(text.index(w), text.index(w) + len(w))) for w in ("Ann", "Bob", "Lima")
    ]
    graph = ws.graph(text, mentions)
    rows = table_rows(graph, relations_of(ws), ())
    lines = list(csv.DictReader(io.StringIO(as_csv(rows).decode("utf-8-sig"))))
    assert tuple(lines[0]) == COLUMNS
    for line, edge in zip(lines, graph.by_margin, strict=True):
        assert line["first"] == f"{edge.first + 1} {graph.names()[edge.first]}"
        assert float(line["margin"]) == pytest.approx(edge.margin, abs=1e-4)
        assert (line["answer"] == NONE_WORDS) == (not edge.passes)
    values = json.loads(as_json(ws, graph))
    assert values["sentence"] == text
    assert len(values["pairs"]) == 3
    assert all(len(pair["relations"]) == 3 for pair in values["pairs"])


def test_a_pair_finds_its_item(ws, sentence):
    pair = (Mention(Span(2, 12)), Mention(Span(18, 31), "organization"))
    bare = Example(sentence, (Mention(Span(2, 12)), Mention(Span(18, 31))))
    kept = ws.save_item(Example(sentence, pair))
    items = ws.items_of_sentence(sentence)
    assert item_of(items, bare) == kept, "whatever the types"
    exact = ws.save_item(bare)
    assert item_of(ws.items_of_sentence(sentence), bare) == exact
    turned = Example(sentence, (Mention(Span(2, 6)), Mention(Span(18, 31))))
    assert item_of(items, turned) is None


def test_a_draft_of_many_items_has_each_place_once(ws):
    starter = ws.items(ItemFilter(source="starter"), limit=2000).items
    draft = graph_desk.draft_of(examples(starter)[0])
    assert isinstance(draft, GraphDraft)
    assert len({m.place for m in draft.mentions}) == len(draft.mentions)
