"""Work that a part of the Errors page waits for: started by a button, shown until it is over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import streamlit as st

from app.views import jobs
from app.views.words import items_said
from roc_core.schema import Job, Reading
from roc_core.workspace import Workspace, reading_words

FAILED = {
    "vectors": "The items could not be read.",
    "doubts": "The labels could not be judged.",
}


def ask_for_answers(ws: Workspace, reading: Reading, missing: int, place: str) -> None:
    """Say that ``missing`` items have no answer of a reading, with a button that reads them, or
    how far that has come."""
    job = newest(ws, "vectors", reading)
    if show_under_way(ws, job, place):
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.info(
            f"{items_said(missing)} {'have' if missing > 1 else 'has'} no answer yet "
            f"({reading_words(reading)}).",
            icon=":material/pending:",
        )
        start_button(ws, "vectors", reading, "Read them now", place)
    _refused(job)


def newest(ws: Workspace, kind: str, reading: Reading) -> Job | None:
    """The newest job of a kind for a reading."""
    wanted = (reading.version, reading.variant)
    for job in ws.jobs():
        given = job.parameters
        if job.kind == kind and (given.get("version"), given.get("variant", "")) == wanted:
            return job
    return None


def show_under_way(ws: Workspace, job: Job | None, place: str) -> bool:
    """Progress of a job, or why it ended without a result; whether it is still under way."""
    if job is None:
        return False
    if not job.over:
        jobs.follow(ws, job.id, place, title=True)
        return True
    if job.state in ("failed", "lost"):
        st.error(FAILED.get(job.kind, "The work failed."), icon=":material/error:")
        st.text(job.error or "The work ended without saying why. Start it again.")
    return False


def start_button(
    ws: Workspace,
    kind: str,
    reading: Reading,
    label: str,
    place: str,
    type_: Literal["primary", "secondary", "tertiary"] = "primary",
) -> None:
    """A button that starts a job for a reading."""
    parameters = {"version": reading.version} | (
        {"variant": reading.variant} if reading.variant else {}
    )
    st.button(
        label,
        type=type_,
        icon=":material/play_arrow:",
        key=f"errors:start:{kind}:{place}",
        on_click=jobs.start,
        args=(ws, kind),
        kwargs=parameters,
        help="It goes on in the background; you can leave this page meanwhile.",
    )


def _refused(job: Job | None) -> None:
    reasons = job.result.get("reasons", ()) if job and job.state == "done" else ()
    if isinstance(reasons, Sequence) and reasons:
        st.text("Some could not be read last time:\n" + "\n".join(map(str, reasons)))
