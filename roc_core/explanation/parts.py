"""The parts of an example that explanations speak of, and how each of them is hidden."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from roc_core.encoders.vision import PictureEvidence
from roc_core.model.reader import Cell, Hidden
from roc_core.retrieval import RelationRetriever
from roc_core.schema import Box, Example, PartKind, Share, Span

MOST_WORDS = 60
"""Longer sentences are explained in runs of neighbouring words, at most this many."""
BLOCKS = 4
"""The picture is hidden in at most BLOCKS × BLOCKS blocks of neighbouring cells."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the input and what to hide to leave it out."""

    kind: PartKind
    name: str
    hide: Hidden
    place: Span | Box | None = None

    def share(self, value: float) -> Share:
        """The share of this part, in cosine points."""
        return Share(self.kind, self.name, value, self.place)


def parts_of(retriever: RelationRetriever, example: Example) -> tuple[Part, ...]:
    """Words, mentions, types, concept words, picture text and picture cells of an example.

    Cells and concept words are two views of one picture.
    """
    seen = retriever.reader.picture_evidence(example)
    return (
        *word_parts(example),
        *_mention_parts(example),
        *_type_parts(retriever, example),
        *_concept_parts(seen),
        *_text_parts(example),
        *_cell_parts(seen),
    )


def together(parts: Iterable[Part]) -> Hidden:
    """What hides all of some parts at once."""
    hides = [p.hide for p in parts]
    return Hidden(
        tuple(dict.fromkeys(w for h in hides for w in h.words)),
        (any(h.mentions[0] for h in hides), any(h.mentions[1] for h in hides)),
        (any(h.types[0] for h in hides), any(h.types[1] for h in hides)),
        frozenset(c for h in hides for c in h.cells),
        frozenset(c for h in hides for c in h.concepts),
        any(h.picture for h in hides),
        any(h.picture_text for h in hides),
    )


def everything(example: Example) -> Hidden:
    """What hides all words, mentions, types and the whole picture."""
    words = tuple(w for p in word_parts(example) for w in p.hide.words)
    return Hidden(words, (True, True), (True, True), picture=True, picture_text=True)


def word_parts(example: Example) -> list[Part]:
    """The words outside the mentions, or runs of them in a long sentence."""
    marked = [m.place for m in example.mentions if isinstance(m.place, Span)]
    words = [w for run in re.finditer(r"\S+", example.sentence) for w in _outside(run, marked)]
    step = -(-len(words) // MOST_WORDS) or 1
    runs = [words[i : i + step] for i in range(0, len(words), step)]
    return [
        Part(
            "word",
            " ".join(w.of(example.sentence) for w in run),
            Hidden(words=tuple(run)),
            Span(run[0].start, run[-1].end),
        )
        for run in runs
    ]


def _outside(run: re.Match[str], marked: list[Span]) -> Iterator[Span]:
    """The pieces of a word that belong to no mention."""
    start = run.start()
    for at in range(run.start(), run.end() + 1):
        inside = at < run.end() and any(m.start <= at < m.end for m in marked)
        if inside or at == run.end():
            if at > start:
                yield Span(start, at)
            start = at + 1


def _mention_parts(example: Example) -> Iterator[Part]:
    for mention, name, mask in zip(
        example.mentions, example.names(), ((True, False), (False, True)), strict=True
    ):
        yield Part("mention", name, Hidden(mentions=mask), mention.place)


def _type_parts(retriever: RelationRetriever, example: Example) -> Iterator[Part]:
    suggested = retriever.suggest_types(example)
    for i, mention in enumerate(example.mentions):
        guess = suggested[i]
        name = mention.type or (guess[0] if guess else None)
        if name is not None:
            ordinal = ("first", "second")[i]
            article = "an" if name == "organization" else "a"
            yield Part("type", f"{ordinal} is {article} {name}", Hidden(types=(i == 0, i == 1)))


def _concept_parts(seen: PictureEvidence | None) -> Iterator[Part]:
    for concept in seen.concepts if seen else ():
        yield Part("concept", concept.word, Hidden(concepts=frozenset({concept.word})))


def _text_parts(example: Example) -> Iterator[Part]:
    if example.picture_text.strip():
        yield Part("picture text", "picture text", Hidden(picture_text=True))


def _cell_parts(seen: PictureEvidence | None) -> Iterator[Part]:
    """Blocks of cells that tile the picture."""
    if seen is None:
        return
    rows, columns = seen.grid
    for top, bottom in _cuts(rows):
        for left, right in _cuts(columns):
            cells: frozenset[Cell] = frozenset(
                (r, c) for r in range(top, bottom) for c in range(left, right)
            )
            first, last = seen.cell_box(top, left), seen.cell_box(bottom - 1, right - 1)
            box = Box(first.left, first.top, last.right, last.bottom)
            name = f"picture part, row {top + 1}, column {left + 1}"
            yield Part("cell", name, Hidden(cells=cells), box)


def _cuts(cells: int) -> list[tuple[int, int]]:
    """At most BLOCKS even stretches of ``cells``."""
    blocks = min(BLOCKS, cells)
    edges = [round(i * cells / blocks) for i in range(blocks + 1)]
    return list(pairwise(edges))
