"""Marks: one append-only log of annotators' steps, undone and done again, nothing lost."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from roc_core.errors import CorrectionInvalid, ItemMissing, ValueRejected
from roc_core.schema import (
    NONE,
    Example,
    Item,
    Label,
    Mark,
    Mention,
    OwnLabel,
    Provenance,
    Record,
    Span,
)
from roc_core.store import Store
from roc_core.store.remarks import Step

MakeRecord = Callable[..., Record]
ONE, TWO = Label("one", "forward"), Label("two", "backward")


@pytest.fixture
def item(store: Store, make: MakeRecord) -> Item:
    return store.save_item(make(label=Label("old", "forward")), None)


@pytest.fixture
def other(store: Store, make: MakeRecord) -> Item:
    return store.save_item(make("Zed rides on", line=2), None)


def label(store: Store, item: str, value: Label, who: str = "ann", token: str = "") -> Mark:
    return store.annotation.marks.add(Step(item, who, "label", value, token=token))


def test_a_label_is_one_row_in_both_logs(store: Store, item: Item) -> None:
    step = Step(item.id, "Zoë 🦊", "label", ONE, TWO, "v1", True, (TWO, ONE), "it's “so”")
    made = store.annotation.marks.add(step)
    assert made == Mark(
        made.id, item.id, "Zoë 🦊", made.created, "label", ONE, TWO, "v1", made.correction, True,
        "it's “so”",
    )  # fmt: skip
    (row,) = store.history(item.id)
    assert (row.id, row.label, row.predicted, row.comment) == (made.correction, ONE, TWO, made.text)
    assert store.shown(row.id) == (TWO, ONE)
    assert store.item(item.id).label == ONE
    assert store.annotation.marks.of_item(item.id) == (made,)


def test_other_marks_leave_the_label_alone(store: Store, item: Item) -> None:
    marks = store.annotation.marks
    for action, text in (("skip", ""), ("flag", "two people"), ("comment", "nice")):
        made = marks.add(Step(item.id, "ann", action, predicted=ONE, model_version="v", text=text))  # type: ignore[arg-type]
        assert (made.action, made.predicted, made.model_version) == (action, ONE, "v")
        assert (made.text, made.correction, made.label) == (text, None, None)
    wrong = marks.add(Step(item.id, "ann", "wrong-description", text="odd", relation="/a/b"))
    assert (wrong.relation, wrong.text) == ("/a/b", "odd")
    assert store.item(item.id).label == Label("old", "forward")
    assert store.history(item.id) == ()
    (status,) = marks.statuses([item.id], "ann").values()
    assert (status.skipped, status.flags, status.comments) == (True, ("two people",), 1)


def test_a_flag_is_closed_by_anybody_and_opened_by_undo(store: Store, item: Item) -> None:
    marks = store.annotation.marks
    marks.add(Step(item.id, "ann", "flag", text="a"))
    marks.add(Step(item.id, "ben", "flag", text="b"))
    assert marks.flagged() == (item.id,)
    marks.add(Step(item.id, "cy", "unflag"))
    assert marks.flagged() == ()
    assert marks.statuses([item.id], "ann")[item.id].flags == ()
    marks.undo("cy")
    assert marks.flagged() == (item.id,)
    assert marks.statuses([item.id], "ann")[item.id].flags == ("a", "b")


def test_undo_and_redo_over_items_and_restarts(store: Store, item: Item, other: Item) -> None:
    label(store, item.id, ONE)
    label(store, other.id, TWO)
    undone = Store.open(store.folder).annotation.marks.undo("ann")
    assert undone is not None
    assert (undone.action, undone.item) == ("undo", other.id)
    again = Store.open(store.folder).annotation.marks.undo("ann")
    assert again is not None
    assert again.item == item.id
    assert store.annotation.marks.undo("ann") is None
    assert (store.item(item.id).label, store.item(other.id).label) == (
        Label("old", "forward"), None,
    )  # fmt: skip
    first = Store.open(store.folder).annotation.marks.redo("ann")
    assert first is not None
    assert (first.item, first.label, first.redoes) == (item.id, ONE, again.id)
    second = store.annotation.marks.redo("ann")
    assert second is not None
    assert (second.item, second.label) == (other.id, TWO)
    assert store.annotation.marks.redo("ann") is None
    assert (store.item(item.id).label, store.item(other.id).label) == (ONE, TWO)
    assert [m.action for m in store.annotation.marks.of_item(item.id)] == ["label", "undo", "label"]
    assert len(store.history(item.id)) == 3


def test_redo_keeps_what_was_predicted_and_shown(store: Store, item: Item) -> None:
    marks = store.annotation.marks
    marks.add(Step(item.id, "ann", "label", ONE, TWO, "v1", True, (TWO, ONE), "sure"))
    marks.undo("ann")
    made = marks.redo("ann")
    assert made is not None
    assert (made.predicted, made.model_version, made.shown, made.text) == (TWO, "v1", True, "sure")
    assert made.correction is not None
    assert store.shown(made.correction) == (TWO, ONE)


def test_a_new_step_ends_redo(store: Store, item: Item, other: Item) -> None:
    marks = store.annotation.marks
    label(store, item.id, ONE)
    marks.undo("ann")
    label(store, other.id, TWO, "ben")
    assert marks.redo("ann") is not None, "what ben does does not count"
    marks.undo("ann")
    marks.add(Step(other.id, "ann", "skip"))
    assert marks.redo("ann") is None


def test_undo_is_of_own_steps_only(store: Store, item: Item) -> None:
    label(store, item.id, ONE, "ann")
    label(store, item.id, TWO, "ben")
    marks = store.annotation.marks
    assert marks.undo("cy") is None
    marks.undo("ann")
    assert store.item(item.id).label == TWO
    assert [(o.annotator, o.label) for o in marks.own_labels()] == [("ben", TWO)]
    marks.undo("ben")
    assert store.item(item.id).label == Label("old", "forward")


def test_a_label_taken_back_elsewhere_is_passed_over(store: Store, item: Item, other: Item) -> None:
    label(store, item.id, ONE)
    made = label(store, other.id, TWO)
    assert made.correction is not None
    store.undo(made.correction, "ben")
    assert store.annotation.marks.of_item(other.id)[0].undone
    undone = store.annotation.marks.undo("ann")
    assert undone is not None
    assert undone.item == item.id


def test_own_labels_are_kept_apart(store: Store, item: Item) -> None:
    label(store, item.id, ONE, "ann")
    label(store, item.id, TWO, "ben")
    store.add_correction(item.id, Label(NONE), "cy")
    store.add_correction(item.id, ONE, "")
    marks = store.annotation.marks
    marks.add(Step(item.id, "ann", "adjudicate", TWO))
    assert [(o.annotator, o.label) for o in marks.own_labels([item.id])] == [
        ("ann", ONE), ("ben", TWO), ("cy", Label(NONE)),
    ]  # fmt: skip
    assert store.item(item.id).label == TWO
    decided = marks.decisions()[item.id]
    assert (decided.annotator, decided.label) == ("ann", TWO)
    marks.undo("ann")
    assert marks.decisions() == {}
    assert marks.own_labels([]) == ()


def test_the_same_token_twice_is_one_row(store: Store, item: Item, other: Item) -> None:
    marks = store.annotation.marks
    first = label(store, item.id, ONE, token="t1")
    assert label(store, item.id, ONE, token="t1") == first
    label(store, other.id, TWO)
    undo = marks.undo("ann", "t2")
    assert marks.undo("ann", "t2") == undo
    redo = marks.redo("ann", "t3")
    assert marks.redo("ann", "t3") == redo
    assert len(store.history(item.id)) == 1
    assert len(store.history(other.id)) == 3
    for again in (
        lambda: label(store, item.id, TWO, token="t1"),
        lambda: label(store, item.id, ONE, "ben", token="t1"),
        lambda: label(store, other.id, TWO, token="t3"),
        lambda: marks.undo("ann", "t1"),
        lambda: marks.redo("ann", "t2"),
        lambda: marks.undo("ben", "t2"),
    ):
        with pytest.raises(CorrectionInvalid, match="a new token for a new step"):
            again()


def test_half_a_step_is_not_kept(store: Store, item: Item) -> None:
    with pytest.raises(ItemMissing, match="an item 'gone' in this workspace"):
        label(store, "gone", ONE)
    with pytest.raises(ValueRejected, match="a label with a relation id and a direction"):
        label(store, item.id, Label(""))
    with pytest.raises(ValueRejected, match=r"U\+DC00 at character 2"):
        store.annotation.marks.add(Step(item.id, "ann", "comment", text="a\udc00"))
    with pytest.raises(ValueRejected, match="values that keep the database's rules"):
        label(store, item.id, ONE, "")
    with pytest.raises(ItemMissing):
        store.annotation.marks.of_item("gone")
    assert store.history(item.id) == ()
    assert store.annotation.marks.of_item(item.id) == ()


@pytest.mark.parametrize(
    ("sql", "word"),
    [
        ("UPDATE marks SET text = 'x'", "changed"),
        ("DELETE FROM marks", "deleted"),
        (
            "INSERT OR REPLACE INTO marks (id, item, annotator, created, action, shown) "
            "SELECT id, item, 'mallory', created, 'skip', 0 FROM marks",
            "replaced",
        ),
    ],
)
def test_the_log_is_append_only(store: Store, item: Item, sql: str, word: str) -> None:
    made = label(store, item.id, ONE)
    conn = sqlite3.connect(store.folder / "workspace.db")
    with pytest.raises(sqlite3.IntegrityError, match=f"append-only: a row is never {word}"):
        conn.execute(sql)
    conn.close()
    assert store.annotation.marks.of_item(item.id) == (made,)


@dataclass
class Person:
    """An annotator's steps in force, and those undone that can be done again, newest last."""

    steps: list[int] = field(default_factory=list)
    undone: list[int] = field(default_factory=list)


@dataclass
class Said:
    """One step of the model: ``label`` None for a skip; ``live`` until it is taken back."""

    who: str
    item: str
    label: Label | None
    live: bool = True


PEOPLE = st.sampled_from(["ann", "ben"])
LABELS = st.sampled_from([ONE, TWO, Label(NONE)])


class Marks(RuleBasedStateMachine):
    """Steps, undos and redos of two annotators in any order against a model in memory."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.store = Store.create(Path(self.folder.name) / "ws")
        self.items: list[str] = []
        for line in range(3):
            mentions = (Mention(Span(0, 1)), Mention(Span(1, 2)))
            imported = Label("old", "forward") if line else None
            record = Record(Example("ab", mentions), imported, Provenance("m", line=line))
            self.items.append(self.store.save_item(record, None).id)
        self.said: list[Said] = []
        self.people = {"ann": Person(), "ben": Person()}
        self.rows = 0

    def teardown(self) -> None:
        self.store.check()
        self.folder.cleanup()

    def say(self, said: Said) -> int:
        self.said.append(said)
        self.rows += 1
        self.people[said.who].steps.append(len(self.said) - 1)
        return len(self.said) - 1

    @rule(who=PEOPLE, which=st.integers(0, 2), value=st.none() | LABELS)
    def step(self, who: str, which: int, value: Label | None) -> None:
        action = "label" if value else "skip"
        self.store.annotation.marks.add(Step(self.items[which], who, action, value))  # type: ignore[arg-type]
        self.say(Said(who, self.items[which], value))
        self.people[who].undone.clear()

    @rule(who=PEOPLE)
    def undo(self, who: str) -> None:
        made, person = self.store.annotation.marks.undo(who), self.people[who]
        if not person.steps:
            assert made is None
            return
        number = person.steps.pop()
        assert made is not None
        assert made.item == self.said[number].item
        self.said[number].live = False
        person.undone.append(number)
        self.rows += 1

    @rule(who=PEOPLE)
    def redo(self, who: str) -> None:
        made, person = self.store.annotation.marks.redo(who), self.people[who]
        if not person.undone:
            assert made is None
            return
        before = self.said[person.undone.pop()]
        assert made is not None
        assert (made.item, made.label) == (before.item, before.label)
        self.say(Said(who, before.item, before.label))

    @precondition(lambda self: any(s.live and s.label for s in self.said))
    @rule(data=st.data())
    def taken_back_elsewhere(self, data: st.DataObject) -> None:
        live = [n for n, s in enumerate(self.said) if s.live and s.label]
        number = data.draw(st.sampled_from(live))
        said = self.said[number]
        rows = [
            m for m in self.store.annotation.marks.of_item(said.item)
            if m.action == "label" and m.annotator == said.who and not m.undone
        ]  # fmt: skip
        mine = [n for n in live if (self.said[n].who, self.said[n].item) == (said.who, said.item)]
        correction = rows[mine.index(number)].correction
        assert correction is not None
        self.store.undo(correction, "cy")
        said.live = False
        self.people[said.who].steps.remove(number)

    @invariant()
    def labels_agree(self) -> None:
        own: dict[tuple[str, str], Label] = {}
        for line, item in enumerate(self.items):
            here = [s for s in self.said if s.item == item and s.live and s.label]
            own |= {(item, s.who): s.label for s in here if s.label}
            imported = Label("old", "forward") if line else None
            assert self.store.item(item).label == (here[-1].label if here else imported)
        found: tuple[OwnLabel, ...] = self.store.annotation.marks.own_labels()
        assert {(o.item, o.annotator): o.label for o in found} == own
        assert self.store.annotation.marks.own_labels(self.items) == found

    @invariant()
    def nothing_is_lost(self) -> None:
        rows = [m for i in self.items for m in self.store.annotation.marks.of_item(i)]
        assert len(rows) == self.rows
        said = [(s.who, s.item, s.label) for s in self.said]
        steps = sorted((m for m in rows if m.action != "undo"), key=lambda m: m.id)
        assert [(m.annotator, m.item, m.label) for m in steps] == said
        assert [not m.undone for m in steps] == [s.live for s in self.said]


Marks.TestCase.settings = settings(max_examples=15, stateful_step_count=20, deadline=None)
TestMarks = Marks.TestCase
