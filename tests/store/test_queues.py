"""Queues as they are kept, and assignments."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from roc_core.errors import ItemMissing
from roc_core.schema import Assigned, Draft, Label, Record
from roc_core.store import Store
from roc_core.store.queues import QueueKey
from roc_core.store.remarks import Step

MakeRecord = Callable[..., Record]


@pytest.fixture
def ids(store: Store, make: MakeRecord) -> list[str]:
    return [store.save_item(make(f"Katy number {n}", line=n), None).id for n in range(6)]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    name=st.text(st.characters(codec="utf-8"), max_size=8),
    selection=st.text(st.characters(codec="utf-8"), max_size=8),
    seed=st.integers(0, 2**62),
    order=st.permutations(range(6)),
    split=st.integers(0, 6),
    notes=st.lists(st.text(st.characters(codec="utf-8"), max_size=12), max_size=3),
)
def test_a_queue_comes_back_as_it_was_kept(
    store: Store, ids: list[str], name: str, selection: str, seed: int, order: list[int],
    split: int, notes: list[str],
) -> None:  # fmt: skip
    queues, wanted = store.annotation.queues, [ids[n] for n in order]
    key = QueueKey(name, "selection", selection, seed)
    made = queues.put(key, wanted[:split], "v1", notes)
    assert (made.items, made.version, made.notes) == (tuple(wanted[:split]), "v1", tuple(notes))
    queues.append(key, wanted[split:])
    found = Store.open(store.folder).annotation.queues.get(key)
    assert found is not None
    assert (found.items, found.created) == (tuple(wanted), made.created)


def test_no_queue_yet(store: Store) -> None:
    assert store.annotation.queues.get(QueueKey("ann", "flagged")) is None


def test_what_was_done_since_the_queue_was_made(store: Store, ids: list[str]) -> None:
    tables = store.annotation
    tables.marks.add(Step(ids[0], "ann", "label", Label("x")))
    tables.marks.add(Step(ids[1], "ann", "skip"))
    made = tables.queues.put(QueueKey("ann", "everything"), ids)
    since = (made.after_mark, made.after_correction)
    assert tables.queues.finished("ann", *since) == frozenset()
    assert tables.queues.finished("ann", 0, 0) == {ids[0], ids[1]}
    tables.marks.add(Step(ids[2], "ann", "label", Label("x")))
    tables.marks.add(Step(ids[3], "ann", "skip"))
    tables.marks.add(Step(ids[4], "ann", "adjudicate", Label("x")))
    tables.marks.add(Step(ids[5], "ann", "comment", text="hm"))
    tables.marks.add(Step(ids[5], "ben", "label", Label("x")))
    assert tables.queues.finished("ann", *since) == {ids[2], ids[3], ids[4]}
    tables.marks.undo("ann")
    tables.marks.undo("ann")
    tables.marks.undo("ann")
    assert tables.queues.finished("ann", *since) == {ids[2]}


def test_drafts_that_were_opened_and_not_labelled(store: Store, ids: list[str]) -> None:
    for n in (0, 1, 2):
        store.save_draft(Draft(f"d{n}", "ann", item=ids[n]))
    store.save_draft(Draft("d3", "ben", item=ids[3]))
    store.save_draft(Draft("d4", "ann", item=""))
    store.save_draft(Draft("d5", "ann", item="gone"))
    opened = store.annotation.queues.opened
    assert opened("ann") == (ids[2], ids[1], ids[0])
    store.annotation.marks.add(Step(ids[2], "ann", "label", Label("x")))
    store.annotation.marks.add(Step(ids[1], "ann", "skip"))
    store.annotation.marks.add(Step(ids[0], "ben", "label", Label("x")))
    assert opened("ann") == (ids[0],)
    store.save_draft(Draft("d1", "ann", sentence="more", item=ids[1]))
    assert opened("ann") == (ids[1], ids[0])


def test_assignments(store: Store, ids: list[str]) -> None:
    table = store.annotation.assignments
    pairs = [(ids[0], "ann"), (ids[1], "ann"), (ids[1], "ben")]
    assert table.add(pairs) == 3
    assert table.add([*pairs, (ids[2], "ben")]) == 1
    assert table.of("ann") == (ids[0], ids[1])
    assert table.counts() == (Assigned("ann", 2, 1), Assigned("ben", 2, 1))
    with pytest.raises(ItemMissing, match="an item 'gone'"):
        table.add([(ids[3], "ann"), ("gone", "ann")])
    assert table.of("ann") == (ids[0], ids[1]), "all or nothing"
    assert table.remove("ann", [ids[1], ids[5]]) == 1
    assert table.remove("ben") == 2
    assert table.counts() == (Assigned("ann", 1, 0),)
    store.annotation.marks.add(Step(ids[0], "cy", "skip"))
    store.add_correction(ids[0], Label("x"), "")
    assert table.annotators() == ("ann", "cy")
