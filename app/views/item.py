"""The left half of the Analyze page: picture, sentence, marks and types."""

from __future__ import annotations

import streamlit as st

from app import desk, state
from app.components import boxes, memory, overlay, span_marker
from app.views import sentences
from app.views.pictures import picture_controls
from app.views.words import percent, shorten
from roc_core.errors import RocError
from roc_core.schema import ENTITY_TYPES, Box, Draft, Example, Picture
from roc_core.workspace import Workspace

MOST_HEIGHT = 280
"""CSS pixels of the picture; its width follows the window."""

TYPE_WIDTH = 240
"""Pixels of a type select: "suggested: organization (71 %)" fits."""


PAGE = sentences.Page("", desk.is_current, desk.set_sentence)


def show_item(ws: Workspace, draft: Draft) -> None:
    """Draw the item; changes go to the desk at once."""
    picture_controls(ws, draft)
    picture = stored_picture(ws, draft)
    if picture:
        _canvas(ws, draft, picture)
    if sentences.is_written(draft, PAGE):
        sentences.sentence_field(ws, draft, PAGE)
    else:
        _marker(draft)
        if take_reports(ws, draft):
            st.rerun()  # A mark that was made while the server was away.


def stored_picture(ws: Workspace, draft: Draft) -> Picture | None:
    """The draft's picture; one that is gone is said so and left out."""
    return sentences.stored_picture(ws, draft.picture, "item")


def take_reports(ws: Workspace, draft: Draft) -> bool:
    """Apply what the span marker sent since the last run; stale reports are dropped."""
    marking = span_marker.reported(_marker_key(draft), draft.sentence)
    if not sentences.is_news(marking, draft, span_marker.places_of(draft.mentions), PAGE):
        return False
    assert marking is not None
    desk.apply_marking(ws, marking)
    return True


def _marker_key(draft: Draft) -> str:
    return f"marker:{draft.id}"


def _active() -> int:
    return int(st.session_state.get("active", 0))


def _canvas(ws: Workspace, draft: Draft, picture: Picture) -> None:
    fit = boxes.fit(picture.width, picture.height, memory.picture_width(), MOST_HEIGHT)
    known = _boxes(draft)
    if not _same(known, st.session_state.get("drawn", known), fit):
        redraw()
    revision = st.session_state.setdefault("canvas_revision", 0)
    key = f"canvas:{state.nonce()}:{draft.id}:{draft.picture}:{fit.shown_width}:{revision}"
    if st.session_state.get("canvas_key") != key:
        # The first drawing of a canvas stays the same, so it keeps its own undo history.
        st.session_state.update(canvas_key=key, start=known, drawn=known)
    shown = overlay.upright(str(picture.path), 2 * fit.shown_width, 2 * fit.shown_height)
    drawn, extra = boxes.canvas(shown, fit, st.session_state["start"], _active(), key)
    st.caption(f"Drag on the picture to mark mention {_active() + 1} as a box.")
    if extra or not _same(st.session_state["drawn"], drawn, fit):
        before = st.session_state["drawn"]
        st.session_state["drawn"] = drawn
        desk.apply_boxes(ws, before, drawn)
        if extra:
            redraw()
        st.rerun()


def _boxes(draft: Draft) -> boxes.Boxes:
    first, second = (m.place if m and isinstance(m.place, Box) else None for m in draft.mentions)
    return first, second


def _same(a: boxes.Boxes, b: boxes.Boxes, fit: boxes.Fit) -> bool:
    return all(boxes.close(p, q, fit) for p, q in zip(a, b, strict=True))


def redraw() -> None:
    """Start a new canvas on the next run, drawn from the draft."""
    st.session_state["canvas_revision"] = st.session_state.get("canvas_revision", 0) + 1


def _marker(draft: Draft) -> None:
    span_marker.edit(
        draft.sentence,
        draft.mentions,
        key=_marker_key(draft),
        token=sentences.token_of(draft),
        session=state.nonce(),
        seq=sentences.last_seq(PAGE),
        active=_active(),
    )
    hint = "Click a word or drag over several; click a mark to clear it."
    sentences.marker_foot(draft, hint, PAGE)


def type_controls(ws: Workspace, draft: Draft, example: Example) -> None:
    """One select per mention; left alone, the suggested type is used."""
    key = f"types:{state.model_version(ws)}:{example!r}"
    try:
        suggested = state.kept(key, lambda: ws.suggest_types(example))
    except RocError as error:
        state.show_error(error, "No entity types can be suggested.")
        return
    # Side by side where there is room for the longest suggestion, else one under the other.
    with st.container(horizontal=True):
        for slot, name in enumerate(example.names()):
            guess = suggested[slot]
            hint = f"suggested: {guess[0]} ({percent(guess[1])})" if guess else "not chosen"
            _type_select(ws, draft, slot, shorten(name, 24), hint)


def _type_select(ws: Workspace, draft: Draft, slot: int, name: str, hint: str) -> None:
    mention = draft.mentions[slot]
    assert mention is not None
    key = f"type:{draft.id}:{slot}:{mention.place}"
    # Not None: a select shows its own placeholder for that, not the suggestion.
    st.session_state.setdefault(key, mention.type or "")

    def changed() -> None:
        if desk.is_current(draft.id):
            desk.set_type(ws, slot, st.session_state[key] or None)

    st.selectbox(
        f"Type of {slot + 1}: {name}",
        ("", *ENTITY_TYPES),
        format_func=lambda value: value or hint,
        key=key,
        on_change=changed,
        width=TYPE_WIDTH,
    )
