"""What the correction memory reads from the log."""

from __future__ import annotations

import numpy as np
import pytest

from roc_core.schema import NONE, Label
from roc_core.store import Store
from roc_core.store.remembered import Look
from roc_core.store.vectors import Key

MEMBER, NO = Label("/per/org/member_of", "forward"), Label(NONE, "both")


@pytest.fixture
def items(store: Store, make) -> list[str]:  # type: ignore[no-untyped-def]
    return [store.save_item(make(f"Katy says {n}"), None).id for n in range(3)]


def test_only_labels_in_force_are_remembered(store: Store, items: list[str]) -> None:
    assert store.remembered.corrected() == {}
    first = store.add_correction(items[0], MEMBER, "ada")
    store.add_correction(items[1], MEMBER, "ada")
    store.add_correction(items[1], NO, "bo")
    assert store.remembered.corrected() == {items[0]: MEMBER, items[1]: NO}
    store.undo(first.id, "ada")
    assert store.remembered.corrected() == {items[1]: NO}


def test_changes_after_a_row_name_what_is_in_force_now(store: Store, items: list[str]) -> None:
    first = store.add_correction(items[0], MEMBER, "ada")
    second = store.add_correction(items[1], NO, "ada")
    assert store.remembered.changed(first.id) == {items[1]: NO}
    store.undo(first.id, "ada")
    assert store.remembered.changed(second.id) == {items[0]: None}
    assert store.remembered.changed(99) == {}


def test_an_imported_label_under_a_taken_back_one_does_not_vote(store: Store, make) -> None:  # type: ignore[no-untyped-def]
    item = store.save_item(make(label=MEMBER), None)
    row = store.add_correction(item.id, NO, "ada")
    store.undo(row.id, "ada")
    assert store.remembered.changed(0) == {item.id: None}


def test_a_look_follows_while_the_log_only_grows(store: Store, items: list[str]) -> None:
    empty = store.remembered.look()
    assert (empty.last, empty.newest) == (0, "")
    first = store.add_correction(items[0], MEMBER, "ada")
    seen = store.remembered.look()
    assert seen.last == first.id
    store.add_correction(items[1], MEMBER, "ada")
    assert store.remembered.look(seen.last).follows(seen)
    assert not store.remembered.look(77).follows(seen)
    assert not Look(last=3, asked=seen.newest, erased=1).follows(seen)


def test_vectors_of_a_reading(store: Store, items: list[str]) -> None:
    key = Key("mini", "0" * 16, "1" * 16)
    assert store.remembered.vectors(key, items) == {}
    with store._at.write() as db:
        db.conn.execute(
            "INSERT INTO pair_vectors (version, item, model, vector, catalogue, relation, "
            "direction, score, margin, runner_up, lead) "
            "VALUES ('mini', ?, ?, ?, '', 'r', 'both', 0, 0, '', 0)",
            (items[0], key.model, np.array([1, 0], "<f2").tobytes()),
        )
    found = store.remembered.vectors(key, items)
    assert {i: v.tolist() for i, v in found.items()} == {items[0]: [1.0, 0.0]}
    assert store.remembered.vectors(Key("mini", "f" * 16, "1" * 16), items) == {}
