"""The Versions page: the version in use, trainings, the list, one version in detail."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from app import state
from app.views import jobs
from app.views.versions_detail import show_version
from app.views.versions_import import show_import
from app.views.versions_live import show_trainings
from app.views.versions_steps import promotion_to_undo, roll_back, show_said
from app.views.versions_training import show_training
from app.views.versions_words import STATES, size_said
from app.views.words import escaped
from roc_core.errors import RocError
from roc_core.schema import Promotion, VersionInfo
from roc_core.workspace import Workspace

CHOSEN = "versions:chosen"
TABS = ("Versions", "Train from corrections", "Import", "History")


def versions_page() -> None:
    """Draw the page."""
    ws = state.workspace()
    st.markdown(
        "**Versions**: what the model has learnt from corrections, judged on the guard set before "
        "it is put to use."
    )
    jobs.show_refusal()
    with state.place():
        show_said()
    try:
        versions, log = ws.learning.versions(), ws.learning.promotions()
    except RocError as error:
        state.show_error(error, "The model versions cannot be listed.")
        return
    _in_use(ws, versions, log)
    with state.place():
        show_trainings(ws, versions)
    listed, train, bring, history = st.tabs(TABS, key="versions:tab", on_change="rerun")
    if listed.open:
        with listed:
            _table(versions)
            _detail(ws, versions)
    if train.open:
        with train:
            show_training(ws, versions)
    if bring.open:
        with bring:
            show_import(ws)
    if history.open:
        with history:
            _history(log)


def _in_use(ws: Workspace, versions: Sequence[VersionInfo], log: Sequence[Promotion]) -> None:
    """Which version answers now, and the way back to the one before it."""
    used = next((v.name for v in versions if v.in_use), "none")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"In use: **{escaped(used)}**", width="content")
        last = promotion_to_undo(log, used)
        if last is None:
            return
        st.button(
            f"Roll back to {escaped(last.before)}",
            icon=":material/undo:",
            key="versions:back",
            on_click=roll_back,
            args=(ws,),
            help=f"{escaped(last.before)} answers again from the next item on. {escaped(used)} "
            "stays here and can be promoted again. Corrections are not touched.",
        )


def _table(versions: Sequence[VersionInfo]) -> None:
    """All versions at a glance."""
    rows = [
        {
            "version": v.name,
            "in use": "in use" if v.in_use else "",
            "state": STATES[v.state],
            "parent": v.parent or "–",
            "made": state.clock(v.created),
            "dev F1": f"{v.scores['f1']:.3f}" if "f1" in v.scores else "–",
            "guard": _guard_words(v),
            "size": size_said(v.bytes),
            "data": v.data,
        }
        for v in versions
    ]
    st.dataframe(
        {name: [row[name] for row in rows] for name in rows[0]} if rows else {},
        hide_index=True,
        key="versions:table",
        alt="All model versions",
    )


def _guard_words(version: VersionInfo) -> str:
    """Pairs answered right before and after, of the largest part: a pair may be in two parts."""
    if version.guard is None or not version.guard.parts:
        return "–"
    part = max(version.guard.parts, key=lambda p: p.pairs)
    return f"{part.name}: {part.before.right} → {part.after.right} of {part.pairs:,} right"


def _detail(ws: Workspace, versions: Sequence[VersionInfo]) -> None:
    """One version, chosen by name; the newest learnt one at first."""
    names = [v.name for v in versions]
    if st.session_state.get(CHOSEN) not in names:
        learnt = [v.name for v in versions if v.state in ("offered", "kept")]
        used = [v.name for v in versions if v.in_use]
        st.session_state[CHOSEN] = (learnt[-1:] or used or names)[-1] if names else None
    name = st.selectbox("Look at version", names, key=CHOSEN, persist_state="session", width=320)
    info = next((v for v in versions if v.name == name), None)
    if info is not None:
        show_version(ws, info, versions)


def _history(log: Sequence[Promotion]) -> None:
    """Every promotion and roll-back, newest first; nothing of it can be changed."""
    if not log:
        st.info("No version was promoted here yet.", icon=":material/history:")
    for row in reversed(log):
        what = "promoted" if row.action == "promote" else "rolled back to"
        rule = f" Rule: {row.rule}" if row.rule else ""
        st.text(
            f"{state.clock(row.created)}   {what} {row.version}, in the place of {row.before}, "
            f"by {row.by}.{rule}"
        )
