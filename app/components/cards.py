"""HTML of answer cards and tables. Every piece of user text passes ``html.escape``."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from html import escape

from app.views.words import FACET_WORDS, how_close, shorten, signed
from roc_core.schema import (
    DescriptionScore,
    Direction,
    Example,
    Mention,
    RankedRelation,
    Relation,
    Share,
    Span,
    head_tail,
)


def card(number: int, ranked: RankedRelation, relation: Relation, example: Example) -> str:
    """One relation: rank, direction in words, how close, score bar, deciding description."""
    names = example.names()
    deciding = ranked.decided_by.description
    reason = escape(deciding.render(*head_tail(names, ranked.direction)))
    passes = " roc-passes" if ranked.passes else ""
    return (
        f'<div class="roc-card{passes}"><div class="roc-row">'
        f'<span class="roc-rank">{number}</span>{_direction(relation, ranked.direction, names)}'
        f'<span class="roc-close">{how_close(ranked)} <b>{ranked.score:.2f}</b></span></div>'
        f"{_bar(ranked)}{_memory(ranked)}"
        f'<div class="roc-why"><span class="roc-facet">{FACET_WORDS[deciding.facet]}</span> '
        f"<bdi>{reason}</bdi></div></div>"
    )


def _direction(relation: Relation, direction: Direction, names: tuple[str, str]) -> str:
    first, second = (
        f'<bdi class="roc-{which}">{escape(shorten(name))}</bdi>'
        for which, name in zip(("first", "second"), names, strict=True)
    )
    head, tail = (second, first) if direction == "backward" else (first, second)
    arrow = "↔" if relation.symmetric or direction == "both" else "→"
    middle = f'<span class="roc-relation">{escape(relation.name)}</span>'
    return f'<span class="roc-name">{head} {arrow} {middle} {arrow} {tail}</span>'


def _memory(ranked: RankedRelation) -> str:
    """What corrections add, in words; nothing where none voted."""
    if not ranked.memory:
        return ""
    return f'<div class="roc-meta">{signed(ranked.memory)} from corrections of near pairs</div>'


def _bar(ranked: RankedRelation) -> str:
    """A bar from 0 to 1 with a tick at the relation's line; a negative cosine shows as empty.

    What corrections add is taken off the line: the bar keeps showing the score alone.
    """
    needed = ranked.line - ranked.memory
    width, tick = (100 * min(max(value, 0.0), 1.0) for value in (ranked.score, needed))
    label = f"score {ranked.score:.2f}, line {ranked.line:.2f}, on a bar from 0 to 1"
    if ranked.memory:
        label += f"; corrections move the line to {needed:.2f}"
    return (
        f'<div class="roc-bar" role="img" aria-label="{label}" title="{label}">'
        f'<div class="roc-fill" style="width:{width:.1f}%"></div>'
        f'<div class="roc-line" style="left:{tick:.1f}%"></div></div>'
    )


def none_line(text: str) -> str:
    """The line between what passes and what does not."""
    return f'<div class="roc-none" role="separator">{escape(text)}</div>'


def descriptions(scores: Sequence[DescriptionScore], head: str, tail: str) -> str:
    """All descriptions of a relation with score and share in the mean, as a table."""
    rows = "".join(
        f'<tr><td><span class="roc-facet">{FACET_WORDS[s.description.facet]}</span></td>'
        f"<td><bdi>{escape(s.description.render(head, tail))}</bdi></td>"
        f'<td class="roc-number">{s.score:.2f}</td>'
        f'<td class="roc-number">{_share_in_mean(s)}</td></tr>'
        for s in scores
    )
    return (
        '<table class="roc-table"><thead><tr><th>facet</th><th>description</th>'
        '<th class="roc-number">score</th><th class="roc-number">share</th></tr></thead>'
        f"<tbody>{rows}</tbody></table>"
    )


def _share_in_mean(score: DescriptionScore) -> str:
    return "shown only" if score.description.facet == "contrast" else f"{100 * score.weight:.0f} %"


def shares(parts: Sequence[Share]) -> str:
    """Parts with a diverging bar each, on one scale."""
    most = max((abs(part.share) for part in parts), default=0.0) or 1.0
    rows = "".join(
        f"<tr><td>{escape(part.kind)}</td><td><bdi>{escape(shorten(part.name))}</bdi></td>"
        f'<td style="width:30%">{diverging(part.share / most)}</td>'
        f'<td class="roc-number">{signed(part.share)}</td></tr>'
        for part in parts
    )
    return (
        '<table class="roc-table"><thead><tr><th>part</th><th>which</th><th>share</th>'
        f'<th class="roc-number">points</th></tr></thead><tbody>{rows}</tbody></table>'
    )


def diverging(share: float) -> str:
    """A bar from the middle: to the right for, to the left against; -1..1 is the full width."""
    half = 50 * min(abs(share), 1.0)
    start = 50.0 if share >= 0 else 50.0 - half
    name = "roc-for" if share >= 0 else "roc-against"
    style = f"left:{start:.1f}%;width:{half:.1f}%"
    return f'<div class="roc-diverging"><i class="{name}" style="{style}"></i></div>'


def sentence(text: str, mentions: Sequence[Mention | None]) -> str:
    """A sentence with both mentions highlighted, exact to the code point."""
    spans = [m.place if m and isinstance(m.place, Span) else None for m in mentions]
    cuts = {0, len(text)} | {edge for s in spans if s for edge in (s.start, s.end)}
    ordered = sorted(cuts)
    pieces = []
    for start, end in itertools.pairwise(ordered):
        names = [
            f"roc-m{slot + 1}"
            for slot, span in enumerate(spans)
            if span and span.start <= start and end <= span.end
        ]
        piece = escape(text[start:end])
        pieces.append(f'<span class="{" ".join(names)}">{piece}</span>' if names else piece)
    return f'<div class="roc-text" dir="auto">{"".join(pieces)}</div>'
