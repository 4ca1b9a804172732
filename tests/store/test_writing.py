"""Kept answers of language models."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roc_core.errors import ValueRejected
from roc_core.schema import Record
from roc_core.store import Store
from roc_core.store.writing import Written

ANSWER = Written("/r", "m", '{"wording": ["é 🎸"]}', 100, 20, 0.25, 1.5)


def test_an_answer_comes_back(store: Store) -> None:
    assert store.writing.get("k") is None
    assert store.writing.newest("/r") is None
    store.writing.put("k", ANSWER, [])
    found = store.writing.get("k")
    assert found is not None
    assert found.created > "2020"
    assert Written(**{f: getattr(found, f) for f in Written.__slots__} | {"created": ""}) == ANSWER
    assert store.writing.newest("/r") == found
    assert store.writing.newest("/other") is None


def test_the_newest_of_a_relation_and_what_was_spent(store: Store) -> None:
    assert store.writing.spent() == (0, 0, 0.0)
    store.writing.put("one", ANSWER, [])
    store.writing.put("two", Written("/r", "m", "second", 1, 2, None, 0.1), [])
    newest = store.writing.newest("/r")
    assert newest is not None
    assert newest.answer == "second"
    assert store.writing.spent() == (2, 123, 0.25)
    store.writing.put("one", ANSWER, [])  # asked anew: over the old one, and the newest now
    newest = store.writing.newest("/r")
    assert newest is not None
    assert newest.answer == ANSWER.answer
    assert store.writing.spent() == (2, 123, 0.25)


def test_an_answer_goes_with_an_item_whose_sentence_was_sent(
    store: Store, make: Callable[..., Record]
) -> None:
    ids = [store.save_item(make(f"sentence number {n} of the band"), None).id for n in range(3)]
    store.writing.put("k", ANSWER, ids[:2])
    store.writing.put("other", ANSWER, ids[2:])
    store.writing.put("none", ANSWER, [])
    store.erasures.items([ids[1]], "ann", "")
    assert store.writing.get("k") is None
    assert store.writing.get("other") is not None
    assert store.writing.get("none") is not None


def test_negative_tokens_are_not_kept(store: Store) -> None:
    with pytest.raises(ValueRejected, match="nothing was saved"):
        store.writing.put("k", Written("/r", "m", "x", -1, 0, None, 0.0), [])


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store.create(tmp_path_factory.mktemp("shared") / "ws")


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=200)


@given(TEXT, TEXT, st.integers(0, 1 << 40), st.none() | st.floats(0, 1e9))
def test_any_answer_comes_back(
    shared: Store, text: str, relation: str, tokens: int, cost: float | None
) -> None:
    shared.writing.put("k", Written(relation, text, text, tokens, tokens, cost, 0.0), [])
    found = shared.writing.get("k")
    assert found is not None
    assert (found.relation, found.answer, found.prompt_tokens) == (relation, text, tokens)
    assert found.cost == cost
