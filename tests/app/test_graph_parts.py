"""Properties of the Graph page's parts that need no page: reports, marks, boxes, pairs."""

from __future__ import annotations

import streamlit as st
from hypothesis import given
from hypothesis import strategies as some

from app.components import boxes, many_boxes, mention_marker
from app.components.mention_marker import Marks
from app.views import graph_desk, graph_pairs
from roc_core.schema import MOST_MENTIONS, Box, GraphDraft, Mention, Span

spans = some.builds(lambda a, n: Span(a, a + n), some.integers(0, 20), some.integers(1, 9))
rectangles = some.builds(
    lambda x, y: Box(x, y, x + 40.5, y + 30.25), some.floats(0, 500), some.floats(0, 300)
)
places = some.lists(some.one_of(spans, rectangles), max_size=MOST_MENTIONS, unique=True)
FIELDS = ["marks", "seq", "token", "session", "base"]
json_values = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(max_size=5),
    lambda inner: (
        some.lists(inner, max_size=3) | some.dictionaries(some.sampled_from(FIELDS), inner)
    ),
    max_leaves=12,
)


@given(json_values)
def test_a_report_that_is_not_one_is_dropped(raw):
    st.session_state["odd"] = {"marks": raw}
    found = mention_marker.reported("odd", "Ann met Bob")
    assert found is None or all(isinstance(p, str) or p.end <= 11 for p in found.places)


def marks(found, base=()):
    return Marks("t", "s", 1, tuple(found), tuple(base))


@given(places)
def test_what_is_reported_unchanged_changes_nothing(found):
    mentions = graph_desk.in_order(Mention(p, "thing") for p in found)
    said = mention_marker.places_of(mentions)
    assert mention_marker.applied(mentions, marks(said, said)) == mentions


@given(places, spans)
def test_a_new_span_is_added_and_boxes_stay(found, new):
    mentions = graph_desk.in_order(Mention(p, "thing") for p in found)[: MOST_MENTIONS - 1]
    said = mention_marker.places_of(mentions)
    after = mention_marker.applied(mentions, marks((*said, new), said))
    assert {m.place for m in after} == {m.place for m in mentions} | {new}
    assert [m.order for m in after] == sorted(m.order for m in after)


@given(some.lists(rectangles, min_size=1, max_size=5, unique_by=lambda b: (b.left, b.top)))
def test_a_cleared_box_goes_and_one_drawn_meanwhile_stays(found):
    mentions = graph_desk.in_order(Mention(b) for b in found)
    base = mention_marker.places_of(mentions[:1])
    after = mention_marker.applied(mentions, marks((), base))
    assert after == mentions[1:]


@given(places, some.text(max_size=20), some.text(max_size=20))
def test_carried_marks_cover_the_same_text(found, before, after):
    inside = [p for p in found if isinstance(p, Box) or p.end <= len(before)]
    mentions = graph_desk.in_order(Mention(p) for p in inside)
    kept = graph_desk.carried(mentions, before, after)
    assert [m for m in kept if isinstance(m.place, Box)] == [
        m for m in mentions if isinstance(m.place, Box)
    ]
    texts = {m.place.of(before) for m in mentions if isinstance(m.place, Span)}
    assert {m.place.of(after) for m in kept if isinstance(m.place, Span)} <= texts


@given(some.text(max_size=6) | some.from_regex(r"\d{1,3}-\d{1,3}", fullmatch=True))
def test_an_address_names_a_pair_or_none(text):
    found = graph_desk._numbers(text, 5)
    assert found is None or 0 <= found[0] < found[1] < 5


def test_a_pair_in_an_address():
    assert graph_desk._numbers("2-5", 5) == (1, 4)
    assert graph_desk._numbers("5-2", 5) == (1, 4)
    assert [graph_desk._numbers(t, 5) for t in ("", "2", "2-2", "2-6", "0-1", "²-5")] == [None] * 6


@given(json_values)
def test_a_click_names_a_pair_or_none(value):
    for points in ([{"customdata": value}], [{}, {"customdata": value}]):
        found = graph_pairs._pair_of(points)
        assert found is None or 0 <= found[0] < found[1]


def test_a_late_word_of_the_draft_before_is_not_heard():
    held = GraphDraft("now", sentence="Ann met Bob")
    st.session_state["graph:draft"] = held
    assert graph_desk.is_current("now")
    assert not graph_desk.is_current("before")
    graph_desk.set_picture_text(None, "before", "a stage")
    assert st.session_state["graph:draft"] == held


def test_a_click_on_a_mention_is_no_pair():
    assert graph_pairs._pair_of([{"curve_number": 1}]) is None
    assert graph_pairs._pair_of([{"curve_number": 1}, {"customdata": [0, 2]}]) == (0, 2)
    assert graph_pairs._pair_of([{"customdata": {"0": 1, "1": 3}}]) == (1, 3)


@given(some.lists(rectangles, max_size=5))
def test_boxes_that_come_back_are_the_known_ones(known):
    fit = boxes.fit(600, 400, 460, 230)
    drawn = [fit.to_source(fit.to_canvas(b, "1")) for b in known]
    back = many_boxes.matched([b for b in drawn if b], known, fit)
    assert all(b in known for b in back)
    assert many_boxes.matched([Box(590, 390, 600, 400)], known[:1], fit) == (
        Box(590, 390, 600, 400),
    )
