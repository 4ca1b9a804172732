"""All pairs of a sentence answered as each by itself, on the packaged model version."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from roc_core.errors import PictureMissing, ValueRejected
from roc_core.schema import Box, GraphDraft, ItemFilter, Mention, Span
from roc_core.workspace import Workspace

pytestmark = pytest.mark.encoders
SENTENCE = "Mira Solano joins the band Ümlaut 🎸 with Bo Anker in Lima"


def mention(name: str) -> Mention:
    start = SENTENCE.index(name)
    return Mention(Span(start, start + len(name)))


MENTIONS = [mention(name) for name in ("Lima", "Bo Anker", "Mira Solano", "Ümlaut")]


def test_each_pair_is_answered_as_by_itself(starter: Workspace) -> None:
    graph = starter.graph(SENTENCE, MENTIONS)
    assert graph.names() == ("Mira Solano", "Ümlaut", "Bo Anker", "Lima")
    assert len(graph.edges) == 6
    for edge in graph.edges:
        alone = starter.predict(graph.example(edge)).ranked[0]
        assert edge.best.relation == alone.relation
        assert edge.best.direction == alone.direction
        assert edge.best.score == pytest.approx(alone.score, abs=1e-4)
    assert graph == starter.graph(SENTENCE, MENTIONS[::-1])
    assert None not in graph.types()


def test_boxes_take_part(starter: Workspace, picture: Path) -> None:
    box = Mention(Box(0, 0, 20, 30))
    graph = starter.graph(SENTENCE, [box, *MENTIONS[:2]], picture)
    assert graph.names()[-1] == "the box"
    assert len(graph.edges) == 3
    with pytest.raises(PictureMissing, match="because a mention is a box"):
        starter.graph(SENTENCE, [box, MENTIONS[0]])


def test_one_mention_is_no_graph(starter: Workspace) -> None:
    with pytest.raises(ValueRejected, match=r"Expected 2 to 12 mentions\. Found 1\."):
        starter.graph(SENTENCE, MENTIONS[:1])


def test_values_for_a_file(starter: Workspace) -> None:
    graph = starter.graph(SENTENCE, MENTIONS)
    values = json.loads(json.dumps(starter.graph_values(graph, top=2)))
    assert [m["name"] for m in values["mentions"]] == list(graph.names())
    assert [m["number"] for m in values["mentions"]] == [1, 2, 3, 4]
    assert values["mentions"][0]["span"] == [0, 11]
    assert len(values["pairs"]) == 6
    for pair, edge in zip(values["pairs"], graph.by_margin, strict=True):
        assert (pair["first"], pair["second"]) == (edge.first + 1, edge.second + 1)
        assert len(pair["relations"]) == 2
        ends = [n + 1 for n in edge.ends] if edge.passes else [None, None]
        assert [pair["head"], pair["tail"]] == ends
        assert (pair["label"] == "None") == (not edge.passes)


def test_items_of_a_sentence(starter: Workspace) -> None:
    items = starter.items(ItemFilter(picture="with"), limit=500).items
    chosen = items[0].example
    found = starter.items_of_sentence(chosen.sentence, chosen.picture)
    assert items[0] in found
    assert {(i.example.sentence, i.example.picture) for i in found} == {
        (chosen.sentence, chosen.picture)
    }
    assert starter.items_of_sentence(chosen.sentence) == ()
    assert starter.items_of_sentence(chosen.sentence[:-1], chosen.picture) == ()


def test_the_draft_is_kept(empty: Workspace) -> None:
    saved = empty.graphs.save(GraphDraft("g", "ann", SENTENCE, tuple(MENTIONS)))
    again = Workspace.open(empty.path).graphs
    assert again.get("g") == again.latest("ann") == saved
