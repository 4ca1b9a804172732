"""Annotators' steps, assignments and agreement on a real workspace."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roc_core.errors import (
    CorrectionInvalid,
    ItemMissing,
    RelationUnknown,
    RocError,
    ValueRejected,
)
from roc_core.schema import (
    NONE,
    Assigned,
    Example,
    ItemStatus,
    Label,
    Mention,
    Provenance,
    Record,
    Span,
)
from roc_core.store import Store
from roc_core.store.remarks import Step
from roc_core.workspace import Workspace
from roc_core.workspace.assigning import shares
from roc_core.workspace.own_labels import COLUMNS, own_labels_csv
from tests.workspace.to_label import (
    MEMBER,
    PEER,
    eight_items,
    forward,
    prediction,
)


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    return eight_items(tmp_path / "ws")


@pytest.fixture
def ids(ws: Workspace) -> list[str]:
    return [item.id for item in ws.items(limit=100).items]


def test_a_label_remembers_version_prediction_and_what_was_shown(
    ws: Workspace, ids: list[str]
) -> None:
    seen, label = prediction(ws), forward(ws, PEER)
    made = ws.annotation.save(ids[0], label, "ann", seen, shown=True, text="sure")
    (row,) = ws.history(ids[0])
    assert (made.shown, made.predicted, made.model_version) == (True, seen.label, "v7")
    assert (row.label, row.predicted, row.model_version) == (label, seen.label, "v7")
    assert (row.comment, ws.item(ids[0]).label) == ("sure", label)
    shown = [Label(r.relation, r.direction) for r in seen.ranked[:5]]
    assert list(Store.open(ws.path).shown(row.id)) == shown
    assert ws.annotation.marks(ids[0]) == (made,)


def test_blind_labels_say_so(ws: Workspace, ids: list[str]) -> None:
    made = ws.annotation.save(ids[0], Label(NONE), "ann", prediction(ws), shown=False)
    assert (made.shown, made.model_version) == (False, "v7")
    assert made.correction is not None
    assert Store.open(ws.path).shown(made.correction) == ()
    assert not ws.annotation.save(ids[0], Label(NONE), "ann", None, shown=True).shown


def test_undo_and_redo_go_back_to_the_item(ws: Workspace, ids: list[str]) -> None:
    label = forward(ws, PEER)
    ws.annotation.save(ids[1], label, "ann")
    ws.annotation.save(ids[3], None, "ann", action="skip")
    undone = [ws.annotation.undo("ann") for _ in range(3)]
    assert [m and m.item for m in undone] == [ids[3], ids[1], None]
    assert ws.item(ids[1]).label is None
    again = Workspace.open(ws.path).annotation.redo("ann", "t")
    assert again is not None
    assert ws.annotation.redo("ann", "t") == again
    assert ws.item(ids[1]).label == label


@pytest.mark.parametrize(
    ("parts", "error", "words"),
    [
        ({"action": "undo"}, ValueRejected, "an action, one of label, skip, flag, unflag, comm"),
        ({"label": None}, ValueRejected, "Found no label with action 'label'"),
        ({"action": "skip"}, ValueRejected, "Found a label with action 'skip'"),
        ({"label": Label("/no/such")}, RelationUnknown, "'/no/such'"),
        ({"label": Label(NONE, "forward")}, ValueRejected, "a direction None can hold in, one of"),
        ({"annotator": " "}, ValueRejected, "an annotator's name"),
        ({"item": "gone"}, ItemMissing, "an item 'gone'"),
        ({"label": None, "action": "flag"}, ValueRejected, "a reason with 'flag'"),
        ({"label": None, "action": "comment", "text": " "}, ValueRejected, "a comment with 'com"),
        (
            {"label": None, "action": "wrong-description", "text": "x"},
            ValueRejected,
            "a relation with action 'wrong-description', and with no other",
        ),
        (
            {"label": None, "action": "wrong-description", "text": "x", "relation": "/no/such"},
            RelationUnknown,
            "'/no/such'",
        ),
        ({"relation": MEMBER}, ValueRejected, "a relation with action 'wrong-description'"),
    ],
)
def test_steps_that_make_no_sense(
    ws: Workspace, ids: list[str], parts: dict[str, object], error: type[Exception], words: str
) -> None:
    step = {"item": ids[0], "label": Label(NONE), "annotator": "ann"} | parts
    with pytest.raises(error) as caught:
        ws.annotation.save(**step)  # type: ignore[arg-type]
    assert words in str(caught.value)
    assert ws.history(ids[0]) == ()
    assert ws.annotation.marks(ids[0]) == ()


def test_the_description_is_wrong_is_another_answer(ws: Workspace, ids: list[str]) -> None:
    save = ws.annotation.save
    made = save(ids[0], None, "ann", prediction(ws), True, "wrong-description", "too wide", MEMBER)
    assert (made.relation, made.text, made.model_version) == (MEMBER, "too wide", "v7")
    assert ws.history(ids[0]) == ()
    save(ids[0], Label(NONE), "ann", token="t")
    with pytest.raises(CorrectionInvalid, match="a new token for a new step"):
        save(ids[1], Label(NONE), "ann", token="t")


def test_status_of_a_list(ws: Workspace, ids: list[str]) -> None:
    ann, ben = forward(ws, PEER), Label(NONE)
    ws.annotation.save(ids[0], ann, "ann")
    ws.annotation.save(ids[0], ben, "ben", text="not here")
    ws.annotation.save(ids[0], None, "ben", action="flag", text="odd")
    ws.annotation.save(ids[1], None, "ann", action="skip")
    ws.annotation.save(ids[1], None, "ben", action="comment", text="hm")
    found = ws.annotation.status([ids[1], ids[0], ids[2]], "ann")
    assert found == (
        ItemStatus(ids[1], skipped=True, comments=1),
        ItemStatus(ids[0], ann, flags=("odd",), annotators=("ann", "ben"), disputed=True),
        ItemStatus(ids[2]),
    )
    ws.annotation.save(ids[1], ann, "ann")
    assert not ws.annotation.status([ids[1]], "ann")[0].skipped


# --- several annotators ------------------------------------------------------------------


@given(st.integers(0, 40), st.integers(1, 5), st.integers(0, 5), st.floats(0, 1), st.integers(0, 9))
def test_shares_are_even_and_overlap_as_asked(
    count: int, people: int, times: int, overlap: float, seed: int
) -> None:
    items, names = [f"i{n}" for n in range(count)], [f"p{n}" for n in range(people)]
    times = min(max(times, 2), people)
    pairs = shares(items, names, overlap if people > 1 else 0, seed, times)
    assert len(set(pairs)) == len(pairs)
    owners = {i: [who for item, who in pairs if item == i] for i in items}
    more = [i for i, who in owners.items() if len(who) == times > 1]
    assert len(more) == (round(overlap * count) if people > 1 else 0)
    assert all(len(who) == 1 for i, who in owners.items() if i not in more)
    loads = [sum(who == name for _, who in pairs) for name in names]
    assert max(loads) - min(loads) <= 1
    assert pairs == shares(items, names, overlap if people > 1 else 0, seed, times)


def test_assigning(ws: Workspace, ids: list[str]) -> None:
    assign = ws.annotation.assign
    found = assign(ids, ["ann", "ben"], overlap=0.5, seed=1)
    assert found == (Assigned("ann", 6, 4), Assigned("ben", 6, 4))
    assert assign(ids, ["ann", "ben"], overlap=0.5, seed=1) == found
    ws.annotation.save(ws.annotation.queue("assigned", "ann").items[0], Label(NONE), "ann")
    assert ws.annotation.queue("assigned", "ann").done == 1
    assert ws.annotation.annotators() == ("ann", "ben")
    assert ws.annotation.unassign("ben") == 6
    assert ws.annotation.assignments() == (Assigned("ann", 6, 0),)
    for bad, words in (
        (([], 0.0, 2), "at least one annotator"),
        ((["a", "b"], 1.5, 2), "a share of items from 0 to 1 for several annotators"),
        ((["a"], 0.5, 2), "Found 1 annotator in all"),
        ((["a", "b"], 0.5, 3), "from 2 to 2 annotators for each shared item"),
        ((["a", " "], 0.0, 2), "an annotator's name"),
    ):
        names, overlap, times = bad
        with pytest.raises(ValueRejected, match=words):
            assign(ids, names, overlap, times=times)
    with pytest.raises(ItemMissing):
        assign(["gone"], ["ann"])


def test_two_people_on_one_item_do_not_overwrite_each_other(ws: Workspace, ids: list[str]) -> None:
    a = ws.annotation
    one, two = forward(ws, PEER), Label(NONE)
    for item in ids[:4]:
        a.save(item, one, "ann")
        a.save(item, two if item in ids[:2] else one, "ben")
    found = a.agreement()
    assert (found.annotators, found.items, found.disputes) == (("ann", "ben"), 4, tuple(ids[:2]))
    assert found.pairs[0].agreed == 0.5
    assert [d.item for d in a.disputes()] == ids[:2]
    assert [(o.annotator, o.label) for o in a.disputes()[0].labels] == [("ann", one), ("ben", two)]
    assert a.confusion("ann").of(NONE, PEER) == 2
    assert a.confusion("ben").counts.trace() == 4


def test_adjudication_can_be_taken_back(ws: Workspace, ids: list[str]) -> None:
    a, one, two = ws.annotation, forward(ws, PEER), Label(NONE)
    a.save(ids[0], two, "ann")
    a.save(ids[0], one, "ben")
    made = a.adjudicate(ids[0], two, "zoe", token="t")
    assert a.adjudicate(ids[0], two, "zoe", token="t") == made
    assert (made.action, made.label, ws.item(ids[0]).label) == ("adjudicate", two, two)
    assert made.model_version == ws.model_version != ""
    plain = ws.correct(ids[1], two, "zoe")
    assert (plain.predicted, plain.model_version) == (None, ws.model_version)
    assert a.disputes() == ()
    assert a.agreement().annotators == ("ann", "ben"), "the decision is nobody's own label"
    assert a.agreement().items == 1
    assert (a.confusion("ann").of(NONE, NONE), a.confusion("ben").of(NONE, PEER)) == (1, 1)
    assert not a.status([ids[0]], "ann")[0].disputed
    a.undo("zoe")
    assert ws.item(ids[0]).label == one
    assert len(a.disputes()) == 1
    with pytest.raises(RelationUnknown):
        a.adjudicate(ids[0], Label("/no/such"), "zoe")


def test_own_labels_are_a_table_with_what_was_decided(ws: Workspace, ids: list[str]) -> None:
    def table() -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(a.labels_csv().decode("utf-8-sig"))))

    a, one, two = ws.annotation, forward(ws, PEER), Label(NONE)
    assert table() == []
    a.save(ids[1], one, "ben")
    a.save(ids[0], one, "ben")
    a.save(ids[0], two, "ann")
    a.adjudicate(ids[0], two, "zoe")
    rows = table()
    assert [(r["item"], r["annotator"]) for r in rows] == [
        (ids[0], "ann"), (ids[0], "ben"), (ids[1], "ben"),
    ]  # fmt: skip
    first, second, third = rows
    assert (first["relation"], second["relation"], third["relation"]) == (NONE, PEER, PEER)
    assert {r["decided relation"] for r in rows[:2]} == {NONE}
    assert (third["decided relation"], third["present relation"]) == ("", PEER)
    assert (second["present relation"], second["given"][:2]) == (NONE, "20")
    example = ws.item(ids[0]).example
    assert first["sentence"] == example.sentence
    assert first["first mention"] in example.sentence
    a.undo("zoe")
    assert table()[0]["decided relation"] == ""


@settings(deadline=None, max_examples=25)
@given(st.lists(st.tuples(st.text(min_size=2), st.text(min_size=1)), min_size=1, max_size=4))
def test_any_sentence_and_name_comes_back_from_the_table(rows: list[tuple[str, str]]) -> None:
    with TemporaryDirectory() as folder:
        store = Store.create(Path(folder) / "ws")
        expected = set()
        for line, (sentence, who) in enumerate(rows):
            mentions = (Mention(Span(0, 1)), Mention(Span(1, 2)))
            try:
                item = store.save_item(
                    Record(Example(sentence, mentions), None, Provenance("m", line=line)), None
                ).id
                store.annotation.marks.add(Step(item, who, "label", Label(NONE)))
            except RocError:
                continue  # a sentence or a name that no item can have
            expected.add((item, sentence, sentence[0], sentence[1], who))
        text = own_labels_csv(store).decode("utf-8-sig")
        found = {tuple(r[:5]) for r in csv.reader(io.StringIO(text, newline=""))}
        assert found - {COLUMNS[:5]} == expected


def test_nobody_else_said_anything(ws: Workspace, ids: list[str]) -> None:
    ws.annotation.save(ids[0], Label(NONE), "ann")
    found = ws.annotation.confusion("ann")
    assert (found.items, found.alone, found.names) == (0, 1, ())


def test_labels_of_the_analyze_page_are_own_labels_too(ws: Workspace, ids: list[str]) -> None:
    ws.correct(ids[1], Label(NONE), "ann")
    assert ws.annotation.queue("everything", "ann").finished == {ids[1]}
    assert [o.label for o in ws.annotation.own_labels([ids[1]])] == [Label(NONE)]
    assert ws.annotation.undo("ann") is None, "it was no step of a queue"
