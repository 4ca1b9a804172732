"""F1 against the number of labels given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from roc_core.figures.look import BLUE, GREEN, GREY, ORANGE, RED, framed

if TYPE_CHECKING:
    import plotly.graph_objects as go

COLOURS = {"memory": GREEN, "training": ORANGE, "both": BLUE}
DASHES = {"random": "solid", "uncertainty": "dash", "diversity": "dot"}


def learning_curves(
    curves: Mapping[str, Sequence[tuple[int, float]]], base: float, full: float | None, pool: int
) -> go.Figure:
    """A line for each of the ``curves`` of (labels, F1), named "way, order" or "way, order, guard
    on"; flat lines for the base and, if known, for the version that has all labels."""
    import plotly.graph_objects as go

    figure = go.Figure()
    for name, rows in curves.items():
        way, order, *guard = name.split(", ")
        open_ = guard == ["guard off"]
        figure.add_scatter(
            x=[labels for labels, _ in rows],
            y=[f1 for _, f1 in rows],
            mode="lines+markers",
            name=name,
            line={"color": COLOURS.get(way, GREY), "dash": DASHES.get(order, "solid")},
            marker={"symbol": "circle-open" if open_ else "circle", "size": 8},
            hovertemplate="%{x} labels, F1 %{y:.3f}<extra>%{fullData.name}</extra>",
        )
    last = max((rows[-1][0] for rows in curves.values() if rows), default=1)
    flat = [("base", base, GREY), *([("all labels", full, RED)] if full is not None else [])]
    for name, f1, colour in flat:
        figure.add_scatter(
            x=[0, last], y=[f1, f1], mode="lines", name=name, line={"color": colour, "width": 1}
        )
    framed(
        figure,
        f"Micro F1 by labels given, of a pool of {pool}",
        "labels given since the base",
        "micro F1 (None excluded)",
        height=560,
    )
    figure.update_layout(
        legend={"orientation": "v", "x": 1.02, "y": 1, "xanchor": "left", "yanchor": "top"}
    )
    return figure
