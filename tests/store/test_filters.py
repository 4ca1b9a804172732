"""Filters by annotator and time of the present label, by flags and disputes."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roc_core.errors import ValueRejected
from roc_core.evaluation.agreement import by_item, open_disputes
from roc_core.schema import (
    NONE,
    Example,
    ItemFilter,
    Label,
    Mention,
    Provenance,
    Record,
    Span,
)
from roc_core.store import Store
from roc_core.store.items import conditions
from roc_core.store.remarks import Step

Make = Callable[..., Record]


@pytest.fixture
def ids(store: Store, make: Make) -> list[str]:
    """Four items that came in on 1 March 2026: untouched, labelled by ann and then by bob, by ann
    alone, and by ann, who took it back."""
    ids = [store.save_item(make(f"Katy sings {n}", line=n), None).id for n in range(1, 5)]
    with closing(sqlite3.connect(store.folder / "workspace.db")) as conn:
        conn.execute("UPDATE items SET created = '2026-03-01T10:00:00.000000+00:00'")
        for n, (item, who) in enumerate(
            zip((1, 1, 2, 3), ("ann", "bob", "ann", "ann"), strict=True), start=2
        ):
            conn.execute(
                "INSERT INTO corrections (item, annotator, created, action, relation, direction) "
                f"VALUES (?, ?, '2026-03-0{n}T23:59:59.999999+00:00', 'label', 'x', 'both')",
                (ids[item], who),
            )
        conn.commit()
    store.undo(4, "ann")
    return ids


def found(store: Store, ids: list[str], **wanted: str) -> list[int]:
    page = store.items(ItemFilter(**wanted))  # type: ignore[arg-type]
    assert page.total == len(page.items)
    return [ids.index(item.id) for item in page.items]


def test_the_annotator_is_who_gave_the_present_label(store: Store, ids: list[str]) -> None:
    assert found(store, ids, annotator="ann") == [2]
    assert found(store, ids, annotator="bob") == [1]
    assert found(store, ids, annotator="nobody") == []


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"since": "2026-03-01"}, [0, 1, 2, 3]),
        ({"since": "2026-03-03"}, [1, 2]),
        ({"since": "2026-03-04"}, [2]),
        ({"until": "2026-03-01"}, [0, 3]),
        ({"until": "2026-03-03"}, [0, 1, 3]),
        ({"since": "2026-03-03", "until": "2026-03-03"}, [1]),
        ({"until": "2026-03-01T09:59"}, []),
        ({"until": "2026-03-01T10:00:00"}, [0, 3]),
        ({"until": "2026-03-01T12:00:00+02:00"}, [0, 3]),
        ({"since": "2026-03-01T10:00:00.000001Z"}, [1, 2]),
        ({"since": "9999-12-31", "until": "9999-12-31"}, []),
        ({"since": "2026-03-01", "annotator": "ann", "relation": "x"}, [2]),
    ],
)
def test_both_ends_of_a_period_count(
    store: Store, ids: list[str], wanted: dict[str, str], expected: list[int]
) -> None:
    assert found(store, ids, **wanted) == expected


@given(text=st.text(min_size=1, max_size=12))
def test_any_text_is_a_moment_or_refused_by_name(text: str) -> None:
    try:
        datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        with pytest.raises(ValueRejected, match=r"a date such as 2026-03-01 as 'since'"):
            conditions(ItemFilter(since=text))
    else:
        assert conditions(ItemFilter(since=text))[1] != [text]


def test_a_date_that_is_none_is_refused() -> None:
    with pytest.raises(ValueRejected, match=r"as 'until', or a time such as .* Found '2026-13-01'"):
        conditions(ItemFilter(until="2026-13-01"))


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["ann", "ben", "cy"]),
        st.integers(0, 2),
        st.sampled_from(["label", "label", "adjudicate", "flag", "unflag", "skip", "undo"]),
        st.sampled_from([Label("one", "forward"), Label("one", "backward"), Label(NONE)]),
    ),
    max_size=25,
)


@settings(deadline=None, max_examples=40)
@given(STEPS)
def test_flagged_and_disputed_items_are_those_the_queues_know(
    steps: list[tuple[str, int, Any, Label]],
) -> None:
    with TemporaryDirectory() as folder:
        store = Store.create(Path(folder) / "ws")
        mentions = (Mention(Span(0, 1)), Mention(Span(1, 2)))
        ids = [
            store.save_item(Record(Example("ab", mentions), None, Provenance("m", line=n)), None).id
            for n in range(3)
        ]
        marks = store.annotation.marks
        for who, which, action, label in steps:
            if action == "undo":
                marks.undo(who)
            else:
                given = label if action in ("label", "adjudicate") else None
                marks.add(Step(ids[which], who, action, given))
        disputes = open_disputes(by_item(marks.own_labels()), marks.decisions())
        for state, expected in (
            ("flagged", set(marks.flagged())),
            ("disputed", {d.item for d in disputes}),
        ):
            page = store.items(ItemFilter(state=state))  # type: ignore[arg-type]
            assert {i.id for i in page.items} == expected
            assert page.total == len(expected)
            both = store.items(ItemFilter(state=state, only=tuple(ids[:1])))  # type: ignore[arg-type]
            assert {i.id for i in both.items} == expected & {ids[0]}
