"""Every switch against an answer of the model to the changed input."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from roc_core.errors import RelationUnknown, ValueRejected
from roc_core.explanation import switchboard
from roc_core.model.reader import Hidden
from roc_core.schema import Box, Example, Mention, Span, Switchboard
from tests.model.small import SENTENCE, marked, shared_retriever, two_colours

MEMBER = "/per/org/member"


def kinds(board: Switchboard) -> list[str]:
    return [s.kind for s in board.switches]


def test_the_pair_as_it_stands_is_ranked_as_in_an_answer(tmp_path: Path) -> None:
    retriever = shared_retriever()
    example = marked("Ana", "band", picture=two_colours(tmp_path), picture_text="a team")
    (prediction,) = retriever.predict([example])
    for rank, entry in enumerate(prediction.ranked, 1):
        board = switchboard(retriever, example, entry.relation)
        assert (board.rank, board.direction) == (rank, entry.direction)
        assert board.score == pytest.approx(entry.score, abs=1e-5)


def test_changed_inputs_are_answered_as_the_model_answers_them(tmp_path: Path) -> None:
    retriever = shared_retriever()
    example = marked("Ana", "band", picture=two_colours(tmp_path), picture_text="a team")
    board = switchboard(retriever, example, MEMBER, words=[Span(4, 9)])
    assert kinds(board) == [
        "picture", "words", "words", "mention", "mention", "type", "type", "picture text", "swap",
    ]  # fmt: skip
    by_name = {s.name: s for s in board.switches}
    for name, changed in {
        "without the picture": replace(example, picture=None),
        "without the picture text": replace(example, picture_text=""),
    }.items():
        (prediction,) = retriever.predict([changed])
        ranks = [r.relation for r in prediction.ranked]
        assert by_name[name].rank == 1 + ranks.index(MEMBER)
        entry = prediction.ranked[by_name[name].rank - 1]
        assert by_name[name].score == pytest.approx(entry.score, abs=1e-5)
        assert by_name[name].passes == entry.passes
        assert board.move(by_name[name]) == by_name[name].rank - board.rank
    less = [
        float(retriever.scores_of(example, [Hidden(words=(Span(4, 9),))], MEMBER, d)[0])
        for d in ("forward", "backward")  # type: ignore[arg-type]
    ]
    assert by_name["without joins"].score == pytest.approx(max(less), abs=1e-5)


def test_swapping_keeps_the_meaning_of_directions() -> None:
    retriever, example = shared_retriever(), marked("Ana", "band")
    (swap,) = [s for s in switchboard(retriever, example, MEMBER).switches if s.kind == "swap"]
    turned = replace(example, mentions=(example.second, example.first), as_given=True)
    entry = retriever.predict([turned])[0].find(MEMBER)
    assert entry is not None
    assert swap.score == pytest.approx(entry.score, abs=1e-5)
    assert {swap.direction, entry.direction} == {"forward", "backward"}


def test_a_box_moves_to_the_other_side_or_where_it_is_told(tmp_path: Path) -> None:
    retriever = shared_retriever()
    picture, box = two_colours(tmp_path), Box(0, 0, 20, 20)
    example = Example(SENTENCE, (Mention(Span(0, 3)), Mention(box)), picture)
    moved = Example(SENTENCE, (Mention(Span(0, 3)), Mention(Box(40, 0, 60, 20))), picture)
    by_default = switchboard(retriever, example, MEMBER).switches[-1]
    told = switchboard(retriever, example, MEMBER, boxes={1: Box(40, 0, 60, 20)}).switches[-1]
    entry = retriever.predict([moved])[0].find(MEMBER)
    assert entry is not None
    assert by_default == told
    assert (told.kind, told.name) == ("box", "second box moved")
    assert told.score == pytest.approx(entry.score, abs=1e-5)
    middle = replace(example, mentions=(example.first, Mention(Box(20, 0, 40, 20))))
    assert "box" not in kinds(switchboard(retriever, middle, MEMBER))


def test_switches_without_effect_are_not_offered() -> None:
    board = switchboard(shared_retriever(), marked("Ana", "band", "Ana band"), "/per/per/peer")
    assert kinds(board) == ["mention", "mention", "type", "type", "swap"]


def test_what_cannot_be_switched_is_said(tmp_path: Path) -> None:
    with pytest.raises(RelationUnknown, match="Expected a relation id of catalogue 'small'"):
        switchboard(shared_retriever(), marked("Ana", "band"), "/no")
    for number in (0, 2):
        with pytest.raises(ValueRejected, match=rf"number of a box mention.*Found {number}\."):
            switchboard(
                shared_retriever(), marked("Ana", "band"), MEMBER, boxes={number: Box(0, 0, 1, 1)}
            )
