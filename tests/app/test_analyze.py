from __future__ import annotations

import uuid

import pytest

from app import desk
from roc_core.errors import StoreUnavailable
from roc_core.schema import NONE, Example, Label, Mention, Span
from tests.app.steps import button, mark, texts, write


def fresh(open_app):
    """A session of an annotator nobody has been before: nothing to restore."""
    return open_app(annotator=f"tester-{uuid.uuid4().hex}")


def marked(open_app, sentence="", first="", second=""):
    sentence = sentence or f"\U0001f600 Katy Perry joins the band {uuid.uuid4().hex[:6]}"
    at = write(fresh(open_app), sentence)
    places = []
    for name in (first or "Katy Perry", second or "the band"):
        start = sentence.index(name)
        places.append([start, start + len(name)])
    return mark(at, *places)


def test_a_fresh_page_says_what_to_do_and_offers_three_examples(open_app):
    at = fresh(open_app)
    assert not at.exception
    assert "Type a sentence, then mark two entities." in texts(at)
    assert len([b for b in at.button if (b.key or "").startswith("example:")]) == 3


def test_an_example_is_answered_without_further_clicks(open_app):
    at = fresh(open_app)
    next(b for b in at.button if (b.key or "").startswith("example:")).click().run()
    assert not at.exception
    assert [b.key for b in at.button if (b.key or "").startswith("save:")] == [
        *(f"save:{i}" for i in range(1, 10)),
        "save:none",
    ]
    assert "Not saved yet · label in the data set: " in texts(at)


def test_marks_after_an_emoji_are_exact(open_app):
    at = marked(open_app)
    draft = at.session_state["draft"]
    names = [m.place.of(draft.sentence) for m in draft.mentions]
    assert names == ["Katy Perry", "the band"]


def test_marks_are_kept_in_reading_order(open_app):
    at = write(fresh(open_app), "Ann met Bob")
    mark(at, [8, 11], [0, 3])
    assert [m.place for m in at.session_state["draft"].mentions] == [Span(0, 3), Span(8, 11)]


def report(at, **changes):
    draft = at.session_state["draft"]
    raw = {
        "token": f"{draft.id}:{draft.sentence}",
        "session": at.session_state["nonce"],
        "seq": 1,
        "active": 0,
        "marks": [[0, 3], [8, 11]],
        "base": [None, None],
    }
    at.session_state[f"marker:{draft.id}"] = {"marks": {**raw, **changes}}
    at.run()
    assert not at.exception
    return [m and m.place for m in at.session_state["draft"].mentions]


def test_a_report_about_another_sentence_changes_nothing(open_app):
    at = write(fresh(open_app), "Ann met Bob")
    assert report(at, token="old") == [None, None]


def test_a_report_of_an_earlier_session_counts_if_it_changed_what_is_kept(open_app):
    at = write(fresh(open_app), "Ann met Bob")
    assert report(at, session="before", base=[None, [0, 3]]) == [None, None]
    assert report(at, session="before", seq=2) == [Span(0, 3), Span(8, 11)]


def test_a_reload_restores_everything(open_app):
    at = marked(open_app)
    draft = at.session_state["draft"]
    again = open_app(draft=draft.id)
    restored = again.session_state["draft"]
    assert (restored.sentence, restored.mentions) == (draft.sentence, draft.mentions)
    assert "Not saved yet" in texts(again)


def test_a_late_address_does_not_bring_the_left_draft_back(open_app, monkeypatch):
    at = write(fresh(open_app), "Anna greets Ben")
    left = at.session_state["draft"].id
    button(at, "New").click().run()
    new = at.session_state["draft"].id
    at.query_params["draft"] = left
    assert at.run().session_state["draft"].id == new
    assert at.query_params["draft"] == new
    monkeypatch.setattr(desk, "LATE", 0.0)
    at.query_params["draft"] = left
    assert at.run().session_state["draft"].sentence == "Anna greets Ben"


def test_opening_without_a_draft_copies_the_latest_work(open_app, ws):
    at = marked(open_app)
    draft = at.session_state["draft"]
    other = open_app(annotator=draft.annotator).session_state["draft"]
    assert other.id != draft.id
    assert (other.sentence, other.mentions) == (draft.sentence, draft.mentions)


def test_save_shows_its_state_and_survives_a_reload(open_app, ws):
    at = marked(open_app)
    button(at, "None of these").click().run()
    assert not at.exception
    assert not at.error
    item = at.session_state["draft"].item
    (row,) = ws.history(item)
    assert row.label == Label(NONE, "both")
    assert row.model_version == ws.model_version
    again = open_app(draft=at.session_state["draft"].id)
    assert f"correction {row.id} · none of these" in texts(again)


def test_saving_twice_is_one_row_and_another_label_is_a_second(open_app, ws):
    at = marked(open_app)
    for _ in range(2):
        next(b for b in at.button if b.key == "save:1").click().run()
    item = at.session_state["draft"].item
    assert len(ws.history(item)) == 1
    next(b for b in at.button if b.key == "save:2").click().run()
    assert len(ws.history(item)) == 2


def test_undo_takes_the_label_back_and_keeps_the_history(open_app, ws):
    at = marked(open_app)
    next(b for b in at.button if b.key == "save:1").click().run()
    button(at, "Undo").click().run()
    item = at.session_state["draft"].item
    assert ws.item(item).label is None
    assert [row.action for row in ws.history(item)] == ["label", "undo"]
    assert "Not saved yet" in texts(at)
    assert "took back correction" in texts(at)


def test_any_other_relation_is_saved_by_choosing_it(open_app, ws):
    at = marked(open_app)
    relation = list(ws.catalogue)[-1]
    label = Label(relation.id, relation.directions[-1])
    select = next(s for s in at.selectbox if s.label == "Save any other relation")
    select.set_value(label).run()
    assert ws.item(at.session_state["draft"].item).label == label


def test_a_comment_is_kept_with_the_save(open_app, ws):
    at = marked(open_app)
    field = next(t for t in at.text_input if t.label.startswith("Comment"))
    field.set_value("clear from the photo").run()
    button(at, "None of these").click().run()
    assert ws.history(at.session_state["draft"].item)[-1].comment == "clear from the photo"


def test_a_failing_save_keeps_the_work_and_offers_another_try(open_app, ws, monkeypatch):
    at = marked(open_app)
    draft = at.session_state["draft"]
    error = StoreUnavailable("a writable database", "a full disk", "Free some space.")

    def fail(*args, **kwargs):
        raise error

    with monkeypatch.context() as broken:
        broken.setattr(ws, "save_item", fail)
        broken.setattr(ws, "save_draft", fail)
        button(at, "None of these").click().run()
        assert "Not saved. Everything you marked is still here." in texts(at)
        assert "Expected a writable database.\nFound a full disk.\nFree some space." in texts(at)
        assert at.session_state["draft"].mentions == draft.mentions
    button(at, "Try again").click().run()
    assert not at.error
    assert len(ws.history(at.session_state["draft"].item)) == 1


def test_a_draft_that_cannot_be_kept_is_said_so(open_app, ws, monkeypatch):
    at = fresh(open_app)
    error = StoreUnavailable("a writable database", "a locked one", "Close the other program.")

    def fail(*args):
        raise error

    with monkeypatch.context() as broken:
        broken.setattr(ws, "save_draft", fail)
        write(at, "Ann met Bob")
        assert "Your marks are on screen but not stored yet." in texts(at)
        assert at.session_state["draft"].sentence == "Ann met Bob"
    button(at, "Store them now").click().run()
    assert not at.error
    assert ws.draft(at.session_state["draft"].id).sentence == "Ann met Bob"


def test_an_item_opens_with_its_label_and_history(open_app, ws):
    example = Example("Ann met Bob", (Mention(Span(0, 3)), Mention(Span(8, 11))))
    item = ws.save_item(example)
    row = ws.correct(item.id, Label(NONE, "both"), "tester")
    at = open_app(item=item.id)
    assert at.session_state["draft"].sentence == "Ann met Bob"
    assert f"correction {row.id}" in texts(at)


def test_a_stale_item_id_is_said_so_and_there_is_a_way_on(open_app):
    at = open_app(item="gone")
    assert not at.exception
    assert "There is no item gone in this workspace" in texts(at)
    assert [b for b in at.button if b.label == "New"]


def test_a_type_is_chosen_or_left(open_app, ws):
    at = marked(open_app)
    first = next(s for s in at.selectbox if s.label.startswith("Type of 1"))
    assert first.options[0].startswith("suggested: ")
    first.set_value("organization").run()
    assert at.session_state["draft"].mentions[0].type == "organization"


def test_a_renamed_text_file_is_refused_with_a_clear_message(open_app):
    at = fresh(open_app)
    at.session_state["picture_menu"] = True
    at.run()
    at.file_uploader[0].upload("photo.png", b"this is not a picture").run()
    assert not at.exception
    assert "This picture was not added; everything else is as it was." in texts(at)
    assert at.session_state["draft"].picture == ""


@pytest.mark.parametrize(
    "sentence",
    [
        "<script>alert('x')</script> & Ann met Bob",
        "\u0639\u0627\u0634 Ann \u0641\u064a Bob",
        "\U0001f468\u200d\U0001f469\u200d\U0001f467 Ann e\u0301te\u0301 Bob **bold** `code` $x$",
        "Ann met Bob. " + "word " * 997,
    ],
)
def test_hostile_text_is_answered_and_kept_exactly(open_app, ws, sentence):
    at = marked(open_app, sentence, "Ann", "Bob")
    assert not at.exception
    button(at, "None of these").click().run()
    example = ws.item(at.session_state["draft"].item).example
    assert (example.sentence, example.names()) == (sentence, ("Ann", "Bob"))
