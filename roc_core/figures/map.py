"""The map of a workspace: points in WebGL over density contours, named landmarks and regions."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from html import escape
from textwrap import wrap
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from roc_core.figures.look import cut, short
from roc_core.schema import NONE, Codes, Landmark, MapView, Region

if TYPE_CHECKING:
    import plotly.graph_objects as go

Layer = Literal["density", "relations", "descriptions", "regions"]
LAYERS: tuple[Layer, ...] = ("density", "relations", "descriptions", "regions")

SIDE = 65535
"""Largest number on either axis of a map."""

OTHER = "other"
"""Name of the rest when there are more categories than can be told apart."""

# Okabe and Ito's palette without black and yellow, which a dark or a light page swallows.
_COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00")
_SYMBOLS = ("circle", "square", "triangle-up", "cross")
_GREY = "#8a8a8a"
_OUTCOMES = {
    "right": "#009E73",
    "wrong": "#D55E00",
    "wrong way round": "#CC79A7",
    "both right": "#009E73",
    "only this right": "#0072B2",
    "only the other right": "#E69F00",
    "both wrong": "#D55E00",
    "different answers": "#CC79A7",
}
_SCALE = [[0, "#D55E00"], [0.5, "#a6a6a6"], [1, "#0072B2"]]
_PLAIN = frozenset({"", NONE, OTHER, "no label", "same answer", "no answer of the other"})
_TOP = 32
"""Pixels above the map, for the chart's own tool bar."""

_MANY = 5_000
"""Points above which hover says less, so that 15,000 of them stay under 2 MB."""


def map_plot(
    view: MapView,
    colour: Codes | np.ndarray,
    names: Mapping[str, str],
    hover: Sequence[str] = (),
    layers: Collection[Layer] = ("density", "relations"),
    chosen: Collection[int] = (),
    dark: bool = False,
    height: int = 560,
) -> go.Figure:
    """The map as a figure ``height`` pixels high.

    ``colour`` is a category or a number (P,) for each of P points, 0 of a number being the middle
    of the scale; ``names`` gives the words for category and relation ids; ``hover`` is empty or one
    text a point (see ``hover_texts``). ``chosen`` are rows drawn as selected. A point's
    ``customdata`` is its row; landmarks have none. The same arguments give the same figure.
    """
    import plotly.graph_objects as go

    figure = go.Figure()
    if "density" in layers:
        _add_density(figure, view)
    parts = _by_category(colour, names) if isinstance(colour, Codes) else _by_number(colour)
    marked = np.isin(np.arange(len(view)), list(chosen))
    for name, rows, marker in parts:
        figure.add_scattergl(**_points(view, name, rows, marker, hover, marked))
    if "descriptions" in layers:
        _add_landmarks(figure, view.landmarks, names, 6, dark)
    writer = _Writer(figure, height, view.aspect, dark)
    if "relations" in layers:
        shown = central(view.landmarks)
        _add_landmarks(figure, shown, names, 10, dark)
        for mark in shown:
            writer.write(mark.x, mark.y, f"<b>{_said(mark.relation, names)}</b>", 11, True)
    if "regions" in layers:
        for region in view.regions:
            writer.write(region.x, region.y, _region_text(region, names), 10, False)
    return _without_axes(figure, view.aspect, height, dark)


def hover_texts(
    view: MapView, readings: Sequence[tuple[str, str, str]], names: Mapping[str, str]
) -> list[str]:
    """What hover shows for each point: both mentions and the sentence, with label and answer where
    there are few enough points. ``readings`` are sentence, first and second mention of each."""
    few = len(view) <= _MANY
    found = []
    for row, (sentence, first, second) in enumerate(readings):
        # Marked-up and not-ASCII characters take six bytes each on the way to the browser.
        pair = [short(first, 40), short(second, 40)] if few else [short(f"{first}; {second}", 40)]
        lines = [" · ".join(f"<b>{name}</b>" for name in pair) if few else pair[0]]
        text = cut(sentence, 140 if few else 50)
        lines += [escape(line, quote=False) for line in wrap(text, 60)]
        if few:
            label, answer = (_said(c.of(row), names) for c in (view.label, view.prediction))
            lines.append(f"label: {label}; answer: {answer}")
        found.append("<br>".join(lines))
    return found


# --- points ------------------------------------------------------------------------------

_Part = tuple[str, np.ndarray, dict[str, Any]]
"""Name, rows and marker of one trace."""


def _by_category(codes: Codes, names: Mapping[str, str]) -> Iterator[_Part]:
    """Parts by category, the largest first; colour and shape together tell 24 of them apart, the
    rest is one grey part."""
    counts = np.bincount(codes.values, minlength=len(codes.names))
    order = [int(n) for n in np.argsort(-counts, kind="stable") if counts[n]]
    styled = [n for n in order if codes.names[n] not in _PLAIN]
    most = len(_COLOURS) * len(_SYMBOLS)
    for number in order:
        if number in styled[most:]:
            continue
        name = codes.names[number]
        rows = np.flatnonzero(codes.values == number)
        place = styled.index(number) if number in styled else -1
        yield f"{_said(name, names)} ({len(rows):,})", rows, _marker(name, place)
    if styled[most:]:
        rows = np.flatnonzero(np.isin(codes.values, styled[most:]))
        yield f"{OTHER} ({len(rows):,})", rows, _marker(OTHER, -1)


def _marker(name: str, place: int) -> dict[str, Any]:
    if place < 0 or name in _OUTCOMES:
        return {"color": _OUTCOMES.get(name, _GREY), "symbol": "circle"}
    shape = _SYMBOLS[place // len(_COLOURS)]
    return {"color": _COLOURS[place % len(_COLOURS)], "symbol": shape}


def _by_number(values: np.ndarray) -> Iterator[_Part]:
    numbers = np.asarray(values, np.float32)
    bar = {"thickness": 12, "len": 0.6, "outlinewidth": 0}
    marker = {"color": numbers, "colorscale": _SCALE, "cmid": 0, "colorbar": bar}
    yield "points", np.arange(len(numbers)), marker


def _points(
    view: MapView,
    name: str,
    rows: np.ndarray,
    marker: dict[str, Any],
    hover: Sequence[str],
    marked: np.ndarray,
) -> dict[str, Any]:
    """One trace of points."""
    size, opacity = next(
        (s, o) for most, s, o in ((2_000, 8, 0.85), (10_000, 6, 0.7), (10**9, 4, 0.55))
        if len(view) <= most
    )  # fmt: skip
    trace: dict[str, Any] = {
        "x": view.xs[rows],
        "y": view.ys[rows],
        "name": name,
        "mode": "markers",
        "customdata": rows.astype(np.int32),
        "marker": {**marker, "size": size, "opacity": opacity},
        "showlegend": "colorscale" not in marker,
        "selected": {"marker": {"opacity": 1}},
        "unselected": {"marker": {"opacity": 0.2}},
    }
    if hover:
        trace |= {"text": [hover[r] for r in rows.tolist()], "hoverinfo": "text"}
    else:
        trace["hoverinfo"] = "name" if "colorscale" not in marker else "skip"
    if marked.any():
        trace["selectedpoints"] = np.flatnonzero(marked[rows]).tolist()
    return trace


# --- landmarks, regions, density ---------------------------------------------------------


def central(landmarks: Sequence[Landmark]) -> list[Landmark]:
    """One landmark a relation: of its definitions (or all, without one) the nearest to their
    median."""
    found, of = [], defaultdict(list)
    for mark in landmarks:
        of[mark.relation].append(mark)
    for own in of.values():
        marks = [m for m in own if m.facet == "definition"] or own
        places = np.array([(m.x, m.y) for m in marks], float)
        away = np.abs(places - np.median(places, axis=0)).sum(axis=1)
        found.append(marks[int(away.argmin())])
    return found


def _add_landmarks(
    figure: go.Figure, marks: Sequence[Landmark], names: Mapping[str, str], size: int, dark: bool
) -> None:
    figure.add_scattergl(
        x=[m.x for m in marks],
        y=[m.y for m in marks],
        mode="markers",
        name="relation descriptions",
        showlegend=False,
        marker={
            "symbol": "diamond",
            "size": size,
            "color": "#f5f5f5" if dark else "#1f1f1f",
            "line": {"width": 1, "color": "#1f1f1f" if dark else "#ffffff"},
        },
        selected={"marker": {"opacity": 1}},
        unselected={"marker": {"opacity": 1}},
        text=[_landmark_text(m, names) for m in marks],
        hoverinfo="text",
    )


def _landmark_text(mark: Landmark, names: Mapping[str, str]) -> str:
    lines = wrap(cut(mark.text, 240), 60)
    head = f"<b>{_said(mark.relation, names)}</b> (description, {mark.facet})"
    return "<br>".join([head, *(escape(line, quote=False) for line in lines)])


def _region_text(region: Region, names: Mapping[str, str]) -> str:
    words = escape(", ".join(region.words), quote=False)
    return f"<i>{words}</i><br>{_said(region.relation, names)} {region.share:.0%}"


class _Writer:
    """Writes names on the map where they do not cover one another, as far as the size of the
    figure is known beforehand."""

    def __init__(self, figure: go.Figure, height: int, aspect: float, dark: bool) -> None:
        self._figure, self._dark = figure, dark
        up = 0.85 * (height - _TOP) / SIDE  # a narrow window draws the map smaller
        self._scale = (up * aspect, up)
        self._taken: list[tuple[float, float, float, float]] = []

    def write(self, x: int, y: int, text: str, size: int, needed: bool) -> None:
        """Write a name above its place, or below it; one that is not ``needed`` is left out where
        there is no room."""
        shifts = (14, -16)
        free = [s for s in shifts if not any(_meet(self._box(x, y, text, size, s), t)
                                             for t in self._taken)]  # fmt: skip
        if not free and not needed:
            return
        shift = (free or shifts)[0]
        self._taken.append(self._box(x, y, text, size, shift))
        self._figure.add_annotation(
            x=x,
            y=y,
            text=text,
            showarrow=False,
            yshift=shift,
            font={"size": size, "color": "#f5f5f5" if self._dark else "#1f1f1f"},
            bgcolor="rgba(14,17,23,0.6)" if self._dark else "rgba(255,255,255,0.7)",
            borderpad=1,
        )

    def _box(
        self, x: int, y: int, text: str, size: int, shift: int
    ) -> tuple[float, float, float, float]:
        """Left, bottom, right, top of a name in pixels, by the average width of a letter."""
        lines = re.sub(r"</?[bi]>", "", text).split("<br>")
        wide, high = 0.27 * size * max(map(len, lines)), 0.7 * size * len(lines)
        across, up = x * self._scale[0], y * self._scale[1] + shift
        return across - wide, up - high, across + wide, up + high


def _meet(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _add_density(figure: go.Figure, view: MapView) -> None:
    cells = len(view.density)
    middles = (np.arange(cells) + 0.5) / cells * SIDE
    figure.add_contour(
        x=middles.astype(np.float32),
        y=middles.astype(np.float32),
        z=view.density,
        ncontours=8,
        showscale=False,
        hoverinfo="skip",
        colorscale=[[0, "rgba(128,128,128,0)"], [1, "rgba(128,128,128,0.4)"]],
        line={"width": 0.5, "color": "rgba(128,128,128,0.5)"},
    )


def _without_axes(figure: go.Figure, aspect: float, height: int, dark: bool) -> go.Figure:
    figure.update_layout(
        height=height,
        template="plotly_dark" if dark else "plotly_white",
        margin={"l": 0, "r": 0, "t": _TOP, "b": 0},
        dragmode="lasso",
        hovermode="closest",
        hoverlabel={"align": "left"},
        uirevision="map",
        legend={"itemsizing": "constant", "font": {"size": 11}, "tracegroupgap": 0},
    )
    figure.update_xaxes(visible=False, range=[0, SIDE])
    figure.update_yaxes(visible=False, range=[0, SIDE], scaleanchor="x", scaleratio=1 / aspect)
    return figure


# --- words -------------------------------------------------------------------------------


def _said(name: str, names: Mapping[str, str]) -> str:
    """The words for a category, safe in plotly's small HTML."""
    plain = {"": "none given", NONE: "none of these"}
    return short(names.get(name) or plain.get(name, name), 40)
