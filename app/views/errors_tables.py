"""Tables of the Errors page: sortable, to be downloaded, a row selects its items."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import streamlit as st

from app.views.errors_scope import Scope
from roc_core.figures import (
    Table,
    groups_table,
    relation_words,
    slice_words,
    slices_plot,
    slices_table,
)
from roc_core.workspace import SMALL, GroupRow, relation_table, slices, types_table

SHARE = st.column_config.NumberColumn(format="%.3f")
BAR = st.column_config.ProgressColumn(format="%.3f", min_value=0.0, max_value=1.0)
CONFIG: Mapping[str, Any] = {
    "F1": BAR,
    **dict.fromkeys(
        (
            "from", "to", "precision", "recall", "first 3", "direction", "none kept",
            "share of the label", "trust in the label",
        ),
        SHARE,
    ),
}  # fmt: skip
ROWS_SHOWN = 15
ROW_PIXELS = 35


def show_table(scope: Scope, name: str, table: Table) -> tuple[int, ...]:
    """A table with a button that downloads it; the rows that were selected just now, none when
    nothing has changed since they were."""
    key = scope.key(name)
    event = st.dataframe(
        table.columns(),
        hide_index=True,
        column_config={n: c for n, c in CONFIG.items() if n in table.head},
        on_select="rerun",
        selection_mode="multi-row",
        height=ROW_PIXELS * (min(len(table.rows), ROWS_SHOWN) + 1) + 3,
        key=key,
        alt=table.title,
    )
    csv_button(scope, name, table)
    return changed(key, tuple(sorted(int(row) for row in event["selection"]["rows"])))


def changed(key: str, found: tuple[Any, ...]) -> tuple[Any, ...]:
    """What was selected in a widget, once: () while it stays the same. A widget that was off the
    page comes back with nothing selected, which selects nothing and clears nothing."""
    events: dict[str, tuple[Any, ...]] = st.session_state.setdefault("errors:events", {})
    before = events.get(key, ())
    if found == before:
        return ()
    events.clear()
    events[key] = found
    return found


def csv_button(scope: Scope, name: str, table: Table) -> None:
    """A button that downloads a table."""
    file = f"{scope.reading.key}-{name}.csv".replace("@", "-")
    st.download_button(
        "CSV",
        table.csv,
        file_name=file,
        mime="text/csv",
        icon=":material/download:",
        key=f"errors:csv:{name}",
        on_click="ignore",
    )


def show_relations(scope: Scope) -> None:
    """Every relation with its figures."""
    st.caption("Choose rows to select their items: labelled so or answered so.")
    rows = scope.kept("relations", lambda: relation_table(scope.analysis))
    _groups(scope, "relations", "relation", rows)


def show_types(scope: Scope) -> None:
    """Every type pair with its figures."""
    st.caption(
        "By the entity types that the model read, given ones or its own guesses. Choose rows to "
        "select their items."
    )
    rows = scope.kept("types", lambda: types_table(scope.analysis))
    _groups(scope, "type-pairs", "types read", rows)


def _groups(scope: Scope, name: str, head: str, rows: Sequence[GroupRow]) -> None:
    rows = sorted(rows, key=lambda r: (-r.pairs, r.name))
    table = groups_table(rows, name, head, scope.names)
    if picked := show_table(scope, name, table):
        _take(scope, [rows[n].rows for n in picked],
              [relation_words(rows[n].name, scope.names) for n in picked])  # fmt: skip


def _take(scope: Scope, rows: Sequence[np.ndarray], said: Sequence[str]) -> None:
    scope.select(np.unique(np.concatenate(rows)), ", ".join(said[:3]))


def show_slices(scope: Scope) -> None:
    """Slices side by side, worst first."""
    st.caption(
        "The worst first. Slices with fewer than "
        f"{SMALL} labelled relations say little: they come last and are marked small. Selections "
        "that were saved as slices are among them."
    )
    found = scope.kept(
        f"slices:{sorted(scope.saved.items())}",
        lambda: slices(scope.analysis, saved=scope.slices()),
    )
    if picked := show_table(scope, "slices", slices_table(found)):
        _take(scope, [found[n].rows for n in picked], [slice_words(found[n]) for n in picked])
    st.plotly_chart(
        slices_plot(found, scope.dark), key=scope.key("slices-plot"), config=scope.config("slices")
    )
