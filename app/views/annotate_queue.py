"""Which queue an annotator goes through: the choice, and what to do when it cannot be made."""

from __future__ import annotations

import streamlit as st

from app import selected, state
from app.views import jobs
from app.views.annotate_sitting import Sitting
from app.views.errors_jobs import ask_for_answers, newest, show_under_way, start_button
from app.views.words import escaped, items_said
from roc_core.errors import AnswersMissing, DoubtsMissing, RocError
from roc_core.schema import NEED_ANSWERS, QUEUES, QueueKind, Reading
from roc_core.workspace import Workspace

WORDS: dict[QueueKind, str] = {
    "everything": "Everything",
    "unlabelled": "Unlabelled",
    "uncertain": "Most uncertain",
    "informative": "Most informative",
    "doubts": "Likely label errors",
    "disagreements": "Disagreements",
    "selection": "A slice or selection",
    "drafts": "My drafts",
    "flagged": "Flagged",
    "assigned": "Assigned to me",
}
HELP: dict[QueueKind, str] = {
    "everything": "All items in order of arrival.",
    "unlabelled": "Items without a label, in order of arrival.",
    "uncertain": "Items without a label, the nearest to another answer first.",
    "informative": "Uncertain items, alike ones kept apart.",
    "doubts": "Labels that are likely wrong, the least trusted first.",
    "disagreements": "Items on which annotators differ, then labels that the model contradicts.",
    "selection": "A saved slice, or what is selected on the map, the Errors or the Data page.",
    "drafts": "Items you put off with Later or began on Analyze, and have not labelled.",
    "flagged": "Items with an open flag, the oldest flag first.",
    "assigned": "What was assigned to you on the Team tab.",
}
EMPTY: dict[QueueKind, str] = {
    "everything": "There is no item yet. Import some on the Data page.",
    "unlabelled": "Every item has a label. Choose another queue to check labels.",
    "assigned": "Nothing is assigned to you. Items are assigned on the Team tab.",
    "flagged": "No item has an open flag.",
    "drafts": "You have left no item unfinished.",
    "doubts": "No label is likely wrong.",
    "disagreements": "Nobody differs, and the model contradicts no label.",
}
CURRENT = "selected now"


def choose(ws: Workspace) -> Sitting | None:
    """The row of choices and the sitting in the chosen queue; None, with what to do, when there is
    nothing to go through."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kind = _kind(ws)
        selection = _selection(ws) if kind == "selection" else ""
        seed = _order(kind) if kind in ("everything", "unlabelled", "selection") else 0
        renew = st.button(
            "Start this queue anew",
            icon=":material/restart_alt:",
            key="annotate:renew",
            help="The order stays as it was made until you do this; what you finished stays "
            "finished where labels are not looked at again.",
        )
    if kind == "selection" and not selection:
        st.info("Nothing is selected and no slice is saved.", icon=":material/lasso_select:")
        return None
    try:
        sitting = sitting_in(ws, kind, selection, seed, renew)
    except (AnswersMissing, DoubtsMissing) as missing:
        _offer(ws, missing)
        return None
    except RocError as error:
        state.show_error(error, "This queue cannot be opened.")
        return None
    for note in sitting.queue.notes:
        st.caption(escaped(note))
    complete = kind not in NEED_ANSWERS or _complete(ws)
    if not len(sitting.queue):
        if complete:
            st.info(EMPTY.get(kind, "No item is in this queue."), icon=":material/inbox:")
        return None
    return sitting


def _complete(ws: Workspace) -> bool:
    """Whether every item has an answer; if not, the work that gives them is offered."""
    read = ws.reading_state(Reading(ws.model_version))
    if not read.complete:
        ask_for_answers(ws, read.reading, read.items - read.answered, "annotate")
    return read.complete


def _kind(ws: Workspace) -> QueueKind:
    if "annotate:kind" not in st.session_state:
        empty = not any(c.items for c in ws.counts() if c.state == "unlabelled")
        st.session_state["annotate:kind"] = "everything" if empty else "unlabelled"
    return st.selectbox(
        "Queue",
        QUEUES,
        format_func=WORDS.__getitem__,
        key="annotate:kind",
        persist_state="session",
        width=220,
        help="\n".join(f"- {WORDS[kind]}: {HELP[kind]}" for kind in QUEUES),
    )


def _selection(ws: Workspace) -> str:
    """Id of a slice or of what is selected; "" when there is none of either."""
    saved = dict(ws.slice_names())
    held = selected.address()
    options = {**({held: f"{CURRENT} ({items_said(len(selected.selected()))})"} if held else {})}
    options |= {id: f"slice: {name}" for id, name in saved.items()}
    if not options:
        return ""
    return str(
        st.selectbox(
            "Items",
            tuple(options),
            format_func=lambda id: options.get(id, id),
            key="annotate:selection",
            width=240,
        )
    )


def _order(kind: QueueKind) -> int:
    return int(
        st.number_input(
            "Shuffle",
            min_value=0,
            max_value=9999,
            key=f"annotate:seed:{kind}",
            persist_state="session",
            width=130,
            help="0 keeps the order of arrival; every other number is an order of its own.",
        )
    )


def sitting_in(
    ws: Workspace, kind: QueueKind, selection: str, seed: int, renew: bool = False
) -> Sitting:
    """The session's sitting in a queue, taken up where it was left. Raises as
    ``Annotation.queue``."""
    annotator = state.annotator()
    sittings: dict[str, Sitting] = st.session_state.setdefault("annotate:sittings", {})
    queue = ws.annotation.queue(kind, annotator, selection, seed, renew)
    if not len(queue) and kind in NEED_ANSWERS and not renew:
        # Perhaps made before items were read; nobody's order is lost with it.
        queue = ws.annotation.queue(kind, annotator, selection, seed, renew=True)
    token = ":".join((kind, selection, str(seed), queue.created, annotator))
    known = sittings.get(token)
    if known is None:
        known = sittings[token] = Sitting(token, annotator, kind, queue, selection, seed)
    known.take(queue)
    return known


def _offer(ws: Workspace, missing: AnswersMissing | DoubtsMissing) -> None:
    """The job that a queue waits for, or how far it has come."""
    kind = "vectors" if isinstance(missing, AnswersMissing) else "doubts"
    reading = Reading(ws.model_version)
    jobs.show_refusal()
    job = newest(ws, kind, reading)
    if show_under_way(ws, job, "annotate"):
        return
    st.info(
        "This queue is ordered by the model's answers to all items, which are not there yet."
        if kind == "vectors"
        else "This queue lists labels that were checked against the model's answers, which was "
        "not done yet.",
        icon=":material/pending:",
    )
    start_button(ws, kind, reading, "Read all items" if kind == "vectors" else "Check all labels",
                 "annotate")  # fmt: skip
