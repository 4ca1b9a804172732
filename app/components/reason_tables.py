"""HTML tables of the further reasons for an answer. Every piece of user text is escaped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from app.components.cards import diverging
from app.views.words import shorten, signed
from roc_core.schema import (
    Alignment,
    Box,
    Difference,
    Example,
    SecondOpinion,
    Share,
    Span,
    Switchboard,
    Switched,
)

ORDINALS = ("first", "second")
MOST_ROWS = 8
"""Parts with a row of their own; the rest are added up in one row."""
LONG = 30
"""Code points of a name in a cell."""

Which = tuple[str, str, Span | Box | None]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table of points: the cells' HTML, and points for the bar (None: no bar)."""

    kind: str
    which: str
    points: float
    bar: bool = True
    beside: str = ""


def split(difference: Difference, example: Example) -> str:
    """The parts of a difference, what was there before any of them, the remainder and the sum."""
    shares = [s for s in difference.shares if s.kind != "cell"]
    rows = [
        *_rows(shares, example),
        Row("start", "before anything is shown", difference.start),
        Row("remainder", "what parts do only together", difference.remainder),
        Row("<b>sum</b>", "<b>the whole difference</b>", difference.difference, bar=False),
    ]
    return _points(rows)


def opinion(second: SecondOpinion, first: Sequence[Share], example: Example) -> str:
    """Shares by integrated gradients, those by leave-one-out beside them, remainder and sum."""
    found = {_which(s): signed(s.share) for s in first}
    explanation = second.explanation
    rows = [
        *_rows(explanation.shares, example, found),
        Row("remainder", "what the sum misses", explanation.remainder),
        Row("<b>sum</b>", "<b>score above a masked input</b>", second.difference, bar=False),
    ]
    return _points(rows, "left out")


def _which(share: Share) -> Which:
    return share.kind, share.name, share.place


def _rows(
    shares: Sequence[Share],
    example: Example,
    beside: Mapping[Which, str] | None = None,
) -> list[Row]:
    """The strongest parts first; the weaker ones in one row, so that the sum is kept."""
    ordered = sorted(shares, key=lambda s: -abs(s.share))
    found = beside or {}
    rows = [
        Row(s.kind, part(s, example), s.share, beside=found.get(_which(s), "–"))
        for s in ordered[:MOST_ROWS]
    ]
    rest = ordered[MOST_ROWS:]
    if rest:
        said = "1 weaker part" if len(rest) == 1 else f"{len(rest)} weaker parts"
        rows.append(Row("rest", said, sum(s.share for s in rest)))
    return rows


def _points(rows: Sequence[Row], beside: str = "") -> str:
    most = max((abs(row.points) for row in rows if row.bar), default=0.0) or 1.0
    extra = f'<th class="roc-number">{beside}</th>' if beside else ""
    body = "".join(
        f'<tr><td>{row.kind}</td><td>{row.which}</td><td style="width:25%">'
        f"{diverging(row.points / most) if row.bar else ''}</td>"
        f'<td class="roc-number">{signed(row.points)}</td>'
        + (f'<td class="roc-number">{row.beside}</td>' if beside else "")
        + "</tr>"
        for row in rows
    )
    return _table(
        '<th>part</th><th>which</th><th>share</th><th class="roc-number">points</th>' + extra, body
    )


def _table(head: str, body: str) -> str:
    return f'<table class="roc-table"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def part(share: Share, example: Example) -> str:
    """A part in words, mentions underlined in their colours."""
    if share.kind == "mention":
        for slot, mention in enumerate(example.mentions):
            if mention.place == share.place:
                return _name(example, slot)
    return _with_names(share.name, example) if share.kind == "type" else _bare(share.name)


def _name(example: Example, slot: int) -> str:
    name = escape(shorten(example.names()[slot], LONG))
    return f'<bdi class="roc-{ORDINALS[slot]}">{name}</bdi>'


def _bare(text: str) -> str:
    return f"<bdi>{escape(shorten(text))}</bdi>"


def _with_names(text: str, example: Example) -> str:
    """ "the first is a person" with the first mention's own name in place of "the first"."""
    for slot, ordinal in enumerate(ORDINALS):
        before, found, after = text.partition(f"{ordinal} is ")
        if found:
            before = escape(before.removesuffix("the "))
            return f"{before}{_name(example, slot)} is {escape(after)}"
    return escape(text)


def switches(board: Switchboard, passes: bool, example: Example) -> str:
    """A row a switch: what is changed, rank and score now and then, and which way it moved.

    ``passes`` says whether the relation passes its line as the pair stands.
    """
    mentions = iter(range(len(ORDINALS)))
    body = "".join(
        f"<tr><td>{_switch(s, example, next(mentions) if s.kind == 'mention' else 0)}"
        f"{_turned(board, s, passes)}</td>"
        f'<td class="roc-number">{board.rank} → {s.rank} {arrow(board.move(s))}</td>'
        f'<td class="roc-number">{board.score:.2f} → {s.score:.2f}</td></tr>'
        for s in board.switches
    )
    return _table(
        '<th>what if</th><th class="roc-number">rank</th><th class="roc-number">score</th>', body
    )


def _switch(switch: Switched, example: Example, slot: int) -> str:
    if switch.kind == "mention":
        return f"{_name(example, slot)} hidden"
    if switch.kind == "type":
        return _with_names(switch.name, example)
    if switch.kind == "box":
        return f"{escape(switch.name)} to the other side of the picture"
    return _bare(switch.name)


def _turned(board: Switchboard, switch: Switched, passes: bool) -> str:
    """What else a switch changes: the direction, or on which side of its line the relation is."""
    notes = []
    if switch.direction != board.direction:
        notes.append("now told the other way")
    if switch.passes != passes:
        notes.append("now above its line" if switch.passes else "now below its line")
    return f'<div class="roc-meta">{", ".join(notes)}</div>' if notes else ""


def arrow(move: int) -> str:
    """Ranks lost as an arrow that is also said: up for forward, down for back."""
    places = "1 place" if abs(move) == 1 else f"{abs(move)} places"
    said = "stays" if move == 0 else f"{places} {'down' if move > 0 else 'up'}"
    sign = "=" if move == 0 else ("▼" if move > 0 else "▲")
    return f'<span role="img" aria-label="{said}" title="{said}">{sign}</span>'


def links(alignment: Alignment, example: Example) -> str:
    """Words of the sentence beside the closest words of the description, best first."""
    body = "".join(
        f"<tr><td>{_marked(link.word, link.place, example)}</td><td>{_bare(link.described)}</td>"
        f'<td style="width:30%">{_closeness(link.score)}</td>'
        f'<td class="roc-number">{link.score:.2f}</td></tr>'
        for link in alignment.links
    )
    head = "<th>in the sentence</th><th>in the description</th><th>how close</th>"
    return _table(head + '<th class="roc-number">cosine</th>', body)


def _marked(word: str, place: Span, example: Example) -> str:
    """A word, underlined in a mention's colour where it belongs to one."""
    for slot, mention in enumerate(example.mentions):
        own = mention.place
        if isinstance(own, Span) and own.start < place.end and place.start < own.end:
            return f'<bdi class="roc-{ORDINALS[slot]}">{escape(shorten(word, LONG))}</bdi>'
    return _bare(word)


def _closeness(score: float) -> str:
    """A bar from 0 to 1; a negative cosine shows as empty."""
    width = 100 * min(max(score, 0.0), 1.0)
    return f'<div class="roc-bar"><div class="roc-fill" style="width:{width:.1f}%"></div></div>'
