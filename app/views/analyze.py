"""The Analyze page: item on the left, answer on the right, what to do next below."""

from __future__ import annotations

from typing import Literal

import streamlit as st

from app import desk, state
from app.views.answer import predict, show_answer
from app.views.item import show_item, stored_picture, take_reports, type_controls
from app.views.saving import show_bar
from app.views.words import escaped, shorten
from roc_core.errors import RocError
from roc_core.schema import Draft, Item, ItemFilter, Span
from roc_core.workspace import Workspace

EXAMPLES: tuple[tuple[str, Literal["", "with"]], ...] = (
    ("/misc/loc/held_on", "with"),
    ("/per/org/member_of", ""),
    ("/per/per/couple", ""),
)
"""Relation of each offered example, and whether it comes with a picture."""


def analyze() -> None:
    """Draw the page."""
    ws = state.workspace()
    desk.current(ws)
    take_reports(ws, st.session_state["draft"])
    draft: Draft = st.session_state["draft"]
    _top(ws)
    left, right = st.columns([9, 11], gap="medium")
    with left:
        show_item(ws, draft)
    example, prediction = None, None
    with right:
        picture = stored_picture(ws, draft)
        example = desk.example_of(ws, draft) if picture or not draft.picture else None
        if example is None:
            _what_to_do(ws, draft)
        else:
            prediction = predict(ws, example)
            if prediction:
                show_answer(ws, example, prediction, picture)
    if example is not None:
        with left:
            type_controls(ws, draft, example)
    show_bar(ws, draft, example, prediction)


def _top(ws: Workspace) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown("**Analyze**: which relation holds between two entities, and why?")
        st.space("stretch")
        st.button("New", icon=":material/add:", on_click=_start, args=(ws,))
    with state.place():
        notice = st.session_state.pop("notice", None)
        if notice:
            st.warning(escaped(notice), icon=":material/info:")


def _start(ws: Workspace) -> None:
    st.session_state.pop("picture_error", None)
    desk.hold(ws, desk.fresh(ws))


def _what_to_do(ws: Workspace, draft: Draft) -> None:
    marked = sum(m is not None for m in draft.mentions)
    if not draft.sentence.strip() and not draft.picture:
        st.info("Type a sentence, then mark two entities.", icon=":material/edit:")
        _examples(ws)
    elif marked == 0:
        st.info("Mark two entities: click words, or drag over them.", icon=":material/ink_pen:")
    else:
        st.info("One is marked. Mark the second entity.", icon=":material/ink_pen:")


def _examples(ws: Workspace) -> None:
    try:
        found = [_example_of(ws, relation, picture) for relation, picture in EXAMPLES]
    except RocError as error:
        state.show_error(error, "The examples cannot be read.")
        return
    items = [item for item in found if item]
    if items:
        st.write("Or start from an example:")
    for item in items:
        st.button(
            escaped(shorten(item.example.sentence, 90)),
            key=f"example:{item.id}",
            icon=":material/image:" if item.example.picture else ":material/notes:",
            on_click=lambda item=item: desk.hold(ws, desk.draft_of(ws, item)),
        )


def _example_of(ws: Workspace, relation: str, picture: Literal["", "with"]) -> Item | None:
    """The first starter item of a relation whose mentions are both words."""
    wanted = ItemFilter(source="starter", relation=relation, picture=picture)
    items = ws.items(wanted, limit=20).items
    words = (i for i in items if all(isinstance(m.place, Span) for m in i.example.mentions))
    return next(words, None)
