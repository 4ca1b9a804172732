"""Inserted markers: whatever is marked, nothing of the sentence is lost or moved about."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from roc_core.model.markers import insert_markers

SIGNS = (-1, -2)


def test_signs_stand_around_both_mentions() -> None:
    found = insert_markers([10, 11, 12, 13], [(0,), (2, 3)], SIGNS)
    assert found.ids == (-1, 10, -1, 11, -2, 12, 13, -2)
    assert found.pieces == ((0, 1, 2), (4, 5, 6, 7))
    assert found.at == (1, 3, 5, 6)


def test_a_box_has_no_markers() -> None:
    found = insert_markers([10, 11], [(1,), ()], SIGNS)
    assert found.ids == (10, -1, 11, -1)
    assert found.pieces[1] == ()


@given(st.integers(1, 12), st.data())
def test_every_piece_stays_in_order(length: int, data: st.DataObject) -> None:
    ids = list(range(100, 100 + length))
    spans = []
    for _ in range(2):
        start = data.draw(st.integers(0, length - 1))
        spans.append(tuple(range(start, data.draw(st.integers(start + 1, length)))))
    found = insert_markers(ids, spans, SIGNS)
    assert [i for i in found.ids if i > 0] == ids
    assert [found.ids[a] for a in found.at] == ids
    assert len(found.ids) == length + 4
    for row in (0, 1):
        own = [found.ids[p] for p in found.pieces[row]]
        assert own[0] == own[-1] == SIGNS[row]
        assert [i for i in own if i > 0] == [ids[p] for p in spans[row]]
