"""The Data page: counts, the list of items, import and export, backups and erasure."""

from __future__ import annotations

import streamlit as st

from app import state
from app.views.backups import show_backups
from app.views.exporting import show_export
from app.views.importing import show_import
from app.views.listing import filters, show_items
from app.views.words import items_said, whole
from roc_core.errors import RocError
from roc_core.schema import Count
from roc_core.workspace import Workspace


def data() -> None:
    """Draw the page."""
    ws = state.workspace()
    st.markdown("**Data**: what is in the workspace. Search it, open an item, import, export.")
    try:
        counts = ws.counts()
    except RocError as error:
        state.show_error(error, "The workspace cannot be read.")
        return
    items, incoming, outgoing, safe = st.tabs(
        [
            ":material/list: Items",
            ":material/upload: Import",
            ":material/download: Export",
            ":material/history: Backups and erasure",
        ]
    )
    with items:
        _totals(ws, counts)
        show_items(ws, filters(ws, counts, "list"))
    with incoming:
        show_import(ws)
    with outgoing:
        show_export(ws, counts)
    with safe:
        show_backups(ws)


def _totals(ws: Workspace, counts: tuple[Count, ...]) -> None:
    total = sum(count.items for count in counts)
    if not total:
        st.info("Nothing is here yet. Import a file, or save a pair on the Analyze page.")
        return
    pictured = sum(count.items for count in counts if count.picture)
    states = {name: _of_state(counts, name) for name in ("unlabelled", "imported", "corrected")}
    said = ", ".join(f"{whole(number)} {name}" for name, number in states.items())
    if erased := ws.privacy.counts().items:
        said += f"; {whole(erased)} erased for good"
    st.write(
        f"**{items_said(total)}**: {whole(pictured)} with a picture, "
        f"{whole(total - pictured)} without; {said}."
    )
    with st.expander("Counts by source, split, label state and picture", type="compact"):
        st.dataframe(
            [
                {
                    "source": count.source,
                    "split": count.split,
                    "label state": count.state,
                    "picture": "with" if count.picture else "without",
                    "items": count.items,
                }
                for count in counts
            ],
            hide_index=True,
        )


def _of_state(counts: tuple[Count, ...], name: str) -> int:
    return sum(count.items for count in counts if count.state == name)
