"""The figure of a sentence graph shows each pair that passes, an arrow where there is a head."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roc_core.figures import sentence_graph_plot
from roc_core.figures.graph import node_places
from roc_core.schema import (
    Description,
    DescriptionScore,
    Direction,
    Edge,
    Mention,
    Prediction,
    RankedRelation,
    SentenceGraph,
    Span,
    pair_places,
)

NAMES = {"/r": "part of", "/s": "peer <i>of</i>"}
WORDS = ["Ann", "<b>Bob</b>", "the very long name of a company and its branches", "Lima"]
SENTENCE = " ".join(WORDS)


def edge(a: int, b: int, relation: str, direction: Direction, score: float) -> Edge:
    said = DescriptionScore(Description("d", relation, "definition", "x"), score, 1.0)
    return Edge(a, b, Prediction((RankedRelation(relation, direction, score, 0.4, (said,)),), "m"))


def made(scores: list[float], directions: list[Direction] | None = None) -> SentenceGraph:
    """Four mentions; six scores against a line of 0.4."""
    ways: list[Direction] = directions or ["forward", "backward", "both"] * 2
    starts = [SENTENCE.index(word) for word in WORDS]
    mentions = tuple(Mention(Span(s, s + len(w))) for s, w in zip(starts, WORDS, strict=True))
    edges = tuple(
        edge(a, b, "/s" if way == "both" else "/r", way, score)
        for (a, b), score, way in zip(pair_places(4), scores, ways, strict=True)
    )
    return SentenceGraph(SENTENCE, mentions, edges)


GRAPH = made([0.5, 0.3, 0.6, 0.1, 0.45, 0.2])
"""Passing: 1-2 forward, 1-4 both, 2-4 backward."""


def lines(figure: Any) -> list[Any]:
    return [t for t in figure.data if t.mode == "lines"]


def pairs(figure: Any) -> set[tuple[int, int]]:
    (touch,) = [t for t in figure.data if t.name == "pairs"]
    return {(int(a), int(b)) for a, b in touch.customdata or ()}


def arrows(figure: Any) -> list[Any]:
    return [a for a in figure.layout.annotations if a.showarrow]


def written(figure: Any) -> list[str]:
    return [a.text for a in figure.layout.annotations if not a.showarrow]


def test_only_what_passes_unless_asked() -> None:
    figure = sentence_graph_plot(GRAPH, NAMES)
    assert pairs(figure) == {(0, 1), (0, 3), (1, 3)}
    assert {line.line.dash for line in lines(figure)} == {"solid"}
    every = sentence_graph_plot(GRAPH, NAMES, below=True)
    assert pairs(every) == set(pair_places(4))
    assert [line.line.dash for line in lines(every)].count("dash") == 3


def test_arrows_point_at_the_tail() -> None:
    places = node_places(4)
    found = arrows(sentence_graph_plot(GRAPH, NAMES))
    # 1-2 forward ends at the second mention, 2-4 backward at its first, which is the second, too.
    assert [(a.x, a.y) for a in found] == [places[1], places[1]]
    for arrow in found:
        assert (arrow.ax, arrow.ay) != (arrow.x, arrow.y)


def test_the_chosen_pair_is_drawn_and_coloured_in_any_case() -> None:
    figure = sentence_graph_plot(GRAPH, NAMES, chosen=(2, 3))
    assert (2, 3) in pairs(figure)
    assert "<b>peer &lt;i&gt;of&lt;/i&gt;</b>" in written(figure)
    (nodes,) = [t for t in figure.data if t.name == "mentions"]
    colours = nodes.marker.color
    assert colours[0] == colours[1]
    assert len(set(colours)) == 3


def test_names_are_cut_and_safe() -> None:
    said = written(sentence_graph_plot(GRAPH, NAMES))
    assert "&lt;b&gt;Bob&lt;/b&gt;" in said
    assert "the very long name…" in said
    assert "the very long…" in written(sentence_graph_plot(GRAPH, NAMES, width=360))


def test_hover_says_what_and_how_close() -> None:
    figure = sentence_graph_plot(GRAPH, NAMES, below=True)
    (touch,) = [t for t in figure.data if t.name == "pairs"]
    said = dict(zip(map(tuple, touch.customdata), touch.hovertext, strict=True))
    assert said[1, 3] == (
        "<b>Lima</b> → part of → <b>&lt;b&gt;Bob&lt;/b&gt;</b><br>score 0.45, 0.05 above its line"
    )
    assert said[0, 2].startswith("none of these; closest: ")
    assert said[0, 2].endswith("score 0.30, 0.10 below its line")


@pytest.mark.parametrize("dark", [False, True])
def test_themes_differ_and_the_same_gives_the_same(dark: bool) -> None:
    figure = sentence_graph_plot(GRAPH, NAMES, dark=dark)
    assert figure.to_json() == sentence_graph_plot(GRAPH, NAMES, dark=dark).to_json()
    assert figure.to_json() != sentence_graph_plot(GRAPH, NAMES, dark=not dark).to_json()


def test_a_graph_without_relations_shows_its_mentions() -> None:
    figure = sentence_graph_plot(made([0.1] * 6), NAMES)
    assert (lines(figure), arrows(figure), pairs(figure)) == ([], [], set())
    assert len(written(figure)) == 4


@given(st.integers(2, 12))
def test_mentions_lie_apart_inside_the_plane(mentions: int) -> None:
    places = node_places(mentions)
    assert len(set(places)) == mentions
    assert all(abs(x) <= 1 and abs(y) <= 1 for x, y in places)
    assert places[0][0] <= 0
    assert places[0][1] >= 0


@given(st.lists(st.floats(-1, 1), min_size=6, max_size=6), st.integers(200, 900))
@settings(max_examples=25, deadline=None)
def test_any_scores_make_a_figure(scores: list[float], width: int) -> None:
    graph = made(scores)
    figure = sentence_graph_plot(graph, {}, below=True, width=width)
    assert pairs(figure) == set(pair_places(4))
    json.loads(figure.to_json())
    passing = sum(e.passes for e in graph.edges)
    assert len(pairs(sentence_graph_plot(graph, {}))) == passing
    assert len(written(figure)) == 4 + passing
    assert replace(graph).by_margin == graph.by_margin
