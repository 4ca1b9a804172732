"""The whole analysis as one HTML file."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

import streamlit as st

from app import state
from app.views.errors_jobs import newest
from app.views.errors_scope import Scope
from app.views.selection import items_in_order
from roc_core.errors import DoubtsMissing, RocError
from roc_core.figures import analysis_page
from roc_core.schema import Doubts, Reading
from roc_core.workspace import report_of


def report_button(scope: Scope) -> None:
    """A button that downloads the report; it is made when it is asked for."""
    st.download_button(
        "Report",
        lambda: report(scope),
        file_name=f"errors-{scope.reading.key.replace('@', '-')}.html",
        mime="text/html",
        icon=":material/description:",
        key="errors:report",
        on_click="ignore",
        disabled=not len(scope.analysis),
        help="Everything on this page as one HTML file: figures, tables, label errors, and the "
        "comparison that was chosen last.",
    )


def report(scope: Scope) -> bytes:
    """The analysis of what is chosen, compared with the reading chosen last, as an HTML page."""
    other: Reading | None = st.session_state.get("errors:other")
    found = report_of(
        scope.analysis,
        {name: text for name, text in facts(scope).items() if text},
        scope.slices(),
        doubts_of(scope),
        scope.other(other) if other and other != scope.reading else None,
    )
    return analysis_page(found, scope.names, (), lambda ids: sentences(scope, ids)).encode()


def facts(scope: Scope) -> dict[str, str]:
    """What the figures are about."""
    only = scope.filter.only
    return {
        "workspace": scope.ws.name,
        "source": scope.filter.source,
        "split": scope.filter.split,
        "items": "" if only is None else f"{len(only):,} chosen ones",
    }


def doubts_of(scope: Scope) -> Doubts | None:
    """What is known about the labels; None when they were not judged yet."""
    job = newest(scope.ws, "doubts", scope.reading)
    run = f"{job.id} {job.state}" if job else ""
    with suppress(DoubtsMissing):
        return scope.kept(f"doubts:{run}", lambda: scope.ws.label_errors(scope.reading))
    return None


def sentences(scope: Scope, ids: Sequence[str]) -> dict[str, str]:
    """What items say; those that cannot be read are left out."""
    try:
        return {i.id: i.example.sentence for i in items_in_order(scope.ws, ids)}
    except RocError as error:
        state.show_error(error, "Some sentences could not be read.")
        return {}
