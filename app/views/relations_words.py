"""Words and HTML of the Relations page. Pure functions; every piece of user text is escaped."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import groupby

from app.views.words import FACET_WORDS, whole
from roc_core.schema import (
    FACETS,
    Description,
    DiffPiece,
    Facet,
    Moved,
    Relation,
    RelationChange,
    RelationState,
    WhatIfReport,
)

ACTIONS = {
    "import": "taken in",
    "add": "added",
    "edit": "edited",
    "retire": "retired",
    "restore": "restored",
    "revert": "brought back",
}
FIELDS = {
    "name": "name",
    "phrase": "between head and tail",
    "head": "head",
    "tail": "tail",
    "symmetric": "symmetric",
}
_TAGS = {"same": "span", "removed": "del", "added": "ins"}


def types_said(relation: Relation) -> str:
    """ "person → organization"; "person ↔ person" for a symmetric relation."""
    return f"{relation.head} {'↔' if relation.symmetric else '→'} {relation.tail}"


def counts_said(found: RelationState) -> str:
    """ "12 descriptions · 340 labels · 3 changes"."""
    many = len(found.relation.descriptions)
    parts = [
        "1 description" if many == 1 else f"{many} descriptions",
        "1 label" if found.labels == 1 else f"{whole(found.labels)} labels",
    ]
    if found.changes:
        parts.append("1 change" if found.changes == 1 else f"{found.changes} changes")
    return " · ".join(parts)


def first_text(relation: Relation) -> str:
    """The description that says best what a relation is: its first one."""
    return relation.descriptions[0].render("A", "B") if relation.descriptions else ""


def rows_of(relation: Relation) -> tuple[tuple[Facet, str], ...]:
    """Descriptions as (facet, text)."""
    return tuple((d.facet, d.text) for d in relation.descriptions)


def numbered(id: str, rows: Sequence[tuple[Facet, str]]) -> tuple[Description, ...]:
    """Descriptions of a relation numbered facet by facet, as a catalogue has them."""
    by_facet = [[(f, text) for f, text in rows if f == facet] for facet in FACETS]
    return tuple(
        Description(f"{id}#{facet}-{n}", id, facet, text)
        for own in by_facet
        for n, (facet, text) in enumerate(own, 1)
    )


def change_said(change: RelationChange, clock: str, name: str) -> str:
    """ "14:02 · 12 · member of · edited by Kim: reason"."""
    of = f" (change {change.of})" if change.of else ""
    why = f": {change.reason}" if change.reason else ""
    # What the program brings has no author.
    who = f" by {change.author}" if change.author else " from the program"
    return f"{clock} · {name} · {ACTIONS[change.action]}{of}{who}{why}"


def diff_html(pieces: Sequence[DiffPiece]) -> str:
    """What changed, a line a field: what went struck out, what came underlined."""
    rows = "".join(
        f'<tr><td class="roc-meta">{escape(field_said(field))}</td><td dir="auto">'
        f"{''.join(_piece(piece) for piece in own)}</td></tr>"
        for field, own in groupby(pieces, key=lambda piece: piece.field)
    )
    return f'<table class="roc-table roc-diff"><tbody>{rows}</tbody></table>'


def _piece(piece: DiffPiece) -> str:
    tag = _TAGS[piece.kind]
    return f"<{tag}>{escape(piece.text)}</{tag}>"


def field_said(field: str) -> str:
    """ "descriptions.wording-2" as "wording cue 2"."""
    facet, _, number = field.removeprefix("descriptions.").rpartition("-")
    known = {name: words for name, words in FACET_WORDS.items() if name == facet}
    return f"{known[facet]} {number}" if facet in known else FIELDS.get(field, field)


def descriptions_html(relation: Relation) -> str:
    """The descriptions as a table, to be read only."""
    rows = "".join(
        f'<tr><td><span class="roc-facet">{FACET_WORDS[d.facet]}</span></td>'
        f"<td><bdi>{escape(d.text)}</bdi></td></tr>"
        for d in relation.descriptions
    )
    return f'<table class="roc-table"><tbody>{rows}</tbody></table>'


# --- what a change would do --------------------------------------------------------------


def moves_html(report: WhatIfReport) -> str:
    """The figures before and after, as a table; shares in per cent."""
    rows = "".join(
        _move(name, moved, said)
        for name, moved, said in (
            ("F1", report.f1, "micro F1 of all relations"),
            ("hit@3", report.hit3, "right relation among the first three"),
            ("precision", report.precision, "of this relation"),
            ("recall", report.recall, "of this relation"),
        )
    )
    return (
        '<table class="roc-table roc-moves"><thead><tr><th>figure</th>'
        '<th class="roc-number">now</th><th class="roc-number">then</th>'
        f'<th class="roc-number">move</th></tr></thead><tbody>{rows}</tbody></table>'
    )


def _move(name: str, moved: Moved, said: str) -> str:
    before, after = 100 * moved.before, 100 * moved.after
    step = round(after, 1) - round(before, 1)
    side = "roc-up" if step > 0 else "roc-down" if step < 0 else ""
    return (
        f"<tr><td>{name} <span class='roc-meta'>{said}</span></td>"
        f'<td class="roc-number">{before:.1f}</td><td class="roc-number">{after:.1f}</td>'
        f'<td class="roc-number"><b class="{side}">{step_said(step)}</b></td></tr>'
    )


def step_said(step: float) -> str:
    """ "+0.4", "−1.2", "0.0"."""
    return f"{'+' if step > 0 else '−' if step < 0 else ''}{abs(step):.1f}"


def line_said(line: Moved) -> str:
    """How the "none of these" line of the relation should move."""
    step = line.after - line.before
    if abs(step) < 0.0005:
        return f"Its line is best where it is ({line.before:+.3f})."
    where = "higher" if step > 0 else "lower"
    return (
        f"Its line would be best {abs(step):.3f} {where}: {line.after:+.3f} in place of "
        f"{line.before:+.3f}."
    )


def flips_said(report: WhatIfReport) -> str:
    """How many answers would be others."""
    if not report.changed:
        return f"No answer of {whole(report.items)} would be another."
    return (
        f"{whole(report.won)} won, {whole(report.lost)} lost; {whole(report.changed)} of "
        f"{whole(report.items)} answers would be others."
    )
