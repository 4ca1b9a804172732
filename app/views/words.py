"""Plain words for labels, directions, scores and times. Nothing is kept or changed."""

from __future__ import annotations

from collections.abc import Mapping

from roc_core.schema import (
    NONE,
    Direction,
    Example,
    Facet,
    Label,
    RankedRelation,
    Reading,
    Relation,
    head_tail,
)
from roc_core.workspace import Workspace

FACET_WORDS: Mapping[Facet, str] = {
    "definition": "definition",
    "wording": "wording cue",
    "picture": "picture cue",
    "forward": "told one way",
    "backward": "told the other way",
    "contrast": "not to be confused with",
}
NONE_WORDS = "none of these"
LONG_NAME = 60


def relation_names(ws: Workspace) -> dict[str, str]:
    """Words for relation ids, those of retired ones and ``NONE`` included."""
    names = {id: relation.name for id, relation in ws.known_relations().items()}
    return names | {NONE: NONE_WORDS}


def shorten(text: str, length: int = LONG_NAME) -> str:
    """The text on one line, at most ``length`` code points."""
    line = " ".join(text.split())
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"


def sentence_of(relation: Relation, direction: Direction, names: tuple[str, str]) -> str:
    """A direction in words: "Katy Perry → member of → the band"."""
    head, tail = (shorten(name) for name in head_tail(names, direction))
    if relation.symmetric or direction == "both":
        return f"{head} ↔ {relation.name} ↔ {tail}"
    return f"{head} → {relation.name} → {tail}"


def label_words(label: Label | None, relation: Relation | None, example: Example) -> str:
    """A label in words, with the real mention names where the relation is known."""
    if label is None:
        return "no label"
    if label.relation == NONE:
        return NONE_WORDS
    if relation is None:
        return label.relation
    return sentence_of(relation, label.direction, example.names())


def how_close(ranked: RankedRelation) -> str:
    """How far a score, with what corrections add, lies from its line (cosine points)."""
    margin = ranked.margin
    if margin >= 0:
        return "well above its line" if margin >= 0.08 else "just above its line"
    return "just below its line" if margin > -0.08 else "far below its line"


def percent(share: float) -> str:
    """A probability in whole per cent."""
    return f"{round(100 * share)} %"


def signed(value: float) -> str:
    """A share with its sign, three digits."""
    return f"{'+' if value >= 0 else '−'}{abs(value):.3f}"


def escaped(text: str) -> str:
    """User text for a Markdown label: every character shows as itself."""
    special = "\\`*_{}[]()#+-.!|~:<>$&"
    return "".join(f"\\{c}" if c in special else c for c in text)


def whole(number: int) -> str:
    """13871 as "13,871"."""
    return f"{number:,}"


def items_said(number: int) -> str:
    """ "1 item", "13,871 items"."""
    return "1 item" if number == 1 else f"{whole(number)} items"


def reading_words(reading: Reading) -> str:
    """A reading in words: "mini", "mini without pictures"."""
    return f"{reading.version} {reading.variant.replace('-', ' ')}".strip()
