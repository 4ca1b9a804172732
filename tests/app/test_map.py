"""The Map page from no map to a selection that is opened and downloaded; the drawer of jobs."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.components import cards
from app.views import map as map_view
from app.views.jobs import progress_words, seconds_said
from app.views.selection import items_in_order
from app.views.selection_file import COLUMNS, as_csv, as_jsonl
from roc_core import datasets
from roc_core.errors import ItemMissing, ProjectionMissing, StoreUnavailable
from roc_core.schema import (
    Codes,
    Example,
    Item,
    ItemFilter,
    Job,
    Label,
    MapPoint,
    MapView,
    Mention,
    Provenance,
    Reading,
    ReadingState,
    Record,
    Span,
)
from roc_core.workspace import Workspace
from tests.app.steps import button, texts

POINT = MapPoint("", 1, 2, "None", "None", "right", "? – ?", "", 0.25, -0.5, False)


def plain(points: int) -> Codes:
    return Codes(("right",), np.zeros(points, int))


def view_of(ws: Workspace, points: int = 40) -> MapView:
    """A map of the first items, laid out on a line."""
    items = ws.items(limit=points).items
    codes = plain(points)
    places = np.arange(points, dtype=np.uint16)
    return MapView(
        version=ws.model_version,
        created="2026-01-01T00:00:00+00:00",
        items=np.array([i.id for i in items], "S16"),
        xs=places,
        ys=places,
        placed=np.zeros(points, bool),
        label=codes,
        prediction=codes,
        outcome=codes,
        types=codes,
        annotator=codes,
        scores=np.zeros(points, np.float16),
        margins=np.zeros(points, np.float16),
        landmarks=(),
        regions=(),
        density=np.zeros((4, 4), np.uint8),
        aspect=1.0,
        total=points + 3,
        known=points,
        sampled=False,
    )


@pytest.fixture
def map_page(open_app, ws, monkeypatch):
    """Opens the page with this map (None: there is none) and these jobs."""

    def run(view: MapView | None, *jobs: Job):
        def map_of(self: Workspace, version: str = "") -> MapView:
            if view is None:
                raise ProjectionMissing("a map", "none", "Start the job 'map'.")
            return view

        monkeypatch.setattr(Workspace, "map_of", map_of)
        monkeypatch.setattr(Workspace, "jobs", lambda self, limit=50: jobs)
        monkeypatch.setattr(Workspace, "job", lambda self, id: jobs[0])
        at = open_app()
        at.switch_page("../pages/map.py").run()
        assert not at.exception
        return at

    return run


def job(ws: Workspace, state: str, **fields) -> Job:
    return Job(7, "map", "Map of all items", state, {"version": ws.model_version}, **fields)


def select(at, *rows: int):
    """What the chart reports for a lasso around these rows and one landmark."""
    points = [{"customdata": row} for row in rows] + [{"curve_number": 9}]
    at.session_state[at.session_state["map:key"]] = {"selection": {"points": points}}
    return at.run()


def test_without_a_map_it_is_offered_and_started(map_page, monkeypatch) -> None:
    started: list[tuple[str, dict]] = []
    monkeypatch.setattr(Workspace, "start_job", lambda self, kind, **p: started.append((kind, p)))
    at = map_page(None)
    assert "No map yet: draw it." in texts(at)
    assert "The axes have no meaning; near means similar." in texts(at)
    button(at, "Draw the map").click().run()
    assert started == [("map", {})]


def test_a_start_that_fails_says_why(map_page, monkeypatch) -> None:
    def refuse(self, kind, **parameters):
        raise StoreUnavailable("a database to write", "a full disk", "Free some space.")

    monkeypatch.setattr(Workspace, "start_job", refuse)
    at = button(map_page(None), "Draw the map").click().run()
    assert not at.exception
    assert "Free some space." in texts(at)


def test_progress_is_on_the_page_and_in_the_drawer(map_page, ws, monkeypatch) -> None:
    cancelled: list[int] = []
    monkeypatch.setattr(Workspace, "cancel_job", lambda self, id: cancelled.append(id))
    running = job(ws, "running", done=50, total=200, stage="Reading pairs", seconds_left=30.0)
    at = map_page(None, running)
    bars = at.get("progress")
    assert [bar.proto.value for bar in bars] == [25, 25]
    assert {bar.proto.text for bar in bars} == {"Reading pairs, 50 of 200, about 30 s left"}
    assert "No map yet" not in texts(at)
    at.button(key="jobs:cancel:map:7").click().run()
    assert cancelled == [7]


def test_the_drawer_is_on_other_pages_and_absent_without_jobs(map_page, ws) -> None:
    at = map_page(None, job(ws, "queued"))
    at.switch_page("../pages/data.py").run()
    assert [e.label for e in at.sidebar.expander] == ["Work in progress"]
    assert [b.proto.text for b in at.get("progress")] == ["Waiting for its turn"]
    assert not map_page(None).sidebar.expander


def test_a_failed_drawing_says_why_and_can_be_started_again(map_page, ws) -> None:
    at = map_page(None, job(ws, "failed", error="Found 3. Add some items first."))
    assert "The map could not be drawn." in texts(at)
    assert "Found 3. Add some items first." in texts(at)
    assert button(at, "Draw the map")


def test_a_selection_lists_its_items_to_open(map_page, ws) -> None:
    view = view_of(ws)
    at = map_page(view)
    assert "Draw around points to select them" in texts(at)
    assert "3 newer items are not on the map; update it to see them." in texts(at)
    assert button(at, "Update the map")
    at = select(at, 3, 1)
    assert "**2 items selected**" in texts(at)
    ids = tuple(view.items[row].decode() for row in (1, 3))
    assert at.session_state["selection"] == ids
    links = [e.proto for e in at.main.get("page_link")]
    assert [link.query_string for link in links] == [f"item={id}" for id in ids]
    assert at.query_params["sel"] == ws.keep_selection(ids).id
    at.selectbox(key="map:colour").set_value("source").run()
    assert at.session_state["selection"] == ids, "another colour keeps it"
    assert at.session_state["map:marked"] == (1, 3)
    at.switch_page("../pages/data.py").run()
    at.switch_page("../pages/map.py").run()
    assert at.session_state["map:marked"] == (1, 3), "another page keeps it"
    before = at.session_state["map:key"]
    button(at, "Clear").click().run()
    assert at.session_state["selection"] == ()
    assert at.session_state["map:marked"] == ()
    assert at.session_state["map:key"] != before, "the chart forgets it, too"


def told(at) -> dict[str, object]:
    """What the page tells the browser to show at the pointer and where to draw a ring."""
    (found,) = [
        json.loads(e.proto.json)
        for e in at.main.get("bidi_component")
        if e.proto.component_name == "roc_pointed"
    ]
    return dict(found)


def test_one_selected_point_is_the_primary_item_and_is_shown(map_page, ws) -> None:
    view = view_of(ws)
    at = select(map_page(view), 5)
    (id,) = at.session_state["selection"]
    assert id == view.items[5].decode() == at.session_state["selection:primary"]
    assert at.query_params["item"] == id
    example = ws.item(id).example
    assert cards.sentence(example.sentence, example.mentions) in [
        e.proto.body for e in at.main.get("html")
    ]
    key = at.session_state["map:key"]
    at.run()
    assert at.session_state["map:key"] == key, "the chart is not drawn anew"
    assert told(at)["ring"] == [5, 5]


def test_a_click_makes_the_item_primary_and_leaves_the_selection(map_page, ws) -> None:
    view = view_of(ws)
    at = select(map_page(view), 1, 2, 3)
    key, ids = at.session_state["map:key"], at.session_state["selection"]
    at.session_state["map:pointed"] = {"clicked": 9}
    at.run()
    assert not at.exception
    assert at.session_state["selection:primary"] == view.items[9].decode()
    assert at.query_params["item"] == view.items[9].decode()
    assert at.session_state["selection"] == ids
    assert at.session_state["map:key"] == key, "the chart is not drawn anew"
    assert told(at)["ring"] == [9, 9]


@pytest.mark.parametrize(("most", "words"), [(15_000, 0), (0, 3)])
def test_the_item_under_the_pointer_is_sent_alone(map_page, ws, monkeypatch, most, words) -> None:
    monkeypatch.setattr(map_view, "READ", most)
    view = view_of(ws)
    at = map_page(view)
    assert (told(at)["row"], told(at)["lines"], told(at)["picture"]) == (None, [], "")
    pictured = ws.items(ItemFilter(picture="with"), limit=1).items[0].id.encode()
    view.items[3] = pictured
    at.session_state["map:pointed"] = {"row": 3}
    at.run()
    assert told(at)["row"] == 3
    assert told(at)["picture"].startswith("data:image/jpeg;base64,")
    assert len(told(at)["lines"]) == words, "words only where the chart has none"
    at.session_state["map:pointed"] = {"row": 40}
    at.run()
    assert told(at)["row"] is None, "there is no such point"


def test_the_primary_item_of_a_link_is_ringed_and_shown(map_page, ws) -> None:
    view = view_of(ws)
    at = map_page(view)
    assert told(at)["ring"] is None
    at.query_params["item"] = view.items[7].decode()
    at.run()
    assert told(at)["ring"] == [7, 7]
    elsewhere = ws.items(offset=60, limit=1).items[0].id
    at.query_params["item"] = elsewhere
    at.run()
    assert told(at)["ring"] is None
    assert "not on this map" in texts(at)


def test_two_versions_are_compared(map_page, ws, monkeypatch) -> None:
    view = view_of(ws)
    at = map_page(view)
    monkeypatch.setattr(Workspace, "readings", lambda self: ())
    at.selectbox(key="map:colour").set_value("compare").run()
    assert "No other model version has answered these items yet." in texts(at)
    used, blind, oracle = (
        ReadingState(Reading(ws.model_version, variant), 40, 40)
        for variant in ("", "without-pictures", "oracle-types")
    )
    monkeypatch.setattr(Workspace, "readings", lambda self: (used, blind, oracle))
    asked: list[Reading] = []

    def compared(self, view: MapView, reading: Reading) -> Codes:
        asked.append(reading)
        return Codes(("both right", "only the other right"), np.arange(len(view)) % 2)

    monkeypatch.setattr(Workspace, "map_agreement", compared)
    at.run()
    assert at.selectbox(key="map:other").options == [f"{ws.model_version} without pictures"]
    names = {t.name for t in at.session_state["map:figure"].data if t.showlegend}
    other = f"{ws.model_version}@without-pictures"
    assert names == {"both right (20)", f"only {other} right (20)"}
    at.run()
    assert asked == [blind.reading], "computed once"


def test_a_long_selection_has_pages(map_page, ws) -> None:
    at = select(map_page(view_of(ws)), *range(12))
    assert "**12 items selected**" in texts(at)
    assert len(at.main.get("page_link")) == 10


@pytest.mark.parametrize("colour", ["label", "prediction", "types", "annotator", "margin"])
def test_every_colour_draws(map_page, ws, colour: str) -> None:
    at = map_page(view_of(ws))
    at.selectbox(key="map:colour").set_value(colour).run()
    assert not at.exception


def test_items_come_in_the_order_asked_for(ws) -> None:
    ids = [item.id for item in ws.items(limit=300).items][::-1]
    assert [item.id for item in items_in_order(ws, ids)] == ids
    assert [item.id for item in items_in_order(ws, ids[:5])] == ids[:5]
    with pytest.raises(ItemMissing, match="0000000000000000"):
        items_in_order(ws, [*ids, "0" * 16])


TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40)


@settings(deadline=None, max_examples=50)
@given(TEXT, TEXT, st.booleans())
def test_jsonl_of_a_selection_can_be_imported(
    tmp_path_factory, middle: str, source: str, labelled: bool
) -> None:
    sentence = f"Anna{middle}Ben"
    spans = Span(0, 4), Span(len(sentence) - 3, len(sentence))
    example = Example(sentence, (Mention(spans[0], "person"), Mention(spans[1])))
    label = Label("/per/per/peer", "both") if labelled else None
    origin = Provenance(source, line=4, order="backward", extra=(("a", '{"b": [1]}'),))
    item = Item("0" * 16, Record(example, label, origin), label)
    path: Path = tmp_path_factory.mktemp("selection") / "selection.jsonl"
    path.write_bytes(as_jsonl([(item, POINT), (item, None)]))
    first, second = datasets.read("jsonl", path)
    for record in (first, second):
        assert (record.example, record.label) == (example, label)
        assert (record.provenance.source, record.provenance.order) == (source, "backward")
    extra = {name: json.loads(value) for name, value in first.provenance.extra}
    assert extra == {
        "a": {"b": [1]}, "item": "0" * 16, "answer": "None", "score": 0.25, "margin": -0.5,
        "outcome": "right",
    }  # fmt: skip
    (row, _) = csv.DictReader(io.StringIO(as_csv([(item, POINT)] * 2).decode(), newline=""))
    assert tuple(row) == COLUMNS
    assert (row["sentence"], row["first"], row["second"]) == (sentence, "Anna", "Ben")
    assert (row["source"], row["margin"]) == (source, "-0.5")


def test_progress_in_words(ws) -> None:
    assert progress_words(job(ws, "running", started="x")) == "Starting, 0 s so far"
    assert progress_words(job(ws, "running", cancelling=True)) == "Stopping"
    assert [seconds_said(s) for s in (40.2, 150, 3900)] == ["40 s", "2 min", "1 h 5 min"]
