"""Backups: which there are, how many stay, and restoring one."""

from __future__ import annotations

import streamlit as st

from app import selected, state
from app.views.erasing import show_erasures
from app.views.words import whole
from roc_core.errors import RocError
from roc_core.schema import Backup
from roc_core.workspace import Workspace


def show_backups(ws: Workspace) -> None:
    """The list with a restore for each, the settings, and what was erased."""
    st.write(
        "A backup is made before every import, training, restore and change of the database's "
        "form. Restoring one backs up the present state first, so that it can be undone."
    )
    _said()
    try:
        found, kept = ws.backups.all(), ws.backups.kept
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.button(
                "Back up now",
                icon=":material/backup:",
                key="backup:now",
                on_click=_back_up,
                args=(ws,),
            )
            st.number_input(
                "How many are kept",
                1,
                1000,
                kept,
                key="backup:kept",
                on_change=_keep,
                args=(ws,),
                width=180,
            )
        if not found:
            st.info("There is no backup yet. “Back up now” makes one.", icon=":material/history:")
        for backup in found:
            _row(ws, backup)
        st.divider()
        show_erasures(ws)
    except RocError as error:
        state.show_error(error, "The backups cannot be read.")


def _said() -> None:
    if isinstance(error := st.session_state.pop("backup:error", None), RocError):
        state.show_error(error, "This was not done.")
    if said := st.session_state.pop("backup:done", ""):
        st.success(said, icon=":material/check_circle:")


def _row(ws: Workspace, backup: Backup) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.text(f"{state.clock(backup.created)}   {backup.reason}", width="stretch")
        st.caption(f"{whole(max(1, round(backup.bytes / 1024)))} KB")
        with st.popover("Restore …", icon=":material/settings_backup_restore:"):
            st.write(
                "Items, labels and settings become what they were then. The present state is "
                "backed up first. What was erased since stays erased."
            )
            st.button(
                "Restore this backup",
                type="primary",
                key=f"backup:restore:{backup.name}",
                on_click=_restore,
                args=(ws, backup.name),
            )


def _restore(ws: Workspace, name: str) -> None:
    try:
        done = ws.backups.restore(name)
    except RocError as error:
        st.session_state["backup:error"] = error
        return
    selected.clear()
    state.forget_kept()
    st.session_state["backup:done"] = (
        f"Restored: {done.backup.reason}, {state.clock(done.backup.created)}. The state before it "
        "is the newest backup, “before restore”."
    )


def _back_up(ws: Workspace) -> None:
    try:
        ws.backup()
    except RocError as error:
        st.session_state["backup:error"] = error


def _keep(ws: Workspace) -> None:
    try:
        ws.backups.keep(int(st.session_state["backup:kept"]))
    except RocError as error:
        st.session_state["backup:error"] = error
