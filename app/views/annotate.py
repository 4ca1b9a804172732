"""The Annotate page: a queue, one item after the other; and the work of a team."""

from __future__ import annotations

import streamlit as st

from app import state
from app.views import annotate_team, jobs
from app.views.annotate_desk import desk
from app.views.annotate_queue import choose
from roc_core.errors import RocError
from roc_core.workspace import Workspace

ITEMS, TEAM = ":material/edit_note: Items", ":material/groups: Team"


def annotate() -> None:
    """Draw the page; the open tab alone is computed."""
    ws = state.workspace()
    jobs.show_refusal()
    items, team = st.tabs([ITEMS, TEAM], key="annotate:tab", on_change="rerun")
    try:
        if items.open:
            with items:
                _items(ws)
        elif team.open:
            with team:
                annotate_team.show_team(ws)
    except RocError as error:
        state.show_error(error, "The workspace cannot be read.")


def _items(ws: Workspace) -> None:
    with state.place():
        sitting = choose(ws)
    if sitting is not None:
        st.fragment(desk)(ws, sitting)
