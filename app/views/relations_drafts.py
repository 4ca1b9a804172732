"""Drafts for one relation: read, tried together, added."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from app import state
from app.views.jobs import seconds_said
from app.views.relations_steps import attempt, open_relation, tried
from app.views.relations_words import flips_said, moves_html, numbered, rows_of
from app.views.words import FACET_WORDS, escaped, shorten, whole
from roc_core.errors import RocError
from roc_core.schema import Relation, RelationState, WritingReport, WrittenDraft
from roc_core.workspace import Workspace

MOST_LISTED = 200
"""Relations a select holds; of more, words find them."""


def picked_relation(ws: Workspace) -> Relation | None:
    """The relation that is chosen; a field of search before it where there are very many."""
    query = ""
    if len(ws.catalogue) > MOST_LISTED:
        query = st.text_input(
            "Search relations", key="writing:query", persist_state="session", width=220
        ).strip()
    found, total = ws.relations.states(query, limit=MOST_LISTED)
    states: dict[str, RelationState] = {s.relation.id: s for s in found}
    if not states:
        st.caption("No relation has these words.")
        return None
    label = "Relation" if total <= len(found) else f"Relation (first {len(found)} of {total:,})"
    id = st.selectbox(
        label,
        tuple(states),
        format_func=lambda id: _said(states[id].relation) if id in states else id,
        key="writing:relation",
        persist_state="session",
        width=320,
    )
    return states[id].relation if id in states else None


def _said(relation: Relation) -> str:
    return f"{shorten(relation.name)} ({relation.head}, {relation.tail})"


def show_drafts(ws: Workspace, relation: Relation, report: WritingReport) -> None:
    """What was written for a relation: a box each, and what those chosen would do together."""
    st.caption(spent_words(report))
    if not report.drafts:
        st.warning("Nothing that was written can be used.", icon=":material/block:")
    left, right = st.columns([3, 2], gap="medium")
    with left:
        chosen = _boxes(relation, report)
    with right, st.container(border=True, key="relations-effect"):
        _together(ws, relation, chosen, report.model)
    if report.refused:
        with st.expander(f"Not taken ({len(report.refused)})"):
            st.text("\n".join(report.refused))


def spent_words(report: WritingReport) -> str:
    """Who wrote, and what it took: "gemma3, 812 tokens asked and 410 answered, cost 0.0012"."""
    parts = [report.model] if report.model else []
    if report.prompt_tokens or report.completion_tokens:
        parts.append(
            f"{whole(report.prompt_tokens)} tokens asked and {whole(report.completion_tokens)} "
            "answered"
        )
    if report.cost is not None:
        parts.append(f"cost {report.cost:.4f}")
    if report.seconds:
        parts.append(seconds_said(report.seconds))
    if report.cached:
        parts.append("answered before, so nothing was spent now")
    return escaped(", ".join(parts) + ".") if parts else ""


def _boxes(relation: Relation, report: WritingReport) -> tuple[WrittenDraft, ...]:
    """A box for each draft, the best first; those that are chosen."""
    there = {(d.facet, d.text) for d in relation.descriptions}
    chosen = []
    for number, draft in enumerate(report.drafts):
        old = (draft.facet, draft.text) in there
        with st.container(gap="xxsmall"):
            picked = st.checkbox(
                escaped(draft.text),
                key=f"writing:pick:{relation.id}:{report.model}:{hash((draft.facet, draft.text))}",
                persist_state="session",
                disabled=old,
            )
            st.caption(f"{FACET_WORDS[draft.facet]} · {'added' if old else gain_words(draft.gain)}")
        if picked and not old:
            chosen.append(report.drafts[number])
    return tuple(chosen)


def gain_words(gain: float | None) -> str:
    """What a draft alone does to F1, in points."""
    if gain is None:
        return "not tried: it is not scored, or no items have been read"
    points = round(100 * gain, 2)
    return "F1 stays" if not points else f"F1 {'+' if points > 0 else '−'}{abs(points):.2f} points"


def _together(
    ws: Workspace, relation: Relation, chosen: Sequence[WrittenDraft], model: str
) -> None:
    """What those chosen would do together, and the button that adds them."""
    if not chosen:
        st.markdown("**Choose drafts** to see what they would do together.")
        _open(relation)
        return
    wanted = with_drafts(relation, chosen)
    many = "this draft" if len(chosen) == 1 else f"these {len(chosen)} drafts"
    st.markdown(f"**With {many}**")
    try:
        found = tried(ws, wanted)
        st.html(moves_html(found))
        st.caption(flips_said(found))
    except RocError as error:
        st.caption(f"Not tried on items. {escaped(error.todo)}")
    with st.container(horizontal=True):
        seen = ws.relations.state(relation.id).change
        st.button(
            f"Add {many}",
            type="primary",
            icon=":material/add:",
            key="writing:add",
            on_click=_add,
            args=(ws, wanted, len(chosen), model, seen),
        )
        _open(relation)


def _open(relation: Relation) -> None:
    st.button(
        "Open the relation",
        icon=":material/edit:",
        key="writing:open",
        on_click=open_relation,
        args=(relation.id,),
    )


def with_drafts(relation: Relation, drafts: Sequence[WrittenDraft]) -> Relation:
    """The relation with drafts among its descriptions."""
    rows = [*rows_of(relation), *((draft.facet, draft.text) for draft in drafts)]
    return replace(relation, descriptions=numbered(relation.id, rows))


def _add(ws: Workspace, wanted: Relation, many: int, model: str, seen: int) -> None:
    """Keep the relation with the drafts, in this session's name."""

    def keep() -> str:
        drafts = "1 draft" if many == 1 else f"{many} drafts"
        ws.relations.save(wanted, state.annotator(), f"{drafts} by {model}", seen)
        return f"{drafts} added to {wanted.name}."

    attempt(keep)
