"""One relation: what it is, its editor, the items labelled with it, its history."""

from __future__ import annotations

import math

import streamlit as st

from app import selected, state
from app.views.listing import item_row
from app.views.relations_editor import show_editor
from app.views.relations_history import show_changes
from app.views.relations_remarks import show_remarks
from app.views.relations_steps import open_relation, restore, retire
from app.views.relations_words import counts_said, descriptions_html, types_said
from app.views.words import escaped, items_said, label_words, whole
from roc_core.errors import RelationUnknown
from roc_core.schema import ItemFilter, RelationState
from roc_core.workspace import Workspace

PARTS = ("Edit", "Labelled items", "Its history")
PER_PAGE = 10


def show_relation(ws: Workspace, id: str) -> None:
    """The relation that is open, or the way back when it is not in the catalogue in use."""
    try:
        found = ws.relations.state(id)
    except RelationUnknown:
        st.info("This relation is not in the catalogue in use.", icon=":material/search_off:")
        _back()
        return
    _head(ws, found)
    edit, items, history = st.tabs(PARTS, key="relations:part", on_change="rerun")
    if edit.open:
        with edit:
            with state.place():
                show_remarks(ws, id)
            if found.retired:
                _retired(ws, found)
            else:
                show_editor(ws, id)
    if items.open:
        with items:
            _items(ws, found)
    if history.open:
        with history:
            show_changes(ws, ws.relations.history(id), "one")


def _back() -> None:
    st.button(
        "All relations",
        icon=":material/arrow_back:",
        key="relations:back",
        on_click=open_relation,
        args=("",),
    )


def _head(ws: Workspace, found: RelationState) -> None:
    relation = found.relation
    with st.container(horizontal=True, vertical_alignment="center"):
        _back()
        gone = " (retired)" if found.retired else ""
        st.markdown(f"**{escaped(relation.name)}**{gone}", width="content")
        said = f"{types_said(relation)} · {counts_said(found)} · id {relation.id}"
        st.caption(escaped(said), width="content")
        st.space("stretch")
        if not found.retired:
            with st.popover("Retire …", icon=":material/inventory_2:"):
                _retire(ws, found)


def _retire(ws: Workspace, found: RelationState) -> None:
    st.write(
        "It is ranked no more, from the next item on. Its "
        f"{whole(found.labels)} labels stay, and it can be restored at any time."
    )
    key = f"relations:why:retire:{found.relation.id}"
    reason = st.text_input("Reason", key=key)
    st.button(
        "Retire it",
        type="primary",
        key="relations:retire",
        on_click=retire,
        args=(ws, found.relation.id, (reason or "").strip()),
    )


def _retired(ws: Workspace, found: RelationState) -> None:
    """What a retired relation says, to be read, and the button that brings it back."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.info(
            f"It is retired: not ranked any more. Its {whole(found.labels)} labels stay. Restore "
            "it to edit it.",
            icon=":material/inventory_2:",
        )
        st.button(
            "Restore it",
            type="primary",
            icon=":material/unarchive:",
            key="relations:restore",
            on_click=restore,
            args=(ws, found.relation.id, ""),
        )
    st.html(descriptions_html(found.relation))


def _items(ws: Workspace, found: RelationState) -> None:
    """The items whose present label it is: what it means in this workspace."""
    wanted, key = ItemFilter(relation=found.relation.id), f"relations:items:{found.relation.id}"
    page = int(st.session_state.get(key, 1))
    items = ws.items(wanted, offset=(page - 1) * PER_PAGE, limit=PER_PAGE)
    if not items.total:
        st.info(
            "No item is labelled with it yet. Label some on Annotate or Analyze; they are its "
            "examples, and the figures of its words are counted on them.",
            icon=":material/label_off:",
        )
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{items_said(items.total)}**", width="content")
        if items.total > PER_PAGE:
            st.pagination(math.ceil(items.total / PER_PAGE), key=key, persist_state="session")
        st.space("stretch")
        st.button(
            "Select all",
            icon=":material/select_all:",
            key="relations:select",
            on_click=_select,
            args=(ws, found, wanted),
        )
    st.caption("Its examples. Open one to change its label.")
    for item in items.items:
        said = label_words(item.label, found.relation, item.example)
        item_row(item, [said, "with a picture" if item.example.picture else ""])


def _select(ws: Workspace, found: RelationState, wanted: ItemFilter) -> None:
    ids = [item.id for item in ws.items(wanted, limit=found.labels).items]
    selected.select(ws, ids, f"Relations: labelled {found.relation.name}")
