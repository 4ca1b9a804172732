"""Inserted markers: a sign before and behind each mention, read by every layer with the sentence.

The "entity marker (punct)" of Zhou and Chen 2022, "An Improved Baseline for Sentence-level Relation
Extraction", without its type words. A sentence must be read again for every pair, which levitated
markers (see ``network.PairEncoder``) avoid.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

SIGNS = ("@", "#")
"""What stands around the first and the second mention."""
ROOM = 4
"""Word pieces that markers add."""


@dataclass(frozen=True, slots=True)
class Marked:
    """Piece ids with markers among them; ``pieces`` of each mention with its markers, and ``at``:
    where each old piece went."""

    ids: tuple[int, ...]
    pieces: tuple[tuple[int, ...], tuple[int, ...]]
    at: tuple[int, ...]


def insert_markers(
    ids: Sequence[int], pieces: Sequence[Sequence[int]], signs: tuple[int, int]
) -> Marked:
    """Put ``signs`` (piece ids) around the pieces of both mentions; none around an empty one.

    ``pieces`` are numbers into ``ids``, ascending. Mentions may share pieces: the second one's
    marker then stands inside.
    """
    out: list[int] = []
    found: tuple[list[int], list[int]] = ([], [])
    at: list[int] = []
    for number, piece in enumerate(ids):
        for row in (0, 1):
            if pieces[row] and number == pieces[row][0]:
                found[row].append(len(out))
                out.append(signs[row])
        at.append(len(out))
        for row in (0, 1):
            if number in pieces[row]:
                found[row].append(len(out))
        out.append(piece)
        for row in (1, 0):
            if pieces[row] and number == pieces[row][-1]:
                found[row].append(len(out))
                out.append(signs[row])
    return Marked(tuple(out), (tuple(found[0]), tuple(found[1])), tuple(at))
