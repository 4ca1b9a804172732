"""Figures of learning: how a training goes, what it changed, where items moved."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from textwrap import wrap
from typing import TYPE_CHECKING

import numpy as np

from roc_core.figures.look import BLUE, GREEN, GREY, ORANGE, RED, framed
from roc_core.figures.map import SIDE
from roc_core.schema import GuardReport, ItemDiff, LearnRow, MapView, Moves, Outcome

if TYPE_CHECKING:
    import plotly.graph_objects as go

_OUTCOMES: dict[Outcome, str] = {
    "lost": RED, "won": GREEN, "still wrong": ORANGE, "still right": BLUE,
}  # fmt: skip
_ROW = 46
"""Pixels a part of the guard set."""


def learn_curve(rows: Sequence[LearnRow], dark: bool = False) -> go.Figure:
    """Mean loss (left) and F1 on guard pairs (right) by epoch; F1 not measured leaves a gap."""
    import plotly.graph_objects as go

    epochs = [row.epoch for row in rows]
    figure = go.Figure()
    figure.add_scatter(
        x=epochs, y=[row.loss for row in rows], mode="lines+markers", name="loss",
        line={"color": ORANGE}, marker={"symbol": "diamond"},
        hovertemplate="epoch %{x}: loss %{y:.3f}<extra></extra>",
    )  # fmt: skip
    figure.add_scatter(
        x=epochs, y=[row.f1 for row in rows], mode="lines+markers", name="F1 on guard pairs",
        line={"color": BLUE}, yaxis="y2",
        hovertemplate="epoch %{x}: F1 %{y:.3f}<extra></extra>",
    )  # fmt: skip
    framed(figure, "How the training goes", "epoch", "loss", 300, dark)
    figure.update_layout(
        yaxis2={
            "overlaying": "y", "side": "right", "range": [0, 1], "title": "F1", "showgrid": False,
            "automargin": True, "tickmode": "array", "tickvals": [0, 0.25, 0.5, 0.75, 1],
        },
    )  # fmt: skip
    most = max(epochs, default=1)
    figure.update_xaxes(range=[0.5, most + 0.5], tick0=1, dtick=max(1, most // 10))
    figure.update_layout(yaxis={"rangemode": "tozero"})
    return figure


def guard_plot(guard: GuardReport, names: tuple[str, str], dark: bool = False) -> go.Figure:
    """F1 of each part of the guard set before and after, as bars; ``names`` are both versions'."""
    import plotly.graph_objects as go

    parts, figure = guard.parts, go.Figure()
    for name, colour, figures in (
        (names[0], GREY, [p.before for p in parts]),
        (names[1], BLUE, [p.after for p in parts]),
    ):
        figure.add_bar(
            x=[f.f1 for f in figures],
            y=list(range(len(parts))),
            orientation="h",
            name=escape(name, quote=False),
            marker={"color": colour},
            text=[f"{f.f1:.3f}" for f in figures],
            textposition="auto",
            hoverinfo="skip",
        )
    framed(figure, "F1 on the guard set, before and after", "F1", "",
           130 + _ROW * max(len(parts), 2), dark)  # fmt: skip
    said = [escape(f"{p.name} ({p.pairs:,})", quote=False) for p in parts]
    figure.update_yaxes(
        tickvals=list(range(len(parts))), ticktext=said, range=[len(parts) - 0.5, -0.5]
    )
    figure.update_xaxes(range=[0, 1])
    figure.update_layout(barmode="group")
    return figure


def moves_plot(
    view: MapView,
    moves: Moves,
    changes: Sequence[ItemDiff],
    sentences: Sequence[str] = (),
    dark: bool = False,
    height: int = 520,
) -> go.Figure:
    """Arrows from where items were on a map to where another version puts them.

    ``changes`` are those of the M items of ``moves``, ``sentences`` theirs or none; what lies at an
    arrow's tip has its row in ``moves`` as ``customdata``. All other points are grey.
    """
    import plotly.graph_objects as go

    figure = go.Figure()
    figure.add_scattergl(
        x=view.xs, y=view.ys, mode="markers", name="all items", showlegend=False,
        marker={"size": 4, "color": "#8a8a8a", "opacity": 0.35}, hoverinfo="skip",
        selected={"marker": {"opacity": 0.35}}, unselected={"marker": {"opacity": 0.35}},
    )  # fmt: skip
    outcomes = np.array([c.outcome for c in changes], object)
    texts = [_arrow_text(c, sentences[n] if sentences else "") for n, c in enumerate(changes)]
    for name, colour in _OUTCOMES.items():
        rows = np.flatnonzero(outcomes == name)
        if len(rows):
            _add_arrows(figure, moves, rows, f"{name} ({len(rows):,})", colour, texts)
    said = f"Where {moves.version} puts the items that changed, on the map of {moves.other}"
    framed(figure, escape(said, quote=False), "", "", height, dark)
    figure.update_layout(
        margin={"l": 0, "r": 0, "t": 60, "b": 30}, hovermode="closest",
        legend={"x": 0, "xanchor": "left", "y": -0.02, "yanchor": "top"},
    )  # fmt: skip
    figure.update_xaxes(visible=False, range=[0, SIDE])
    figure.update_yaxes(visible=False, range=[0, SIDE], scaleanchor="x", scaleratio=1 / view.aspect)
    return figure


def _add_arrows(
    figure: go.Figure,
    moves: Moves,
    rows: np.ndarray,
    name: str,
    colour: str,
    texts: Sequence[str],
) -> None:
    """One trace: from each start to each end, a gap between two arrows."""
    xs: list[int | None] = []
    ys: list[int | None] = []
    data: list[int | None] = []
    shown: list[str] = []
    symbols: list[str] = []
    for row in rows.tolist():
        for place, symbol in ((moves.starts[row], "circle-open"), (moves.ends[row], "arrow")):
            xs.append(int(place[0]))
            ys.append(int(place[1]))
            symbols.append(symbol)
        xs.append(None)
        ys.append(None)
        symbols.append("circle")
        data += [row, row, None]
        shown += [texts[row], texts[row], ""]
    figure.add_scatter(
        x=xs, y=ys, mode="lines+markers", name=escape(name, quote=False), customdata=data,
        line={"color": colour, "width": 1.2},
        marker={"color": colour, "symbol": symbols, "angleref": "previous",
                "size": [4, 9, 0] * len(rows)},
        text=shown, hoverinfo="text",
        selected={"marker": {"opacity": 1}}, unselected={"marker": {"opacity": 1}},
    )  # fmt: skip


def _arrow_text(change: ItemDiff, sentence: str) -> str:
    line = " ".join(sentence.split())
    cut = line if len(line) <= 140 else line[:139].rstrip() + "…"
    lines = [escape(part, quote=False) for part in wrap(cut, 60)]
    ranks = f"rank {change.before_rank or '–'} → {change.after_rank or '–'}"
    return "<br>".join([f"<b>{change.outcome}</b>, {ranks}", *lines])
