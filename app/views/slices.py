"""Naming a slice."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from app import state
from roc_core.errors import RocError


def name_form(key: str, take: Callable[[str], object]) -> None:
    """A field for a slice's name and a button; ``take`` is called with the name and may raise."""

    def save() -> None:
        try:
            take(st.session_state[key])
            st.session_state.pop(f"{key}:error", None)
        except RocError as error:
            st.session_state[f"{key}:error"] = error

    with st.form(f"{key}:form", border=False, clear_on_submit=False):
        st.text_input("Name of the slice", key=key)
        st.form_submit_button("Save", key=f"{key}:save", type="primary", on_click=save)
    error = st.session_state.pop(f"{key}:error", None)
    if isinstance(error, RocError):
        state.show_error(error, "The slice was not saved.")
