"""One model version: what it is, what can be done with it, what it changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from app import state
from app.views.versions_diff import show_changes
from app.views.versions_guard import show_guard
from app.views.versions_live import name_of, show_curve, trainings
from app.views.versions_steps import discard, promote, resume
from app.views.versions_words import FIGURES, STATES, request_said, size_said
from app.views.words import escaped
from roc_core.errors import RocError
from roc_core.schema import VersionInfo
from roc_core.workspace import Workspace


def show_version(ws: Workspace, info: VersionInfo, versions: Sequence[VersionInfo]) -> None:
    """Facts, buttons, and tabs: the guard, the items that changed, the curve."""
    _facts(info)
    _verdict(info)
    _buttons(ws, info)
    tabs: Mapping[str, Callable[[], None]] = {
        "Before and after": lambda: show_guard(info),
        "Items that changed": lambda: show_changes(ws, info, versions),
        "Training curve": lambda: show_curve(ws, info.name, "kept"),
    }
    for tab, show in zip(
        st.tabs(list(tabs), key="versions:part", on_change="rerun"), tabs.values(), strict=True
    ):
        if tab.open:
            with tab:
                show()


def _facts(info: VersionInfo) -> None:
    lines = [
        f"{STATES[info.state]}{', in use' if info.in_use else ''}",
        f"parent: {info.parent or 'none'}",
        f"made {state.clock(info.created)}",
        size_said(info.bytes),
        *(f"{FIGURES[name]} on dev {value:.3f}" for name, value in info.scores.items()),
    ]
    st.text(" · ".join(lines))
    for measured in info.noted:
        st.text(f"Measured on {measured}")
    if info.data:
        st.text(f"Data: {info.data}")
    if info.request:
        st.text(f"Learnt by: {request_said(info.request)}")
    if info.command:
        with st.expander("Command that makes it again"):
            st.code(info.command, language="bash", wrap_lines=True)


def _verdict(info: VersionInfo) -> None:
    """Why a version may not be put to use, in the guard's words."""
    if info.state == "kept" and info.guard is not None:
        st.warning(
            f"{escaped(info.name)} failed the guard and cannot be promoted. It stays here to be "
            "looked at, exported and compared. Learn again with more replay or other corrections.",
            icon=":material/gpp_bad:",
        )
        st.text("\n".join(info.guard.reasons))


def _buttons(ws: Workspace, info: VersionInfo) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        if info.state == "unfinished":
            _unfinished(ws, info)
            return
        if not info.in_use and info.state != "kept":
            _promotion(ws, info)
        _export(ws, info)


def _promotion(ws: Workspace, info: VersionInfo) -> None:
    with st.popover("Promote …", icon=":material/upgrade:"):
        judged = (
            "It passed the guard."
            if info.state == "offered"
            else "The guard of this workspace has not judged it: it was not learnt here."
        )
        st.write(
            f"{escaped(info.name)} answers from the next item on, for everybody in this "
            f"workspace. {judged} It can be rolled back."
        )
        st.button(
            f"Promote {escaped(info.name)}",
            type="primary",
            key="versions:promote",
            on_click=promote,
            args=(ws, info.name),
        )


def _unfinished(ws: Workspace, info: VersionInfo) -> None:
    if any(not job.over and name_of(job) == info.name for job in trainings(ws)):
        st.caption("It is waiting or being trained now; see above.")
        return
    if info.request is not None:
        st.button(
            "Resume training",
            icon=":material/play_arrow:",
            key="versions:resume",
            on_click=resume,
            args=(ws, info.request),
        )
    with st.popover("Discard …", icon=":material/delete:"):
        st.write("What it has learnt so far goes. Corrections are not touched.")
        st.button(
            f"Discard {escaped(info.name)}",
            type="primary",
            key="versions:discard",
            on_click=discard,
            args=(ws, info.name),
        )


def _export(ws: Workspace, info: VersionInfo) -> None:
    """A zip of its folder, made when it is asked for."""
    st.button(
        "Export",
        icon=":material/folder_zip:",
        key="versions:export",
        on_click=_pack,
        args=(ws, info.name),
        help="A zip file of its folder, for another workspace.",
    )
    made = st.session_state.get("versions:packed")
    if made and made[0] == info.name:
        st.download_button(
            f"Download {info.name}.zip",
            made[1],
            file_name=f"{info.name}.zip",
            mime="application/zip",
            type="primary",
            key="versions:download",
            on_click=_forget_packed,
        )


def _pack(ws: Workspace, name: str) -> None:
    try:
        st.session_state["versions:packed"] = (name, ws.learning.export_zip(name))
    except RocError as error:
        st.session_state["versions:error"] = error


def _forget_packed() -> None:
    st.session_state.pop("versions:packed", None)
