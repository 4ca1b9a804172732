"""Properties of the parts that need no page: cards, marks, boxes, the marker's reports."""

from __future__ import annotations

import html
import re

import streamlit as st
from hypothesis import given
from hypothesis import strategies as some

from app.components import boxes, cards, span_marker
from app.views.marks import carried, moved
from app.views.words import escaped, how_close, sentence_of, shorten
from roc_core.schema import (
    Box,
    Description,
    DescriptionScore,
    Example,
    Mention,
    RankedRelation,
    Relation,
    Span,
)

sentences = some.text(min_size=2, max_size=60)


@some.composite
def marked(draw):
    sentence = draw(sentences)
    start = draw(some.integers(0, len(sentence) - 1))
    return sentence, Span(start, draw(some.integers(start + 1, len(sentence))))


@given(marked())
def test_a_highlighted_sentence_loses_no_character(pair):
    sentence, span = pair
    drawn = cards.sentence(sentence, (Mention(span), None))
    assert html.unescape(re.sub(r"<[^>]*>", "", drawn)) == sentence
    inside = re.search(r'<span class="roc-m1">(.*?)</span>', drawn, re.DOTALL)
    assert inside
    assert html.unescape(inside.group(1)) == span.of(sentence)


@given(marked(), some.text(max_size=10))
def test_text_typed_after_a_mark_leaves_it_in_place(pair, typed):
    sentence, span = pair
    assert moved(span, sentence, sentence + typed) == span


@given(marked(), some.text(max_size=10))
def test_a_carried_mark_always_covers_the_same_text(pair, other):
    sentence, span = pair
    for after in (other + sentence, sentence[: span.start] + other + sentence[span.start :], other):
        kept = moved(span, sentence, after)
        assert kept is None or kept.of(after) == span.of(sentence)


def test_a_mark_moves_with_text_typed_before_it():
    assert moved(Span(4, 7), "met Bob", "Ann met Bob") == Span(8, 11)


def test_marks_that_would_fall_together_leave_one():
    pair = (Mention(Span(0, 3)), Mention(Span(4, 7)))
    first, second = carried(pair, "Bob Bob", "Bob")
    assert [m for m in (first, second) if m] != []
    assert first is None or second is None or first.place != second.place


@given(some.floats(0, 900), some.floats(0, 500), some.floats(20, 300), some.floats(20, 200))
def test_a_box_comes_back_at_three_scales(left, top, width, height):
    box = Box(left, top, min(left + width, 1000.0), min(top + height, 600.0))
    for shown in (300, 460, 600):
        fit = boxes.fit(1000, 600, shown, 1000)
        back = fit.to_source(fit.to_canvas(box, "1"))
        assert back is not None
        assert boxes.close(box, back, fit)


def test_a_slipped_click_is_no_box():
    fit = boxes.fit(100, 100, 100, 100)
    assert fit.to_source({"left": 5, "top": 5, "width": 2, "height": 30}) is None


def test_a_box_is_cut_at_the_picture_s_edge():
    fit = boxes.fit(200, 100, 100, 100)
    raw = {"left": -5, "top": 10, "width": 500, "height": 20}
    assert fit.to_source(raw) == Box(0, 20, 200, 60)


FIELDS = ["marks", "seq", "token", "active", "session", "base"]
json_values = some.recursive(
    some.none() | some.booleans() | some.integers() | some.text(max_size=5),
    lambda inner: (
        some.lists(inner, max_size=3)
        | some.dictionaries(
            some.sampled_from(["marks", "seq", "token", "active", "session", "base"]), inner
        )
    ),
    max_leaves=8,
)


@given(json_values)
def test_a_report_that_is_not_one_is_dropped(raw):
    st.session_state["odd"] = {"marks": raw}
    found = span_marker.reported("odd", "Ann met Bob")
    assert found is None or all(
        place is None or place == "box" or place.end <= 11 for place in found.places
    )


def ranked(score: float, line: float) -> RankedRelation:
    description = Description("d", "r", "definition", "{head} <i>sings</i> for {tail}.")
    return RankedRelation(
        "r", "backward", score, line, (DescriptionScore(description, score, 1.0),)
    )


RELATION = Relation("r", "member of", "is a member of", "person", "organization", False, ())


def test_direction_in_words_names_head_first():
    assert sentence_of(RELATION, "forward", ("Katy Perry", "the band")) == (
        "Katy Perry → member of → the band"
    )
    assert sentence_of(RELATION, "backward", ("the band", "Katy Perry")) == (
        "Katy Perry → member of → the band"
    )


def test_how_close_follows_the_line():
    words = [how_close(ranked(score, 0.5)) for score in (0.7, 0.5, 0.45, 0.2)]
    assert words == [
        "well above its line",
        "just above its line",
        "just below its line",
        "far below its line",
    ]


@given(some.text(alphabet=some.characters(codec="utf-8"), max_size=40))
def test_escaped_text_has_no_bare_markdown(text):
    assert re.sub(r"\\(.)", r"\1", escaped(text), flags=re.DOTALL) == text
    assert not re.search(r"(?<!\\)(?:\\\\)*[*_`\[<$]", escaped(text))


@given(some.text(max_size=200))
def test_shortened_text_fits(text):
    assert len(shorten(text, 20)) <= 20
    assert "\n" not in shorten(text, 20)


def test_a_card_escapes_names_and_descriptions():
    example = Example("<b>A & B", (Mention(Span(0, 4)), Mention(Span(7, 8))))
    drawn = cards.card(1, ranked(0.6, 0.5), RELATION, example)
    assert "<b>A" not in drawn
    assert "&lt;b&gt;A" in drawn
    assert "&lt;i&gt;sings" in drawn
    assert "roc-passes" in drawn
    assert "0.60" in drawn
