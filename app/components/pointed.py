"""What a chart cannot do by itself: show an item's picture at the pointer, and text where the chart
holds none; tell of a click while it draws a lasso; ring a point without being drawn anew.

The browser says which point the pointer rests on and gets that item alone."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from app.components.overlay import thumbnail

KEY = "map:pointed"
SIDE = 140
"""Pixels of the picture's side."""

HTML = '<div class="roch" aria-hidden="true"><img alt=""><div></div></div>'
CSS = f"""
.roch {{
  display: none; position: fixed; z-index: 1000; pointer-events: none; padding: 4px;
  max-width: 340px; font-size: 0.8rem; line-height: 1.3; border-radius: 0.4rem;
  background: var(--st-background-color); color: var(--st-text-color);
  border: 1px solid var(--st-border-color); box-shadow: 0 2px 8px rgba(0, 0, 0, 0.25);
}}
.roch img {{ width: {SIDE}px; height: {SIDE}px; border-radius: 0.25rem; }}
.roch p {{ margin: 0.15rem 0.3rem; overflow-wrap: anywhere; }}
"""
JS = Path(__file__).with_suffix(".js")


def hovered(points: int) -> int | None:
    """Row of the point the pointer rests on, of so many; None without one."""
    return _row("row", points)


def clicked(points: int) -> int | None:
    """Row of the point that was clicked just now, of so many; None without a click."""
    return _row("clicked", points)


def _row(name: str, points: int) -> int | None:
    known = st.session_state.get(KEY)
    row = known.get(name) if known else None
    return row if isinstance(row, int) and 0 <= row < points else None


def point_out(
    row: int | None,
    picture: Path | None,
    lines: Sequence[str],
    ring: tuple[int, int] | None,
) -> None:
    """Show a picture and lines of plain text at the point of that row while the pointer is there,
    and a ring at a place on the chart's axes. A picture that cannot be read is left out."""
    component = st.components.v2.component(
        "roc_pointed", html=HTML, css=CSS, js=JS.read_text("utf-8")
    )
    data = {"row": row, "picture": _address(picture), "lines": list(lines), "ring": ring}
    component(key=KEY, data=data, height=1, on_row_change=_quiet, on_clicked_change=_quiet)


def _quiet() -> None:
    """What the browser reports is read in the run that it starts."""


def _address(picture: Path | None) -> str:
    """A small copy of the picture as a data address; "" without one."""
    if picture is None:
        return ""
    small = io.BytesIO()
    try:
        thumbnail(str(picture), SIDE).save(small, "JPEG", quality=80)
    except OSError:
        return ""
    return f"data:image/jpeg;base64,{base64.b64encode(small.getvalue()).decode('ascii')}"
