"""The tab "Quality": how well descriptions are worded, and which items say so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from app import state
from app.views import jobs, relations_rivals
from app.views.errors_jobs import show_under_way
from app.views.listing import item_row
from app.views.relations_scope import Judged, picked_rows, readable
from app.views.relations_steps import open_relation
from app.views.words import items_said, label_words, whole
from roc_core.figures import (
    hub_bars,
    hubs_table,
    relation_words,
    robustness_dots,
    robustness_table,
    style_table,
)
from roc_core.schema import Job, QualityReport
from roc_core.workspace import Workspace

DRAWN = 30
"""Rows of a figure; the table beneath has all."""

LISTED = 10
"""Items of the gaps that are listed; the selection has all."""


@dataclass(frozen=True, slots=True)
class Part:
    """One of the readings of the report: what it answers, and what draws it."""

    question: str
    show: Callable[[Judged], None]


def quality(ws: Workspace) -> None:
    """Draw the tab."""
    found = ws.quality_report()
    job = _newest(ws)
    busy = job is not None and not job.over
    if found is None:
        if not busy:
            st.info(
                "Which descriptions are sensitive to wording, which relations lie too close, which "
                "descriptions win too often, which labelled items no description covers: measured "
                "in the background, on the items the model has read.",
                icon=":material/rule:",
            )
        _job(ws, job, "Measure the descriptions", True)
        return
    _head(ws, found, job)
    judged = Judged.of(ws, found)
    st.segmented_control(
        "Reading",
        tuple(PARTS),
        default=next(iter(PARTS)),
        required=True,
        key="quality:part",
        persist_state="session",
        label_visibility="collapsed",
    )
    part = PARTS[str(st.session_state["quality:part"])]
    st.caption(part.question)
    part.show(judged)


def _newest(ws: Workspace) -> Job | None:
    return next((job for job in ws.jobs() if job.kind == "quality"), None)


def _job(ws: Workspace, job: Job | None, label: str, needed: bool) -> None:
    """The job's progress or why it failed, and the button that starts it."""
    if show_under_way(ws, job, "quality"):
        return
    st.button(
        label,
        type="primary" if needed else "secondary",
        icon=":material/play_arrow:",
        key="quality:start",
        on_click=jobs.start,
        args=(ws, "quality"),
        help="It goes on in the background; you can leave this page meanwhile.",
    )


def _head(ws: Workspace, found: QualityReport, job: Job | None) -> None:
    when = f", {state.clock(found.created)}" if found.created else ""
    said = f"Measured with {found.version} on {items_said(found.items)}{when}."
    if found.outdated:
        st.warning(
            "Descriptions or model version are others now than when this was measured.",
            icon=":material/update:",
        )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(said, width="stretch")
        _job(ws, job, "Measure again", found.outdated)


# --- the readings ------------------------------------------------------------------------


def _robustness(judged: Judged) -> None:
    rows = judged.report.robustness
    if not rows:
        st.info("No relation has labelled items yet.", icon=":material/label_off:")
        return
    rows = tuple(sorted(rows, key=lambda r: -r.rank_sd))
    st.plotly_chart(
        robustness_dots(rows[:DRAWN], judged.names, judged.dark),
        key="quality:robustness-plot",
        config=judged.config("robustness"),
        alt="Mean rank of each relation and its spread over wordings; the table says the same",
    )
    at = picked_rows(judged, "robustness", robustness_table(rows, judged.names))
    _open(judged, rows[at[0]].relation if at else "")


def _hubs(judged: Judged) -> None:
    rows = judged.report.hubs
    if not rows:
        st.info("No description wins far more often than others.", icon=":material/check:")
        return
    st.plotly_chart(
        hub_bars(rows[:DRAWN], judged.texts, judged.names, judged.dark),
        key="quality:hubs-plot",
        config=judged.config("hubs"),
        alt="Answers each description decided, rightly and wrongly; the table says the same",
    )
    at = picked_rows(judged, "hubs", hubs_table(rows, judged.texts, judged.names))
    _open(judged, rows[at[0]].relation if at else "")


def _gaps(judged: Judged) -> None:
    rows = judged.report.gaps
    if not rows:
        st.info("Every labelled item has a description near to it.", icon=":material/check:")
        return
    counts: dict[str, int] = {}
    for gap in rows:
        counts[gap.relation] = counts.get(gap.relation, 0) + 1
    chosen = st.selectbox(
        "Relation",
        ("", *sorted(counts, key=lambda id: -counts[id])),
        format_func=lambda id: (
            f"{relation_words(id, judged.names)} ({whole(counts[id])})"
            if id
            else f"all ({whole(len(rows))})"
        ),
        key="quality:gaps",
        width=320,
    )
    shown = [gap for gap in rows if not chosen or gap.relation == chosen]
    with st.container(horizontal=True):
        judged.select_button([g.item for g in shown], _gap_words(judged, chosen), "gaps")
        if chosen:
            _open(judged, str(chosen))
    scores, known = {gap.item: gap.score for gap in shown}, judged.ws.known_relations()
    for item in readable(judged.ws, [gap.item for gap in shown[:LISTED]]):
        relation = known.get(item.label.relation) if item.label else None
        score = f"{scores[item.id]:.2f}".replace("-", "−")
        nearest = f"nearest description of its relation: {score}"
        item_row(item, [f"label: {label_words(item.label, relation, item.example)}", nearest])
    if len(shown) > LISTED:
        st.caption(f"The first {LISTED} of {whole(len(shown))}; select them to see all.")


def _gap_words(judged: Judged, relation: str) -> str:
    return f"far from {relation_words(relation, judged.names)}" if relation else "gaps"


def _style(judged: Judged) -> None:
    rows = judged.report.style
    if not rows:
        st.info("No description breaks a rule of length or style.", icon=":material/check:")
        return
    at = picked_rows(judged, "style", style_table(rows, judged.names))
    _open(judged, rows[at[0]].description.rpartition("#")[0] if at else "")


def _open(judged: Judged, relation: str) -> None:
    """A button to the relation's own page, once one is chosen."""
    if not relation:
        st.caption("Choose a row to open its relation.")
        return
    if relation in judged.names:
        st.button(
            f"Open “{judged.markdown(relation)}”",
            icon=":material/edit:",
            key="quality:open",
            on_click=open_relation,
            args=(relation,),
        )


PARTS: dict[str, Part] = {
    "Confusable": Part(
        "Relations whose descriptions lie close. The more items between two of them, the more it "
        "costs: merge them, or sharpen what tells them apart?",
        relations_rivals.show_rivals,
    ),
    "Robustness": Part(
        "How far the rank of the right relation hangs on the wording, each description tried as "
        "the only one. A wide spread: one of the wordings misleads.",
        _robustness,
    ),
    "Hubs": Part(
        "Descriptions that decide far more answers than others. Many of them wrong: the sentence "
        "is too general.",
        _hubs,
    ),
    "Gaps": Part(
        "Labelled items nearer to “none of these” than to any description of their relation: what "
        "they say is not described yet, or the label is wrong.",
        _gaps,
    ),
    "Style": Part("Descriptions that are too short, too long, or written unlike others.", _style),
}
