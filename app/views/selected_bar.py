"""The sidebar's block about the selection: what is selected, the primary item, slices."""

from __future__ import annotations

import streamlit as st

from app import selected, state
from app.views.slices import name_form
from app.views.words import escaped, items_said, shorten
from roc_core.errors import ItemMissing, RocError
from roc_core.workspace import Workspace


def show_selected(ws: Workspace) -> None:
    """The block; nothing at all when nothing is selected and no slice is saved."""
    try:
        slices = dict(ws.slice_names())
        _primary(ws)
    except RocError as error:
        selected.notice(f"The selection cannot be read just now. {error}")
        slices = {}
    said = st.session_state.pop("selection:notice", "")
    if said:
        st.warning(escaped(said), icon=":material/info:")
    if selected.selected():
        _selection(ws, slices.get(selected.address(), ""))
    if slices:
        _slices(ws, slices)


def _primary(ws: Workspace) -> None:
    """The primary item with a link that opens it."""
    id = selected.primary()
    if not id:
        return
    try:
        item = ws.item(id)
    except ItemMissing:
        selected.set_primary("")
        selected.notice("The item of this link is not in this workspace.")
        return
    with st.container(gap="xxsmall"):
        st.caption(f"Item: {escaped(shorten(item.example.sentence, 70))}")
        st.page_link(
            state.ANALYZE,
            label="Open the item",
            icon=":material/open_in_new:",
            query_params={"item": id},
        )


def _selection(ws: Workspace, name: str) -> None:
    where = f"slice: {name}" if name else selected.origin()
    st.markdown(f"**{items_said(len(selected.selected()))} selected** ({escaped(where)})")
    with st.container(horizontal=True, gap="xsmall"):
        if st.button("Show", key="selected:show", on_click=_list_them):
            st.switch_page(state.DATA)
        st.button(
            "Clear", icon=":material/deselect:", key="selected:clear", on_click=selected.clear
        )
        if selected.address():
            with st.popover("Rename…" if name else "Save as slice…", key="selected:save"):
                name_form("selected:name", lambda title: _name(ws, title))


def _list_them() -> None:
    """Let the Data page list the selection and nothing else."""
    for field in ("text", "source", "split", "relation", "state", "picture"):
        st.session_state[f"list:{field}"] = ""
    st.session_state.update({"list:only": True, "list:page": 1})


def _name(ws: Workspace, title: str) -> None:
    ws.name_selection(selected.address(), title)


def _slices(ws: Workspace, slices: dict[str, str]) -> None:
    with st.expander("Slices", icon=":material/bookmarks:", expanded=False):
        chosen = st.selectbox(
            "Slice",
            tuple(slices),
            format_func=lambda id: slices.get(id, id),
            key="selected:slice",
            label_visibility="collapsed",
        )
        with st.container(horizontal=True, gap="xsmall"):
            st.button(
                "Load",
                key="selected:load",
                on_click=_load,
                args=(ws, chosen),
            )
            st.button(
                "Delete",
                key="selected:drop",
                on_click=_drop,
                args=(ws, chosen),
                help="Takes the slice off this list. Its items stay.",
            )


def _load(ws: Workspace, id: str) -> None:
    selected.show_slice(ws, id, "slice")


def _drop(ws: Workspace, id: str) -> None:
    try:
        ws.drop_selection(id)
    except RocError as error:
        selected.notice(f"The slice could not be deleted. {error}")
