"""The Annotate page's browser part: the item, its suggestions and guidelines, and every key.

It holds the next items, moves on at once, and keeps each step in the browser until the server says
that it is saved. One inline component (Components v2); the sentence is drawn, and marked again, by
the span marker's code, which is put in front of this one's.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st
from PIL import Image, ImageOps

from app.components import span_marker

HERE = Path(__file__).parent
JS = tuple(f"annotate_{part}.js" for part in ("talk", "draw", "boxes", "dialogs", "keys"))
CSS = ("span_marker.css", "annotate_keys.css")
PARTS = (
    "alert", "head", "tools", "item", "list", "guide", "dialog", "live",
)  # fmt: skip
HTML = f"""<div class="roca" tabindex="-1">
  <template>{span_marker.HTML}</template>
  {"".join(f'<div class="roca-{part}"></div>' for part in PARTS)}
</div>"""

WIDE, HIGH = 720, 560
"""Pixels of the copy of a picture at most: twice what it takes on screen."""

MOST = 2000
"""Steps a report may bring."""


@dataclass(frozen=True, slots=True)
class Report:
    """What the browser said last: the queue and item it shows, versions of the items it holds,
    further items it wants, guidelines and look-alikes it has, and steps that it does not know to
    be saved, the oldest first. ``seq`` counts reports."""

    seq: int = 0
    queue: str = ""
    at: str = ""
    have: Mapping[str, str] = field(default_factory=dict)
    wants: tuple[str, ...] = ()
    guides: str = ""
    alike: str = ""
    steps: list[Any] = field(default_factory=list)


def reported(key: str) -> Report:
    """The browser's last report; an empty one when there is none or it is not a valid one."""
    known = st.session_state.get(key)
    raw = known.get("report") if known else None
    return report_of(raw)


def report_of(raw: Any) -> Report:
    """A report as the browser sent it, an empty one in place of what is none."""
    if not isinstance(raw, Mapping):
        return Report()
    have, wants, steps, seq = (raw.get(name) for name in ("have", "wants", "steps", "seq"))
    queue, at, guides, alike = (
        str(raw.get(name) or "") for name in ("queue", "at", "guides", "alike")
    )
    return Report(
        seq=seq if isinstance(seq, int) and seq >= 0 else 0,
        queue=queue,
        at=at,
        have={str(k): str(v) for k, v in have.items()} if isinstance(have, Mapping) else {},
        wants=tuple(str(id) for id in wants[:8]) if isinstance(wants, list) else (),
        guides=guides,
        alike=alike,
        steps=steps[:MOST] if isinstance(steps, list) else [],
    )


def show(data: Mapping[str, Any], key: str) -> None:
    """Draw the part with an answer to its last report."""
    css, js = _sources()
    # Not isolated: a text selection cannot be read across a shadow root in every browser.
    component = st.components.v2.component(
        "roc_annotate", html=HTML, css=css, js=js, isolate_styles=False
    )
    component(key=key, data=dict(data), on_report_change=lambda: None)


@cache
def _sources() -> tuple[str, str]:
    css = "\n".join((HERE / name).read_text("utf-8") for name in CSS)
    marker = (HERE / "span_marker.js").read_text("utf-8")
    # A module has one default export, which is this component's; the marker's class is used as is.
    marker, found, _ = marker.partition("export default")
    assert found, "the span marker ends in its default export"
    return css, "\n".join([marker, *((HERE / name).read_text("utf-8") for name in JS)])


def picture_address(path: Path | None) -> tuple[str, tuple[int, int]]:
    """A small copy of a picture as a data address, and the picture's own size in pixels; "" and
    zeros without one, or when it cannot be read."""
    if path is None:
        return "", (0, 0)
    small = io.BytesIO()
    try:
        with Image.open(path) as raw:
            upright = ImageOps.exif_transpose(raw).convert("RGB")
            size = upright.size
            upright.thumbnail((WIDE, HIGH))
            upright.save(small, "JPEG", quality=82)
    except OSError:
        return "", (0, 0)
    return f"data:image/jpeg;base64,{base64.b64encode(small.getvalue()).decode('ascii')}", size
