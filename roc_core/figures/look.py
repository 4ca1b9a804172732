"""Colours and layout that all figures share."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import plotly.graph_objects as go

# Okabe and Ito's palette: told apart by colour-blind readers as well.
BLUE, ORANGE, GREEN, GREY = "#0072B2", "#E69F00", "#009E73", "#767676"
RED = "#D55E00"


def ink(dark: bool) -> str:
    """Colour of marks that must stand out on the page."""
    return "#f5f5f5" if dark else "#1f1f1f"


def framed(
    figure: go.Figure, title: str, x: str, y: str, height: int = 420, dark: bool = False
) -> go.Figure:
    """The figure with a title, named axes and a height in pixels, for a light or a dark page."""
    figure.update_layout(
        title=title,
        xaxis_title=x,
        yaxis_title=y,
        height=height,
        template="plotly_dark" if dark else "plotly_white",
        margin={"l": 60, "r": 20, "t": 60, "b": 50},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 1, "xanchor": "right"},
    )
    figure.update_xaxes(automargin=True)
    figure.update_yaxes(automargin=True)
    return figure


def named_rows(figure: go.Figure, names: Sequence[str]) -> None:
    """Names in place of the numbers of rows from 0, the first on top."""
    figure.update_yaxes(
        tickvals=list(range(len(names))), ticktext=list(names), range=[len(names) - 0.5, -0.5],
        zeroline=False,
    )  # fmt: skip


def cut(text: str, length: int) -> str:
    """A text on one line of at most ``length`` code points."""
    line = " ".join(text.split())
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"


def short(text: str, length: int) -> str:
    """The same, safe in plotly's small HTML."""
    return escape(cut(text, length), quote=False)
