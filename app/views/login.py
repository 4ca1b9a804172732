"""Who is working: a name that is typed, or a login where one is set up.

A login is set up by an ``[auth]`` section in Streamlit's secrets (OpenID Connect; needs the package
Authlib). Then nobody works under another name than their own.
"""

from __future__ import annotations

import streamlit as st
from streamlit.errors import StreamlitAuthError

from app import state
from app.views.words import escaped


def admitted() -> bool:
    """Whether whoever is here may work: always without a login, else once they have logged in.
    Shows how to log in where they have not."""
    if "is_logged_in" not in st.user or state.login():
        return True
    st.info("This workspace asks who you are.", icon=":material/login:")
    st.button("Log in", type="primary", icon=":material/login:", on_click=_log_in)
    if problem := st.session_state.pop("login:problem", ""):
        st.error("The login cannot be started.", icon=":material/error:")
        st.text(problem)
    return False


def _log_in() -> None:
    try:
        st.login()
    except StreamlitAuthError as error:
        st.session_state["login:problem"] = str(error)


def show_annotator() -> None:
    """The annotator's name: a field, or who has logged in."""
    if state.login():
        st.caption(f"Annotator: **{escaped(state.annotator())}**")
        st.button("Log out", key="login:out", type="tertiary", on_click=st.logout)
        return
    st.session_state.setdefault("annotator", state.remembered_annotator())
    st.text_input(
        "Annotator",
        key="annotator",
        persist_state="session",
        help="The name your corrections are kept under.",
    )
