"""The Relations page: find a relation, edit it and see what that would change, its history, the
catalogues; new relations, quality and writing."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from app import state
from app.views import jobs
from app.views.relations_catalogues import show_catalogues
from app.views.relations_detail import show_relation
from app.views.relations_history import show_history
from app.views.relations_list import show_list
from app.views.relations_new import new_relation
from app.views.relations_quality import quality
from app.views.relations_steps import TAB, chosen, show_said
from app.views.relations_writing import writing
from app.views.words import escaped
from roc_core.errors import RocError
from roc_core.workspace import Workspace

TABS: dict[str, Callable[[Workspace], None]] = {
    "Relations": lambda ws: _relations(ws),
    "New relation": new_relation,
    "Quality": quality,
    "Writing": writing,
    "History": show_history,
    "Catalogues": show_catalogues,
}


def relations_page() -> None:
    """Draw the page."""
    ws = state.workspace()
    try:
        title = ws.catalogue.title
    except RocError as error:
        state.show_error(error, "The relations cannot be read.")
        return
    st.markdown(
        "**Relations**: what can be retrieved, in words that you can change and try. "
        f"In use: **{escaped(title)}**."
    )
    jobs.show_refusal()
    show_said()
    tabs = st.tabs(list(TABS), key=TAB, on_change="rerun")
    for tab, (name, show) in zip(tabs, TABS.items(), strict=True):
        if tab.open:
            with tab:
                _guarded(ws, name, show)


def _guarded(ws: Workspace, name: str, show: Callable[[Workspace], None]) -> None:
    """The open tab alone; why it cannot be shown leaves the others usable."""
    try:
        show(ws)
    except RocError as error:
        state.show_error(error, f"{name} cannot be shown.")


def _relations(ws: Workspace) -> None:
    """The list, or the one relation that is open."""
    id = chosen()
    if id:
        show_relation(ws, id)
    else:
        show_list(ws)
