"""Two readings on one map agree as their answers and labels say, one item at a time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from roc_core.schema import (
    NONE,
    Codes,
    Example,
    Label,
    MapView,
    Mention,
    PairVectors,
    Provenance,
    Record,
    Span,
)
from roc_core.store import Store
from roc_core.store.vectors import Key
from roc_core.workspace.agreement import agreement

POINTS = 8
OWN, OTHER = Key("own", "m", "c"), Key("other", "m", "c")
LABELS = st.none() | st.builds(
    Label, st.sampled_from(["a", "b", NONE]), st.sampled_from(["forward", "backward"])
)
ANSWER = st.tuples(
    st.sampled_from("ab"), st.sampled_from(["forward", "backward"]), st.sampled_from([-0.1, 0.0])
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A store of eight items without labels."""
    made: Path = tmp_path_factory.mktemp("agreement")
    found = Store.create(made / "ws")
    pair = (Mention(Span(0, 1)), Mention(Span(2, 3)))
    records = [Record(Example(f"a b {n}", pair), None, Provenance("made")) for n in range(POINTS)]
    found.add_records((record, None) for record in records)
    return found


def view_of(items: np.ndarray) -> MapView:
    codes, zeros = Codes(("",), np.zeros(len(items), int)), np.zeros(len(items))
    return MapView(
        "own", "now", items, zeros, zeros, zeros.astype(bool), codes, codes, codes, codes, codes,
        zeros, zeros, (), (), np.zeros((2, 2), np.uint8), 1.0, len(items), len(items), False,
    )  # fmt: skip


def put(store: Store, key: Key, items: np.ndarray, answers: list[tuple[str, str, float]]) -> None:
    relations, directions, margins = zip(*answers, strict=True)
    count = len(items)
    store.vectors.put(
        key,
        PairVectors(
            items, np.ones((count, 2), np.float16), relations, directions, np.zeros(count),
            np.array(margins), ("",) * count, np.zeros(count), ("? – ?",) * count, (b"",) * count,
            ("",) * count,
        ),
    )  # fmt: skip


def right(label: Label, answer: tuple[str, str, float]) -> bool:
    relation, direction, margin = answer
    if margin < 0:
        return label.relation == NONE
    return (relation, direction) == (label.relation, label.direction)


def wanted(label: Label | None, one: tuple, two: tuple) -> str:
    if label is None:
        same = one == two or (one[2] < 0 and two[2] < 0)
        return "same answer" if same else "different answers"
    return {
        (True, True): "both right",
        (True, False): "only this right",
        (False, True): "only the other right",
        (False, False): "both wrong",
    }[right(label, one), right(label, two)]


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_agreement_is_what_each_item_says(store: Store, data: st.DataObject) -> None:
    items = np.array([i.id for i in store.items().items], "S16")
    first = data.draw(st.lists(ANSWER, min_size=POINTS, max_size=POINTS))
    second = data.draw(st.lists(ANSWER, min_size=POINTS, max_size=POINTS))
    put(store, OWN, items, first)
    put(store, OTHER, items, second)
    for row in data.draw(st.sets(st.integers(0, POINTS - 1), max_size=2)):
        label = data.draw(LABELS)
        if label is not None:
            store.add_correction(items[row].decode(), label, "ann")
    order = data.draw(st.permutations(range(POINTS)))
    found = agreement(store, view_of(items[order]), OWN, OTHER)
    for place, row in enumerate(order):
        label = store.item(items[row].decode()).label
        assert found.of(place) == wanted(label, first[row], second[row])


def test_what_the_other_has_not_answered_is_told_apart(store: Store) -> None:
    items = np.array([i.id for i in store.items().items], "S16")
    put(store, OWN, items, [("a", "forward", 0.0)] * POINTS)
    few = Key("few", "m", "c")
    put(store, few, items[:3], [("a", "forward", 0.0)] * 3)
    found = agreement(store, view_of(items), OWN, few)
    missing = [found.of(row) == "no answer of the other" for row in range(POINTS)]
    assert missing == [False] * 3 + [True] * (POINTS - 3)
    none = agreement(store, view_of(items), OWN, Key("few", "trained again", "c"))
    assert none.names == ("no answer of the other",)
