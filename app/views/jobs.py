"""Long work as pages show it: the drawer in the sidebar, and one job's progress."""

from __future__ import annotations

from datetime import datetime, timezone

import streamlit as st

from app import state
from app.views.words import escaped, shorten, whole
from roc_core.errors import RocError
from roc_core.schema import Job
from roc_core.workspace import Workspace

EVERY = 2.0
"""Seconds between two looks at work that is under way."""

LISTED = 20
STATES = {
    "queued": "waiting for its turn",
    "done": "done",
    "failed": "failed",
    "cancelled": "cancelled",
    "lost": "lost",
}


def drawer(ws: Workspace) -> None:
    """An expander with the work under way, and what became of work this session saw; nothing at
    all when there is none."""
    try:
        jobs = _listed(ws)
    except RocError:
        st.caption("The list of work in progress cannot be read just now.")
        return
    if jobs:
        busy = any(not job.over for job in jobs)
        with st.expander("Work in progress", icon=":material/hourglass_top:", expanded=True):
            st.fragment(_list, run_every=EVERY if busy else None)(ws)


def _listed(ws: Workspace) -> list[Job]:
    watched: set[int] = st.session_state.setdefault("jobs:watched", set())
    jobs = ws.jobs(LISTED)
    watched.update(job.id for job in jobs if not job.over)
    return [job for job in jobs if job.id in watched]


def _list(ws: Workspace) -> None:
    try:
        jobs = _listed(ws)
    except RocError:
        st.caption("The list cannot be read just now; it is tried again.")
        return
    for job in jobs:
        st.markdown(f"**{escaped(job.title)}**")
        show_job(ws, job, "drawer")
    if jobs and all(job.over for job in jobs):
        st.button("Clear the list", key="jobs:clear", on_click=_clear)


def _clear() -> None:
    st.session_state["jobs:watched"] = set()


def show_job(ws: Workspace, job: Job, place: str) -> None:
    """State and progress of one job, with a button that cancels it; ``place`` tells two showings
    of one job apart."""
    if job.over:
        st.caption(f"{STATES[job.state].capitalize()}. {escaped(shorten(job.error, 300))}".strip())
        return
    known = min(job.done / job.total, 1.0) if job.total else 0.0
    st.progress(known, text=escaped(progress_words(job)))
    st.button(
        "Cancel",
        icon=":material/cancel:",
        key=f"jobs:cancel:{place}:{job.id}",
        disabled=job.cancelling,
        on_click=cancel,
        args=(ws, job.id),
    )


def follow(ws: Workspace, id: int, place: str, title: bool = False) -> None:
    """Show a job, with its title if wanted, anew every few seconds, until it is over; then the page
    anew."""
    st.fragment(_followed, run_every=EVERY)(ws, id, place, title)


def _followed(ws: Workspace, id: int, place: str, title: bool) -> None:
    try:
        job = ws.job(id)
    except RocError as error:
        state.show_error(error, "The progress cannot be read just now; it is tried again.")
        return
    if job.over:
        st.rerun(scope="app")
    if title:
        st.markdown(f"**{escaped(job.title)}**")
    show_job(ws, job, place)


def progress_words(job: Job) -> str:
    """How far a job is: its stage, units done, and the time left, or the time it has taken."""
    if job.state == "queued":
        return STATES["queued"].capitalize()
    if job.cancelling:
        return "Stopping"
    stage = job.stage or "Starting"
    if not job.total:
        return f"{stage}, {seconds_said(_taken(job))} so far"
    said = f"{stage}, {whole(job.done)} of {whole(job.total)}"
    if job.seconds_left is None:
        return said
    return f"{said}, about {seconds_said(job.seconds_left)} left"


def seconds_said(seconds: float) -> str:
    """ "40 s", "3 min", "1 h 5 min"."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def _taken(job: Job) -> float:
    """Seconds since a job was started, 0 while that is not known."""
    try:
        began = datetime.fromisoformat(job.started.replace("Z", "+00:00"))
    except ValueError:
        return 0.0
    return max(0.0, (datetime.now(timezone.utc) - began).total_seconds())


def start(ws: Workspace, kind: str, **parameters: object) -> None:
    """Start a job; why it could not be started is kept for ``show_refusal``."""
    st.session_state.pop("jobs:error", None)
    try:
        ws.start_job(kind, **parameters)
    except RocError as error:
        st.session_state["jobs:error"] = error


def cancel(ws: Workspace, id: int) -> None:
    """Cancel a job; why it could not be cancelled is kept for ``show_refusal``."""
    try:
        ws.cancel_job(id)
    except RocError as error:
        st.session_state["jobs:error"] = error


def show_refusal() -> None:
    """Why the last start or cancelling failed, if it did; one element either way, see
    ``state.place``."""
    with state.place():
        error = st.session_state.pop("jobs:error", None)
        if isinstance(error, RocError):
            state.show_error(error, "The work could not be started or stopped.")
