"""The app's entry: ``streamlit run app/main.py``."""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app import selected, state
from app.components.memory import connect
from app.views.jobs import drawer
from app.views.login import admitted, show_annotator
from app.views.selected_bar import show_selected
from app.views.words import escaped
from roc_core.errors import RocError
from roc_core.workspace import Workspace

STYLES = Path(__file__).with_name("styles.css")
ICON = Path(__file__).resolve().parents[1] / "assets" / "icon.png"


def sidebar(ws: Workspace) -> DeltaGenerator:
    """Workspace, model version, the annotator's name and work in progress; the place kept for the
    selection, which the page may change yet."""
    with st.sidebar:
        show_annotator()
        st.caption(f"Workspace: **{escaped(ws.name)}**")
        st.caption(f"Model version: **{escaped(state.model_version(ws) or 'none')}**")
        connect(state.COOKIE, state.annotator())
        place = st.container()
        drawer(ws)
    return place


def main() -> None:
    """Set up the page, open the workspace, run the chosen page."""
    st.set_page_config(
        page_title="ROC Workbench", page_icon=str(ICON), layout="wide", initial_sidebar_state=230
    )
    page = st.navigation(
        [
            st.Page(
                state.ANALYZE,
                title="Analyze",
                icon=":material/search_insights:",
                default=True,
                help="Mark two entities and see which relations are close, and why.",
            ),
            st.Page(
                state.DATA.with_name("annotate.py"),
                title="Annotate",
                icon=":material/edit_note:",
                help="One item after the other: every step is one key, and saved at once.",
            ),
            st.Page(
                state.DATA.with_name("graph.py"),
                title="Graph",
                icon=":material/hub:",
                help="Mark more than two entities and see the relations of all their pairs.",
            ),
            st.Page(
                state.DATA,
                title="Data",
                icon=":material/database:",
                help="What is in the workspace: import, search, open, export.",
            ),
            st.Page(
                state.DATA.with_name("map.py"),
                title="Map",
                icon=":material/scatter_plot:",
                help="All items at once: near means similar. Select some and open them.",
            ),
            st.Page(
                state.DATA.with_name("errors.py"),
                title="Errors",
                icon=":material/troubleshoot:",
                help="Where answers are wrong: figures, confusions, slices, labels to check.",
            ),
            st.Page(
                state.DATA.with_name("relations.py"),
                title="Relations",
                icon=":material/library_books:",
                help="What can be retrieved: change the words of a relation and see what moves.",
            ),
            st.Page(
                state.DATA.with_name("versions.py"),
                title="Versions",
                icon=":material/model_training:",
                help="Learn from corrections; compare, promote and roll back model versions.",
            ),
        ]
    )
    st.html(STYLES)
    if not admitted():
        return
    try:
        ws = state.workspace()
    except RocError as error:
        state.show_error(error, "The workspace cannot be opened.")
        return
    selected.follow_address(ws)
    place = sidebar(ws)
    page.run()
    with place:
        show_selected(ws)
    selected.write_address()


main()
