"""Which word pieces of a long sentence are read: a window around the two mentions."""

from __future__ import annotations

from collections.abc import Sequence

from roc_core.schema import Span

MENTION_PIECES = 48
"""Of a longer mention only its first and last pieces, this many together, are sure to be read."""


def overlapping(offsets: Sequence[tuple[int, int]], span: Span) -> list[int]:
    """Numbers of the pieces that overlap a span."""
    return [i for i, (s, e) in enumerate(offsets) if s < span.end and e > span.start and e > s]


def pieces_of(offsets: Sequence[tuple[int, int]], span: Span) -> list[int]:
    """Numbers of the pieces that overlap a span; the nearest piece when none does.

    A tokenizer drops some characters (controls, lone joiners); a mention made of those alone is
    represented by its neighbour rather than by nothing. Empty only for a text without pieces.
    """
    inside = overlapping(offsets, span)
    if inside or not offsets:
        return inside
    gap = [min(abs(s - span.start), abs(e - span.start)) for s, e in offsets]
    return [gap.index(min(gap))]


def window(total: int, needed: Sequence[Sequence[int]], room: int) -> list[int]:
    """Numbers of the pieces to read, ascending, at most ``room`` of ``total``.

    All of them when they fit; otherwise the pieces of each ``needed`` mention (a long one by its
    ends) and then their neighbours, growing evenly to both sides of every mention.
    """
    if total <= room:
        return list(range(total))
    limit = max(1, min(MENTION_PIECES, room // max(1, len(needed))))
    keep: set[int] = set()
    for mention in needed:
        half = limit // 2
        part = (
            list(mention)
            if len(mention) <= limit
            else [*mention[: limit - half], *mention[len(mention) - half :]]
        )
        keep.update(part)
    keep = set(sorted(keep)[:room]) or {0}
    edges = sorted(keep)
    step = 1
    while len(keep) < room and step < total:
        for edge in edges:
            for near in (edge - step, edge + step):
                if 0 <= near < total and len(keep) < room:
                    keep.add(near)
        step += 1
    return sorted(keep)
