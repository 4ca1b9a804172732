"""Backups, restoring and erasing on the Data page."""

from __future__ import annotations

import pytest

from roc_core.errors import ItemMissing
from roc_core.schema import Example, Label, Mention, Span
from tests.app.steps import button, texts


def data_page(open_app):
    at = open_app()
    at.switch_page("../pages/data.py").run()
    assert not at.exception
    return at


def save(ws, sentence):
    return ws.save_item(Example(sentence, (Mention(Span(0, 4)), Mention(Span(5, 9)))))


def test_a_backup_is_made_listed_and_restored(open_app, ws):
    item = save(ws, "Okapi lives in Ituri")
    at = data_page(open_app)
    at.button(key="backup:now").click().run()
    (newest, *_) = ws.backups.all()
    assert newest.reason == "by hand"
    ws.correct(item.id, Label("None"), "ann")
    at.button(key=f"backup:restore:{newest.name}").click().run()
    assert not at.exception
    assert "Restored: by hand" in texts(at)
    assert ws.item(item.id).label is None
    assert ws.backups.all()[0].reason == "before restore"
    at.number_input(key="backup:kept").set_value(7).run()
    assert ws.backups.kept == 7


def test_a_backup_that_is_gone_is_said(open_app, ws):
    ws.backup("passing")
    at = data_page(open_app)
    name = ws.backups.all()[0].name
    ws.backups.all()[0].path.unlink()
    at.button(key=f"backup:restore:{name}").click().run()
    assert not at.exception
    assert "This was not done." in texts(at)
    assert "the name of a backup, or latest" in texts(at)


def test_an_item_is_erased_only_after_it_was_confirmed(open_app, ws):
    item, pair = save(ws, "Tapir meets Numbat"), None
    pair = ws.save_item(Example("Tapir meets Numbat", (Mention(Span(0, 4)), Mention(Span(12, 18)))))
    at = data_page(open_app)
    at.session_state["erase:asked"] = ("item", item.id)
    at.run()
    assert at.button(key="erase:go").disabled
    at.checkbox(key="erase:sentence").check().run()
    at.checkbox(key="erase:sure").check().run()
    at.text_input(key="erase:why").set_value("asked for").run()
    at.button(key="erase:go").click().run()
    assert not at.exception
    assert "Erased for good: 2 items with 0 corrections." in texts(at)
    for gone in (item.id, pair.id):
        with pytest.raises(ItemMissing):
            ws.item(gone)
    assert ws.privacy.all()[-1].reason == "asked for"
    at.run()
    assert "erased for good" in texts(at)
    assert "erase:asked" not in at.session_state


def test_a_name_is_erased(open_app, ws):
    item = save(ws, "Quoll sees Potoroo")
    ws.correct(item.id, Label("None"), "Zoe Quux")
    at = data_page(open_app)
    at.selectbox(key="erase:name").set_value("Zoe Quux").run()
    at.checkbox(key="erase:name:sure").check().run()
    button(at, "Erase the name").click().run()
    assert not at.exception
    assert ws.history(item.id)[0].annotator.startswith("erased-")
    assert "Zoe Quux" not in ws.privacy.annotators()


def test_export_takes_one_annotators_labels(open_app, ws):
    item = save(ws, "Bilby likes Dingo")
    ws.correct(item.id, Label("None"), "Only Me")
    at = data_page(open_app)
    at.selectbox(key="export:annotator").set_value("Only Me").run()
    for format_ in ("parquet", "label-studio"):
        at.selectbox[[s.label for s in at.selectbox].index("Format")].set_value(format_).run()
        button(at, "Make a file of 1 item").click().run()
        assert not at.exception
        assert "The file holds 1 item." in texts(at)
    assert b"Bilby likes Dingo" in at.session_state["export:made"][3]
    assert at.session_state["export:made"][2] == "items.json"
