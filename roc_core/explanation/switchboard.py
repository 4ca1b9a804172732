"""The modality switchboard: one thing off, swapped or moved, and where the relation lands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from roc_core.errors import ValueRejected
from roc_core.explanation.parts import everything, parts_of
from roc_core.explanation.scoring import scores_of
from roc_core.model.reader import NOTHING, Hidden
from roc_core.retrieval import PairScores, RelationRetriever
from roc_core.schema import (
    Box,
    Direction,
    Example,
    Span,
    Switchboard,
    Switched,
    SwitchKind,
)

ORDINALS = ("first", "second")
TURNED: dict[Direction, Direction] = {"forward": "backward", "backward": "forward", "both": "both"}


@dataclass(frozen=True, slots=True)
class Switch:
    """One change of the input: another example, or something hidden."""

    kind: SwitchKind
    name: str
    example: Example
    hide: Hidden = NOTHING


def switchboard(
    retriever: RelationRetriever,
    example: Example,
    relation: str,
    words: Sequence[Span] = (),
    boxes: Mapping[int, Box] | None = None,
) -> Switchboard:
    """A relation, in its better direction, as the pair stands and after each switch alone.

    ``words`` are hidden together as one more switch; ``boxes`` (0 first mention, 1 second) say
    where a box is moved to, by default to the mirrored place. Raises RelationUnknown, and
    ValueRejected for a box that is no mention.
    """
    retriever.catalogue.get(relation)
    every = list(switches(retriever, example, words, boxes or {}))
    examples = [example, *(s.example for s in every)]
    scores = scores_of(retriever, examples, [NOTHING, *(s.hide for s in every)])
    here = _place(retriever, scores, 0, relation)
    moved = [_place(retriever, scores, row, relation) for row in range(1, len(examples))]
    return Switchboard(
        relation,
        here.score,
        here.direction,
        here.rank,
        tuple(
            Switched(s.kind, s.name, p.score, _as_given(s, p.direction), p.rank, p.passes)
            for s, p in zip(every, moved, strict=True)
        ),
    )


def _as_given(switch: Switch, direction: Direction) -> Direction:
    """A direction in terms of the mentions before they were swapped."""
    return TURNED[direction] if switch.kind == "swap" else direction


def switches(
    retriever: RelationRetriever,
    example: Example,
    words: Sequence[Span],
    boxes: Mapping[int, Box],
) -> Iterator[Switch]:
    """Every switch that changes something of this example."""
    if example.picture is not None and retriever.reader.vision is not None:
        yield Switch("picture", "without the picture", example, Hidden(picture=True))
    parts = parts_of(retriever, example)
    all_words = everything(example).words
    if all_words:
        hide = Hidden(words=all_words)
        yield Switch("words", "without all words outside the mentions", example, hide)
    if words:
        said = ", ".join(w.of(example.sentence) for w in words)
        yield Switch("words", f"without {said}", example, Hidden(words=tuple(words)))
    for part in parts:
        if part.kind in ("mention", "type", "picture text"):
            kind: SwitchKind = part.kind
            yield Switch(kind, _left_out(part.kind, part.name), example, part.hide)
    turned = (example.second, example.first)
    yield Switch("swap", "mentions swapped", replace(example, mentions=turned, as_given=True))
    yield from _moves(retriever, example, boxes)


def _left_out(kind: str, name: str) -> str:
    if kind == "type":
        return f"not knowing that the {name}"
    return "without the picture text" if kind == "picture text" else f"with {name} masked"


def _moves(
    retriever: RelationRetriever, example: Example, boxes: Mapping[int, Box]
) -> Iterator[Switch]:
    """A switch for each box mention that lands somewhere else."""
    for number in boxes:
        if number not in (0, 1) or not isinstance(example.mentions[number].place, Box):
            raise ValueRejected(
                "the number of a box mention, 0 for the first mention or 1 for the second",
                str(number),
                "Move a mention that is a box.",
            )
    for number, name in enumerate(ORDINALS):
        place = example.mentions[number].place
        if isinstance(place, Box):
            target = boxes.get(number) or _mirrored(retriever, example, place)
            if target is not None and target not in [m.place for m in example.mentions]:
                yield Switch("box", f"{name} box moved", _moved(example, number, target))


def _mirrored(retriever: RelationRetriever, example: Example, box: Box) -> Box | None:
    """The box on the other side of the picture; None for a model that sees no pictures."""
    seen = retriever.reader.picture_evidence(example)
    if seen is None:
        return None
    width = seen.size[0]
    left, right = max(0.0, width - box.right), width - box.left
    return Box(left, box.top, right, box.bottom) if left < right else None


def _moved(example: Example, number: int, box: Box) -> Example:
    """The example with one box elsewhere; the mentions keep their order, as directions speak of
    it."""
    mentions = list(example.mentions)
    mentions[number] = replace(mentions[number], place=box)
    return replace(example, mentions=(mentions[0], mentions[1]), as_given=True)


@dataclass(frozen=True, slots=True)
class _Place:
    score: float
    direction: Direction
    rank: int
    passes: bool


def _place(retriever: RelationRetriever, scores: PairScores, row: int, relation: str) -> _Place:
    """Where a relation stands in a row of scores: relations are ranked, as in an answer, by how
    far their better direction lies above its line."""
    none, found = float(scores.none[row]), scores.relations[row]
    best: dict[str, tuple[float, Direction]] = {}
    for (own, direction), score in zip(retriever.readings.pairs, found.tolist(), strict=True):
        if own.id not in best or score > best[own.id][0]:
            best[own.id] = (score, direction)
    line = {r: min(1.0, max(-1.0, none + retriever.version.lines.of(r))) for r in best}
    margins = {r: score - line[r] for r, (score, _) in best.items()}
    score, direction = best[relation]
    rank = 1 + sum(m > margins[relation] for m in margins.values())
    return _Place(score, direction, rank, score >= line[relation])
