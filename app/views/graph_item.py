"""The Graph page's item: picture, sentence, any number of marks, and their types."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from app import state
from app.components import boxes, many_boxes, memory, mention_marker, overlay
from app.views import graph_desk, sentences
from app.views.pictures import Holder, picture_controls
from app.views.words import shorten
from roc_core.schema import (
    ENTITY_TYPES,
    MOST_MENTIONS,
    Box,
    EntityType,
    GraphDraft,
    Item,
    Mention,
    Picture,
    SentenceGraph,
)
from roc_core.workspace import Workspace

MOST_HEIGHT = 230
"""CSS pixels of the picture; its width follows the window."""

HOLDER = Holder(graph_desk.set_picture, graph_desk.set_picture_text)


PAGE = sentences.Page("graph:", graph_desk.is_current, graph_desk.set_sentence)


def show_item(
    ws: Workspace, draft: GraphDraft, picture: Picture | None, pair: Sequence[int]
) -> None:
    """Draw the item; changes are kept at once. ``pair`` are the chosen mentions."""
    picture_controls(ws, draft, HOLDER)
    if picture:
        _canvas(ws, draft, picture)
    if sentences.is_written(draft, PAGE):
        sentences.sentence_field(ws, draft, PAGE)
    else:
        _marker(draft, pair)
        if take_reports(ws, draft):
            st.rerun()  # A mark that was made while the server was away.


def stored_picture(ws: Workspace, draft: GraphDraft) -> Picture | None:
    """The draft's picture; one that is gone is said so and left out."""
    return sentences.stored_picture(ws, draft.picture, "graph")


# --- the sentence ------------------------------------------------------------------------


def take_reports(ws: Workspace, draft: GraphDraft) -> bool:
    """Apply what the marker sent since the last run; stale reports are dropped."""
    marks = mention_marker.reported(_marker_key(draft), draft.sentence)
    if not sentences.is_news(marks, draft, mention_marker.places_of(draft.mentions), PAGE):
        return False
    assert marks is not None
    graph_desk.apply_marks(ws, marks)
    return True


def _marker_key(draft: GraphDraft) -> str:
    return f"{graph_desk.MARKED}:{draft.id}"


def _marker(draft: GraphDraft, pair: Sequence[int]) -> None:
    mention_marker.edit(
        draft.sentence,
        draft.mentions,
        key=_marker_key(draft),
        token=sentences.token_of(draft),
        session=state.nonce(),
        seq=sentences.last_seq(PAGE),
        pair=pair,
    )
    hint = "Click words or drag over several to mark them; click a mark to clear it."
    sentences.marker_foot(draft, hint, PAGE)


# --- the picture -------------------------------------------------------------------------


def _canvas(ws: Workspace, draft: GraphDraft, picture: Picture) -> None:
    fit = boxes.fit(picture.width, picture.height, memory.picture_width(), MOST_HEIGHT)
    numbered = [(n + 1, m.place) for n, m in enumerate(draft.mentions) if isinstance(m.place, Box)]
    shows = (draft.id, draft.picture, fit.shown_width, tuple(numbered))
    if st.session_state.get("graph:shows") != shows:
        _redraw()
        st.session_state["graph:shows"] = shows
    key = f"graph:canvas:{state.nonce()}:{st.session_state['graph:canvas']}"
    shown = overlay.upright(str(picture.path), 2 * fit.shown_width, 2 * fit.shown_height)
    drawn = many_boxes.canvas(shown, fit, numbered, len(draft.mentions) + 1, key)
    st.caption("Drag on the picture to mark a box.")
    known = [box for _, box in numbered]
    after = many_boxes.matched(drawn, known, fit)
    if set(after) != set(known):
        _take(ws, draft, after)
        st.rerun()


def _take(ws: Workspace, draft: GraphDraft, after: Sequence[Box]) -> None:
    """Take over the boxes that are on the picture now."""
    known = {m.place: m for m in draft.mentions}
    spans = [m for m in draft.mentions if not isinstance(m.place, Box)]
    if len(spans) + len(set(after)) > MOST_MENTIONS:
        st.session_state["graph:notice"] = (
            f"A graph has at most {MOST_MENTIONS} mentions. Clear one to mark another."
        )
        _redraw()
        return
    graph_desk.set_mentions(ws, [*spans, *(known.get(box, Mention(box)) for box in after)])


def _redraw() -> None:
    """Start a new canvas, drawn from the draft."""
    st.session_state["graph:canvas"] = st.session_state.get("graph:canvas", 0) + 1


# --- marks and types ---------------------------------------------------------------------


def more_controls(
    ws: Workspace, draft: GraphDraft, graph: SentenceGraph | None, items: Sequence[Item]
) -> None:
    """Types of the mentions, and the marks of items of this sentence that are not marked yet."""
    marked = {m.place for m in draft.mentions}
    known = [m for m in graph_desk.mentions_of(items) if m.place not in marked]
    with st.container(horizontal=True):
        if graph is not None:
            with st.popover("Types", icon=":material/category:", key="graph:types"):
                for number, name in enumerate(graph.names()):
                    _type_select(ws, draft, number, name, graph.types()[number])
        if known and len(marked) < MOST_MENTIONS:
            said = "1 mark" if len(known) == 1 else f"{len(known)} marks"
            st.button(
                f"Add {said} of known items",
                help="Mentions that items with this sentence have",
                icon=":material/playlist_add:",
                key="graph:known",
                on_click=graph_desk.set_mentions,
                args=(ws, [*draft.mentions, *known]),
            )


def _type_select(
    ws: Workspace, draft: GraphDraft, number: int, name: str, used: EntityType | None
) -> None:
    mention = draft.mentions[number]
    key = f"graph:type:{draft.id}:{mention.place}"
    # Not None: a select shows its own placeholder for that, not the suggestion.
    st.session_state[key] = mention.type or ""
    hint = f"suggested: {used}" if used else "not chosen"

    def changed() -> None:
        if graph_desk.is_current(draft.id):
            graph_desk.set_type(ws, mention.place, st.session_state[key] or None)

    st.selectbox(
        f"Type of {number + 1}: {shorten(name, 24)}",
        ("", *ENTITY_TYPES),
        format_func=lambda value: value or hint,
        key=key,
        on_change=changed,
    )
