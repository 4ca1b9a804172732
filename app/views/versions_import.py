"""Bring a model version in: a zip file from the browser, or a folder on this machine."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from app.views.versions_steps import attempt
from roc_core.workspace import Workspace


def show_import(ws: Workspace) -> None:
    """Choose a version to bring in. Checking it means loading it once, so it takes a while."""
    st.write(
        "A version that was exported, here or elsewhere. It is checked and loaded before it is "
        "kept: its files, its encoders, its relations. It is not put to use by that."
    )
    way = st.segmented_control(
        "Where the version is",
        ("Upload a zip file", "Folder on this machine"),
        default="Upload a zip file",
        required=True,
        key="versions:way",
    )
    if way == "Upload a zip file":
        file = st.file_uploader(
            "Zip file of one version, up to 20 MB; a larger one is brought in as a folder",
            type="zip",
            key="versions:file",
        )
        st.button(
            "Check and import",
            icon=":material/upload:",
            disabled=file is None,
            key="versions:import:zip",
            on_click=_bring_file,
            args=(ws,),
        )
        return
    path = st.text_input("Folder", key="versions:folder", placeholder="models/mini-1")
    st.button(
        "Check and import",
        icon=":material/drive_folder_upload:",
        disabled=not (path or "").strip(),
        key="versions:import:folder",
        on_click=_bring_folder,
        args=(ws,),
    )


def _bring_file(ws: Workspace) -> None:
    file = st.session_state.get("versions:file")
    if file is not None:
        attempt(lambda: _said(ws, ws.learning.import_zip(file.getvalue())))


def _bring_folder(ws: Workspace) -> None:
    folder = Path(str(st.session_state["versions:folder"]).strip()).expanduser()
    attempt(lambda: _said(ws, ws.learning.import_version(folder)))


def _said(ws: Workspace, name: str) -> str:
    st.session_state["versions:chosen"] = name
    return f"Version {name} is here. {ws.model_version} stays in use until another is promoted."
