"""Train from corrections: which, how, what that gives and how long it takes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import streamlit as st

from app import state
from app.views import jobs
from app.views.versions_live import name_of, trainings
from app.views.versions_words import MODES, counts_said
from roc_core.errors import RocError
from roc_core.schema import LEARN_MODES, GuardRule, LearnPreview, VersionInfo
from roc_core.workspace import Workspace

MEASURED = (
    "How long it takes is not known before the first training here. Measured with mini: 200 "
    "corrections of the starter set, about a minute of one processor."
)


def show_training(ws: Workspace, versions: Sequence[VersionInfo]) -> None:
    """The choices, what they come to, and the button that starts."""
    st.write(
        "A new version goes on from another one with these corrections. Labelled items are "
        "replayed beside them, so that nothing is forgotten; a fifth of all sentences is never "
        "trained on and judges it."
    )
    try:
        given = _choices(ws, versions)
        found = _preview(ws, given)
    except RocError as error:
        state.show_error(error, "These choices give nothing to learn from.")
        return
    st.info(counts_said(found), icon=":material/school:")
    if found.seconds is None:
        st.caption(MEASURED)
    else:
        said = jobs.seconds_said(found.seconds)
        st.caption(f"It should take about {said}, by earlier trainings here.")
    _start(ws, given, found)


def _choices(ws: Workspace, versions: Sequence[VersionInfo]) -> dict[str, Any]:
    """What is chosen, as the parameters of job "learn"."""
    who, since, parent = st.columns([3, 1.5, 1.5])
    with who:
        names = st.multiselect(
            "Corrections by",
            ws.privacy.annotators(),
            placeholder="everybody",
            key="learn:who",
            persist_state="session",
        )
    with since:
        day = st.date_input(
            "Since", None, key="learn:since", help="Day of the correction, in UTC",
            persist_state="session",
        )  # fmt: skip
    with parent:
        made = [v.name for v in versions if v.state != "unfinished"]
        used = [v.name for v in versions if v.in_use]
        chosen = st.selectbox(
            "Go on from",
            made,
            index=made.index(used[0]) if used and used[0] in made else 0,
            key=f"learn:parent:{''.join(used)}",
        )
    return {
        "annotators": tuple(names),
        "since": day.isoformat() if isinstance(day, date) else "",
        "parent": chosen,
    } | _way()


def _way() -> dict[str, Any]:
    mode, replay, seed = st.columns([3, 1.5, 1.5])
    with mode:
        how = st.segmented_control(
            "What is trained",
            LEARN_MODES,
            default="fast",
            required=True,
            format_func=MODES.__getitem__,
            key="learn:mode",
            persist_state="session",
        )
    with replay:
        many = st.number_input(
            "Replayed for each",
            0.0,
            50.0,
            2.0,
            0.5,
            format="%g",
            key="learn:replay",
            persist_state="session",
            help="Labelled items that are read beside each correction. Fewer: it learns the "
            "corrections harder and forgets more.",
        )
    with seed:
        number = st.number_input("Seed", 0, 10**6, 0, key="learn:seed", persist_state="session")
    agreed = st.checkbox(
        "Only what annotators agree on",
        key="learn:agreed",
        persist_state="session",
        help="Items that annotators labelled differently are left out.",
    )
    return {"mode": how, "replay": float(many), "seed": int(number), "agreed": agreed}


def _preview(ws: Workspace, given: dict[str, Any]) -> LearnPreview:
    done = sum(job.over for job in trainings(ws))
    key = f"learn:{ws.labels_stamp()}:{done}:{sorted(given.items())}:{ws.catalogue.digest}"
    return state.kept(key, lambda: ws.learning.preview(given))


def _start(ws: Workspace, given: dict[str, Any], found: LearnPreview) -> None:
    by_rule = st.checkbox(
        "Promote it by the rule when it is done",
        key="learn:promote",
        persist_state="session",
        help=f"Without a person's look. The rule: {GuardRule().said}",
    )
    running = any(not j.over and name_of(j) == found.resumes for j in trainings(ws))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            f"Go on with {found.resumes}" if found.resumes else "Start training",
            type="primary",
            icon=":material/model_training:",
            disabled=running,
            key="learn:start",
            on_click=_begin,
            args=(ws, given, by_rule),
        )
        if found.resumes and not running:
            st.caption("These choices were begun before and stopped; the training goes on there.")


def _begin(ws: Workspace, given: dict[str, Any], by_rule: bool) -> None:
    rule = {"promote": True, "by": f"rule, chosen by {state.annotator()}"} if by_rule else {}
    jobs.start(ws, "learn", **given, **rule)
