"""Trainings under way, with their curve, and what became of the last one."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from app import state
from app.views import jobs
from app.views.versions_steps import resume
from app.views.words import escaped
from roc_core.errors import RocError
from roc_core.figures import learn_curve
from roc_core.schema import Job, VersionInfo
from roc_core.workspace import Workspace

SEEN = "versions:seen"


def trainings(ws: Workspace) -> list[Job]:
    """The jobs that learn, newest first."""
    return [job for job in ws.jobs() if job.kind == "learn"]


def show_trainings(ws: Workspace, versions: Sequence[VersionInfo]) -> None:
    """Every training under way; without one, how the last ended, until it was read."""
    try:
        found = trainings(ws)
    except RocError as error:
        state.show_error(error, "The trainings cannot be read just now.")
        return
    open_ = [job for job in found if not job.over]
    for job in reversed(open_):
        with st.container(border=True):
            st.fragment(_live, run_every=jobs.EVERY)(ws, job.id)
    if found and not open_ and st.session_state.get(SEEN) != found[0].id:
        _ended(ws, found[0], versions)


def name_of(job: Job) -> str:
    """Name of the version a training ends in."""
    return str(job.parameters.get("name", ""))


def _live(ws: Workspace, id: int) -> None:
    """Progress and curve until the job is over, then the page anew."""
    try:
        job = ws.job(id)
        if job.over:
            st.session_state.pop(SEEN, None)
            st.session_state["versions:chosen"] = name_of(job)
            state.forget_kept()
            st.rerun(scope="app")
        st.markdown(f"**Learning {escaped(name_of(job))}**")
        jobs.show_job(ws, job, "versions")
        st.caption("It goes on when this window is closed. A cancelled one can be resumed.")
        show_curve(ws, name_of(job), "live")
    except RocError as error:
        state.show_error(error, "The progress cannot be read just now; it is tried again.")


def show_curve(ws: Workspace, name: str, place: str) -> None:
    """Loss and F1 by epoch, as far as they are known."""
    rows = ws.learning.curve(name)
    if not rows:
        st.caption("No epoch is over yet." if place == "live" else "No curve was kept.")
        return
    dark = st.context.theme.type == "dark"
    st.plotly_chart(
        learn_curve(rows, dark), key=f"versions:curve:{place}:{name}",
        config={"displaylogo": False, "displayModeBar": False},
    )  # fmt: skip


def _ended(ws: Workspace, job: Job, versions: Sequence[VersionInfo]) -> None:
    name = name_of(job)
    info = next((v for v in versions if v.name == name), None)
    if job.state == "done" and info is not None:
        if info.in_use and not job.result.get("promoted"):
            return  # whoever promoted it has read this
        _finished(job, info)
    elif job.state in ("failed", "lost"):
        st.error(f"The training of {escaped(name)} did not end well.", icon=":material/error:")
        st.text(job.error or "The work ended without saying why. Resume it.")
    elif job.state == "cancelled":
        st.info(
            f"The training of {escaped(name)} was cancelled; what it had done is kept.",
            icon=":material/pause_circle:",
        )
    else:
        return
    with st.container(horizontal=True):
        if info is not None and info.state == "unfinished" and info.request is not None:
            st.button(
                "Resume",
                icon=":material/play_arrow:",
                type="primary",
                key="versions:resume:last",
                on_click=resume,
                args=(ws, info.request),
            )
        st.button("Clear this message", key="versions:seen:go", on_click=_seen, args=(job.id,))


def _finished(job: Job, info: VersionInfo) -> None:
    name = escaped(info.name)
    if info.in_use:
        by = " It was promoted by the rule." if job.result.get("promoted") else ""
        st.success(f"{name} is learnt and in use.{by}", icon=":material/check_circle:")
    elif info.state == "offered":
        st.success(
            f"{name} is learnt and passed the guard. Look at what changed, then promote it or "
            "leave it.",
            icon=":material/check_circle:",
        )
    else:
        st.warning(
            f"{name} is learnt and failed the guard. It is kept, and not put to use.",
            icon=":material/gpp_bad:",
        )


def _seen(id: int) -> None:
    st.session_state[SEEN] = id
