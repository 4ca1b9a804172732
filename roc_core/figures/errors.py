"""Figures of an error analysis; each is the same for the same arguments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from roc_core.figures.look import BLUE, GREEN, GREY, ORANGE, RED, framed, ink, named_rows, short
from roc_core.schema import NONE, Analysis

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from roc_core.evaluation.analysis import ConfusionTable, ThresholdCurve

_ROW = 21
"""Pixels a row of cells, dots or bars."""

_BARS, _STEPS = 60, 300
"""Bars of a histogram; points a curve is drawn with."""

_LONG = 40
"""Code points of a name on an axis."""

_BENEATH: dict[str, Any] = {"x": 0, "xanchor": "left", "y": -0.04, "yanchor": "top"}
"""A legend under the figure, where it cannot cover a title in a narrow window."""

_LIGHT_SCALE = [[0, "#deebf7"], [0.5, "#6baed6"], [1, "#08306b"]]
_DARK_SCALE = [[0, "#10263f"], [0.5, "#2f7ab8"], [1, "#d6e9f8"]]


def confusion_cells(
    table: ConfusionTable, names: Mapping[str, str] | None = None, dark: bool = False
) -> go.Figure:
    """Label against answer, ``None`` included; colours by the logarithm of the number of pairs.

    Over each cell lies a mark that can be clicked; its ``customdata`` is [label, answer]. ``names``
    gives the words for relation ids.
    """
    import plotly.graph_objects as go

    counts, said = table.counts, _words(table.names, names)
    with np.errstate(divide="ignore"):
        shown = np.where(counts > 0, np.log10(counts), np.nan)
    most = max(int(counts.max()), 2) if counts.size else 2
    ticks = [10**k for k in range(len(str(most)))]
    figure = go.Figure()
    figure.add_heatmap(
        z=shown,
        zmin=0,
        zmax=float(np.log10(most)),
        colorscale=_DARK_SCALE if dark else _LIGHT_SCALE,
        colorbar={
            "title": {"text": "pairs"}, "thickness": 12, "outlinewidth": 0,
            "tickvals": [float(np.log10(t)) for t in ticks], "ticktext": [f"{t:,}" for t in ticks],
        },
        text=[[f"{n}" if n else "" for n in row] for row in counts.tolist()],
        texttemplate="%{text}",
        textfont={"size": 10},
        hoverinfo="skip",
        xgap=1,
        ygap=1,
    )  # fmt: skip
    figure.add_scatter(**_cells(table, said, dark))
    framed(
        figure,
        "Which relation was answered for which label (number of pairs)",
        "answered",
        "label",
        210 + _ROW * len(said),
        dark,
    )
    axis = {"tickvals": list(range(len(said))), "ticktext": said, "showgrid": False,
            "zeroline": False, "range": [-0.5, len(said) - 0.5]}  # fmt: skip
    figure.update_xaxes(axis | {"tickangle": -60})
    figure.update_yaxes(axis | {"range": [len(said) - 0.5, -0.5]})
    # However wide a cell is drawn, a click anywhere in it is nearest to its own mark.
    figure.update_layout(hovermode="closest", hoverdistance=-1, dragmode=False, showlegend=False)
    return figure


def _cells(table: ConfusionTable, said: Sequence[str], dark: bool) -> dict[str, Any]:
    """Marks over the cells, seen only where one is selected."""
    k = len(table.names)
    places = [(g, p) for g in range(k) for p in range(k)]
    counts = table.counts.tolist()
    return {
        "x": [p for _, p in places],
        "y": [g for g, _ in places],
        "mode": "markers",
        "customdata": [[table.names[g], table.names[p]] for g, p in places],
        "text": [
            f"label: <b>{said[g]}</b><br>answered: <b>{said[p]}</b><br>{counts[g][p]:,} pairs"
            for g, p in places
        ],
        "hoverinfo": "text",
        "hoverlabel": {"bgcolor": "#262730" if dark else "#ffffff", "font": {"color": ink(dark)}},
        "marker": {
            "symbol": "square-open", "size": 20, "opacity": 0,
            "color": ORANGE, "line": {"width": 3},
        },
        "selected": {"marker": {"opacity": 1}},
        "unselected": {"marker": {"opacity": 0}},
    }  # fmt: skip


def threshold_plot(
    a: Analysis, curve: ThresholdCurve, shift: float = 0.0, dark: bool = False
) -> go.Figure:
    """Precision, recall and F1 at every line, over the histogram of margins parted by whether the
    best relation is right, wrong, or the label is none. Lines at the present line and ``shift``."""
    from plotly.subplots import make_subplots

    figure = make_subplots(rows=2, cols=1, shared_xaxes=True, vertical_spacing=0.06)
    step = np.unique(np.linspace(0, len(curve.shifts) - 1, _STEPS).astype(int))
    low, high = _middle(a.margins)
    for name, colour, values in (
        ("precision", BLUE, curve.precision),
        ("recall", ORANGE, curve.recall),
        ("F1", ink(dark), curve.f1),
    ):
        figure.add_scatter(
            x=curve.shifts[step], y=values[step], name=name, mode="lines",
            line={"color": colour, "width": 3 if name == "F1" else 2},
            hovertemplate=f"{name} %{{y:.3f}} at %{{x:.3f}}<extra></extra>", row=1, col=1,
        )  # fmt: skip
    edges = np.linspace(low, high, _BARS + 1)
    for name, colour, rows in _outcomes(a):
        figure.add_bar(
            x=(edges[:-1] + edges[1:]) / 2,
            y=np.histogram(np.clip(a.margins[rows], low, high), edges)[0],
            name=name, marker={"color": colour, "line": {"width": 0}}, row=2, col=1,
            hovertemplate=f"%{{y}} pairs, {name}<extra></extra>",
        )  # fmt: skip
    for at, dash in ((0.0, "dash"), (shift, "solid")):
        figure.add_vline(x=at, line={"color": GREY if dash == "dash" else RED, "dash": dash})
    framed(figure, "What a higher or lower “none of these” line would do", "", "", 520, dark)
    figure.update_layout(
        barmode="stack", bargap=0.05, hovermode="closest", legend=_BENEATH | {"y": -0.16}
    )
    figure.update_xaxes(range=[low, high])
    figure.update_xaxes(title_text="best score minus its line (cosine points)", row=2, col=1)
    figure.update_yaxes(title_text="figure", range=[0, 1.02], row=1, col=1)
    figure.update_yaxes(title_text="pairs", row=2, col=1)
    return figure


def _middle(margins: np.ndarray) -> tuple[float, float]:
    """The margins but for the utmost 0.2 % on either side, 0 included."""
    if not len(margins):
        return -0.1, 0.1
    low, high = np.percentile(margins, [0.2, 99.8])
    low, high = min(float(low), -0.01), max(float(high), 0.01)
    return low - 0.02 * (high - low), high + 0.02 * (high - low)


def _outcomes(a: Analysis) -> tuple[tuple[str, str, np.ndarray], ...]:
    none, same = a.gold.values == a.none, a.gold.values == a.best.values
    return (
        ("best relation right", GREEN, same & ~none),
        ("best relation wrong", RED, ~same & ~none),
        ("label is none of these", GREY, none),
    )


def f1_dots(
    rows: Sequence[tuple[str, float, tuple[float, float], int]], title: str, dark: bool = False
) -> go.Figure:
    """F1 of each row (name, F1, 95 % interval, pairs), in the order given, the first on top."""
    import plotly.graph_objects as go

    figure = go.Figure()
    figure.add_scatter(
        x=[f1 for _, f1, _, _ in rows],
        y=list(range(len(rows))),
        mode="markers",
        marker={"color": ORANGE, "size": 10},
        error_x={
            "type": "data", "symmetric": False, "color": GREY,
            "array": [max(0.0, high - f1) for _, f1, (_, high), _ in rows],
            "arrayminus": [max(0.0, f1 - low) for _, f1, (low, _), _ in rows],
        },
        text=[f"{short(name, _LONG)}: F1 {f1:.3f}, {pairs:,} pairs" for name, f1, _, pairs in rows],
        hoverinfo="text",
    )  # fmt: skip
    framed(figure, title, "F1 (bars: 95 % bootstrap interval)", "", _tall(rows), dark)
    named_rows(figure, [f"{short(name, _LONG)} ({pairs:,})" for name, _, _, pairs in rows])
    figure.update_xaxes(range=[0, 1.02])
    return figure


def two_dots(
    rows: Sequence[tuple[str, float, float, int]],
    readings: tuple[str, str],
    title: str,
    dark: bool = False,
) -> go.Figure:
    """F1 of two readings in each row (name, first, second, pairs), joined by a line."""
    import plotly.graph_objects as go

    figure = go.Figure()
    places = list(range(len(rows)))
    ends = [(a, b, n) for n, (_, a, b, _) in enumerate(rows)]
    figure.add_scatter(
        x=[v for a, b, _ in ends for v in (a, b, None)],
        y=[v for _, _, n in ends for v in (n, n, None)],
        mode="lines", line={"color": GREY, "width": 2}, hoverinfo="skip", showlegend=False,
    )  # fmt: skip
    for which, colour, symbol in ((0, BLUE, "circle"), (1, ORANGE, "diamond")):
        figure.add_scatter(
            x=[row[1 + which] for row in rows],
            y=places,
            mode="markers",
            name=short(readings[which], _LONG),
            marker={"color": colour, "size": 10, "symbol": symbol},
            text=[
                f"{short(row[0], _LONG)}: F1 {row[1 + which]:.3f}, {row[3]:,} pairs" for row in rows
            ],
            hoverinfo="text",
        )
    framed(figure, title, "F1", "", _tall(rows) + 30, dark)
    named_rows(figure, [f"{short(row[0], _LONG)} ({row[3]:,})" for row in rows])
    figure.update_layout(legend=_BENEATH | {"y": -70 / _tall(rows)})
    return figure


def change_bars(
    rows: Sequence[tuple[str, int, int]], readings: tuple[str, str], dark: bool = False
) -> go.Figure:
    """Items that only the first reading answers right to the right, those that only the second
    does to the left; rows are (relation in words, won, lost)."""
    import plotly.graph_objects as go

    figure = go.Figure()
    for which, sign, colour in ((0, 1, BLUE), (1, -1, ORANGE)):
        counts = [row[1 + which] for row in rows]
        figure.add_bar(
            x=[sign * n for n in counts],
            y=list(range(len(rows))),
            orientation="h",
            name=f"only {short(readings[which], _LONG)} right",
            marker={"color": colour},
            text=[f"{n:,}" if n else "" for n in counts],
            textposition="outside",
            textangle=0,
            cliponaxis=False,
            hovertext=[f"{short(row[0], _LONG)}: {row[1 + which]:,} items" for row in rows],
            hoverinfo="text",
        )
    most = max([n for row in rows for n in row[1:]], default=1) or 1
    framed(figure, "Items that one answers right and the other does not", "items", "",
           _tall(rows) + 30, dark)  # fmt: skip
    named_rows(figure, [short(row[0], _LONG) for row in rows])
    figure.update_layout(barmode="relative", legend=_BENEATH)
    figure.update_xaxes(range=[-1.15 * most, 1.15 * most], zeroline=True, showticklabels=False)
    return figure


def _tall(rows: Sequence[object]) -> int:
    return 140 + _ROW * max(len(rows), 2)


def _words(ids: Sequence[str], names: Mapping[str, str] | None) -> list[str]:
    plain = {NONE: "none of these"} | dict(names or {})
    return [short(plain.get(i, i), _LONG) for i in ids]
