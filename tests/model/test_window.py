"""The window of a long sentence: what is kept, and how much."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from roc_core.model.window import MENTION_PIECES, overlapping, pieces_of, window
from roc_core.schema import Span


@st.composite
def sentences(draw: st.DrawFn) -> tuple[int, list[list[int]], int]:
    """Pieces of a sentence, pieces of up to two mentions, room."""
    total = draw(st.integers(0, 300))
    needed = []
    for _ in range(draw(st.integers(0, 2)) if total else 0):
        start = draw(st.integers(0, total - 1))
        needed.append(list(range(start, draw(st.integers(start + 1, total)))))
    return total, needed, draw(st.integers(1, 130))


@given(sentences())
def test_a_window_is_sorted_inside_and_full(made: tuple[int, list[list[int]], int]) -> None:
    total, needed, room = made
    kept = window(total, needed, room)
    assert kept == sorted(set(kept))
    assert all(0 <= i < total for i in kept)
    assert len(kept) == min(total, room)


@given(sentences())
def test_both_ends_of_every_mention_are_kept(made: tuple[int, list[list[int]], int]) -> None:
    total, needed, room = made
    kept = set(window(total, needed, room))
    fair = min(MENTION_PIECES, room // max(1, len(needed)))
    for mention in needed:
        if fair >= 1:
            assert mention[0] in kept
        if fair >= 2:
            assert mention[-1] in kept
        if len(mention) <= fair:
            assert kept >= set(mention)


def test_everything_is_kept_when_it_fits() -> None:
    assert window(5, [[1]], 5) == [0, 1, 2, 3, 4]
    assert window(0, [], 5) == []


def test_the_rest_are_the_neighbours_of_both_mentions() -> None:
    assert window(100, [[20], [60]], 6) == [19, 20, 21, 59, 60, 61]


def test_a_long_mention_is_kept_by_its_ends() -> None:
    assert window(100, [list(range(10, 90))], 8) == [10, 11, 12, 13, 86, 87, 88, 89]


def test_one_piece_of_room_a_mention_is_shared_fairly() -> None:
    assert window(10, [[1, 2, 3], [7, 8]], 2) == [1, 7]


def test_pieces_overlap_a_span_by_a_character() -> None:
    offsets = [(0, 3), (3, 5), (6, 9)]
    assert overlapping(offsets, Span(4, 7)) == [1, 2]
    assert overlapping(offsets, Span(5, 6)) == []
    assert overlapping([(2, 2)], Span(0, 5)) == []


def test_characters_without_pieces_take_the_nearest_piece() -> None:
    offsets = [(0, 3), (10, 12)]
    assert pieces_of(offsets, Span(4, 5)) == [0]
    assert pieces_of(offsets, Span(9, 10)) == [1]
    assert pieces_of([], Span(0, 1)) == []


@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(1, 5)), min_size=1),
    st.integers(0, 40),
    st.integers(1, 9),
)
def test_a_mention_always_has_a_piece(runs: list[tuple[int, int]], start: int, length: int) -> None:
    offsets = [(s, s + n) for s, n in sorted(runs)]
    span = Span(start, start + length)
    found = pieces_of(offsets, span)
    assert found
    touching = [
        i for i, (s, e) in enumerate(offsets) if set(range(s, e)) & set(range(*_ends(span)))
    ]
    assert not touching or found == touching


def _ends(span: Span) -> tuple[int, int]:
    return span.start, span.end
