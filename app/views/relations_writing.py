"""The tab "Writing": descriptions drafted by a language model, scored before anybody reads them."""

from __future__ import annotations

import streamlit as st

from app import state
from app.views.errors_jobs import show_under_way
from app.views.relations_connection import show_connection
from app.views.relations_drafts import picked_relation, show_drafts
from app.views.words import escaped, whole
from roc_core.errors import RocError
from roc_core.schema import MOST_DRAFTS, Endpoint, Job, Relation, WritingReport
from roc_core.workspace import Workspace

KEY = "ROC_LLM_KEY"
"""Name of the key in Streamlit's secrets."""

REPORTS = "writing:reports"
ONE, ALL = "One relation", "All relations"


def key() -> str:
    """The key from Streamlit's secrets, "" for none: the core looks into the environment itself.

    Streamlit puts what stands at the top of its secrets into the environment as well. That is how a
    job gets it, and how the core finds OPENAI_API_KEY, which it sends to OpenAI alone.
    """
    return str(st.secrets.get(KEY) or "") if st.secrets.load_if_toml_exists() else ""


def writing(ws: Workspace) -> None:
    """Draw the tab."""
    st.write(
        "A language model drafts descriptions from a relation's name, types, some labelled "
        "sentences and its nearest rivals. Each draft is tried on the labelled items before you "
        "read it; nothing is added until you choose it."
    )
    endpoint, given = _endpoint(ws), key()
    missing = ws.writing.ready(given) if endpoint else ""
    show_connection(ws, endpoint)
    if endpoint is None:
        return
    if missing:
        st.info(escaped(missing), icon=":material/key:")
        return
    shown = st.segmented_control(
        "Write for",
        (ONE, ALL),
        default=ONE,
        required=True,
        key="writing:for",
        persist_state="session",
        label_visibility="collapsed",
    )
    if shown == ONE:
        _one(ws, endpoint, given)
    else:
        _all(ws, endpoint, given)


def _endpoint(ws: Workspace) -> Endpoint | None:
    """Where the model is reached; None before that was set, or when it has to be set again."""
    try:
        return ws.writing.endpoint()
    except RocError as error:
        state.show_error(error, "The connection that was kept cannot be used.")
        return None


def _count() -> int:
    return int(
        st.number_input(
            "Drafts a facet",
            1,
            MOST_DRAFTS,
            4,
            key="writing:count",
            persist_state="session",
            width=130,
            help="Definition, wording, picture and so on: so many of each.",
        )
    )


# --- one relation ------------------------------------------------------------------------


def _one(ws: Workspace, endpoint: Endpoint, given: str) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        relation = picked_relation(ws)
        if relation is None:
            return
        report = _report(ws, relation)
        count = _count()
        asked = st.button(
            "Write other drafts" if report else "Write drafts",
            type="secondary" if report else "primary",
            icon=":material/edit_square:",
            key="writing:go",
            help=f"Asks {endpoint.model} at {endpoint.host}.",
        )
    if asked:
        # A click meanwhile ends this run; the answer is then read from where it is kept.
        st.session_state[REPORTS].pop(_place(ws, relation), None)
        try:
            with st.spinner(f"{escaped(endpoint.model)} is writing", show_time=True):
                report = ws.writing.draft(relation.id, count, given, anew=report is not None)
        except RocError as error:
            state.show_error(error, "No drafts were written.")
        else:
            _hold(ws, relation, report)
            st.rerun()  # The button says what it does from now on.
    if report is None:
        st.caption(_sent(endpoint))
    else:
        show_drafts(ws, relation, report)


def _sent(endpoint: Endpoint) -> str:
    """What leaves this machine with a request, in a sentence."""
    many = f"up to {endpoint.examples} labelled sentences without their entities, "
    sent = f"Its name, types and descriptions, {many if endpoint.examples else ''}and the names of "
    return escaped(f"{sent}its nearest rivals are sent to {endpoint.host}.")


def _report(ws: Workspace, relation: Relation) -> WritingReport | None:
    """What was written last for a relation, by anybody; None when nothing was."""
    held: dict[tuple[str, int], WritingReport] = st.session_state.setdefault(REPORTS, {})
    place = _place(ws, relation)
    if place not in held and (kept := ws.writing.kept(relation.id)) is not None:
        held[place] = kept
    return held.get(place)


def _hold(ws: Workspace, relation: Relation, report: WritingReport) -> None:
    st.session_state[REPORTS][_place(ws, relation)] = report


def _place(ws: Workspace, relation: Relation) -> tuple[str, int]:
    """A report is read anew after a job that wrote for all."""
    done = (job.id for job in ws.jobs() if job.kind == "write" and job.over)
    return relation.id, max(done, default=0)


# --- all relations -----------------------------------------------------------------------


def _all(ws: Workspace, endpoint: Endpoint, given: str) -> None:
    job = next((job for job in ws.jobs() if job.kind == "write"), None)
    many = len(ws.catalogue)
    if show_under_way(ws, job, "writing"):
        st.caption("What was written so far stays when it is cancelled.")
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        count = _count()
        st.button(
            f"Write for all {whole(many)} relations",
            type="primary",
            icon=":material/play_arrow:",
            key="writing:all",
            on_click=_start,
            args=(ws, count, given),
            help="It goes on in the background; you can leave this page meanwhile.",
        )
    st.caption(
        f"{whole(many)} requests to {escaped(endpoint.host)} at most: the same request is not sent "
        "twice. Drafts are kept to be read, none is added to a relation."
    )
    if job is not None and job.state == "done":
        _result(job)
    _spent(ws)


def _start(ws: Workspace, count: int, given: str) -> None:
    """Start the job; why it could not be started is kept for ``jobs.show_refusal``."""
    st.session_state.pop("jobs:error", None)
    try:
        ws.writing.start(count, key=given)
    except RocError as error:
        st.session_state["jobs:error"] = error


def _result(job: Job) -> None:
    """What the last run came to."""
    found = job.result
    written, tried = int(found.get("written", 0)), int(found.get("relations", 0))
    st.success(
        f"{whole(int(found.get('drafts', 0)))} drafts for {whole(written)} of {whole(tried)} "
        f"relations. Choose “{ONE}” to read those of a relation.",
        icon=":material/check:",
    )
    failed = found.get("failed") or ()
    if failed:
        st.text("No answer for some:\n" + "\n".join(map(str, failed)))


def _spent(ws: Workspace) -> None:
    """What all kept answers took."""
    answers, tokens, cost = ws.writing.spent()
    if answers:
        said = (
            f"So far {whole(answers)} answer{'' if answers == 1 else 's'}, {whole(tokens)} tokens"
        )
        st.caption(f"{said}, cost {cost:.4f}." if cost else f"{said}.")
