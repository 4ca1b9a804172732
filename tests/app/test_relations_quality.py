"""The tab "Quality": the report, each of its readings, what they select and start."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from app import state
from app.views.relations_quality import PARTS
from roc_core.errors import ProjectionMissing, StoreUnavailable
from roc_core.schema import (
    Codes,
    Gap,
    Hub,
    Job,
    Landmark,
    MapView,
    QualityReport,
    Rivals,
    StyleProblem,
)
from roc_core.workspace import Workspace
from tests.app.relations_steps import make, open_tab
from tests.app.steps import button, texts

TAB = "Quality"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = make(tmp_path_factory.mktemp("relations-quality"))
    Workspace.open(made).quality()
    return made


@pytest.fixture
def ws(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """The very workspace object the app uses; it has no map."""
    monkeypatch.setenv("ROC_WORKSPACE", str(folder))
    return state.workspace()


@pytest.fixture
def page(ws: Workspace) -> Callable[[str], AppTest]:
    """Opens the tab with one of its readings."""

    def run(part: str = "Confusable") -> AppTest:
        at = open_tab(TAB)
        if part != "Confusable":
            at.session_state["quality:part"] = part
            at.run()
        assert not at.exception
        assert not at.error, [e.value for e in at.error]
        return at

    return run


@pytest.fixture
def told(ws: Workspace, monkeypatch: pytest.MonkeyPatch) -> QualityReport:
    """The real report with a row of each kind."""
    found = ws.quality_report()
    assert found is not None
    first, second = ws.catalogue.relations[:2]
    items = ws.items(limit=30).items
    made = replace(
        found,
        rivals=(
            Rivals(first.id, second.id, 0.93, 4, "merge"),
            Rivals(second.id, "/gone", 0.9, 1, ""),
        ),
        hubs=(Hub(first.descriptions[0].id, first.id, 30, 12),),
        gaps=tuple(Gap(item.id, item.label.relation, 0.1) for item in items if item.label),
        style=(StyleProblem(second.descriptions[0].id, "too short", "It has 2 words."),),
    )
    monkeypatch.setattr(Workspace, "quality_report", lambda self: made)
    return made


def choose(at: AppTest, name: str, report: QualityReport, **selection: Any) -> AppTest:
    """What a table reports when a row of it is chosen."""
    key = f"quality:{name}:{report.created}:{report.version}"
    assert key in at.session_state, "it is not on the page"
    at.session_state[key] = {"selection": selection}
    at.run()
    assert not at.exception
    return at


def view_of(ws: Workspace) -> MapView:
    """A map without points, the descriptions of the first relations on a line."""
    none = Codes((), np.zeros(0, np.uint8))
    marks = tuple(
        Landmark(relation.id, direction, d.facet, d.text, 1000 * n, 2000 * n)
        for n, relation in enumerate(ws.catalogue.relations[:4], 1)
        for direction in relation.directions
        for d in relation.descriptions
    )
    empty = np.zeros(0, np.uint16)
    return MapView(
        "tiny", "2026-01-01T00:00:00+00:00", np.zeros(0, "S16"), empty, empty, empty,
        none, none, none, none, none, empty, empty, marks, (), np.zeros((4, 4), np.uint8),
        1.0, 0, 0, False,
    )  # fmt: skip


# --- the report --------------------------------------------------------------------------


def test_without_a_report_it_is_offered_and_started(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("ROC_WORKSPACE", str(make(tmp_path, read=False)))
    started: list[tuple[str, dict]] = []
    monkeypatch.setattr(Workspace, "start_job", lambda self, kind, **p: started.append((kind, p)))
    at = open_tab(TAB)
    assert "measured in the background" in texts(at)
    button(at, "Measure the descriptions").click().run()
    assert started == [("quality", {})]


def test_its_progress_and_failure_are_told(page, monkeypatch) -> None:
    jobs = [Job(7, "quality", "Quality", "running", {}, done=5, total=20, stage="Judging")]
    monkeypatch.setattr(Workspace, "jobs", lambda self, limit=50: tuple(jobs))
    monkeypatch.setattr(Workspace, "job", lambda self, id: jobs[0])
    at = page()
    assert [bar.proto.value for bar in at.main.get("progress")] == [25]
    assert not [b for b in at.button if b.key == "quality:start"]
    jobs[0] = replace(jobs[0], state="failed", error="The disk is full.")
    assert "The disk is full." in texts(at.run())


@pytest.mark.parametrize("part", PARTS)
def test_every_reading_of_a_real_report_draws(page, ws, part: str) -> None:
    at = page(part)
    assert PARTS[part].question in texts(at)
    assert f"Measured with tiny on {ws.quality_report().items} items" in texts(at)


def test_an_outdated_report_says_so(page, told, monkeypatch) -> None:
    old = replace(told, outdated=True)
    monkeypatch.setattr(Workspace, "quality_report", lambda self: old)
    at = page()
    assert "are others now than when this was measured" in texts(at)
    assert button(at, "Measure again")


# --- relations that lie close ------------------------------------------------------------


def test_a_pair_of_the_list_shows_the_items_between(page, ws, told, monkeypatch) -> None:
    ids = tuple(item.id for item in ws.items(limit=4).items)
    what_if = type(ws.what_if(told.rivals[0].first))
    monkeypatch.setattr(what_if, "items_between", lambda self, first, second: ids)
    at = choose(page(), "rivals", told, rows=[0])
    said = texts(at).replace("\\", "")
    first, second = (ws.catalogue.get(id) for id in (told.rivals[0].first, told.rivals[0].second))
    assert f"**{first.name}** and **{second.name}**: similarity 0.93, 4 items between" in said
    assert "merge them" in said
    links = [e.proto.query_string for e in at.main.get("page_link")]
    assert links == [f"item={id}" for id in ids]
    button(at, "Select all 4 items").click().run()
    assert at.session_state["selection"] == ids
    assert at.session_state["selection:origin"] == (
        f"Relations: between {first.name} and {second.name}"
    )


def test_the_items_between_are_a_queue(page, ws, told, monkeypatch) -> None:
    ids = tuple(item.id for item in ws.items(limit=4).items)
    what_if = type(ws.what_if(told.rivals[0].first))
    monkeypatch.setattr(what_if, "items_between", lambda self, first, second: ids)
    at = choose(page(), "rivals", told, rows=[0])
    button(at, "Go through them").click().run()
    assert not at.exception
    assert at.session_state["selection"] == ids
    assert at.session_state["annotate:kind"] == "selection"


def test_items_between_two_real_rivals(page, ws) -> None:
    report = ws.quality_report()
    at = choose(page(), "rivals", report, rows=[0])
    pair = report.rivals[0]
    found = ws.what_if(pair.first).items_between(pair.first, pair.second)
    links = [e.proto.query_string for e in at.main.get("page_link")]
    assert links == [f"item={id}" for id in found[:5]]


def test_a_relation_that_is_gone_is_named_all_the_same(page, told) -> None:
    at = choose(page(), "rivals", told, rows=[1])
    assert "/gone" in texts(at).replace("\\", "")
    assert "told apart well" in texts(at)


def test_a_mark_on_the_map_is_a_pair(page, ws, told, monkeypatch) -> None:
    view = view_of(ws)
    monkeypatch.setattr(Workspace, "map_of", lambda self, version="": view)
    at = page()
    pair = told.rivals[0]
    points = [{"customdata": [pair.first, pair.second]}]
    choose(at, f"rivals-map:{view.created}:False", told, points=points)
    assert f"**{ws.catalogue.get(pair.first).name}** and" in texts(at).replace("\\", "")
    button(at, f"Open “{ws.catalogue.get(pair.second).name}").click().run()
    assert at.session_state["relations:chosen"] == pair.second
    assert at.session_state["relations:tab"] == "Relations"


def test_without_a_map_it_can_be_drawn(page, told, monkeypatch) -> None:
    def none(self: Workspace, version: str = "") -> MapView:
        raise ProjectionMissing("a map", "none", "Start the job 'map'.")

    started: list[str] = []
    monkeypatch.setattr(Workspace, "map_of", none)
    monkeypatch.setattr(Workspace, "start_job", lambda self, kind, **p: started.append(kind))
    button(page(), "Draw the map").click().run()
    assert started == ["map"]


# --- the other readings ------------------------------------------------------------------


def test_a_hub_opens_its_relation(page, ws, told) -> None:
    at = choose(page("Hubs"), "hubs", told, rows=[0])
    (frame,) = (e.value for e in at.main.dataframe)
    text = ws.catalogue.relations[0].descriptions[0].text
    assert (list(frame["description"]), list(frame["share wrong"])) == ([text], [0.4])
    button(at, "Open “").click().run()
    assert at.session_state["relations:chosen"] == ws.catalogue.relations[0].id


def test_gaps_are_listed_by_relation_and_selected(page, ws, told) -> None:
    at = page("Gaps")
    first = told.gaps[0]
    links = [e.proto.query_string for e in at.main.get("page_link")]
    assert links == [f"item={gap.item}" for gap in told.gaps[:10]]
    assert "nearest description of its relation: 0.10" in texts(at).replace("\\", "")
    at.selectbox(key="quality:gaps").set_value(first.relation).run()
    own = tuple(gap.item for gap in told.gaps if gap.relation == first.relation)
    button(at, "Select ").click().run()
    assert at.session_state["selection"] == own


def test_an_item_that_was_erased_leaves_the_others(page, ws, told, monkeypatch) -> None:
    gone = replace(told, gaps=(Gap("f" * 16, "None", 0.0), *told.gaps[:2]))
    monkeypatch.setattr(Workspace, "quality_report", lambda self: gone)
    links = [e.proto.query_string for e in page("Gaps").main.get("page_link")]
    assert links == [f"item={gap.item}" for gap in told.gaps[:2]]


def test_a_problem_of_style_opens_its_relation(page, ws, told) -> None:
    at = choose(page("Style"), "style", told, rows=[0])
    (frame,) = (e.value for e in at.main.dataframe)
    assert list(frame["problem"]) == ["It has 2 words."]
    button(at, "Open “").click().run()
    assert at.session_state["relations:chosen"] == ws.catalogue.relations[1].id


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ("Confusable", "No two relations lie close."),
        ("Robustness", "No relation has labelled items yet."),
        ("Hubs", "No description wins far more often than others."),
        ("Gaps", "Every labelled item has a description near to it."),
        ("Style", "No description breaks a rule of length or style."),
    ],
)
def test_nothing_found_is_said(page, told, monkeypatch, part: str, said: str) -> None:
    none = replace(told, rivals=(), robustness=(), hubs=(), gaps=(), style=())
    monkeypatch.setattr(Workspace, "quality_report", lambda self: none)
    assert said in texts(page(part))


def test_a_start_that_fails_says_why(page, monkeypatch) -> None:
    def refuse(self, kind, **parameters):
        raise StoreUnavailable("a database to write", "a full disk", "Free some space.")

    monkeypatch.setattr(Workspace, "start_job", refuse)
    assert "Free some space." in texts(button(page(), "Measure again").click().run())
