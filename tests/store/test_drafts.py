from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from roc_core.errors import ValueRejected
from roc_core.schema import Box, Draft, Label, Mention, Span
from roc_core.store import Store

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
MENTIONS = st.sampled_from(
    [None, Mention(Span(3, 9), "thing"), Mention(Box(0.1, 0.2, 30.3, 1e5)), Mention(Span(0, 1))]
)
DRAFTS = st.builds(
    Draft,
    id=st.sampled_from(["d1", "d2", "🦊"]),
    annotator=TEXT,
    sentence=TEXT,
    mentions=st.tuples(MENTIONS, MENTIONS),
    picture=TEXT,
    picture_text=TEXT,
    item=TEXT,
)
QUICK = settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@QUICK
@given(draft=DRAFTS)
def test_a_draft_comes_back_exactly(store: Store, draft: Draft) -> None:
    saved = store.save_draft(draft)
    assert saved == replace(draft, updated=saved.updated)
    assert store.draft(draft.id) == store.latest_draft(draft.annotator) == saved


def test_the_latest_draft_of_each_annotator(store: Store) -> None:
    assert store.draft("a") is None
    assert store.latest_draft("ann") is None
    store.save_draft(Draft("a", "ann", "one"))
    store.save_draft(Draft("b", "ann", "two"))
    store.save_draft(Draft("c", "ben", "three"))
    again = store.save_draft(Draft("a", "ann", "four"))
    assert store.latest_draft("ann") == again
    assert again.updated.endswith("+00:00")
    found = store.latest_draft("ben")
    assert found is not None
    assert found.sentence == "three"


def test_a_draft_needs_an_id(store: Store) -> None:
    with pytest.raises(ValueRejected, match="a draft with an id"):
        store.save_draft(Draft(""))


def test_lone_surrogate_keeps_the_draft_before(store: Store) -> None:
    kept = store.save_draft(Draft("a", "ann", "fine"))
    with pytest.raises(ValueRejected, match=r"U\+D800 at character 1"):
        store.save_draft(Draft("a", "ann", "\ud800"))
    assert store.draft("a") == kept


@QUICK
@given(key=TEXT, value=TEXT)
def test_settings(store: Store, key: str, value: str) -> None:
    assert store.setting("never set", "standard") == "standard"
    store.set_setting(key, "before")
    store.set_setting(key, value)
    assert store.setting(key) == value


def test_annotators(store: Store, make: object) -> None:
    assert store.annotators() == ()
    item = store.save_item(make(), None)  # type: ignore[operator]
    for name in ("Zoë", "ann", "", "ann"):
        store.add_correction(item.id, Label("x"), name)
    store.save_draft(Draft("d", "ben"))
    assert store.annotators() == ("Zoë", "ann", "ben")
