from __future__ import annotations

from roc_core.schema import Example, ItemFilter, Mention, Span
from tests.app.steps import button, texts


def data_page(open_app):
    at = open_app()
    at.switch_page("../pages/data.py").run()
    assert not at.exception
    return at


def test_counts_and_items_are_shown(open_app, ws):
    at = data_page(open_app)
    total = sum(count.items for count in ws.counts())
    assert f"**{total:,} items**" in texts(at)
    assert f"of {total:,}" in texts(at)


def test_search_finds_a_sentence_and_says_when_nothing_matches(open_app, ws):
    ws.save_item(Example("Zanzibar & <i>Oslo</i>", (Mention(Span(0, 8)), Mention(Span(14, 18)))))
    at = data_page(open_app)
    at.text_input(key="list:text").set_value("zanzibar").run()
    assert "1 to 1 of 1" in texts(at)
    at.text_input(key="list:text").set_value("no such sentence").run()
    assert "No item matches. Change the search or a filter." in texts(at)


def test_a_filter_narrows_the_list(open_app, ws):
    at = data_page(open_app)
    at.selectbox(key="list:source").set_value("starter").run()
    total = ws.items(ItemFilter(source="starter"), limit=1).total
    assert f"of {total:,}" in texts(at)


def test_import_shows_a_dry_run_first_and_then_imports(open_app, ws, tmp_path):
    lines = [
        '{"sentence": "Import me: Kim leads Acme", "mentions": '
        '[{"span": [11, 14]}, {"span": [21, 25]}]}',
        '{"sentence": 5}',
    ]
    path = tmp_path / "new.jsonl"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    at = data_page(open_app)
    at.get("button_group")[0].set_value("Path on this machine").run()
    at.text_input(key="import:path").set_value(str(path)).run()
    at.button(key="import:check").click().run()
    assert "Will come in: 1. Known already: 0. Will be refused: 1." in texts(at)
    assert ws.items(ItemFilter(text="Import me"), limit=1).total == 0
    button(at, "Import 1 item").click().run()
    assert "Came in: 1. Known already: 0. Refused: 1." in texts(at)
    assert ws.items(ItemFilter(text="Import me"), limit=1).total == 1


def test_a_missing_path_is_an_error_that_says_what_to_do(open_app, tmp_path):
    at = data_page(open_app)
    at.get("button_group")[0].set_value("Path on this machine").run()
    at.text_input(key="import:path").set_value(str(tmp_path / "nowhere")).run()
    at.button(key="import:check").click().run()
    assert not at.exception
    assert "Nothing was imported." in texts(at)
    assert "Found " in texts(at)


def test_export_makes_a_file_of_the_filtered_items(open_app, ws):
    ws.save_item(Example("Quokka visits Perth", (Mention(Span(0, 6)), Mention(Span(14, 19)))))
    at = data_page(open_app)
    at.text_input(key="export:text").set_value("Quokka").run()
    button(at, "Make a file of 1 item").click().run()
    assert "The file holds 1 item." in texts(at)
    assert b"Quokka" in at.session_state["export:made"][3]
