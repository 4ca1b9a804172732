"""Figures and tables of how well descriptions are worded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from html import escape
from typing import TYPE_CHECKING

import numpy as np

from roc_core.figures.analysis_tables import Table, relation_words
from roc_core.figures.look import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    RED,
    cut,
    framed,
    ink,
    named_rows,
    short,
)
from roc_core.figures.map import central, map_plot
from roc_core.schema import Codes, Landmark, MapView

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from roc_core.schema import Hub, Rivals, Robustness, StyleProblem

ADVICE: Mapping[str, str] = {"merge": "merge?", "sharpen": "sharpen?", "": "–"}
"""What to do about two relations that lie close, as a question: a person decides."""

_COLOURS = {"merge": RED, "sharpen": ORANGE, "": GREY}
_ROW = 22
"""Pixels a row of dots or bars."""

_LONG = 44
"""Code points of a name on an axis."""

_BENEATH = 44
"""Pixels a legend stands under the plot."""

PAIRS_DRAWN = 40
"""Pairs of relations that a map can hold without lines covering one another."""


def rivals_map(
    view: MapView,
    rivals: Sequence[Rivals],
    names: Mapping[str, str],
    dark: bool = False,
    height: int = 560,
) -> go.Figure:
    """Relation descriptions on the map, a line between the relations of each pair in ``rivals``
    (the first ``PAIRS_DRAWN``), the thicker the more alike. The mark in the middle of a line can be
    clicked; its ``customdata`` is [first, second]. A pair of which a relation is not on the map is
    left out; of other relations only the diamonds are drawn.
    """
    shown = list(rivals[:PAIRS_DRAWN])
    wanted = {id for pair in shown for id in (pair.first, pair.second)}
    marks = tuple(mark for mark in view.landmarks if mark.relation in wanted)
    figure = map_plot(
        _without_points(view, marks),
        Codes((), np.zeros(0, np.uint8)),
        names,
        layers=("density", "descriptions", "relations"),
        dark=dark,
        height=height,
    )
    places = {mark.relation: (mark.x, mark.y) for mark in central(marks)}
    drawn = [pair for pair in shown if pair.first in places and pair.second in places]
    for advice, colour in _COLOURS.items():
        _add_pairs(figure, [p for p in drawn if p.advice == advice], places, names, colour, dark)
    figure.update_layout(
        dragmode="pan",
        hoverdistance=24,
        margin={"b": _BENEATH},
        legend={"orientation": "h", "x": 0, "y": 0, "yanchor": "top", "title": {"text": ""}},
    )
    return figure


def _without_points(view: MapView, marks: tuple[Landmark, ...]) -> MapView:
    none = Codes((), np.zeros(0, np.uint8))
    return replace(
        view,
        items=view.items[:0],
        xs=view.xs[:0],
        ys=view.ys[:0],
        placed=view.placed[:0],
        label=none,
        prediction=none,
        outcome=none,
        types=none,
        annotator=none,
        scores=view.scores[:0],
        margins=view.margins[:0],
        landmarks=marks,
    )


def _add_pairs(
    figure: go.Figure,
    pairs: Sequence[Rivals],
    places: Mapping[str, tuple[int, int]],
    names: Mapping[str, str],
    colour: str,
    dark: bool,
) -> None:
    """Lines and marks of the pairs that have one advice."""
    if not pairs:
        return
    ends = [(places[p.first], places[p.second]) for p in pairs]
    for pair, (a, b) in zip(pairs, ends, strict=True):
        figure.add_scatter(
            x=[a[0], b[0]], y=[a[1], b[1]], mode="lines", hoverinfo="skip", showlegend=False,
            line={"color": colour, "width": 1 + 3 * max(0.0, pair.similarity) ** 2},
        )  # fmt: skip
    figure.add_scatter(
        x=[(a[0] + b[0]) / 2 for a, b in ends],
        y=[(a[1] + b[1]) / 2 for a, b in ends],
        mode="markers",
        name=_legend(pairs[0].advice),
        customdata=[[p.first, p.second] for p in pairs],
        marker={"color": colour, "size": 13, "line": {"width": 1.5, "color": ink(not dark)}},
        selected={"marker": {"opacity": 1}},
        unselected={"marker": {"opacity": 1}},
        text=[_pair_text(p, names) for p in pairs],
        hoverinfo="text",
    )


def _legend(advice: str) -> str:
    return {"merge": "merge these two?", "sharpen": "sharpen their descriptions?"}.get(
        advice, "near, told apart well"
    )


def _pair_text(pair: Rivals, names: Mapping[str, str]) -> str:
    first, second = (short(relation_words(id, names), _LONG) for id in (pair.first, pair.second))
    said = f"{pair.between:,} item{'' if pair.between == 1 else 's'} between them"
    return f"<b>{first}</b> and <b>{second}</b><br>similarity {pair.similarity:.2f}, {said}"


def robustness_dots(
    rows: Sequence[Robustness], names: Mapping[str, str], dark: bool = False
) -> go.Figure:
    """Mean rank of each relation on its labelled items over its single wordings, with its standard
    deviation to both sides, in the order given, the first on top."""
    import plotly.graph_objects as go

    figure = go.Figure()
    figure.add_scatter(
        x=[row.mean_rank for row in rows],
        y=list(range(len(rows))),
        mode="markers",
        marker={"color": BLUE, "size": 10},
        error_x={
            "type": "data", "symmetric": False, "color": GREY,
            "array": [row.rank_sd for row in rows],
            "arrayminus": [min(row.rank_sd, row.mean_rank - 1) for row in rows],
        },
        text=[_rank_text(row, names) for row in rows],
        hoverinfo="text",
    )  # fmt: skip
    framed(
        figure,
        "Rank of the right relation, one wording at a time",
        "mean rank, 1 is best (bars: standard deviation over wordings)",
        "",
        _tall(rows),
        dark,
    )
    said = [f"{short(relation_words(r.relation, names), _LONG)} ({r.items:,})" for r in rows]
    named_rows(figure, said)
    figure.update_xaxes(rangemode="tozero")
    return figure


def _rank_text(row: Robustness, names: Mapping[str, str]) -> str:
    said = short(relation_words(row.relation, names), _LONG)
    return f"{said}: rank {row.mean_rank:.1f} ± {row.rank_sd:.1f}, {row.items:,} labelled items"


def hub_bars(
    rows: Sequence[Hub],
    texts: Mapping[str, str],
    names: Mapping[str, str],
    dark: bool = False,
) -> go.Figure:
    """How many answers each description decided, and how many of them wrong, in the order given,
    the first on top. ``texts`` gives the text of a description by its id, for hover."""
    import plotly.graph_objects as go

    figure = go.Figure()
    for name, colour, counts in (
        ("right, or without a label", GREEN, [row.wins - row.wrong for row in rows]),
        ("wrong", RED, [row.wrong for row in rows]),
    ):
        figure.add_bar(
            x=counts,
            y=list(range(len(rows))),
            orientation="h",
            name=name,
            marker={"color": colour},
            hovertext=[_hub_text(row, texts, names) for row in rows],
            hoverinfo="text",
        )
    framed(
        figure,
        "Descriptions that win most often",
        "answers it decided",
        "",
        _tall(rows),
        dark,
    )
    named_rows(
        figure, [short(_numbered(row.description, row.relation, names), _LONG) for row in rows]
    )
    figure.update_layout(barmode="stack")
    return figure


def _hub_text(row: Hub, texts: Mapping[str, str], names: Mapping[str, str]) -> str:
    said = short(_numbered(row.description, row.relation, names), _LONG)
    text = escape(cut(texts.get(row.description, ""), 120), quote=False)
    return f"<b>{said}</b>: {row.wins:,} wins, {row.wrong:,} of them wrong<br>{text}"


def _numbered(description: str, relation: str, names: Mapping[str, str]) -> str:
    """A description by its relation and place: "member of, wording 2"."""
    facet, _, number = description.rpartition("#")[2].rpartition("-")
    place = f"{facet} {number}".strip()
    return f"{relation_words(relation, names)}, {place}" if place else description


# --- tables ------------------------------------------------------------------------------


def rivals_table(rivals: Sequence[Rivals], names: Mapping[str, str]) -> Table:
    """Pairs of relations whose descriptions lie close."""
    rows = tuple(
        (
            relation_words(p.first, names),
            relation_words(p.second, names),
            ADVICE[p.advice],
            p.between,
            round(p.similarity, 4),
        )
        for p in rivals
    )
    head = ("relation", "and", "question", "items between", "similarity")
    return Table("Relations whose descriptions lie close", head, rows)


def robustness_table(found: Sequence[Robustness], names: Mapping[str, str]) -> Table:
    """Ranks of relations over their single wordings."""
    rows = tuple(
        (relation_words(r.relation, names), r.items, round(r.mean_rank, 3), round(r.rank_sd, 3))
        for r in found
    )
    head = ("relation", "labelled items", "mean rank", "spread of the rank")
    return Table("Rank of the right relation, one wording at a time", head, rows)


def hubs_table(found: Sequence[Hub], texts: Mapping[str, str], names: Mapping[str, str]) -> Table:
    """Descriptions by how often they win."""
    rows = tuple(
        (
            relation_words(h.relation, names),
            texts.get(h.description, h.description),
            h.wins,
            h.wrong,
            round(h.wrong / h.wins, 4) if h.wins else None,
        )
        for h in found
    )
    head = ("relation", "description", "wins", "wrong", "share wrong")
    return Table("Descriptions that win most often", head, rows)


def style_table(found: Sequence[StyleProblem], names: Mapping[str, str]) -> Table:
    """Descriptions whose length or style is a problem."""
    rows = tuple(
        (relation_words(p.description.rpartition("#")[0], names), p.text, p.problem) for p in found
    )
    return Table("Length and style", ("relation", "description", "problem"), rows)


# --- shared ------------------------------------------------------------------------------


def _tall(rows: Sequence[object]) -> int:
    return 150 + _ROW * max(len(rows), 2)
