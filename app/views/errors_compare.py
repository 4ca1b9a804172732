"""Two readings compared item by item: won, lost, both wrong."""

from __future__ import annotations

import numpy as np
import streamlit as st

from app.views.errors_items import page_of, show_items
from app.views.errors_jobs import ask_for_answers
from app.views.errors_scope import Scope
from app.views.errors_tables import csv_button
from app.views.words import whole
from roc_core.figures import change_bars, changes_table, compared_said
from roc_core.schema import Analysis
from roc_core.workspace import ItemComparison, compare, reading_words

GROUPS = {
    "won": "only this one right",
    "lost": "only the other right",
    "both_wrong": "both wrong",
    "both_right": "both right",
}


def show_compare(scope: Scope) -> None:
    """Choose another reading, see where the answers differ."""
    states = sorted(scope.ws.readings(), key=lambda s: -s.answered)
    others = [s.reading for s in states if s.reading != scope.reading]
    if not others:
        st.info(
            "There is no other reading to compare with. Train another model version, or choose "
            "another way of reading above and let it read the items.",
            icon=":material/compare_arrows:",
        )
        return
    other = st.selectbox(
        "Compare with",
        others,
        format_func=reading_words,
        key="errors:other:chosen",
        persist_state="session",
        width=360,
    )
    if other is None:
        return
    st.session_state["errors:other"] = other
    theirs = scope.other(other)
    if theirs.unread:
        ask_for_answers(scope.ws, other, theirs.unread, "compare")
    found = compare(scope.analysis, theirs)
    if len(found):
        st.text(compared_said(found))
        _changes(scope, found)
        show_groups(scope, (scope.analysis, theirs), found, "compare")


def _changes(scope: Scope, found: ItemComparison) -> None:
    """Won and lost by label: bars and a table."""
    table = changes_table(scope.analysis, found, scope.names)
    bars = [(str(row[0]), int(row[1] or 0), int(row[2] or 0)) for row in table.rows]
    bars = [row for row in bars if row[1] or row[2]]
    if bars:
        readings = reading_words(found.reading), reading_words(found.other)
        st.plotly_chart(
            change_bars(bars, readings, scope.dark),
            key=scope.key(f"changes:{found.other.key}"),
            config=scope.config(f"against-{found.other.key}"),
        )
    csv_button(scope, f"against-{found.other.key}", table)


def show_groups(
    scope: Scope, both: tuple[Analysis, Analysis], found: ItemComparison, place: str
) -> None:
    """The items of one outcome with both answers."""
    counts = {name: len(getattr(found, name)) for name in GROUPS}
    with st.container(horizontal=True, vertical_alignment="center"):
        chosen = st.segmented_control(
            "Items",
            tuple(GROUPS),
            default="won",
            required=True,
            format_func=lambda name: f"{GROUPS[name].capitalize()} ({whole(counts[name])})",
            key=f"errors:{place}:group",
            persist_state="session",
            label_visibility="collapsed",
        )
        rows: np.ndarray = getattr(found, str(chosen))
        ids = tuple(i.decode("ascii") for i in found.items[rows].tolist())
        said = f"{found.reading.key} against {found.other.key}, {GROUPS[str(chosen)]}"
        st.space("stretch")
        st.button(
            "Select all of them",
            icon=":material/select_all:",
            disabled=not ids,
            key=f"errors:{place}:select",
            on_click=scope.select_ids,
            args=(ids, said),
        )
    if not ids:
        st.caption("No such item.")
    show_items(scope, page_of(ids, f"errors:{place}:page"), answers=both)
