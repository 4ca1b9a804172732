"""Which relation was answered for which label: a matrix and a list, both select items."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from app import selected
from app.views.errors_scope import Scope
from app.views.errors_tables import changed, csv_button, show_table
from app.views.words import items_said
from roc_core.figures import confusion_cells, confusion_list, confusion_table, relation_words
from roc_core.workspace import ConfusionTable, cell, confusion

MATRIX, LIST = "Matrix", "List of confusions"


def show_confusion(scope: Scope) -> None:
    """Draw the matrix or the list."""
    found = scope.kept("confusion", lambda: confusion(scope.analysis))
    with st.container(horizontal=True, vertical_alignment="center"):
        shown = st.segmented_control(
            "Shown as",
            (MATRIX, LIST),
            default=MATRIX,
            required=True,
            key="errors:confusion",
            persist_state="session",
            label_visibility="collapsed",
        )
        note = st.empty()
    _matrix(scope, found) if shown == MATRIX else _list(scope, found)
    said = (
        "Click a cell to select its items; with Shift several. Colours go by logarithm."
        if shown == MATRIX
        else "Choose rows to select their items."
    )
    if selected.selected():
        said += f" **{items_said(len(selected.selected()))} selected**, listed below."
    note.caption(said)


def _matrix(scope: Scope, found: ConfusionTable) -> None:
    key = scope.key(f"matrix:{scope.dark}")
    event = st.plotly_chart(
        scope.kept(f"matrix:{scope.dark}", lambda: confusion_cells(found, scope.names, scope.dark)),
        key=key,
        on_select="rerun",
        selection_mode="points",
        config=scope.config("confusion"),
        alt="Numbers of pairs by label and answer; the list of confusions says the same in words",
    )
    csv_button(scope, "confusion", confusion_table(found, scope.names))
    cells = sorted({_cell(p.get("customdata")) for p in event["selection"]["points"]} - {None})
    _take(scope, changed(key, tuple(cells)))


def _cell(value: object) -> tuple[str, str] | None:
    """Label and answer of a point that was clicked."""
    if isinstance(value, list | tuple) and len(value) == 2:
        return str(value[0]), str(value[1])
    return None


def _list(scope: Scope, found: ConfusionTable) -> None:
    wrong = confusion_list(found)
    picked = show_table(scope, "confusions", confusion_table(found, scope.names))
    _take(scope, tuple(wrong[n][:2] for n in picked))


def _take(scope: Scope, cells: tuple[Any, ...]) -> None:
    """Select the items of cells."""
    if not cells:
        return
    rows = np.unique(np.concatenate([cell(scope.analysis, g, p) for g, p in cells]))
    gold, answer = (relation_words(name, scope.names) for name in cells[0])
    said = f"{gold} answered as {answer}" if len(cells) == 1 else f"{len(cells)} cells"
    if len(rows):
        scope.select(rows, said)
    else:
        st.caption(f"No item is labelled {gold} and answered {answer}.")
