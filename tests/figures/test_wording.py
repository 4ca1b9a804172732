"""Figures and tables of descriptions hold what they were given, names as text."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import numpy as np
import pytest

from roc_core import figures
from roc_core.figures.wording import PAIRS_DRAWN
from roc_core.schema import (
    Codes,
    Hub,
    Landmark,
    MapView,
    Rivals,
    Robustness,
    StyleProblem,
)

NAMES = {"a": "peer <b>", "b": "member of", "c": "place of birth"}
TEXTS = {"a#wording-2": "two <i>equals</i>"}
MARKS = (
    Landmark("a", "both", "definition", "one", 100, 200),
    Landmark("a", "both", "wording", "two", 300, 400),
    Landmark("b", "forward", "definition", "three", 1000, 2000),
    Landmark("c", "forward", "definition", "four", 5000, 6000),
)
CODES = Codes(("right",), np.zeros(3, int))
VIEW = MapView(
    "mini", "2026-01-01T00:00:00+00:00", np.array([b"1", b"2", b"3"], "S16"),
    np.zeros(3, np.uint16), np.zeros(3, np.uint16), np.zeros(3, bool),
    CODES, CODES, CODES, CODES, CODES, np.zeros(3), np.zeros(3), MARKS, (),
    np.zeros((4, 4), np.uint8), 1.0, 3, 3, False,
)  # fmt: skip
RIVALS = (Rivals("a", "b", 0.9, 12, "merge"), Rivals("b", "gone", 0.8, 1, "sharpen"))
RANKS = (Robustness("a", 30, 2.5, 3.0), Robustness("gone", 1200, 1.0, 0.0))
HUBS = (Hub("a#wording-2", "a", 40, 30), Hub("b#definition-1", "b", 0, 0))
STYLE = (StyleProblem("a#wording-2", "two", "It has 1 word; 3 to 40 read best."),)

FIGURES = {
    "rivals": lambda dark: figures.rivals_map(VIEW, RIVALS, NAMES, dark),
    "ranks": lambda dark: figures.robustness_dots(RANKS, NAMES, dark),
    "hubs": lambda dark: figures.hub_bars(HUBS, TEXTS, NAMES, dark),
}


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_stays_the_same_and_follows_the_page(name: str, dark: bool) -> None:
    figure = FIGURES[name](dark)
    assert figure.to_json() == FIGURES[name](dark).to_json()
    assert (figure.layout.template.layout.paper_bgcolor == "white") is not dark
    assert "<b>equals" not in figure.to_json()


def marks_of(figure) -> list:
    return [t for t in figure.data if t.type == "scatter" and t.mode == "markers"]


def test_the_map_joins_the_pairs_whose_relations_are_on_it() -> None:
    figure = FIGURES["rivals"](False)
    (marks,) = marks_of(figure)
    assert [tuple(pair) for pair in marks.customdata] == [("a", "b")]
    assert (marks.x, marks.y) == ((550.0,), (1100.0,)), "half way between the names"
    assert "peer &lt;b&gt;" in marks.text[0]
    assert "12 items between them" in marks.text[0]
    (line,) = (t for t in figure.data if t.type == "scatter" and t.mode == "lines")
    assert (line.x, line.y) == ((100, 1000), (200, 2000))
    diamonds = [t for t in figure.data if t.name == "relation descriptions"]
    assert {len(t.x) for t in diamonds} == {2, 3}, "c has no rival, so it is not drawn"


def test_advice_has_a_colour_of_its_own_and_is_said_in_the_legend() -> None:
    pairs = (RIVALS[0], Rivals("b", "c", 0.5, 1, ""), Rivals("a", "c", 0.5, 1, "sharpen"))
    marks = marks_of(figures.rivals_map(VIEW, pairs, NAMES))
    assert [t.name for t in marks] == [
        "merge these two?", "sharpen their descriptions?", "near, told apart well",
    ]  # fmt: skip
    assert len({t.marker.color for t in marks}) == 3


def test_a_map_of_very_many_pairs_draws_the_first_ones() -> None:
    many = tuple(replace(RIVALS[0], similarity=0.9 - n / 1000) for n in range(PAIRS_DRAWN + 60))
    (marks,) = marks_of(figures.rivals_map(VIEW, many, NAMES))
    assert len(marks.customdata) == PAIRS_DRAWN


def test_a_map_without_landmarks_is_a_map_all_the_same() -> None:
    assert not marks_of(figures.rivals_map(replace(VIEW, landmarks=()), RIVALS, NAMES))


def test_a_rank_is_never_drawn_below_the_first() -> None:
    (dots,) = FIGURES["ranks"](False).data
    assert dots.x == (2.5, 1.0)
    assert dots.error_x.array == (3.0, 0.0)
    assert dots.error_x.arrayminus == (1.5, 0.0)
    assert FIGURES["ranks"](False).layout.yaxis.ticktext == ("peer &lt;b&gt; (30)", "gone (1,200)")


def test_hubs_are_parted_into_right_and_wrong() -> None:
    right, wrong = FIGURES["hubs"](False).data
    assert (right.x, wrong.x) == ((10, 0), (30, 0))
    assert FIGURES["hubs"](False).layout.yaxis.ticktext == (
        "peer &lt;b&gt;, wording 2", "member of, definition 1",
    )  # fmt: skip
    assert "two &lt;i&gt;equals&lt;/i&gt;" in right.hovertext[0]


def test_tables_say_the_same_in_words() -> None:
    assert figures.rivals_table(RIVALS, NAMES).rows[0] == (
        "peer <b>", "member of", "merge?", 12, 0.9,
    )  # fmt: skip
    assert figures.robustness_table(RANKS, NAMES).rows[1] == ("gone", 1200, 1.0, 0.0)
    hubs = figures.hubs_table(HUBS, TEXTS, NAMES)
    assert hubs.rows[0] == ("peer <b>", "two <i>equals</i>", 40, 30, 0.75)
    assert hubs.rows[1] == ("member of", "b#definition-1", 0, 0, None)
    (row,) = csv.DictReader(io.StringIO(figures.style_table(STYLE, NAMES).csv().decode()))
    assert row == {"relation": "peer <b>", "description": "two", "problem": STYLE[0].problem}
