"""Why A and not B: the parts' shares, the start and the remainder add up to the difference."""

from __future__ import annotations

from pathlib import Path

import pytest

from roc_core.errors import ValueRejected
from roc_core.explanation import explain, why_not
from roc_core.schema import Label
from tests.model.small import marked, shared_retriever, two_colours

MEMBER, PEER = Label("/per/org/member", "backward"), Label("/per/per/peer", "both")


def test_everything_adds_up_and_each_share_is_a_difference_of_shares(tmp_path: Path) -> None:
    retriever = shared_retriever()
    example = marked("Ana", "band", picture=two_colours(tmp_path), picture_text="a team")
    found = why_not(retriever, example, MEMBER, PEER)
    one = explain(retriever, example, MEMBER.relation, MEMBER.direction)
    other = explain(retriever, example, PEER.relation, PEER.direction)
    assert found.difference == pytest.approx(one.score - other.score, abs=1e-6)
    for share, a, b in zip(found.shares, one.shares, other.shares, strict=True):
        assert (share.kind, share.name, share.place) == (a.kind, a.name, a.place)
        assert share.share == pytest.approx(a.share - b.share, abs=1e-6)
    added = sum(s.share for s in found.shares if s.kind != "cell")
    assert found.start + added + found.remainder == pytest.approx(found.difference, abs=1e-12)
    assert max(abs(s.share) for s in found.shares) > 1e-3


def test_the_other_way_round_turns_every_sign() -> None:
    retriever, example = shared_retriever(), marked("Ana", "band")
    found, back = (why_not(retriever, example, *p) for p in ((MEMBER, PEER), (PEER, MEMBER)))
    assert back.difference == pytest.approx(-found.difference)
    assert [s.share for s in back.shares] == pytest.approx([-s.share for s in found.shares])
    same = why_not(retriever, example, MEMBER, MEMBER)
    assert same.difference == same.remainder == 0.0


def test_both_relations_must_exist() -> None:
    with pytest.raises(ValueRejected, match=r"one of both\. Found 'forward'"):
        why_not(
            shared_retriever(), marked("Ana", "band"), MEMBER, Label("/per/per/peer", "forward")
        )
