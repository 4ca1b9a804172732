"""The app's entry: ``streamlit run app/main.py``."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from app import state
from app.components.memory import connect
from app.views.jobs import drawer
from app.views.words import escaped
from roc_core.errors import RocError
from roc_core.workspace import Workspace

STYLES = Path(__file__).with_name("styles.css")
ICON = Path(__file__).resolve().parents[1] / "assets" / "icon.png"


def sidebar(ws: Workspace) -> None:
    """Workspace, model version, the annotator's name and work in progress."""
    st.session_state.setdefault("annotator", state.remembered_annotator())
    with st.sidebar:
        st.text_input(
            "Annotator",
            key="annotator",
            persist_state="session",
            help="The name your corrections are kept under.",
        )
        st.caption(f"Workspace: **{escaped(ws.name)}**")
        st.caption(f"Model version: **{escaped(state.model_version(ws) or 'none')}**")
        connect(state.COOKIE, state.annotator())
        drawer(ws)


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
        ]
    )
    st.html(STYLES)
    try:
        ws = state.workspace()
    except RocError as error:
        state.show_error(error, "The workspace cannot be opened.")
        return
    sidebar(ws)
    page.run()


main()
