"""What a change of a relation would do: figures before and after, answers won and lost."""

from __future__ import annotations

import math
from collections.abc import Mapping

import streamlit as st

from app import selected, state
from app.views.listing import item_row
from app.views.relations_draft import Draft
from app.views.relations_words import flips_said, line_said, moves_html
from app.views.words import label_words, whole
from roc_core.errors import AnswersMissing, ItemMissing, RocError
from roc_core.schema import Flip, Label, Relation, WhatIfReport
from roc_core.workspace import Workspace

SHOWN = 4
"""Flips on a page of them: each is drawn anew with every pause in typing."""


def show_effect(ws: Workspace, draft: Draft) -> None:
    """Figures and flips of what the fields say now."""
    try:
        report = ws.what_if(draft.base.id).try_(draft.relation)
    except AnswersMissing:
        st.info(
            "What a change would do can be shown once items have been read by this model version.",
            icon=":material/pending:",
        )
        return
    except RocError as error:
        state.show_error(error, "What this would do cannot be computed.")
        return
    _figures(report, draft)
    if draft.changed:
        _flips(ws, draft, report)


def _figures(report: WhatIfReport, draft: Draft) -> None:
    if not report.labelled:
        st.info(
            "No item has a label yet, so nothing can be scored. Label some on Annotate.",
            icon=":material/label_off:",
        )
    else:
        st.html(moves_html(report))
        st.caption(
            f"Per cent, on {whole(report.labelled)} labelled items of this workspace. "
            f"{line_said(report.line)}"
        )
    if draft.changed:
        took = f"{report.seconds:.2f} s"
        st.markdown(f"**{flips_said(report)}**", help=f"Computed in {took}, nothing is kept yet.")
    else:
        st.caption("Nothing is changed yet. Type on the left and see here what it would move.")


def _flips(ws: Workspace, draft: Draft, report: WhatIfReport) -> None:
    """Labelled items that would be answered right instead of wrong, and the other way round."""
    if not report.flips:
        return
    parts = {
        f"won {whole(report.won)}": [f for f in report.flips if f.won],
        f"lost {whole(report.lost)}": [f for f in report.flips if not f.won],
    }
    with st.container(horizontal=True, vertical_alignment="center"):
        names = [name for name, flips in parts.items() if flips]
        key = draft.key(f"side:{'-'.join(names)}")
        side = st.segmented_control(
            "Which", names, default=names[0], required=True, key=key, label_visibility="collapsed"
        )
        st.button(
            "Select them",
            icon=":material/select_all:",
            key="relations:flips:select",
            on_click=_select,
            args=(ws, parts[str(side)], f"Relations: {side} by {draft.relation.name}"),
            help="The selection of all pages, up to 200 of them.",
        )
    flips = {flip.item: flip for flip in parts[str(side)]}
    relations = dict(ws.known_relations()) | {draft.relation.id: draft.relation}
    for id in _page(tuple(flips), draft.key(f"page:{str(side).split()[0]}")):
        _flip(ws, relations, flips[id])


def _page(ids: tuple[str, ...], key: str) -> tuple[str, ...]:
    """The ids on the page that is turned to, with the pages to turn."""
    pages = math.ceil(len(ids) / SHOWN)
    if int(st.session_state.get(key, 1)) > pages:
        st.session_state.pop(key, None)
    if pages > 1:
        st.pagination(pages, key=key)
    first = (int(st.session_state.get(key, 1)) - 1) * SHOWN
    return ids[first : first + SHOWN]


def _select(ws: Workspace, flips: list[Flip], said: str) -> None:
    selected.select(ws, [flip.item for flip in flips], said)


def _flip(ws: Workspace, relations: Mapping[str, Relation], flip: Flip) -> None:
    """An item whose answer would be another: label, answer now, answer then."""
    try:
        item = ws.item(flip.item)
    except ItemMissing:
        return  # erased since it was read

    def said(label: Label) -> str:
        return label_words(label, relations.get(label.relation), item.example)

    item_row(
        item,
        [f"label: {said(flip.label)}", f"now: {said(flip.before)}", f"then: {said(flip.after)}"],
    )
