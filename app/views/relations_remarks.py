"""What annotators found wrong with the words of relations, for whoever edits them."""

from __future__ import annotations

import streamlit as st

from app.views.listing import item_row
from app.views.relations_steps import open_relation
from app.views.words import escaped, shorten
from roc_core.errors import ItemMissing
from roc_core.schema import Mark
from roc_core.workspace import Workspace

MOST = 20
"""Remarks that are listed, the newest ones."""


def show_all_remarks(ws: Workspace) -> None:
    """Remarks on every relation of the catalogue in use, above the list; nothing without any."""
    catalogue = ws.catalogue
    marks = [m for m in ws.annotation.wrong_descriptions() if m.relation in catalogue]
    if not marks:
        return
    with st.expander(f"Descriptions that annotators found wrong ({len(marks)})"):
        for mark in marks[:MOST]:
            with st.container(border=True, horizontal=True, vertical_alignment="center"):
                name = catalogue.get(mark.relation).name
                st.markdown(
                    f"**{escaped(name)}**: {escaped(shorten(mark.text, 300))}", width="content"
                )
                st.space("stretch")
                st.caption(escaped(_by(mark)), width="content")
                st.button(
                    "Open",
                    key=f"relations:remark:{mark.id}",
                    on_click=open_relation,
                    args=(mark.relation,),
                )
        _rest(len(marks))


def show_remarks(ws: Workspace, relation: str) -> None:
    """Remarks on one relation with the items they were made at; nothing without any."""
    marks = ws.annotation.wrong_descriptions(relation)
    if not marks:
        return
    with st.expander(
        f"Annotators found its words wrong ({len(marks)})", icon=":material/rate_review:"
    ):
        for mark in marks[:MOST]:
            try:
                item_row(ws.item(mark.item), [mark.text, _by(mark)])
            except ItemMissing:
                continue  # erased in this moment
        _rest(len(marks))


def _by(mark: Mark) -> str:
    return f"{mark.annotator}, {mark.created[:10]}"


def _rest(count: int) -> None:
    if count > MOST:
        st.caption(f"The newest {MOST} of {count}.")
