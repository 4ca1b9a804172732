"""Places, mentions and examples: one canonical order, and every refusal's words."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from roc_core.errors import PictureMissing, RocError, ValueRejected
from roc_core.schema import ENTITY_TYPES, Box, Example, Mention, Span, direction_of

SENTENCE = "Ana joins the Old Band in Lyon"
PICTURE = Path("a.jpg")

edges = st.lists(st.integers(0, 30), min_size=2, max_size=2, unique=True).map(sorted)
spans = edges.map(lambda e: Span(e[0], e[1]))
boxes = st.tuples(edges, edges).map(lambda e: Box(e[0][0], e[1][0], e[0][1], e[1][1]))
types = st.sampled_from([None, *ENTITY_TYPES])
mentions = st.builds(Mention, spans | boxes, types)


def example(*places: Span | Box, picture: Path | None = PICTURE) -> Example:
    return Example(SENTENCE, tuple(Mention(p) for p in places), picture)  # type: ignore[arg-type]


def refusal(kind: type[RocError], build: Any, *args: Any, **named: Any) -> str:
    with pytest.raises(kind) as caught:
        build(*args, **named)
    return str(caught.value)


@given(mentions, mentions)
def test_any_order_gives_the_same_example(one: Mention, two: Mention) -> None:
    assume(one.place != two.place)
    there = Example(SENTENCE, (one, two), PICTURE)
    back = Example(SENTENCE, (two, one), PICTURE)
    assert there == back
    assert there.mentions == back.mentions
    assert {there.first, there.second} == {one, two}
    assert there.first.order < there.second.order


@given(mentions, mentions)
def test_text_comes_before_boxes_and_left_before_right(one: Mention, two: Mention) -> None:
    assume(one.place != two.place)
    first, second = (m.place for m in Example(SENTENCE, (one, two), PICTURE).mentions)
    if isinstance(first, Span) and isinstance(second, Span):
        assert (first.start, first.end) < (second.start, second.end)
    elif isinstance(first, Box) and isinstance(second, Box):
        assert dataclasses.astuple(first) < dataclasses.astuple(second)
    else:
        assert isinstance(first, Span)
        assert isinstance(second, Box)


@given(mentions, mentions)
def test_direction_turns_with_head_and_tail(one: Mention, two: Mention) -> None:
    assume(one.place != two.place)
    made = Example(SENTENCE, (one, two), PICTURE)
    assert direction_of(made.first, made.second) == "forward"
    assert direction_of(made.second, made.first) == "backward"


@given(spans)
def test_a_span_cuts_code_points(span: Span) -> None:
    text = "a👩‍👧é漢" * 10
    assert span.of(text) == "".join(list(text)[span.start : span.end])
    assert len(span.of(text)) == span.end - span.start


@pytest.mark.parametrize(("start", "end"), [(3, 3), (4, 2), (-1, 2)])
def test_a_span_is_not_empty_and_not_negative(start: int, end: int) -> None:
    assert refusal(ValueRejected, Span, start, end) == (
        f"Expected a span with 0 <= start < end in code points. Found start {start}, end {end}. "
        "Mark at least one character."
    )


@pytest.mark.parametrize(
    "corners",
    [
        (5.0, 0.0, 5.0, 9.0),
        (0.0, 9.0, 5.0, 3.0),
        (-1.0, 0.0, 5.0, 9.0),
        (0.0, 0.0, float("inf"), 9.0),
        (0.0, float("nan"), 5.0, 9.0),
    ],
)
def test_a_box_has_an_area_and_finite_corners(corners: tuple[float, ...]) -> None:
    left, top, right, bottom = corners
    assert refusal(ValueRejected, Box, *corners) == (
        "Expected a box with 0 <= left < right and 0 <= top < bottom in source pixels. "
        f"Found left {left}, top {top}, right {right}, bottom {bottom}. "
        "Draw the box inside the picture, from one corner to the opposite one."
    )


def test_an_area_is_width_times_height() -> None:
    assert Box(10, 20, 13, 24.5).area == 13.5


def test_an_unknown_type_is_refused() -> None:
    assert refusal(ValueRejected, Mention, Span(0, 3), "animal") == (
        "Expected an entity type, one of person, organization, location, thing, or none. "
        "Found 'animal'. Choose one of them or leave the type out."
    )


@pytest.mark.parametrize("count", [0, 1, 3])
def test_an_example_has_two_mentions(count: int) -> None:
    places = [Span(i, i + 1) for i in range(count)]
    assert refusal(ValueRejected, example, *places) == (
        f"Expected exactly two mentions. Found {count}. Mark two entities."
    )


def test_two_mentions_are_two_places() -> None:
    assert refusal(ValueRejected, example, Span(0, 3), Span(0, 3)) == (
        "Expected two different places. Found Span(start=0, end=3) twice. "
        "Mark the second entity elsewhere."
    )


def test_a_span_ends_inside_the_sentence() -> None:
    assert example(Span(0, 3), Span(26, len(SENTENCE))).names() == ("Ana", "Lyon")
    assert refusal(ValueRejected, example, Span(0, 3), Span(26, 31)) == (
        "Expected a span inside the sentence of 30 code points. Found start 26, end 31. "
        "Mark the entity again; offsets count code points, end exclusive."
    )


def test_a_box_needs_a_picture() -> None:
    assert refusal(PictureMissing, example, Span(0, 3), Box(0, 0, 5, 5), picture=None) == (
        "Expected a picture, because a mention is a box. Found no picture. "
        "Add the picture or mark the entity in the sentence."
    )


def test_names_tell_two_boxes_apart() -> None:
    left, right = Box(0, 0, 5, 5), Box(6, 0, 9, 5)
    assert example(Span(14, 22), Span(0, 3)).names() == ("Ana", "Old Band")
    assert example(left, Span(0, 3)).names() == ("Ana", "the box")
    assert example(right, left).names() == ("the first box", "the second box")


def test_with_types_changes_types_alone() -> None:
    before = Example(SENTENCE, (Mention(Span(0, 3), "person"), Mention(Span(26, 30))), PICTURE, "c")
    after = before.with_types(None, "location")
    assert [m.type for m in after.mentions] == [None, "location"]
    assert [m.place for m in after.mentions] == [m.place for m in before.mentions]
    assert after.with_types("person", None) == before


@pytest.mark.parametrize(
    ("value", "field"),
    [
        (Span(0, 1), "start"),
        (Box(0, 0, 1, 1), "left"),
        (Mention(Span(0, 1)), "type"),
        (example(Span(0, 1), Span(2, 3)), "sentence"),
    ],
    ids=["span", "box", "mention", "example"],
)
def test_values_are_frozen(value: Any, field: str) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(value, field, None)
    assert hash(value) == hash(dataclasses.replace(value))


def test_a_picture_given_as_text_becomes_a_path() -> None:
    made = Example(SENTENCE, (Mention(Span(0, 1)), Mention(Span(2, 3))), "a.jpg")  # type: ignore[arg-type]
    assert made == example(Span(0, 1), Span(2, 3))
    assert isinstance(made.picture, Path)
