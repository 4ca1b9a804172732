"""Changes of relations: who, when, why, what exactly, and the way back."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from app import state
from app.views.relations_steps import open_relation, revert
from app.views.relations_words import change_said, descriptions_html, diff_html
from app.views.words import escaped, whole
from roc_core.schema import RelationChange
from roc_core.workspace import Workspace

PER_PAGE = 20


def show_history(ws: Workspace) -> None:
    """All changes of the catalogue in use, newest first, a page at a time."""
    page = int(st.session_state.get("relations:log", 1))
    changes = ws.relations.history(offset=(page - 1) * PER_PAGE, limit=PER_PAGE + 1)
    if not changes and page == 1:
        st.info(
            "No relation was changed here yet. Every change will stand here, with its author, its "
            "reason and a button that takes it back.",
            icon=":material/history:",
        )
        return
    more = len(changes) > PER_PAGE
    if page > 1 or more:
        # How many there are in all is not asked for: the log only grows.
        st.pagination(page + more, key="relations:log", persist_state="session")
    show_changes(ws, changes[:PER_PAGE], "all")


def show_changes(ws: Workspace, changes: Sequence[RelationChange], place: str) -> None:
    """Changes as rows; the newest one of each relation is what holds now."""
    if not changes:
        st.info("It was not changed here yet.", icon=":material/history:")
        return
    if place == "one":
        st.caption(
            f"{whole(len(changes))} changes, the newest first. Nothing is ever deleted from them."
        )
    for change in changes:
        _change(ws, change, place)


def _change(ws: Workspace, change: RelationChange, place: str) -> None:
    kept = change.after or change.before
    name = kept.name if kept else change.relation
    with st.container(border=True, gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center"):
            said = change_said(change, state.clock(change.created), name)
            st.markdown(f"**{change.id}** {escaped(said)}", width="stretch")
            if place == "all":
                st.button(
                    "Open",
                    icon=":material/edit:",
                    key=f"relations:log:open:{change.id}",
                    on_click=open_relation,
                    args=(change.relation,),
                )
            _revert(ws, change, place)
        _what(ws, change)


def _what(ws: Workspace, change: RelationChange) -> None:
    """What the change did."""
    if change.before is None or change.after is None:
        if kept := change.after or change.before:
            with st.expander("Its descriptions", type="compact"):
                st.html(descriptions_html(kept))
        return
    st.html(diff_html(ws.relations.diff(change)))


def _revert(ws: Workspace, change: RelationChange, place: str) -> None:
    with st.popover("Back to this …", icon=":material/history:"):
        st.write(
            "The relation becomes again what it was right after this change. That is a new change: "
            "the later ones stay in the history."
        )
        reason = st.text_input("Reason", key=f"relations:why:{place}:{change.id}")
        st.button(
            f"Bring back change {change.id}",
            type="primary",
            key=f"relations:revert:{place}:{change.id}",
            on_click=revert,
            args=(ws, change.id, (reason or "").strip()),
        )
