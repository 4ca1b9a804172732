"""The Errors page: choose a reading and data, see figures, select what is wrong."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from app import state
from app.views import errors_confusion, errors_head, errors_tables, jobs
from app.views.errors_compare import show_compare
from app.views.errors_doubts import show_doubts
from app.views.errors_items import show_selected_items
from app.views.errors_pictures import show_pictures
from app.views.errors_scope import Scope
from app.views.errors_threshold import show_calibration, show_threshold
from roc_core.errors import RocError

TABS: dict[str, Callable[[Scope], None]] = {
    "Confusion": errors_confusion.show_confusion,
    "Relations": errors_tables.show_relations,
    "Type pairs": errors_tables.show_types,
    "Slices": errors_tables.show_slices,
    "Threshold": show_threshold,
    "Calibration": show_calibration,
    "Label errors": show_doubts,
    "Compare": show_compare,
    "Pictures": show_pictures,
}


def errors_page() -> None:
    """Draw the page."""
    ws = state.workspace()
    st.markdown(
        "**Errors**: where are answers wrong, and what do the wrong ones share? "
        "Choose some, open them below."
    )
    jobs.show_refusal()
    try:
        scope = errors_head.choose(ws)
        if scope is None:
            return
        with state.place():
            errors_head.show_missing(scope)
        if len(scope.analysis):
            errors_head.show_figures(scope)
            _tabs(scope)
            show_selected_items(scope)
    except RocError as error:
        state.show_error(error, "The answers cannot be read.")


def _tabs(scope: Scope) -> None:
    """The open tab alone is computed."""
    tabs = st.tabs(list(TABS), key="errors:tab", on_change="rerun")
    for tab, show in zip(tabs, TABS.values(), strict=True):
        if tab.open:
            with tab:
                show(scope)
