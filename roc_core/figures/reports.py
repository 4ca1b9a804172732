"""Figures of an evaluation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from roc_core.figures.look import BLUE, GREEN, GREY, ORANGE, framed
from roc_core.metrics import Prf, Reliability
from roc_core.schema import NONE

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from roc_core.evaluation.zero_shot import Hits

_ROW = 26
"""Pixels a row of bars, dots or cells."""


def reliability_plot(found: Reliability) -> go.Figure:
    """Confidence against how often it came true; on the diagonal confidence is honest."""
    import plotly.graph_objects as go

    figure = go.Figure()
    figure.add_scatter(
        x=[0, 1], y=[0, 1], mode="lines", name="as said", line={"dash": "dash", "color": GREY}
    )
    figure.add_scatter(
        x=[b.confidence for b in found.bins],
        y=[b.right for b in found.bins],
        mode="lines+markers",
        name="measured",
        marker={"color": BLUE, "size": 9},
        customdata=[b.pairs for b in found.bins],
        hovertemplate="said %{x:.2f}, was %{y:.2f}, %{customdata} pairs<extra></extra>",
    )
    framed(
        figure,
        f"How far confidence can be trusted (expected calibration error {found.ece:.3f})",
        "confidence that the best relation holds",
        "share of pairs where it holds",
    )
    figure.update_xaxes(range=[0, 1])
    figure.update_yaxes(range=[0, 1])
    return figure


def relation_bars(scores: Mapping[str, Prf]) -> go.Figure:
    """F1 of every relation, best on top, with the number of its pairs."""
    import plotly.graph_objects as go

    rows = sorted(scores.items(), key=lambda s: (s[1].f1, s[0]))
    figure = go.Figure()
    figure.add_bar(
        x=[s.f1 for _, s in rows],
        y=[name for name, _ in rows],
        orientation="h",
        marker={"color": BLUE},
        text=[f"{s.f1:.2f}, {s.gold} pairs" for _, s in rows],
        customdata=[[s.precision, s.recall] for _, s in rows],
        hovertemplate="%{y}: F1 %{x:.3f}, precision %{customdata[0]:.3f}, "
        "recall %{customdata[1]:.3f}<extra></extra>",
    )
    framed(figure, "F1 of each relation", "F1", "", 140 + _ROW * len(rows))
    figure.update_xaxes(range=[0, 1.05])
    return figure


def held_out_bars(hits: Mapping[str, Hits]) -> go.Figure:
    """Share of each held-out relation's pairs that found it first and among the first three."""
    import plotly.graph_objects as go

    rows = sorted(hits.items(), key=lambda h: (h[1].hit3, h[0]))
    figure = go.Figure()
    for name, words, color in (("hit3", "among the first three", GREY), ("hit1", "first", BLUE)):
        figure.add_bar(
            x=[getattr(h, name) for _, h in rows],
            y=[relation for relation, _ in rows],
            orientation="h",
            name=words,
            marker={"color": color},
            customdata=[[h.pairs] for _, h in rows],
            hovertemplate="%{y}: %{x:.3f} of %{customdata[0]} pairs<extra></extra>",
        )
    framed(
        figure, "Relations found without training", "share of its pairs", "",
        160 + _ROW * len(rows),
    )  # fmt: skip
    figure.update_layout(barmode="overlay")
    figure.update_xaxes(range=[0, 1.05])
    return figure


def confusion_matrix(table: Mapping[str, Mapping[str, int]]) -> go.Figure:
    """Label against answer, as shares of the label's pairs; counts in the cells."""
    import plotly.graph_objects as go

    names = sorted({*table, *(p for row in table.values() for p in row)} - {NONE})
    names = [*names, NONE]
    counts = [[table.get(g, {}).get(p, 0) for p in names] for g in names]
    shares = [[n / max(1, sum(row)) for n in row] for row in counts]
    figure = go.Figure()
    figure.add_heatmap(
        z=shares,
        x=names,
        y=names,
        zmin=0,
        zmax=1,
        colorscale="Blues",
        colorbar={"title": "share"},
        text=[[str(n) if n else "" for n in row] for row in counts],
        texttemplate="%{text}",
        hovertemplate="label %{y}<br>answered %{x}<br>%{text} pairs<extra></extra>",
    )
    framed(
        figure,
        "Which relation was answered for which label (number of pairs)",
        "answered",
        "label",
        220 + _ROW * len(names),
    )
    figure.update_yaxes(autorange="reversed", tickmode="linear")
    figure.update_xaxes(tickangle=-60, tickmode="linear")
    return figure


def ablation_plot(rows: Sequence[tuple[str, float, tuple[float, float]]]) -> go.Figure:
    """One dot a row (name, micro F1, interval), in the order given, with its interval."""
    import plotly.graph_objects as go

    figure = go.Figure()
    figure.add_scatter(
        x=[f1 for _, f1, _ in rows],
        y=[name for name, _, _ in rows],
        mode="markers",
        marker={"color": ORANGE, "size": 11},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [high - f1 for _, f1, (_, high) in rows],
            "arrayminus": [f1 - low for _, f1, (low, _) in rows],
            "color": GREY,
        },
        hovertemplate="%{y}: %{x:.4f}<extra></extra>",
    )
    framed(
        figure,
        "What each part is worth (bars: 95 % bootstrap interval)",
        "micro F1, None excluded",
        "",
        140 + 34 * len(rows),
    )
    figure.update_yaxes(autorange="reversed")
    return figure


def score_histogram(margins: Sequence[float], outcomes: Sequence[str]) -> go.Figure:
    """How far the best relation lies above its line, apart by what was the case."""
    import plotly.graph_objects as go

    figure = go.Figure()
    for name, colour in zip(dict.fromkeys(sorted(outcomes)), (ORANGE, BLUE, GREEN), strict=False):
        figure.add_histogram(
            x=[m for m, o in zip(margins, outcomes, strict=True) if o == name],
            name=name,
            marker={"color": colour},
            opacity=0.6,
            xbins={"size": 0.05},
        )
    figure.add_vline(x=0, line={"color": GREY, "dash": "dash"}, annotation_text="none of these")
    figure.update_layout(barmode="overlay")
    return framed(
        figure,
        "How far the best relation lies above its “none of these” line",
        "score minus line (cosine points)",
        "pairs",
    )
