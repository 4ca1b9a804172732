"""The span marker: mark two mentions in a sentence, or read the share of each word.

One inline component (Components v2). Offsets are code points, end exclusive, on both sides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import streamlit as st

from roc_core.schema import Box, Mention, Span

HERE = Path(__file__).parent
HTML = """<div class="rocm">
  <div class="rocm-slots" role="group" aria-label="The two mentions"></div>
  <div class="rocm-text" dir="auto"></div>
  <div class="rocm-legend"></div>
  <div class="rocm-live" aria-live="polite"></div>
</div>"""

Place = Span | Literal["box"] | None


@dataclass(frozen=True, slots=True)
class Marking:
    """What the marker reported: places of both mentions (``"box"`` = leave that box as it is).

    ``session`` and ``base`` say which session drew the marker and with which marks.
    """

    token: str
    session: str
    seq: int
    active: int
    places: tuple[Place, Place]
    base: tuple[Place, Place]


@cache
def _sources() -> tuple[str, str]:
    css = (HERE / "span_marker.css").read_text(encoding="utf-8")
    return css, (HERE / "span_marker.js").read_text(encoding="utf-8")


def _component() -> Any:
    css, js = _sources()
    # Not isolated: a text selection cannot be read across a shadow root in every browser.
    return st.components.v2.component(
        "roc_span_marker", html=HTML, css=css, js=js, isolate_styles=False
    )


def edit(
    sentence: str,
    mentions: Sequence[Mention | None],
    *,
    key: str,
    token: str,
    session: str,
    seq: int,
    active: int,
) -> None:
    """Draw the marker for editing; its report is read with ``reported`` on the next run.

    ``token`` names the draft and sentence the marks belong to: reports with another token are
    stale. ``session`` names the browser session, ``seq`` the last report that was handled.
    """
    data = {
        "name": "marker",
        "sentence": sentence,
        "marks": [_outgoing(place) for place in places_of(mentions)],
        "active": active,
        "token": token,
        "session": session,
        "seq": seq,
        "readonly": False,
        "heat": [],
        "most": 0,
        "label": "Sentence: arrow keys move by word, Enter marks, Shift and arrows extend, "
        "Backspace clears",
    }
    _component()(key=key, data=data, on_marks_change=lambda: None)


def show(
    sentence: str,
    mentions: Sequence[Mention | None],
    heat: Sequence[tuple[Span, float]],
    *,
    key: str,
    label: str,
) -> None:
    """Draw the sentence read-only; ``heat`` are shares (cosine points) of spans."""
    data = {
        "name": key,
        "sentence": sentence,
        "marks": [_outgoing(place) for place in places_of(mentions)],
        "active": 0,
        "token": sentence,
        "session": "",
        "seq": 0,
        "readonly": True,
        "heat": [[span.start, span.end, share] for span, share in heat],
        "most": max((abs(share) for _, share in heat), default=0.0),
        "label": label,
    }
    _component()(key=key, data=data, on_marks_change=lambda: None)


def reported(key: str, sentence: str) -> Marking | None:
    """The marker's last report, or None when there is none or it is not a valid one."""
    state = st.session_state.get(key)
    raw = state.get("marks") if state else None
    if not raw:
        return None
    try:
        first, second = (_incoming(place, len(sentence)) for place in raw["marks"])
        base = tuple(_incoming(place, len(sentence)) for place in raw["base"])
        active = 1 if raw["active"] == 1 else 0
        names = str(raw["token"]), str(raw["session"])
        return Marking(*names, int(raw["seq"]), active, (first, second), (base[0], base[1]))
    except (KeyError, IndexError, TypeError, ValueError):
        return None


def places_of(mentions: Sequence[Mention | None]) -> tuple[Place, ...]:
    """The places of mentions as the marker knows them: a box has no offsets."""
    return tuple(m and ("box" if isinstance(m.place, Box) else m.place) for m in mentions)


def _outgoing(place: Place) -> list[int] | str | None:
    return [place.start, place.end] if isinstance(place, Span) else place


def _incoming(raw: Any, length: int) -> Place:
    if raw is None:
        return None
    if raw == "box":
        return "box"
    start, end = (int(value) for value in raw)
    if end > length:
        raise ValueError("span outside the sentence")
    return Span(start, end)
