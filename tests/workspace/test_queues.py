"""Queues and look-alikes on a real workspace; answers are put in place of the model's."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from roc_core.errors import (
    AnswersMissing,
    DoubtsMissing,
    ItemMissing,
    RelationUnknown,
    SelectionMissing,
    ValueRejected,
)
from roc_core.schema import (
    NONE,
    QUEUES,
    Direction,
    Draft,
    ItemFilter,
    Label,
)
from roc_core.store import Store
from roc_core.store.doubts import StoredDoubts
from roc_core.workspace import Workspace
from tests.workspace.to_label import (
    HELD,
    MEMBER,
    PEER,
    Answer,
    eight_items,
    forward,
    put,
    record,
)

NO_ANSWERS = r"Expected stored answers of model version '\w+'\. Found none\. Start the job 'vec"


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    return eight_items(tmp_path / "ws")


@pytest.fixture
def ids(ws: Workspace) -> list[str]:
    return [item.id for item in ws.items(limit=100).items]


def test_queues_that_need_no_answers(ws: Workspace, ids: list[str]) -> None:
    queue = ws.annotation.queue
    assert queue("everything", "ann").items == tuple(ids)
    assert queue("unlabelled", "ann").items == tuple(ids[1::2])
    chosen = ws.keep_selection([ids[5], ids[2]])
    assert queue("selection", "ann", chosen.id).items == (ids[5], ids[2])
    assert queue("drafts", "ann").items == queue("flagged", "ann").items == ()
    ws.save_draft(Draft("d", "ann", item=ids[3]))
    ws.annotation.save(ids[6], None, "ben", action="flag", text="?")
    ws.annotation.assign([ids[4], ids[1]], ["ann"])
    assert queue("drafts", "ann").items == (ids[3],)
    assert queue("flagged", "ann").items == (ids[6],)
    assert queue("assigned", "ann").items == (ids[4], ids[1])
    assert queue("assigned", "ben").items == ()


@pytest.mark.parametrize("kind", ["uncertain", "informative", "disagreements"])
def test_queues_that_need_answers(ws: Workspace, kind: str) -> None:
    with pytest.raises(AnswersMissing, match=NO_ANSWERS):
        ws.annotation.queue(kind, "ann")  # type: ignore[arg-type]


def test_queues_that_cannot_be(ws: Workspace, tmp_path: Path) -> None:
    queue = ws.annotation.queue
    with pytest.raises(ValueRejected, match="a queue, one of everything, unlabelled, uncertain"):
        queue("all", "ann")  # type: ignore[arg-type]
    with pytest.raises(ValueRejected, match="the id of a selection for queue 'selection', and"):
        queue("selection", "ann")
    with pytest.raises(ValueRejected, match="'abc' for queue 'flagged'"):
        queue("flagged", "ann", "abc")
    with pytest.raises(SelectionMissing):
        queue("selection", "ann", "0" * 12)
    with pytest.raises(DoubtsMissing, match="Start the job 'doubts'"):
        queue("doubts", "ann")
    with pytest.raises(ValueRejected, match="an annotator's name"):
        queue("everything", "")
    empty = Workspace.create(tmp_path / "empty", starter=False)
    for kind in QUEUES:
        if kind not in ("selection", "doubts"):
            assert empty.annotation.queue(kind, "ann").items == ()


def test_uncertain_comes_nearest_to_another_answer_first(ws: Workspace, ids: list[str]) -> None:
    answers: list[Answer] = [(MEMBER, "forward", 0.01 * n, 1.0) for n in range(8)]
    answers[1], answers[3] = (MEMBER, "forward", -0.3, 0.0), (MEMBER, "forward", 0.4, 0.02)
    put(ws, ids[:6], answers[:6])
    found = ws.annotation.queue("uncertain", "ann")
    assert found.items == (ids[3], ids[5], ids[1])
    assert found.notes == ("1 items without a label have no stored answer yet and are left out.",)
    assert set(ws.annotation.queue("informative", "ann").items) == {ids[1], ids[3], ids[5]}


def test_disagreements(ws: Workspace, ids: list[str]) -> None:
    label = ws.item(ids[0]).label
    assert label is not None
    ws.annotation.save(ids[7], forward(ws, PEER), "ann")
    ws.annotation.save(ids[7], Label(NONE), "ben")
    only = ws.annotation.queue("disagreements", "ann")
    assert only.items == (ids[7],)
    assert only.notes[0] == "First come 1 item on which annotators differ."
    assert only.notes[1].startswith("Only these are listed. Expected stored answers of model vers")
    turned: Direction = "backward" if label.direction == "forward" else "forward"
    put(ws, ids[:7], [
        (label.relation, label.direction, 0.2, 1.0), (PEER, "both", 0.2, 1.0),
        (label.relation, label.direction, -0.1, 1.0), (PEER, "both", 0.2, 1.0),
        (label.relation, turned, 0.2, 1.0), (PEER, "both", 0.2, 1.0), (PEER, "both", 0.3, 0.25),
    ])  # fmt: skip
    assert ws.annotation.queue("disagreements", "ann").items == only.items, "the order stays"
    found = ws.annotation.queue("disagreements", "ann", renew=True)
    assert found.items == (ids[7], ids[6], ids[4], ids[2])


def test_doubts_are_the_likely_errors(ws: Workspace, ids: list[str]) -> None:
    put(ws, ids, [(MEMBER, "forward", 0.1, 1.0)] * 8)
    even = np.array(ids[::2], "S16")
    doubts = StoredDoubts(
        (MEMBER, PEER), even, np.zeros(4, int), np.ones(4, int), np.array([0.3, 0.1, 0.9, 0.2]),
        np.array([True, True, False, True]), 0,
    )  # fmt: skip
    Store.open(ws.path).doubts.put(ws.vector_key(), doubts)
    found = ws.annotation.queue("doubts", "ann")
    assert found.items == (ids[2], ids[6], ids[0])
    ws.annotation.save(ids[6], forward(ws, PEER), "ben")
    assert ws.annotation.queue("doubts", "ann") == found
    ws.annotation.save(ids[0], forward(ws, PEER), "ann")
    assert ws.annotation.queue("doubts", "ann").finished == {ids[0]}
    renewed = ws.annotation.queue("doubts", "ann", renew=True)
    assert renewed.items == (ids[2],), "changed labels are not doubted"


def test_a_queue_keeps_its_order_over_restarts(ws: Workspace, ids: list[str]) -> None:
    first = ws.annotation.queue("everything", "ann", seed=3)
    assert sorted(first.items) == sorted(ids)
    assert first.items != tuple(ids)
    Store.open(ws.path).add_records([(record(50), None), (record(51), None)])
    late = tuple(i.id for i in ws.items(limit=100).items if i.id not in ids)
    again = Workspace.open(ws.path).annotation.queue("everything", "ann", seed=3)
    assert (again.items, again.created) == (first.items + late, first.created)
    assert ws.annotation.queue("everything", "ben", seed=3).items != again.items
    renewed = ws.annotation.queue("everything", "ann", seed=3, renew=True)
    assert renewed.items == ws.annotation.queue("everything", "ben", seed=3).items


def test_what_is_done_and_what_others_did(ws: Workspace, ids: list[str]) -> None:
    queue = ws.annotation.queue("unlabelled", "ann")
    assert (queue.done, queue.after(), queue.after(ids[3])) == (0, ids[1], ids[5])
    ws.annotation.save(ids[1], Label(NONE), "ann")
    ws.annotation.save(ids[3], Label(NONE), "ben")
    ws.annotation.save(ids[5], None, "ann", action="skip")
    found = ws.annotation.queue("unlabelled", "ann")
    assert found.items == (ids[1], ids[5], ids[7]), "what ben labelled is off the list"
    assert found.finished == {ids[1], ids[5]}
    assert (found.after(ids[7]), found.after(ids[5])) == (None, ids[7])
    ws.annotation.undo("ben")
    ws.annotation.undo("ann")
    back = ws.annotation.queue("unlabelled", "ann")
    assert (back.items, back.finished) == (queue.items, {ids[1]})
    assert ws.annotation.queue("unlabelled", "ann", renew=True).items == tuple(ids[3::2])


def test_a_review_counts_from_its_start(ws: Workspace, ids: list[str]) -> None:
    ws.annotation.save(ids[0], Label(NONE), "ann")
    chosen = ws.keep_filter(ItemFilter(relation=NONE), "nothing there")
    assert ws.annotation.queue("selection", "ann", chosen.id).done == 0
    assert ws.annotation.queue("everything", "ann").done == 1
    ws.annotation.save(ids[0], forward(ws, PEER), "ann")
    found = ws.annotation.queue("selection", "ann", chosen.id)
    assert (found.items, found.done) == ((ids[0],), 1), "it left the slice by being done"


def test_another_version_is_said(ws: Workspace, ids: list[str]) -> None:
    put(ws, ids, [(MEMBER, "forward", 0.1, 1.0)] * 8)
    first = ws.annotation.queue("uncertain", "ann")
    used = ws.model_version
    other = next(v for v in ("base", "mini") if v != used)
    ws.use_model(other)
    found = ws.annotation.queue("uncertain", "ann")
    assert found.items == first.items
    assert found.notes[-1] == (
        f"The order is that of model version {used}; a renewed queue has that of {other}."
    )
    with pytest.raises(AnswersMissing, match=NO_ANSWERS):
        ws.annotation.queue("uncertain", "ann", renew=True)
    assert ws.annotation.queue("uncertain", "ann").items == first.items, "nothing was lost"


# --- look-alikes -------------------------------------------------------------------------


def test_neighbours_with_the_same_wrong_answer(ws: Workspace, ids: list[str]) -> None:
    angles = np.array([0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7])
    vectors = np.stack([np.cos(angles), np.sin(angles)] + [np.zeros(8)] * 6, axis=1)
    wrong: Answer = (PEER, "both", 0.2, 1.0)
    answers = [wrong] * 8
    answers[2] = (MEMBER, "forward", 0.2, 1.0)
    answers[3] = (PEER, "both", -0.2, 1.0)
    put(ws, ids, answers, vectors)
    right = forward(ws, MEMBER)
    ws.annotation.save(ids[0], right, "ann")
    ws.annotation.save(ids[5], Label(NONE), "ben")
    found = ws.annotation.look_alikes(ids[0], right)
    # 2 and 3 are answered otherwise, 4 and 6 have that label, 5 was labelled by a person
    assert [x.item for x in found] == [ids[1], ids[7]]
    assert [x.similarity for x in found] == pytest.approx(np.cos([0.1, 0.7]), abs=1e-3)
    assert (found[0].prediction, found[0].label, found[0].present) == (
        Label(PEER, "both"), right, None,
    )  # fmt: skip
    assert [x.item for x in ws.annotation.look_alikes(ids[0], right, 1)] == [ids[1]]
    assert ws.annotation.look_alikes(ids[0], right, 0) == ()
    assert ws.annotation.look_alikes(ids[0], Label(PEER, "both")) == (), "the answer was right"
    ws.annotation.save(found[0].item, found[0].label, "ann")
    assert [x.item for x in ws.annotation.look_alikes(ids[0], right)] == [ids[7]]


def test_a_neighbour_whose_label_says_that_the_answer_is_right_is_no_look_alike(
    ws: Workspace, ids: list[str]
) -> None:
    right = ws.item(ids[0]).label
    assert right is not None
    answers: list[Answer] = [(right.relation, right.direction, 0.2, 1.0)] * 3
    put(ws, ids[:3], answers, np.ones((3, 8)))
    found = ws.annotation.look_alikes(ids[1], Label(PEER, "both"))
    assert found == (), "items 0 and 2 carry that very label"
    put(ws, ids[:4], [*answers, answers[0]], np.ones((4, 8)))
    found = ws.annotation.look_alikes(ids[1], Label(PEER, "both"))
    assert [x.item for x in found] == [ids[3]]


def test_the_direction_fits_the_neighbour(ws: Workspace, ids: list[str]) -> None:
    answers: list[Answer] = [
        (HELD, "forward", 0.2, 1.0), (HELD, "backward", 0.2, 1.0), (HELD, "forward", 0.2, 1.0),
        (HELD, "forward", 0.2, 1.0), (HELD, "backward", 0.2, 1.0),
    ]  # fmt: skip
    types = ["? – ?", "? – ?", "? – ?", "organization – person", "person – organization"]
    put(ws, ids[1:6], answers, np.ones((5, 8)), types)
    found = ws.annotation.look_alikes(ids[1], Label(MEMBER, "forward"))
    ways = {x.item: x.label.direction for x in found}
    # the answers point the other way; types tell head from tail whatever the answers say
    assert (ways[ids[2]], ways.get(ids[3])) == ("backward", "forward")
    assert (ways[ids[4]], ways[ids[5]]) == ("backward", "forward")


def test_no_stored_answer_of_the_item(ws: Workspace, ids: list[str]) -> None:
    with pytest.raises(AnswersMissing, match=f"for item {ids[0]}. Found none. Start the job 've"):
        ws.annotation.look_alikes(ids[0], Label(NONE))
    with pytest.raises(ItemMissing, match="an item 'gone'"):
        ws.annotation.look_alikes("gone", Label(NONE))
    with pytest.raises(RelationUnknown):
        ws.annotation.look_alikes(ids[0], Label("/no/such"))
