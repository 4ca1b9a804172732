"""Labels that are likely wrong, and pairs that lie between two relations."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import streamlit as st

from app.views.errors_items import page_of, show_items
from app.views.errors_jobs import newest, show_under_way, start_button
from app.views.errors_report import doubts_of
from app.views.errors_scope import Scope
from app.views.errors_tables import csv_button
from app.views.words import items_said, whole
from roc_core.figures import doubts_table, relation_words
from roc_core.schema import Codes, Doubts

LIKELY, BETWEEN = "Likely label errors", "Between two relations"
MOST = 200
"""Pairs that are listed as lying between two relations."""


def show_doubts(scope: Scope) -> None:
    """Draw the one list or the other."""
    shown = st.segmented_control(
        "List",
        (LIKELY, BETWEEN),
        default=LIKELY,
        required=True,
        key="errors:doubts",
        persist_state="session",
        label_visibility="collapsed",
    )
    _likely(scope) if shown == LIKELY else _between(scope)


def _likely(scope: Scope) -> None:
    job = newest(scope.ws, "doubts", scope.reading)
    if show_under_way(scope.ws, job, "doubts"):
        return
    found = doubts_of(scope)
    if found is None:
        st.info("The labels have not been checked yet.", icon=":material/fact_check:")
        st.text(
            "A classifier that never saw the labels of a sentence judges them: where it is sure "
            "of another label, the one that was given may be wrong."
        )
        start_button(scope.ws, "doubts", scope.reading, "Check the labels", "doubts")
        return
    _told(found)
    rows = _in_scope(scope, found)
    if not len(rows):
        st.info("No label among these data is likely wrong.", icon=":material/check_circle:")
        return
    ids = tuple(found.items[r].decode("ascii") for r in rows.tolist())
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{items_said(len(ids))}** likely mislabelled", width="content")
        shown = page_of(ids, "errors:doubts:page")
        st.space("stretch")
        st.button(
            "Select all of them",
            icon=":material/select_all:",
            key="errors:doubts:select",
            on_click=scope.select_ids,
            args=(ids, "likely label errors"),
        )
        csv_button(
            scope, "label-errors", doubts_table(_some(found, rows), scope.names, {}, len(rows))
        )
        start_button(scope.ws, "doubts", scope.reading, "Check again", "again", "secondary")
    at = dict(zip(ids, rows.tolist(), strict=True))
    show_items(scope, shown, {id: _words(scope, found, at[id]) for id in shown})


def _told(found: Doubts) -> None:
    """What a reader of the list must know besides."""
    said = [f"{int(found.likely.sum()):,} of {whole(len(found))} labels are likely wrong."]
    if found.few:
        said.append(f"{items_said(found.few)} not judged: too few sentences with their label.")
    if found.changed:
        said.append(f"{items_said(found.changed)} labelled anew since; left out.")
    st.caption(" ".join(said))
    if found.seen:
        st.caption(found.seen)


def _in_scope(scope: Scope, found: Doubts) -> np.ndarray:
    """Rows of likely label errors among the data that were chosen, the worst first."""
    return np.flatnonzero(found.likely & np.isin(found.items, scope.analysis.items))


def _some(found: Doubts, rows: np.ndarray) -> Doubts:
    def codes(of: Codes) -> Codes:
        return Codes(of.names, of.values[rows])

    return replace(
        found, items=found.items[rows], gold=codes(found.gold), suggested=codes(found.suggested),
        quality=found.quality[rows], likely=found.likely[rows],
    )  # fmt: skip


def _words(scope: Scope, found: Doubts, row: int) -> tuple[str, ...]:
    likelier = relation_words(found.suggested.of(row), scope.names)
    return (f"likelier: {likelier}", f"trust in the label {found.quality[row]:.2f} of 1")


def _between(scope: Scope) -> None:
    a = scope.analysis
    rows = np.argsort(a.leads, kind="stable")[:MOST]
    ids = a.ids(rows)
    st.caption(
        "Pairs whose best relation is barely ahead of the next one, the closest first: often the "
        "sentence allows both."
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        shown = page_of(ids, "errors:between:page")
        st.space("stretch")
        st.button(
            f"Select these {whole(len(ids))}",
            icon=":material/select_all:",
            key="errors:between:select",
            on_click=scope.select_ids,
            args=(ids, "between two relations"),
        )
    leads = dict(zip(ids, a.leads[rows].tolist(), strict=True))
    show_items(scope, shown, {id: (f"ahead by {leads[id]:.3f}",) for id in shown})
