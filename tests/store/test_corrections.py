from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from roc_core.errors import CorrectionInvalid, ItemMissing, ValueRejected
from roc_core.schema import (
    NONE,
    Correction,
    Example,
    Item,
    ItemFilter,
    Label,
    Mention,
    Provenance,
    Record,
    Span,
)
from roc_core.store import Store

MakeRecord = Callable[..., Record]


@pytest.fixture
def item(store: Store, make: MakeRecord) -> Item:
    return store.save_item(make(label=Label("old", "forward")), None)


def test_a_correction_keeps_all_that_was_said(store: Store, item: Item) -> None:
    seen = (Label("a", "forward"), Label(NONE))
    made = store.add_correction(
        item.id, Label("new", "backward"), "Zoë 🦊", seen[0], seen, "v1", "it's “so”\x00!"
    )
    assert made == Correction(
        id=made.id,
        item=item.id,
        annotator="Zoë 🦊",
        created=made.created,
        action="label",
        label=Label("new", "backward"),
        predicted=Label("a", "forward"),
        model_version="v1",
        comment="it's “so”\x00!",
    )
    assert store.history(item.id) == (made,)
    assert store.shown(made.id) == seen
    after = store.item(item.id)
    assert after.label == Label("new", "backward")
    assert after.record == item.record
    assert store.items(ItemFilter(relation="new", state="corrected")).items == (after,)
    assert store.items(ItemFilter(relation="old")).total == 0
    assert [(c.state, c.items) for c in store.counts()] == [("corrected", 1)]


def test_undo_brings_back_the_label_before(store: Store, item: Item) -> None:
    first = store.add_correction(item.id, Label("one"), "ann")
    second = store.add_correction(item.id, Label("two"), "ben")
    undo = store.undo(second.id, "ann")
    assert (undo.action, undo.label, undo.undoes, undo.annotator) == (
        "undo",
        None,
        second.id,
        "ann",
    )
    assert store.item(item.id).label == Label("one")
    store.undo(first.id, "ben")
    back = store.item(item.id)
    assert (back.label, back.corrections) == (Label("old", "forward"), 4)
    assert store.items(ItemFilter(state="imported")).total == 1
    history = store.history(item.id)
    assert [c.action for c in history] == ["label", "label", "undo", "undo"]
    assert [c.undone for c in history] == [True, True, False, False]


def test_undo_of_an_earlier_label_leaves_the_later_one(store: Store, item: Item) -> None:
    first = store.add_correction(item.id, Label("one"), "ann")
    store.add_correction(item.id, Label("two"), "ann")
    store.undo(first.id, "ann")
    assert store.item(item.id).label == Label("two")


def test_what_cannot_be_undone(store: Store, item: Item) -> None:
    made = store.add_correction(item.id, Label("one"), "ann")
    undo = store.undo(made.id, "ann")
    with pytest.raises(CorrectionInvalid, match=f"correction {made.id}, which was already undone"):
        store.undo(made.id, "ben")
    with pytest.raises(CorrectionInvalid, match="which is itself an undo"):
        store.undo(undo.id, "ann")
    with pytest.raises(CorrectionInvalid, match=r"Found 999\. Choose one from the item's history"):
        store.undo(999, "ann")
    assert len(store.history(item.id)) == 2


def test_stale_item(store: Store) -> None:
    with pytest.raises(ItemMissing, match="an item 'gone' in this workspace"):
        store.add_correction("gone", Label("x"), "ann")
    with pytest.raises(ItemMissing, match="an item 'gone' in this workspace"):
        store.history("gone")


@pytest.mark.parametrize("label", [Label(""), Label("x", "up")])  # type: ignore[arg-type]
def test_broken_label(store: Store, item: Item, label: Label) -> None:
    with pytest.raises(ValueRejected, match="a label with a relation id and a direction"):
        store.add_correction(item.id, label, "ann")
    assert store.history(item.id) == ()


def test_lone_surrogate_in_a_comment(store: Store, item: Item) -> None:
    with pytest.raises(ValueRejected, match=r"U\+DC00 at character 3"):
        store.add_correction(item.id, Label("x"), "ann", comment="ab\udc00")
    assert store.history(item.id) == ()


def test_the_same_token_twice_is_one_row(store: Store, item: Item) -> None:
    first = store.add_correction(item.id, Label("one"), "ann", token="t1")
    assert store.add_correction(item.id, Label("one"), "ann", token="t1") == first
    undo = store.undo(first.id, "ann", token="t2")
    assert store.undo(first.id, "ann", token="t2") == undo
    # sent again after it was undone: still the same row, nothing comes back to life
    assert store.add_correction(item.id, Label("one"), "ann", token="t1").id == first.id
    assert store.item(item.id).label == Label("old", "forward")
    assert len(store.history(item.id)) == 2


def test_a_token_of_another_correction(store: Store, item: Item) -> None:
    first = store.add_correction(item.id, Label("one"), "ann", token="t1")
    with pytest.raises(CorrectionInvalid, match=f"token of correction {first.id}, which says"):
        store.add_correction(item.id, Label("two"), "ann", token="t1")
    with pytest.raises(CorrectionInvalid, match="a new token for a new correction"):
        store.undo(first.id, "ann", token="t1")
    assert len(store.history(item.id)) == 1


def test_corrections_without_a_token_are_separate(store: Store, item: Item) -> None:
    store.add_correction(item.id, Label("one"), "ann")
    store.add_correction(item.id, Label("one"), "ann")
    assert len(store.history(item.id)) == 2


@pytest.mark.parametrize(
    ("sql", "word"),
    [
        ("UPDATE corrections SET relation = 'x'", "changed"),
        ("DELETE FROM corrections", "deleted"),
        (
            "INSERT OR REPLACE INTO corrections (id, item, annotator, created, action, relation, "
            "direction) SELECT id, item, 'mallory', created, action, 'x', direction "
            "FROM corrections",
            "replaced",
        ),
    ],
)
def test_the_log_is_append_only(store: Store, item: Item, sql: str, word: str) -> None:
    made = store.add_correction(item.id, Label("one"), "ann")
    conn = sqlite3.connect(store.folder / "workspace.db")  # as any other tool would
    with pytest.raises(sqlite3.IntegrityError, match=f"append-only: a row is never {word}"):
        conn.execute(sql)
    conn.close()
    assert store.history(item.id) == (made,)


def test_readable_views(store: Store, item: Item) -> None:
    made = store.add_correction(item.id, Label("one", "forward"), "ann", comment="sure")
    store.undo(made.id, "ben")
    conn = sqlite3.connect(store.folder / "workspace.db")
    row = conn.execute(
        "SELECT first_mention, first_type, second_mention, relation, state, picture_file "
        "FROM items_readable"
    ).fetchone()
    assert row == ("Katy", "person", "P", "old", "imported", None)
    log = conn.execute(
        "SELECT annotator, action, undone, relation, comment, first_mention "
        "FROM corrections_readable ORDER BY id"
    ).fetchall()
    assert log == [
        ("ann", "label", 1, "one", "sure", "Katy"),
        ("ben", "undo", 0, None, "", "Katy"),
    ]
    present = conn.execute("SELECT * FROM present_labels").fetchall()
    assert present == [(item.id, "old", "forward", "imported", None, None)]
    conn.close()


@dataclass
class ModelItem:
    """What an item should look like, kept in memory."""

    imported: Label | None
    log: list[tuple[int, str, Label | None, int | None]] = field(default_factory=list)

    def undone(self) -> set[int]:
        return {undoes for _, _, _, undoes in self.log if undoes is not None}

    def present(self) -> tuple[str, Label | None]:
        gone = self.undone()
        for id, _, label, _ in reversed(self.log):
            if label is not None and id not in gone:
                return "corrected", label
        return ("imported" if self.imported else "unlabelled"), self.imported


class LogMachine(RuleBasedStateMachine):
    """Any sequence of labels and undos by several annotators against a model in memory."""

    made = Bundle("made")

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.store = Store.create(Path(self.folder.name) / "ws")
        self.model: dict[str, ModelItem] = {}
        for line, label in enumerate([None, Label(NONE), Label("r", "backward")]):
            mentions = (Mention(Span(0, 1)), Mention(Span(1, 2)))
            record = Record(Example("ab", mentions), label, Provenance("m", line=line))
            self.model[self.store.save_item(record, None).id] = ModelItem(label)

    def teardown(self) -> None:
        self.store.check()
        self.folder.cleanup()

    @rule(
        target=made,
        which=st.integers(0, 2),
        relation=st.sampled_from(["r", "s", NONE]),
        direction=st.sampled_from(["forward", "backward", "both"]),
        annotator=st.sampled_from(["ann", "ben", ""]),
    )
    def label(self, which: int, relation: str, direction: str, annotator: str) -> tuple[str, int]:
        item = list(self.model)[which]
        label = Label(relation, direction)  # type: ignore[arg-type]
        row = self.store.add_correction(item, label, annotator)
        self.model[item].log.append((row.id, annotator, label, None))
        return item, row.id

    @rule(target=made, row=made, annotator=st.sampled_from(["ann", "ben"]))
    def undo(self, row: tuple[str, int], annotator: str) -> tuple[str, int]:
        item, id = row
        log = self.model[item]
        is_undo = any(entry[0] == id and entry[2] is None for entry in log.log)
        if is_undo or id in log.undone():
            with pytest.raises(CorrectionInvalid):
                self.store.undo(id, annotator)
            return row
        undo = self.store.undo(id, annotator)
        log.log.append((undo.id, annotator, None, id))
        return item, undo.id

    @invariant()
    def store_agrees(self) -> None:
        for id, expected in self.model.items():
            item, history = self.store.item(id), self.store.history(id)
            state, label = expected.present()
            assert (item.label, item.record.label) == (label, expected.imported)
            assert item.corrections == len(expected.log)
            assert [(c.id, c.annotator, c.label, c.undoes) for c in history] == expected.log
            assert {c.id for c in history if c.undone} == expected.undone()
            filter = ItemFilter(state=state, relation=label.relation if label else "")  # type: ignore[arg-type]
            assert id in [found.id for found in self.store.items(filter).items]


LogMachine.TestCase.settings = settings(max_examples=15, stateful_step_count=15, deadline=None)
TestLog = LogMachine.TestCase
