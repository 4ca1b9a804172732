"""A sentence graph: mentions on an ellipse in reading order, relations between them as arrows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from roc_core.figures.look import short
from roc_core.schema import Edge, SentenceGraph

if TYPE_CHECKING:
    import plotly.graph_objects as go

LONG_NAME, SHORT_NAME, LONG_RELATION = 20, 14, 24
"""Characters shown of a mention's name, the same when narrow, and a relation's; hover shows all."""

NARROW = 480
"""Pixels of width below which names are cut shorter."""

SIDE, TOP = 1.42, 1.34
"""Half the width and height of the plane; mentions lie at 1 from its middle."""

_NODE = 26
_TIP = 20
"""Pixels of a circle and of an arrow's tip."""

_ALONG = (0.5, 0.45, 0.55, 0.4, 0.6, 0.35, 0.65, 0.3, 0.7, 0.25, 0.75, 0.2, 0.8)
"""Where on an edge its name may stand, as shares of the way, best first."""

_TOUCH = (0.15, 0.25, 0.35, 0.5, 0.65, 0.75, 0.85)
"""Where on an edge a click or the pointer finds it."""


@dataclass(frozen=True, slots=True)
class _Look:
    """Colours of one theme."""

    page: str
    text: str
    node: str
    on_node: str
    first: str
    second: str
    passes: str
    below: str


_LIGHT = _Look(
    "#ffffff", "#31333f", "#5b6b7a", "#ffffff", "#0b63b6", "#b45309", "#1b7837", "#8a8a8a"
)
_DARK = _Look(
    "#171614", "#fafafa", "#a9b8c6", "#171614", "#6cb2f5", "#f5a04a", "#6fca85", "#8f979f"
)

_Point = tuple[float, float]
_Size = tuple[int, int]
"""Width and height of the figure in pixels."""

_Rectangle = tuple[float, float, float, float]
"""Left, top, right, bottom in pixels."""


def sentence_graph_plot(
    graph: SentenceGraph,
    names: Mapping[str, str],
    chosen: tuple[int, int] | None = None,
    below: bool = False,
    dark: bool = False,
    width: int = 560,
    height: int = 400,
) -> go.Figure:
    """The graph as a figure ``height`` pixels high, laid out to be shown about ``width`` wide.

    Edges whose relation passes its line are solid, with an arrow from head to tail unless the
    relation is symmetric; with ``below`` the others are dashed. ``names`` gives the words for
    relation ids. ``chosen`` is a pair of mentions, in the colours of first and second mention and
    drawn in any case. ``customdata`` of every point of an edge is [first, second].
    """
    import plotly.graph_objects as go

    look = _DARK if dark else _LIGHT
    drawn = [e for e in graph.edges if e.passes or below or (e.first, e.second) == chosen]
    places = node_places(len(graph.mentions))
    figure, size = go.Figure(), (width, height)
    for edge in drawn:
        _add_line(figure, edge, places, look, (edge.first, edge.second) == chosen, size)
    long = LONG_NAME if width >= NARROW else SHORT_NAME
    called = [short(name, long) for name in graph.names()]
    _add_nodes(figure, graph, called, places, look, chosen)
    _add_touch(figure, graph, drawn, places, names)
    taken = _covered(called, drawn, places, size)
    _add_relation_names(figure, drawn, places, names, look, chosen, taken, size)
    return _without_axes(figure, look, dark, height)


def node_places(mentions: int) -> tuple[_Point, ...]:
    """(x, y) in -1..1 of each mention: clockwise in reading order, the first one at the left top
    (left, when there are two)."""
    angles = [math.pi / 2 + math.pi / mentions * (1 - 2 * n) for n in range(mentions)]
    return tuple((round(math.cos(a), 4), round(math.sin(a), 4)) for a in angles)


# --- edges -------------------------------------------------------------------------------


def _add_line(
    figure: go.Figure,
    edge: Edge,
    places: Sequence[_Point],
    look: _Look,
    chosen: bool,
    size: _Size,
) -> None:
    head, tail = _ends(edge, places)
    colour = look.passes if edge.passes else look.below
    width = 4.0 if chosen else 2.5 if edge.passes else 1.2
    figure.add_scatter(
        x=[head[0], tail[0]],
        y=[head[1], tail[1]],
        mode="lines",
        line={"color": colour, "width": width, "dash": "solid" if edge.passes else "dash"},
        hoverinfo="skip",
        showlegend=False,
    )
    if edge.directed:
        start = _before(head, tail, _NODE + 10, size)
        figure.add_annotation(
            x=tail[0], y=tail[1], ax=start[0], ay=start[1],
            xref="x", yref="y", axref="x", ayref="y", text="",
            showarrow=True, arrowhead=2, arrowsize=0.8 if chosen else 1.1,
            arrowwidth=max(width, 2.0),
            arrowcolor=colour, standoff=_NODE / 2 + 2,
        )  # fmt: skip


def _add_touch(
    figure: go.Figure,
    graph: SentenceGraph,
    drawn: Sequence[Edge],
    places: Sequence[_Point],
    names: Mapping[str, str],
) -> None:
    """Unseen points along each edge, which carry its hover text and take clicks."""
    points = [(edge, share) for edge in drawn for share in _TOUCH]
    at = [_between(*_ends(edge, places), share) for edge, share in points]
    texts = {(e.first, e.second): _hover(graph, e, names) for e in drawn}
    figure.add_scatter(
        x=[x for x, _ in at],
        y=[y for _, y in at],
        mode="markers",
        # A click must not fade the rest: what is chosen is drawn by this function.
        marker={"size": 18, "opacity": 0},
        selected={"marker": {"opacity": 0}},
        unselected={"marker": {"opacity": 0}},
        customdata=[[edge.first, edge.second] for edge, _ in points],
        hovertext=[texts[edge.first, edge.second] for edge, _ in points],
        hoverinfo="text",
        showlegend=False,
        name="pairs",
    )


def _hover(graph: SentenceGraph, edge: Edge, names: Mapping[str, str]) -> str:
    called = graph.names()
    head, tail = (short(called[n], 60) for n in edge.ends)
    relation = short(names.get(edge.best.relation, edge.best.relation), 60)
    arrow = "→" if edge.directed else "↔"
    side = "above" if edge.passes else "below"
    said = f"<b>{head}</b> {arrow} {relation} {arrow} <b>{tail}</b>"
    none = "" if edge.passes else "none of these; closest: "
    score = f"score {edge.best.score:.2f}, {abs(edge.margin):.2f} {side} its line"
    return f"{none}{said}<br>{score}"


def _add_relation_names(
    figure: go.Figure,
    drawn: Sequence[Edge],
    places: Sequence[_Point],
    names: Mapping[str, str],
    look: _Look,
    chosen: tuple[int, int] | None,
    taken: list[_Rectangle],
    size: _Size,
) -> None:
    """Names on the edges that pass and on the chosen one, where they hide least of what is there
    already (``taken``, which grows)."""
    order = sorted(drawn, key=lambda e: ((e.first, e.second) != chosen, -e.margin))
    for edge in order:
        this = (edge.first, edge.second) == chosen
        if not (edge.passes or this):
            continue
        text = short(names.get(edge.best.relation, edge.best.relation), LONG_RELATION)
        head, tail = _ends(edge, places)
        choices = [
            (point, _rectangle(point, (6.6 * len(text) + 8, 17), size))
            for point in (_between(head, tail, share) for share in _ALONG)
        ]
        point, rectangle = min(choices, key=lambda c: sum(_shared(c[1], t) for t in taken))
        taken.append(rectangle)
        figure.add_annotation(
            x=point[0], y=point[1], showarrow=False, borderpad=2, bgcolor=look.page,
            text=f"<b>{text}</b>" if this else text,
            font={"size": 12, "color": look.passes if edge.passes else look.text},
        )  # fmt: skip


# --- mentions ----------------------------------------------------------------------------


def _add_nodes(
    figure: go.Figure,
    graph: SentenceGraph,
    called: Sequence[str],
    places: Sequence[_Point],
    look: _Look,
    chosen: tuple[int, int] | None,
) -> None:
    colours = [look.node] * len(places)
    for place, colour in zip(chosen or (), (look.first, look.second), strict=False):
        colours[place] = colour
    xs, ys = [x for x, _ in places], [y for _, y in places]
    hover = [
        f"{short(name, 80)}<br>{type_ or 'no type'}"
        for name, type_ in zip(graph.names(), graph.types(), strict=True)
    ]
    figure.add_scatter(
        x=xs,
        y=ys,
        mode="markers+text",
        marker={
            "size": _NODE,
            "color": colours,
            "opacity": 1,
            "line": {"width": 3, "color": look.page},
        },
        text=[f"<b>{n + 1}</b>" for n in range(len(places))],
        textfont={"color": look.on_node, "size": 13},
        textposition="middle center",
        selected={"marker": {"opacity": 1}},
        unselected={"marker": {"opacity": 1}},
        hovertext=hover,
        hoverinfo="text",
        showlegend=False,
        name="mentions",
    )
    for (x, y), name, colour in zip(places, called, colours, strict=True):
        figure.add_annotation(
            x=x, y=y, showarrow=False, yshift=26 if y >= 0 else -26, borderpad=1,
            bgcolor=look.page, text=name,
            font={"size": 13, "color": look.text if colour == look.node else colour},
        )  # fmt: skip


def _covered(
    called: Sequence[str], drawn: Sequence[Edge], places: Sequence[_Point], size: _Size
) -> list[_Rectangle]:
    """What circles and names of the mentions and the tips of arrows cover."""
    found = []
    for (x, y), name in zip(places, called, strict=True):
        wide = max(7.2 * len(name), _NODE)
        left, top, right, bottom = _rectangle((x, y), (wide, _NODE + 4), size)
        found.append((left, top - (24 if y >= 0 else 0), right, bottom + (24 if y < 0 else 0)))
    for edge in drawn:
        if edge.directed:
            tip = _before(*_ends(edge, places), (_NODE + _TIP) / 2, size)
            found.append(_rectangle(tip, (_TIP, _TIP), size))
    return found


# --- plane -------------------------------------------------------------------------------


def _ends(edge: Edge, places: Sequence[_Point]) -> tuple[_Point, _Point]:
    """Where head and tail lie."""
    head, tail = edge.ends
    return places[head], places[tail]


def _between(a: _Point, b: _Point, share: float) -> _Point:
    return (a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share)


def _before(start: _Point, end: _Point, pixels: float, size: _Size) -> _Point:
    """The point on the way from ``start`` that lies ``pixels`` before ``end``, at most half the
    way."""
    wide = (end[0] - start[0]) / (2 * SIDE) * size[0]
    high = (end[1] - start[1]) / (2 * TOP) * size[1]
    return _between(start, end, max(1 - pixels / math.hypot(wide, high), 0.5))


def _rectangle(point: _Point, covers: tuple[float, float], size: _Size) -> _Rectangle:
    """A rectangle, ``covers`` pixels wide and high, around a point of the plane."""
    x = (point[0] + SIDE) / (2 * SIDE) * size[0]
    y = (TOP - point[1]) / (2 * TOP) * size[1]
    wide, high = covers
    return (x - wide / 2, y - high / 2, x + wide / 2, y + high / 2)


def _shared(a: _Rectangle, b: _Rectangle) -> float:
    """Square pixels that two rectangles share."""
    wide = min(a[2], b[2]) - max(a[0], b[0])
    high = min(a[3], b[3]) - max(a[1], b[1])
    return max(wide, 0.0) * max(high, 0.0)


def _without_axes(figure: go.Figure, look: _Look, dark: bool, height: int) -> go.Figure:
    plain: dict[str, Any] = {"visible": False, "fixedrange": True}
    figure.update_layout(
        height=height,
        template="plotly_dark" if dark else "plotly_white",
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        paper_bgcolor=look.page,
        plot_bgcolor=look.page,
        dragmode=False,
        hovermode="closest",
        hoverlabel={"align": "left"},
        hoverdistance=24,
        clickmode="event+select",
        showlegend=False,
    )
    figure.update_xaxes(range=[-SIDE, SIDE], **plain)
    figure.update_yaxes(range=[-TOP, TOP], **plain)
    return figure
