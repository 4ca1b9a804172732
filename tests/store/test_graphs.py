"""What the Graph page has on screen comes back exactly."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from roc_core.errors import ValueRejected
from roc_core.schema import ENTITY_TYPES, Box, GraphDraft, Mention, Span
from roc_core.store import Store

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
PIXEL = st.floats(0, 1e5, width=32)
PLACES = st.one_of(
    st.builds(lambda a, n: Span(a, a + n), st.integers(0, 500), st.integers(1, 50)),
    st.builds(lambda x, y: Box(x, y, x + 5.25, y + 0.5), PIXEL, PIXEL),
)
MENTIONS = st.builds(Mention, PLACES, st.sampled_from([None, *ENTITY_TYPES]))
DRAFTS = st.builds(
    GraphDraft,
    id=st.sampled_from(["g1", "g2", "🦊"]),
    annotator=TEXT,
    sentence=TEXT,
    mentions=st.lists(MENTIONS, max_size=12).map(tuple),
    picture=TEXT,
    picture_text=TEXT,
)
QUICK = settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@QUICK
@given(draft=DRAFTS)
def test_a_graph_comes_back_exactly(store: Store, draft: GraphDraft) -> None:
    saved = store.graphs.save(draft)
    assert saved == replace(draft, updated=saved.updated)
    assert store.graphs.get(draft.id) == store.graphs.latest(draft.annotator) == saved


def test_the_latest_graph_of_each_annotator(store: Store) -> None:
    assert store.graphs.get("a") is None
    assert store.graphs.latest("ann") is None
    store.graphs.save(GraphDraft("a", "ann", "one"))
    store.graphs.save(GraphDraft("b", "ann", "two"))
    store.graphs.save(GraphDraft("c", "ben", "three"))
    again = store.graphs.save(GraphDraft("a", "ann", "four"))
    assert store.graphs.latest("ann") == again
    assert again.updated.endswith("+00:00")


def test_a_graph_needs_an_id_and_whole_characters(store: Store) -> None:
    with pytest.raises(ValueRejected, match="a graph with an id"):
        store.graphs.save(GraphDraft(""))
    kept = store.graphs.save(GraphDraft("a", "ann", "fine"))
    with pytest.raises(ValueRejected, match=r"U\+D800 at character 1"):
        store.graphs.save(GraphDraft("a", "ann", "\ud800"))
    assert store.graphs.get("a") == kept
