"""All explainers behind one lock, the quickest piece first."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from roc_core.errors import PictureMissing
from roc_core.schema import (
    Alignment,
    Box,
    Difference,
    Explanation,
    Label,
    SecondOpinion,
    Switchboard,
)
from roc_core.workspace.explaining import Reasons
from tests.model.small import marked, shared_retriever, two_colours

PEER = Label("/per/per/peer", "both")


@pytest.fixture
def reasons() -> Reasons:
    return Reasons(shared_retriever, threading.RLock())


def test_a_full_explanation_comes_piece_by_piece(reasons: Reasons, tmp_path: Path) -> None:
    example = marked("Ana", "band", picture=two_colours(tmp_path), picture_text="a team")
    entry = shared_retriever().predict([example])[0].find("/per/org/member")
    assert entry is not None
    pieces = list(reasons.all(example, entry, PEER))
    kinds = [tuple, Explanation, Difference, Alignment, Switchboard, SecondOpinion]
    assert [type(p) for p in pieces] == kinds
    assert isinstance(pieces[-1], SecondOpinion)
    assert pieces[-1].agreement is not None
    label = Label(entry.relation, entry.direction)
    assert pieces[2] == reasons.why_not(example, label, PEER)
    assert pieces[1] == reasons.shares(example, entry.relation, entry.direction)
    assert len(list(reasons.all(example, entry))) == 5


def test_a_pair_is_its_own_nearest_neighbour(reasons: Reasons) -> None:
    examples = [marked("Ana", "band"), marked("Ana", "city"), marked("team", "tour")]
    vectors = shared_retriever().vectors(examples)
    found = reasons.neighbours(examples[1], vectors, [PEER, PEER, PEER], 2)
    assert found[0].row == 1
    assert found[0].score == pytest.approx(1.0, abs=1e-5)
    assert 1 not in [n.row for n in reasons.neighbours(examples[1], vectors, [PEER] * 3, 2, [1])]


def test_a_picture_that_is_gone_is_named(reasons: Reasons, tmp_path: Path) -> None:
    example = marked("Ana", "band", picture=tmp_path / "gone.png")
    with pytest.raises(PictureMissing, match=r"gone\.png"):
        reasons.switchboard(example, "/per/org/member", boxes={0: Box(0, 0, 1, 1)})
