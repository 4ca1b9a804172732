"""The Errors page on a real small workspace: figures, what a click selects, every tab, the jobs it
starts, empty states and files."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from app import state
from app.views.errors import TABS
from app.views.errors_items import Answer
from app.views.errors_report import report
from app.views.errors_scope import Scope, stamp_of
from app.views.errors_tables import changed
from app.views.selection_file import as_csv
from app.views.words import relation_names
from roc_core.errors import StoreUnavailable
from roc_core.schema import ItemFilter, Job, Label, Reading
from roc_core.store import Store
from roc_core.workspace import Workspace, cell, confusion, headline, rows_of
from roc_core.workspace.doubting import doubts_job
from roc_core.workspace.pair_vectors import vectors_job
from tests.app.steps import button, texts
from tests.tiny import make_checkpoint
from tests.workspace.made_workspace import make_workspace, record

MAIN = Path(__file__).resolve().parents[2] / "app" / "main.py"
TINY = Reading("tiny")
HIDDEN = Reading("tiny", "without-pictures")


def silent(done: int, total: int, stage: str) -> None:
    return


@pytest.fixture(scope="module")
def answered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace of 60 items, read by version tiny in two ways, its labels checked."""
    folder = tmp_path_factory.mktemp("errors")
    Workspace.create(folder / "ws", starter=False)
    Store.open(folder / "ws").set_setting("starter", "1")  # the app would add the starter set
    made = make_workspace(folder / "ws", make_checkpoint(folder), data="made, split train")
    for parameters in ({}, {"variant": "without-pictures"}):
        vectors_job(made.path, parameters, silent)
    doubts_job(made.path, {}, silent)
    return made.path


@pytest.fixture
def ws(answered: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.setenv("ROC_WORKSPACE", str(answered))
    return state.workspace()


@pytest.fixture
def page(ws: Workspace) -> Callable[..., AppTest]:
    """Opens the page with this tab, after these choices."""

    def run(tab: str = "Confusion", **choices: Any) -> AppTest:
        at = AppTest.from_file(str(MAIN), default_timeout=90)
        at.session_state["annotator"] = "tester"
        at.run()
        at.session_state["errors:tab"] = tab
        for name, value in choices.items():
            at.session_state[f"errors:{name}"] = value
        at.switch_page("../pages/errors.py").run()
        assert not at.exception
        assert not at.error, [e.value for e in at.error]
        return at

    return run


def chart(ws: Workspace, name: str) -> str:
    """Key of the chart or table that is drawn with this name for all items."""
    return f"errors:{name}:{stamp_of(ws, TINY, ItemFilter())}:0"


def choose(ws: Workspace, at: AppTest, name: str, **selection: Any) -> AppTest:
    """What a chart or table reports when something in it is selected."""
    assert chart(ws, name) in at.session_state, "it is not on the page"
    at.session_state[chart(ws, name)] = {"selection": selection}
    at.run()
    assert not at.exception
    return at


def html(at: AppTest) -> str:
    return "\n".join(str(e.proto.body) for e in at.get("html"))


# --- the head ----------------------------------------------------------------------------


def test_the_head_says_the_figures_with_their_intervals(page, ws) -> None:
    at = page()
    found = headline(ws.analysis(TINY))
    assert f">{100 * found.prf.f1:.1f}<" in html(at)
    assert f">{100 * found.accuracy:.1f}<" in html(at)
    assert " to " in html(at)
    assert "55 items; per cent with 95 % bootstrap intervals; 5 items without a label" in texts(at)
    assert "Version tiny was trained on made, split train" in texts(at).replace("\\", "")


def test_a_filter_narrows_what_is_counted(page, ws) -> None:
    at = page(split="val")
    wanted = ws.analysis(TINY, ItemFilter(split="val"))
    assert 0 < len(wanted) < 55
    assert f"{len(wanted)} items; per cent" in texts(at)


def test_a_correction_is_counted_at_once(page, ws) -> None:
    at = page()
    item = ws.items(limit=60).items[-1]
    assert item.label is None
    made = ws.correct(item.id, Label("None"), "somebody else")
    assert "56 items; per cent" in texts(at.run())
    ws.undo(made.id, "somebody else")
    assert "55 items; per cent" in texts(at.run())


def test_oracle_types_are_called_an_oracle(page) -> None:
    at = page(variant="oracle-types")
    assert "Oracle: entity types are told by the label. No user has them" in texts(at)
    assert "55 items have no answer yet (tiny, oracle types)." in texts(at)


def test_missing_answers_are_asked_for_and_started(page, monkeypatch) -> None:
    started: list[tuple[str, dict]] = []
    monkeypatch.setattr(Workspace, "start_job", lambda self, kind, **p: started.append((kind, p)))
    at = page(variant="as-published")
    assert not at.tabs
    button(at, "Read them now").click().run()
    assert started == [("vectors", {"version": "tiny", "variant": "as-published"})]


def test_a_start_that_fails_says_why(page, monkeypatch) -> None:
    def refuse(self, kind, **parameters):
        raise StoreUnavailable("a database to write", "a full disk", "Free some space.")

    monkeypatch.setattr(Workspace, "start_job", refuse)
    at = button(page(variant="as-published"), "Read them now").click().run()
    assert "Free some space." in texts(at)


def job(state: str, kind: str = "vectors", **fields: Any) -> Job:
    return Job(7, kind, "Pair vectors of all items", state, {"version": "tiny"}, **fields)


@pytest.mark.parametrize("kind", ["vectors", "doubts"])
def test_progress_and_failure_are_told(page, ws, monkeypatch, kind: str) -> None:
    jobs = [job("running", kind, done=50, total=200, stage="Reading pairs", seconds_left=30.0)]
    monkeypatch.setattr(Workspace, "jobs", lambda self, limit=50: tuple(jobs))
    monkeypatch.setattr(Workspace, "job", lambda self, id: jobs[0])
    item = ws.save_item(record(200 + len(kind), True).example)
    made = ws.correct(item.id, Label("None"), "tester")  # one that has no answer
    try:
        at = page("Label errors")
        assert [bar.proto.value for bar in at.main.get("progress")] == [25]
        jobs[0] = job("failed", kind, error="The disk is full.")
        at.run()
        assert "The disk is full." in texts(at)
    finally:
        ws.undo(made.id, "tester")


def test_without_labels_the_page_says_what_to_do(page, tmp_path, monkeypatch) -> None:
    Workspace.create(tmp_path / "bare", starter=False)
    Store.open(tmp_path / "bare").set_setting("starter", "1")
    monkeypatch.setenv("ROC_WORKSPACE", str(tmp_path / "bare"))
    at = page()
    assert "No item has a label yet. Import labelled data on the Data page" in texts(at)
    assert not at.tabs


# --- selecting ---------------------------------------------------------------------------


def test_a_cell_selects_its_items_for_all_pages(page, ws) -> None:
    at, a = page(), ws.analysis(TINY)
    table = confusion(a)
    g, p = max((n, g, p) for g, row in enumerate(table.counts) for p, n in enumerate(row))[1:]
    gold, answer = table.names[g], table.names[p]
    point = {"customdata": [gold, answer]}
    at = choose(ws, at, "matrix:False", points=[point])
    ids = a.ids(cell(a, gold, answer))
    assert at.session_state["selection"] == ids
    assert f"**{len(ids)} items selected** (Errors" in texts(at).replace("\\", "")
    links = [e.proto for e in at.main.get("page_link")]
    assert [link.query_string for link in links] == [f"item={id}" for id in ids[:10]]
    assert at.query_params["sel"]
    at.run()
    assert at.session_state["selection"] == ids, "the same click does not count twice"


def test_an_empty_cell_selects_nothing_and_says_so(page, ws) -> None:
    at, table = page(), confusion(ws.analysis(TINY))
    g, p = next((g, p) for g, row in enumerate(table.counts) for p, n in enumerate(row) if not n)
    point = {"customdata": [table.names[g], table.names[p]]}
    at = choose(ws, at, "matrix:False", points=[point])
    assert "selection" not in at.session_state
    assert "No item is labelled" in texts(at)


@pytest.mark.parametrize("tab", ["Relations", "Type pairs", "Slices"])
def test_a_row_selects_its_items(page, ws, tab: str) -> None:
    name = {"Relations": "relations", "Type pairs": "type-pairs", "Slices": "slices"}[tab]
    at = choose(ws, page(tab), name, rows=[0])
    ids = at.session_state["selection"]
    assert ids
    assert set(ids) <= set(ws.analysis(TINY).ids())
    assert at.session_state["selection:origin"].startswith("Errors: ")
    button(at.main, "Clear").click().run()
    assert not selected_in(at)


def selected_in(at: AppTest) -> tuple[str, ...]:
    found: tuple[str, ...] = at.session_state["selection"]
    return found


def test_confusions_are_a_list_as_well(page, ws) -> None:
    at = choose(ws, page(confusion="List of confusions"), "confusions", rows=[0])
    a = ws.analysis(TINY)
    rows = rows_of(a, selected_in(at))
    assert len(rows) == len(selected_in(at))
    assert len({(a.gold.of(r), a.predicted().of(r)) for r in rows.tolist()}) == 1


def test_what_another_page_selected_is_listed_and_can_be_all_there_is(page, ws) -> None:
    ids = ws.analysis(TINY).ids()[:7]
    at = page()
    at.session_state["selection"] = ids
    at.session_state["selection:origin"] = "Map: lasso"
    at.run()
    assert "**7 items selected** (Map: lasso)" in texts(at).replace("\\", "")
    at.selectbox(key="errors:items").set_value("selected").run()
    assert "7 items; per cent" in texts(at)
    at.session_state["selection"] = ids[:2]
    assert "7 items; per cent" in texts(at.run()), "it stays what was selected when it was chosen"


def test_a_saved_slice_is_a_slice_and_a_choice(page, ws) -> None:
    ids = ws.analysis(TINY).ids()[:30]
    kept = ws.keep_selection(ids, "thirty <b>")
    try:
        at = page("Slices")
        (frame,) = (e.value for e in at.main.dataframe)
        saved = frame[frame["slice by"] == "saved slice"]
        assert (list(saved["value"]), list(saved["pairs"])) == (["thirty <b>"], [30])
        at.selectbox(key="errors:items").set_value(kept.id).run()
        assert "30 items; per cent" in texts(at)
    finally:
        ws.drop_selection(kept.id)


def test_a_widget_reports_a_choice_once(monkeypatch) -> None:
    store: dict[str, Any] = {}
    monkeypatch.setattr("app.views.errors_tables.st.session_state", store)
    assert changed("a", (1,)) == (1,)
    assert changed("a", (1,)) == ()
    assert changed("a", ()) == (), "back on the page with nothing chosen"
    assert changed("a", (1,)) == (1,)
    assert changed("b", (1,)) == (1,)
    assert changed("a", (1,)) == (1,), "another table was used in between"


# --- tabs --------------------------------------------------------------------------------


@pytest.mark.parametrize("tab", TABS)
def test_every_tab_draws(page, tab: str) -> None:
    at = page(tab)
    assert {e.label for e in at.tabs} == set(TABS)
    assert len(texts(at)) > 200


def test_the_line_can_be_moved(page, ws) -> None:
    at = page("Threshold")
    assert "must not be reported on these pairs" in texts(at)
    before = [m.value for m in at.metric]
    at.slider[0].set_value(at.slider[0].max).run()
    after = [m.value for m in at.metric]
    moved, a = at.slider[0].value, ws.analysis(TINY)
    assert before != after
    assert after[-1] == str(int((a.margins >= moved).sum()))
    button(at, "Select the ").click().run()
    wanted = {
        i for i, m in zip(a.ids(), a.margins.tolist(), strict=True) if (m >= 0) != (m >= moved)
    }
    assert set(selected_in(at)) == wanted


def test_doubtful_labels_are_listed_and_selected(page, ws, monkeypatch) -> None:
    found = ws.label_errors(TINY)
    at = page("Label errors")
    likely = [i.decode() for i in found.items[found.likely].tolist()]
    assert "labels are likely wrong." in texts(at)
    assert found.seen
    assert found.seen in texts(at)
    if likely:
        button(at, "Select all of them").click().run()
        assert list(selected_in(at)) == likely
    at = page("Label errors", doubts="Between two relations")
    a = ws.analysis(TINY)
    closest = a.ids()[int(a.leads.argmin())]
    assert f"item={closest}" == at.main.get("page_link")[0].proto.query_string


def test_unchecked_labels_can_be_checked(page, monkeypatch) -> None:
    started: list[tuple[str, dict]] = []
    monkeypatch.setattr(Workspace, "start_job", lambda self, kind, **p: started.append((kind, p)))
    at = page("Label errors", variant="without-pictures")
    assert "The labels have not been checked yet." in texts(at)
    button(at, "Check the labels").click().run()
    assert started == [("doubts", {"version": "tiny", "variant": "without-pictures"})]


def test_two_readings_are_compared_item_by_item(page, ws) -> None:
    at = page("Compare")
    at.selectbox(key="errors:other:chosen").set_value(HIDDEN).run()
    assert "Of the 55 items that both have answered, “tiny, as used” alone is right" in texts(at)
    groups = at.get("button_group")
    assert any("Both wrong" in str(option.content) for g in groups for option in g.proto.options)
    assert at.session_state["errors:other"] == HIDDEN, "the report compares with it, too"


def test_the_picture_side_counts_items_with_picture_or_text(page, ws) -> None:
    at = page("Pictures")
    texts_of = [bool(ws.item(id).example.picture_text) for id in ws.analysis(TINY).ids()]
    assert 0 < sum(texts_of) < len(texts_of)
    assert [m.value for m in at.metric][-1] == str(sum(texts_of))
    assert f"Of the {sum(texts_of)} items that both have answered" in texts(at)
    assert "tiny, without pictures: " in texts(at).replace("\\", "")


def test_without_pictures_the_picture_side_says_so(page, ws) -> None:
    bare = [i for i in ws.analysis(TINY).ids() if not ws.item(i).example.picture_text]
    kept = ws.keep_selection(bare[:20], "bare")
    try:
        at = page("Pictures", items=kept.id)
        assert "No labelled item among these data has a picture or picture text." in texts(at)
    finally:
        ws.drop_selection(kept.id)


# --- files -------------------------------------------------------------------------------


def test_a_file_of_items_has_their_answers(ws) -> None:
    item = ws.items(limit=1).items[0]
    answer = Answer("None", 0.25, -0.5, "right")
    (row,) = csv.DictReader(io.StringIO(as_csv([(item, answer)]).decode(), newline=""))
    assert (row["item"], row["answer"], row["margin"]) == (item.id, "None", "-0.5")


def test_the_report_holds_what_the_page_shows(ws, monkeypatch) -> None:
    monkeypatch.setattr("streamlit.session_state", {"errors:other": HIDDEN})
    wanted = ItemFilter(split="train")
    scope = Scope(
        ws, TINY, wanted, "stamp", ws.analysis(TINY, wanted), relation_names(ws), {}, False, "png"
    )  # fmt: skip
    page = report(scope).decode()
    assert "<h1>Analysis of tiny, as used</h1>" in page
    assert "<h2>Compared with tiny, without pictures</h2>" in page
    assert "<h2>Labels to check</h2>" in page
    doubtful = ws.item(ws.label_errors(TINY).items[0].decode())
    assert escape(doubtful.example.sentence) in page
    assert "<td>train</td>" in page
