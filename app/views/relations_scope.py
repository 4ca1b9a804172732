"""What the parts of the Quality tab share: the report, words for relations, tables, selecting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from app import selected, state
from app.views.words import escaped, items_said, relation_names
from roc_core.errors import ItemMissing
from roc_core.figures import Table
from roc_core.schema import Item, QualityReport
from roc_core.workspace import Workspace

SHARE = st.column_config.NumberColumn(format="%.3f")
CONFIG: Mapping[str, Any] = {
    "similarity": SHARE,
    "share wrong": SHARE,
    "mean rank": st.column_config.NumberColumn(format="%.2f"),
    "spread of the rank": st.column_config.NumberColumn(format="%.2f"),
    "description": st.column_config.TextColumn(width="large"),
}
ROWS_SHOWN, ROW_PIXELS = 12, 35


@dataclass(frozen=True)
class Judged:
    """A report of a workspace's descriptions; ``names`` gives the words for relation ids,
    ``texts`` the text of each description by its id."""

    ws: Workspace
    report: QualityReport
    names: Mapping[str, str]
    texts: Mapping[str, str]
    dark: bool

    @classmethod
    def of(cls, ws: Workspace, report: QualityReport) -> Judged:
        """With the words of the catalogue in use."""
        known = ws.known_relations()
        texts = {d.id: d.text for relation in known.values() for d in relation.descriptions}
        return cls(ws, report, relation_names(ws), texts, st.context.theme.type == "dark")

    def config(self, name: str) -> dict[str, Any]:
        """Settings of a figure."""
        return {
            "displaylogo": False,
            "modeBarButtonsToRemove": ["autoScale2d", "select2d", "lasso2d"],
            "toImageButtonOptions": {"filename": f"descriptions-{name}", "scale": 2},
        }

    def key(self, name: str) -> str:
        """Key of a widget that starts anew with another report."""
        return f"quality:{name}:{self.report.created}:{self.report.version}"

    def markdown(self, relation: str) -> str:
        """A relation's name for a label."""
        return escaped(self.names.get(relation, relation))

    def select_button(self, ids: Sequence[str], said: str, name: str) -> None:
        """A button that makes items the selection of all pages, and one that annotates them."""
        st.button(
            f"Select {'it' if len(ids) == 1 else f'all {items_said(len(ids))}'}",
            icon=":material/select_all:",
            key=f"quality:select:{name}",
            on_click=selected.select,
            args=(self.ws, tuple(ids), f"Relations: {said}"),
            help="They are then selected on every page.",
        )
        annotate_button(self.ws, ids, said, name)


def readable(ws: Workspace, ids: Sequence[str]) -> tuple[Item, ...]:
    """The items that are still in the workspace, in order."""
    found = []
    for id in ids:
        try:
            found.append(ws.item(id))
        except ItemMissing:  # erased since the report was made
            continue
    return tuple(found)


def annotate_button(ws: Workspace, ids: Sequence[str], said: str, name: str) -> None:
    """A button that opens items as a queue on the Annotate page."""
    if st.button(
        "Go through them",
        icon=":material/edit_note:",
        key=f"quality:annotate:{name}",
        help="Opens them as a queue on the Annotate page.",
    ):
        selected.select(ws, ids, f"Relations: {said}")
        st.session_state["annotate:kind"] = "selection"
        st.session_state.pop("annotate:selection", None)
        st.switch_page(state.DATA.with_name("annotate.py"))


def show_table(judged: Judged, name: str, table: Table) -> tuple[int, ...]:
    """A table of which one row can be chosen; the row that is."""
    event = st.dataframe(
        table.columns(),
        hide_index=True,
        column_config={n: c for n, c in CONFIG.items() if n in table.head},
        on_select="rerun",
        selection_mode="single-row",
        height=ROW_PIXELS * (min(len(table.rows), ROWS_SHOWN) + 1) + 3,
        key=judged.key(name),
        alt=table.title,
    )
    rows = event["selection"]["rows"]
    return tuple(int(row) for row in rows if int(row) < len(table.rows))


def csv_button(name: str, table: Table) -> None:
    """A button that downloads a table."""
    st.download_button(
        "CSV",
        table.csv,
        file_name=f"descriptions-{name}.csv",
        mime="text/csv",
        icon=":material/download:",
        key=f"quality:csv:{name}",
        on_click="ignore",
    )


def picked_rows(judged: Judged, name: str, table: Table) -> tuple[int, ...]:
    """``show_table`` with its download."""
    found = show_table(judged, name, table)
    csv_button(name, table)
    return found
