"""All relations of the catalogue in use, a page at a time: search, a table or cards."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

import streamlit as st

from app import state
from app.views.relations_remarks import show_all_remarks
from app.views.relations_steps import CHOSEN, TAB, open_relation
from app.views.relations_words import counts_said, first_text, types_said
from app.views.words import escaped, shorten, whole
from roc_core.schema import RelationState
from roc_core.workspace import Workspace

PER_PAGE = {"Table": 25, "Cards": 12}
ABREAST = 3
_PAGE = "relations:page"


def show_list(ws: Workspace) -> None:
    """Search, and the page of relations that is turned to."""
    with state.place():
        show_all_remarks(ws)
    query, retired, view = _choices()
    size = PER_PAGE[view]
    page = int(st.session_state.get(_PAGE, 1))
    found, total = ws.relations.states(query, retired, offset=(page - 1) * size, limit=size)
    if not total:
        _empty(query)
        return
    pages = math.ceil(total / size)
    if page > pages:
        st.session_state[_PAGE] = pages
        st.rerun()
    first = (page - 1) * size + 1
    with st.container(horizontal=True, vertical_alignment="center"):
        last = first + len(found) - 1
        st.text(f"{whole(first)} to {whole(last)} of {whole(total)} relations", width="content")
        if pages > 1:
            st.pagination(pages, key=_PAGE, persist_state="session")
    if view == "Table":
        _table(found)
    else:
        _cards(found)


def _choices() -> tuple[str, bool, str]:
    """Words to find, whether retired ones are listed too, table or cards."""

    def start_over() -> None:
        st.session_state.pop(_PAGE, None)

    with st.container(horizontal=True, vertical_alignment="bottom"):
        query = st.text_input(
            "Search relations",
            key="relations:query",
            placeholder="a name, a type, words of a description",
            on_change=start_over,
            persist_state="session",
            width=360,
        )
        view = st.segmented_control(
            "Show as",
            tuple(PER_PAGE),
            default="Table",
            required=True,
            key="relations:view",
            on_change=start_over,
            persist_state="session",
        )
        retired = st.toggle(
            "Retired ones, too",
            key="relations:retired",
            on_change=start_over,
            persist_state="session",
            help="Relations that are ranked no more. Their labels stay.",
        )
    return (query or "").strip(), bool(retired), str(view)


def _empty(query: str) -> None:
    if query:
        st.info("No relation has these words. Search for others.", icon=":material/search_off:")
        return
    st.info(
        "This catalogue has no relation yet. Write the first one, or import a file on Catalogues.",
        icon=":material/edit_note:",
    )
    st.button(
        "Write a relation",
        type="primary",
        icon=":material/add:",
        key="relations:first",
        on_click=_go_new,
    )


def _go_new() -> None:
    st.session_state[TAB] = "New relation"


def _table(found: Sequence[RelationState]) -> None:
    """One row a relation; choosing one opens it."""
    columns = {
        "relation": [s.relation.name + (" (retired)" if s.retired else "") for s in found],
        "between": [types_said(s.relation) for s in found],
        "descriptions": [len(s.relation.descriptions) for s in found],
        "labels": [s.labels for s in found],
        "what it means": [first_text(s.relation) for s in found],
        "changed": [f"{state.clock(s.changed)}, {s.by}" if s.by else "" for s in found],
        "id": [s.relation.id for s in found],
    }
    st.caption("Click the box in front of a relation to open it.")
    event = st.dataframe(
        columns,
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        key=f"relations:table:{st.session_state.get('relations:turn', 0)}",
        column_config={"what it means": st.column_config.TextColumn(width="large")},
        height=min(38 + 35 * len(found), 640),
        alt="Relations of the catalogue in use",
    )
    rows = event["selection"]["rows"]
    if rows and rows[0] < len(found):
        # A table that is drawn again would still have the row chosen.
        st.session_state["relations:turn"] = st.session_state.get("relations:turn", 0) + 1
        st.session_state[CHOSEN] = found[rows[0]].relation.id
        st.rerun()


def _cards(found: Sequence[RelationState]) -> None:
    for start in range(0, len(found), ABREAST):
        part = found[start : start + ABREAST]
        for column, one in zip(st.columns(ABREAST), part, strict=False):
            with column:
                _card(one)


def _card(found: RelationState) -> None:
    relation = found.relation
    gone = ' <span class="roc-facet">retired</span>' if found.retired else ""
    with st.container(border=True, gap="xsmall", height="stretch"):
        st.html(
            f'<div class="roc-card"><div class="roc-row"><span class="roc-name">'
            f"<bdi>{escape(shorten(relation.name))}</bdi></span>{gone}</div>"
            f'<div class="roc-meta">{escape(types_said(relation))}</div>'
            f'<div class="roc-why"><bdi>{escape(shorten(first_text(relation), 110))}</bdi></div>'
            f'<div class="roc-meta">{escape(counts_said(found))}</div></div>'
        )
        st.button(
            "Open",
            icon=":material/edit:",
            key=f"relations:open:{relation.id}",
            on_click=open_relation,
            args=(relation.id,),
            help=f"Open {escaped(relation.name)}",
        )
