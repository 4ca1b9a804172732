"""The mention marker: mark any number of mentions in a sentence, with the span marker's code.

Offsets are code points, end exclusive, on both sides. A box has no offsets: it is named by its
corners.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from app.components import span_marker
from roc_core.schema import MOST_MENTIONS, Box, Mention, Span

HERE = Path(__file__).parent
NAME = "mention_marker"
HTML = span_marker.HTML.replace("The two mentions", "The mentions")


@dataclass(frozen=True, slots=True)
class Marks:
    """What the marker reported: spans, and boxes by name, after the change (``places``) and
    before it (``base``). ``token`` names draft and sentence, ``session`` the browser session that
    drew the marker, ``seq`` the report."""

    token: str
    session: str
    seq: int
    places: tuple[Span | str, ...]
    base: tuple[Span | str, ...]


@cache
def _sources() -> tuple[str, str]:
    files = [
        [(HERE / f"{name}.{kind}").read_text(encoding="utf-8") for name in ("span_marker", NAME)]
        for kind in ("css", "js")
    ]
    css, js = ("\n".join(texts) for texts in files)
    return css, js


def edit(
    sentence: str,
    mentions: Sequence[Mention],
    *,
    key: str,
    token: str,
    session: str,
    seq: int,
    pair: Sequence[int] = (),
) -> None:
    """Draw the marker; its report is read with ``reported`` on the next run.

    ``pair`` are places in ``mentions`` shown in the colours of first and second mention.
    """
    css, js = _sources()
    # Not isolated: a text selection cannot be read across a shadow root in every browser.
    component = st.components.v2.component(
        "roc_mention_marker", html=HTML, css=css, js=js, isolate_styles=False
    )
    data = {
        "name": NAME,
        "sentence": sentence,
        "marks": [_outgoing(place) for place in places_of(mentions)],
        "pair": list(pair),
        "limit": MOST_MENTIONS,
        "active": 0,
        "token": token,
        "session": session,
        "seq": seq,
        "readonly": False,
        "heat": [],
        "most": 0,
        "label": "Sentence: arrow keys move by word, Enter marks, Shift and arrows extend, "
        "Backspace clears",
    }
    component(key=key, data=data, on_marks_change=lambda: None)


def reported(key: str, sentence: str) -> Marks | None:
    """The marker's last report, or None when there is none or it is not a valid one."""
    state = st.session_state.get(key)
    raw = state.get("marks") if state else None
    if not raw:
        return None
    try:
        places = _incoming_all(raw["marks"], len(sentence))
        base = _incoming_all(raw["base"], len(sentence))
        names = str(raw["token"]), str(raw["session"])
        return Marks(*names, int(raw["seq"]), places, base)
    except (KeyError, IndexError, TypeError, ValueError, OverflowError):
        return None


def places_of(mentions: Sequence[Mention]) -> tuple[Span | str, ...]:
    """The places of mentions as the marker knows them."""
    return tuple(m.place if isinstance(m.place, Span) else box_name(m.place) for m in mentions)


def box_name(box: Box) -> str:
    """The text that names a box: its corners."""
    corners = (box.left, box.top, box.right, box.bottom)
    # As floats, which a store gives back as they were.
    return ",".join(repr(float(x)) for x in corners)


def applied(mentions: Sequence[Mention], marks: Marks) -> tuple[Mention, ...]:
    """The mentions after a report: spans as reported, with the types they had; boxes without those
    that were cleared. In canonical order, each place once."""
    known = {m.place: m for m in mentions}
    spans = {p: known.get(p, Mention(p)) for p in marks.places if isinstance(p, Span)}
    cleared = {p for p in marks.base if isinstance(p, str)} - set(marks.places)
    boxes = [m for m in mentions if isinstance(m.place, Box) and box_name(m.place) not in cleared]
    return tuple(sorted([*spans.values(), *boxes], key=lambda m: m.order))[:MOST_MENTIONS]


def _outgoing(place: Span | str) -> list[int] | str:
    return [place.start, place.end] if isinstance(place, Span) else place


def _incoming_all(raw: Collection[Any], length: int) -> tuple[Span | str, ...]:
    if not isinstance(raw, (list, tuple)) or len(raw) > MOST_MENTIONS:
        raise ValueError(f"not a list of up to {MOST_MENTIONS} marks")
    return tuple(_incoming(place, length) for place in raw)


def _incoming(raw: Any, length: int) -> Span | str:
    if isinstance(raw, str):
        return raw
    start, end = (int(value) for value in raw)
    if end > length:
        raise ValueError("span outside the sentence")
    return Span(start, end)
