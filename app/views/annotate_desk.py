"""The exchange between the Annotate page's browser part and the workspace.

The browser holds the next items and moves on at once; what it reports here is where it is, what it
holds, and the steps it has not heard of being saved. The answer says what became of the steps and
brings what is missing.
"""

from __future__ import annotations

import functools
import hashlib
import time
from collections.abc import Sequence
from typing import Any

import streamlit as st

from app import state
from app.components import annotate_keys
from app.components.annotate_keys import Report
from app.views import annotate_guides
from app.views.annotate_ahead import Ahead, Ready
from app.views.annotate_items import as_label, content, failure, lost, told
from app.views.annotate_sitting import Sitting, take_steps
from app.views.annotate_steps import Kept, Sent
from app.views.errors_jobs import ask_for_answers
from app.views.words import shorten
from roc_core.errors import AnswersMissing, RocError
from roc_core.schema import Label, LookAlike, Reading
from roc_core.workspace import Workspace

KEY = "annotate:keys"
PREPARED = 14
"""Items, the one on screen among them, that are prepared: enough for a while in which the machine
is busy with something else."""

NEAR = 4
"""Items, the one on screen among them, that the browser asks for until they are ready."""

REREAD = 30.0
"""Seconds after which a queue is read again, for what others did meanwhile."""

GUIDES_AGAIN = 300.0
"""Seconds after which the guidelines' examples are read again."""


def desk(ws: Workspace, sitting: Sitting) -> None:
    """Take the browser's report, keep its steps, answer it. To be run as a fragment."""
    ahead = prepared(ws)
    report = annotate_keys.reported(KEY)
    outcomes: dict[str, dict[str, Any]] = st.session_state.setdefault("annotate:outcomes", {})
    kept = take_steps(ws, sitting, report.steps, outcomes)
    _look_for_alike(ws, ahead, kept)
    _refresh(ws, sitting, ahead)
    if report.queue == sitting.token and report.at:
        sitting.open(report.at)
    elif not sitting.at:
        sitting.open(next(iter(sitting.ahead()), ""))
    data = _answer(ws, sitting, ahead, report)
    data["outcomes"] = [o for s in report.steps if (o := outcomes.get(_token(s))) is not None]
    annotate_keys.show(data, key=KEY)
    _unread(ws, ahead)


def prepared(ws: Workspace) -> Ahead:
    """This session's preparing thread."""
    ahead: Ahead | None = st.session_state.get("annotate:ahead")
    if ahead is None:
        ahead = st.session_state["annotate:ahead"] = Ahead(ws)
    return ahead


def _token(raw: Any) -> str:
    return str(raw.get("token", "")) if isinstance(raw, dict) else ""


def _refresh(ws: Workspace, sitting: Sitting, ahead: Ahead) -> None:
    """Read the queue again once in a while, in the thread."""
    found = ahead.result("queue")
    if found is not None:
        ahead.forget("queue")
    if isinstance(found, tuple) and found[0] == sitting.token and found[2] >= sitting.changed:
        sitting.take(found[1])
    if time.monotonic() - sitting.read > REREAD and not ahead.asked("queue"):
        token, begun = sitting.token, time.monotonic()
        asked = sitting.kind, sitting.annotator, sitting.selection, sitting.seed
        ahead.ask("queue", lambda: (token, ws.annotation.queue(*asked), begun))


# --- the answer --------------------------------------------------------------------------


def _answer(ws: Workspace, sitting: Sitting, ahead: Ahead, report: Report) -> dict[str, Any]:
    following, before = sitting.ahead(), sitting.before()
    near = [sitting.at, *following[: PREPARED - 1], *report.wants, *before[:1]]
    wanted = [id for id in dict.fromkeys(near) if id]
    mark = _mark(ws)
    ahead.want(wanted, mark)
    items, short = _items(ws, sitting, ahead, report, wanted)
    alike = _alike(ws, ahead, report.alike)
    guides = _guides(ws, ahead, report.guides)
    return {
        "round": report.seq,
        "workspace": hashlib.sha256(str(ws.path.resolve()).encode()).hexdigest()[:12],
        "annotator": sitting.annotator,
        "login": state.login(),
        "queue": sitting.token,
        "total": len(sitting.queue),
        "done": sitting.done,
        "at": sitting.at,
        "ahead": (sitting.at, *following) if sitting.open_here else following,
        "before": before,
        "items": items,
        "alike": alike,
        "guides": guides,
        "pending": short or ahead.pending(NEAR),
    }


def _mark(ws: Workspace) -> str:
    """What suggestions depend on, apart from the item: model version, relations and correction
    memory."""
    try:
        return f"{ws.model_version}:{ws.catalogue.digest[:16]}:{ws.memory.mark()}"
    except RocError:
        return ""


def _items(
    ws: Workspace, sitting: Sitting, ahead: Ahead, report: Report, wanted: Sequence[str]
) -> tuple[list[dict[str, Any]], bool]:
    """Those of the wanted items that are ready and the browser lacks, and whether any could not be
    read just now."""
    found: list[dict[str, Any]] = []
    lacking: dict[str, tuple[Ready, str]] = {}
    for id in wanted:
        ready = ahead.get(id)
        if ready is not None and report.have.get(id) != (v := sitting.version(id, ready.mark)):
            lacking[id] = ready, v
        elif ready is None and (problem := ahead.gone(id)):
            found.append(lost(id, problem))
    try:
        statuses = ws.annotation.status(tuple(lacking), sitting.annotator) if lacking else ()
        for status, (ready, v) in zip(statuses, lacking.values(), strict=True):
            known = told(ws, ready, status, sitting.annotator, sitting.kind)
            found.append(content(ready, known, v))
    except RocError:
        return found, True  # asked for again; what is on screen stays
    return found, False


def _guides(ws: Workspace, ahead: Ahead, have: str) -> dict[str, Any] | None:
    """Guidelines the browser lacks: descriptions at once, examples when they are read."""
    examples = _examples(ws, ahead)
    digest = hashlib.sha256(repr(examples).encode()).hexdigest()[:12]
    name = f"{ws.catalogue.digest[:12]}:{digest}"
    if have == name:
        return None
    relations = annotate_guides.written(ws)
    relations = {id: {**guide, **examples.get(id, {})} for id, guide in relations.items()}
    return {"name": name, "relations": relations}


def _examples(ws: Workspace, ahead: Ahead) -> dict[str, Any]:
    """Examples by relation as they were read last, empty before; read again once in a while, as
    corrections and other versions change what is a good one."""
    found = ahead.result("guides")
    if found is not None:
        ahead.forget("guides")
    if isinstance(found, dict):
        st.session_state["annotate:examples"] = found
    asked = st.session_state.get("annotate:examples asked")
    if not ahead.asked("guides") and (asked is None or time.monotonic() - asked > GUIDES_AGAIN):
        st.session_state["annotate:examples asked"] = time.monotonic()
        ahead.ask("guides", lambda: annotate_guides.shown(ws))
    kept: dict[str, Any] = st.session_state.get("annotate:examples", {})
    return kept


# --- look-alikes -------------------------------------------------------------------------


def _look_for_alike(ws: Workspace, ahead: Ahead, kept: Sequence[tuple[Sent, Kept]]) -> None:
    """After a correction, look for pairs with the same wrong answer."""
    given = [s for s, _ in kept if s.action == "label" and s.predicted and not s.batch]
    if not given or given[-1].label in (None, given[-1].predicted):
        return
    item, label = given[-1].item, given[-1].label
    assert label is not None
    st.session_state["annotate:alike"] = given[-1].token
    ahead.ask("alike", functools.partial(_search, ws, item, label))


def _search(ws: Workspace, item: str, label: Label) -> tuple[tuple[LookAlike, ...], int]:
    """Look-alikes, and how many items were not read yet and cannot be among them. Raises as
    ``look_alikes``."""
    read = ws.reading_state(Reading(ws.model_version))
    try:
        found = ws.annotation.look_alikes(item, label)
    except AnswersMissing:
        found = ()
    return found, read.items - read.answered


def _alike(ws: Workspace, ahead: Ahead, have: str) -> dict[str, Any] | None:
    """Look-alikes of the last correction, when the browser has not got them yet."""
    token, found = st.session_state.get("annotate:alike", ""), ahead.result("alike")
    if not token or token == have or found is None:
        return None
    if isinstance(found, RocError):
        return {"of": token, "entries": [], "problem": failure(found)}
    alike, _ = found
    return {"of": token, "entries": [e for a in alike if (e := _entry(ws, a))], "problem": []}


def _entry(ws: Workspace, alike: LookAlike) -> dict[str, Any] | None:
    try:
        example = ws.item(alike.item).example
    except RocError:
        return None  # erased meanwhile
    return {
        "item": alike.item,
        "similarity": round(alike.similarity, 2),
        "text": shorten(example.sentence, 220),
        "names": [shorten(name, 40) for name in example.names()],
        "predicted": as_label(alike.prediction),
        "label": as_label(alike.label),
        "present": as_label(alike.present),
        "version": ws.model_version,
    }


def _unread(ws: Workspace, ahead: Ahead) -> None:
    """Where items were left out of the search for look-alikes: how many, and the button that starts
    reading them."""
    found = ahead.result("alike")
    if isinstance(found, tuple) and found[1] > 0:
        ask_for_answers(ws, Reading(ws.model_version), found[1], "annotate:alike")
