"""Graphs have one edge a pair, name their mentions and refuse what is none."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roc_core.errors import PictureMissing, ValueRejected
from roc_core.schema import (
    MOST_MENTIONS,
    Box,
    Description,
    DescriptionScore,
    Direction,
    Edge,
    Mention,
    Prediction,
    RankedRelation,
    SentenceGraph,
    Span,
    graph_mentions,
    mention_names,
    pair_places,
)

SENTENCE = "abcdefghijklmnopqrstuvwxyz"


def prediction(score: float, direction: Direction = "forward", line: float = 0.3) -> Prediction:
    said = DescriptionScore(Description("d", "r", "definition", "{head} and {tail}."), score, 1.0)
    return Prediction((RankedRelation("r", direction, score, line, (said,)),), "made")


def made(mentions: int, score: float = 0.5) -> SentenceGraph:
    """A graph of single letters whose scores fall from pair to pair."""
    edges = tuple(
        Edge(a, b, prediction(score - n / 100)) for n, (a, b) in enumerate(pair_places(mentions))
    )
    return SentenceGraph(SENTENCE, tuple(Mention(Span(n, n + 1)) for n in range(mentions)), edges)


@given(st.integers(0, MOST_MENTIONS))
def test_every_pair_once(mentions: int) -> None:
    places = pair_places(mentions)
    assert len(places) == len(set(places)) == mentions * (mentions - 1) // 2
    assert all(a < b < mentions for a, b in places)


def test_edges_by_margin_and_as_examples() -> None:
    graph = made(4)
    assert [e.margin for e in graph.by_margin] == sorted(e.margin for e in graph.edges)[::-1]
    edge = graph.edge(3, 1)
    assert (edge.first, edge.second) == (1, 3)
    assert graph.example(edge).names() == ("b", "d")
    with pytest.raises(ValueRejected, match=r"two of 4 mentions, counted from 0. Found 2 and 4"):
        graph.edge(2, 4)


@pytest.mark.parametrize(
    ("direction", "ends", "directed"),
    [("forward", (0, 2), True), ("backward", (2, 0), True), ("both", (0, 2), False)],
)
def test_ends_are_head_and_tail(
    direction: Direction, ends: tuple[int, int], directed: bool
) -> None:
    edge = Edge(0, 2, prediction(0.4, direction))
    assert (edge.ends, edge.directed, edge.passes) == (ends, directed, True)
    assert edge.margin == pytest.approx(0.1)
    assert not Edge(0, 2, prediction(0.2)).passes


def test_an_edge_needs_an_order_and_an_answer() -> None:
    with pytest.raises(ValueRejected, match="an edge from an earlier to a later mention"):
        Edge(1, 1, prediction(0.4))
    with pytest.raises(ValueRejected, match="a prediction with at least one relation"):
        Edge(0, 1, Prediction((), "made"))


@given(st.integers(3, 6), st.data())
def test_a_graph_lacks_no_edge(mentions: int, data: st.DataObject) -> None:
    graph = made(mentions)
    lost = data.draw(st.integers(0, len(graph.edges) - 1))
    fewer = graph.edges[:lost] + graph.edges[lost + 1 :]
    for edges in (fewer, (*graph.edges, graph.edges[lost]), (*fewer, fewer[0])):
        with pytest.raises(ValueRejected, match=f"one edge for each pair of {mentions} mentions"):
            replace(graph, edges=edges)


def test_types_are_those_the_model_used() -> None:
    edges = [
        Edge(a, b, replace(prediction(0.4), types=(None, "person") if b == 2 else (None, None)))
        for a, b in pair_places(3)
    ]
    assert replace(made(3), edges=tuple(edges)).types() == (None, None, "person")


def test_boxes_are_numbered_where_there_are_several() -> None:
    span, one, other = Mention(Span(0, 2)), Mention(Box(0, 0, 5, 5)), Mention(Box(6, 0, 9, 5))
    assert mention_names(SENTENCE, (span, one)) == ("ab", "the box")
    assert mention_names(SENTENCE, (span, one, other)) == ("ab", "box 1", "box 2")


PLACES = st.lists(
    st.one_of(
        st.integers(0, 25).map(lambda n: Span(n, n + 1)),
        st.integers(0, 30).map(lambda n: Box(n, 0, n + 1, 1)),
    ),
    min_size=2,
    max_size=MOST_MENTIONS,
    unique=True,
)


@given(PLACES, st.randoms())
def test_the_order_of_clicks_changes_nothing(places: list[Span | Box], random) -> None:  # type: ignore[no-untyped-def]
    mentions = [Mention(p) for p in places]
    found = graph_mentions(SENTENCE, mentions, True)
    random.shuffle(mentions)
    assert graph_mentions(SENTENCE, mentions, True) == found
    assert list(found) == sorted(found, key=lambda m: m.order)


@pytest.mark.parametrize(
    ("mentions", "said"),
    [
        ([Mention(Span(0, 1))], r"Expected 2 to 12 mentions\. Found 1\. Mark more entities\."),
        (
            [Mention(Span(n, n + 1)) for n in range(13)],
            r"Expected 2 to 12 mentions\. Found 13\. Clear some of the marks\.",
        ),
        ([Mention(Span(0, 1)), Mention(Span(0, 1), "person")], "at a place of its own"),
        ([Mention(Span(0, 1)), Mention(Span(20, 27))], "inside the sentence of 26 code points"),
    ],
)
def test_what_is_no_graph(mentions: list[Mention], said: str) -> None:
    with pytest.raises(ValueRejected, match=said):
        graph_mentions(SENTENCE, mentions, True)


def test_a_box_needs_a_picture() -> None:
    mentions = [Mention(Span(0, 1)), Mention(Box(0, 0, 1, 1))]
    with pytest.raises(PictureMissing, match="because a mention is a box"):
        graph_mentions(SENTENCE, mentions, False)
    edge = Edge(0, 1, prediction(0.4))
    graph = SentenceGraph(SENTENCE, tuple(mentions), (edge,), Path("a.png"))
    assert graph.example(edge).picture == Path("a.png")
