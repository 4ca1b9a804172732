"""The editor of a relation. It is a fragment: while somebody types, nothing else is drawn anew."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from app import state
from app.components import description_editor
from app.views.errors_jobs import ask_for_answers, newest, show_under_way, start_button
from app.views.relations_draft import (
    Draft,
    draft_of,
    drop,
    problem_of,
    problems_of,
    rebase,
)
from app.views.relations_effect import show_effect
from app.views.relations_steps import attempt
from app.views.relations_words import diff_html, field_said, rows_of
from app.views.words import escaped, items_said
from roc_core.errors import AnswersMissing, RocError
from roc_core.schema import ENTITY_TYPES, Reading, RelationState
from roc_core.workspace import Workspace

_DONE = "relations:editor:done"


def show_editor(ws: Workspace, id: str) -> None:
    """Fields and descriptions on the left, what a change would do on the right."""
    reading = Reading(ws.model_version)
    found = ws.reading_state(reading)
    missing = found.items - found.answered
    with state.place():
        compared = _compare(ws, id, reading, missing)
    # All of the page is drawn now, with what was kept.
    st.session_state.pop(_DONE, None)
    st.fragment(_editor)(ws, id)
    if compared:
        _offer_to_read(ws, reading, missing)


def _compare(ws: Workspace, id: str, reading: Reading, missing: int) -> bool:
    """Compare all pairs once; where none was read there are no figures, and reading is offered."""
    try:
        with st.spinner("Comparing all pairs with these words, once"):
            ws.what_if(id)
    except AnswersMissing:
        if missing > 0:
            ask_for_answers(ws, reading, missing, "relations")
        return False
    except RocError:
        return False  # said where the figures would be
    return True


def _offer_to_read(ws: Workspace, reading: Reading, missing: int) -> None:
    """With stored answers of other words the map and the error analysis lag behind. Below the
    fields, which would move otherwise when something is kept."""
    if missing <= 0 or show_under_way(ws, newest(ws, "vectors", reading), "relations"):
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(
            f"{items_said(missing)} without an answer in the present words. The figures here need "
            "none; Map and Errors do.",
            width="content",
        )
        start_button(ws, "vectors", reading, "Read them now", "relations", "tertiary")


def _editor(ws: Workspace, id: str) -> None:
    if st.session_state.pop(_DONE, False):
        st.rerun(scope="app")  # the head of the page and the sidebar follow what was kept
    try:
        found = ws.relations.state(id)
        draft = draft_of(ws.catalogue.id, found)
    except RocError as error:
        state.show_error(error, "The relation cannot be read just now. What was typed is held.")
        return
    left, right = st.columns([11, 10], gap="medium")
    with left:
        _fields(draft)
        _words(draft)
    with right, st.container(key="relations-effect"):
        problem = problem_of(draft.relation)
        if draft.changed and draft.seen != found.change:
            _conflict(ws, draft, found)
        else:
            _keeping(ws, draft)
        if problem is not None:
            st.error("It cannot be kept like this.", icon=":material/error:")
            where = field_said(problem.field).capitalize()
            st.text(f"{where}: expected {problem.expected}, found {problem.found}.")
        else:
            show_effect(ws, draft)


def _fields(draft: Draft) -> None:
    """Name, phrase, argument types and symmetry."""
    now = draft.relation
    name, phrase = st.columns(2)
    with name:
        st.text_input("Name", now.name, key=draft.key("name"), persist_state="session")
    with phrase:
        st.text_input(
            "Between head and tail",
            now.phrase,
            key=draft.key("phrase"),
            persist_state="session",
            help='Reads between both: "is a member of".',
        )
    columns = st.columns([2.6, 2.6, 2.8], vertical_alignment="bottom")
    for column, field, label in zip(columns, ("head", "tail"), ("Head", "Tail"), strict=False):
        with column:
            st.selectbox(
                f"{label} is a",
                ENTITY_TYPES,
                index=ENTITY_TYPES.index(getattr(now, field)),
                key=draft.key(field),
                persist_state="session",
            )
    with columns[2]:
        st.checkbox(
            "Symmetric",
            now.symmetric,
            key=draft.key("symmetric"),
            persist_state="session",
            help="It holds both ways round, as between spouses.",
        )


def _words(draft: Draft) -> None:
    description_editor.edit(
        rows_of(draft.relation),
        rows_of(draft.base),
        key=draft.key("words"),
        token=draft.token,
        seq=draft.seq,
        symmetric=draft.relation.symmetric,
        problems=problems_of(draft.relation),
    )


def _keeping(ws: Workspace, draft: Draft) -> None:
    """Keep what was typed, or go back to what was kept.

    The buttons are never disabled: Streamlit drops the press of a button that was disabled when it
    was last drawn, and words that are pressed right after they were typed have not been drawn.
    """
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input(
            "Reason",
            key=draft.key("reason"),
            placeholder="why",
            width="stretch",
        )
        st.button(
            "Keep",
            type="primary" if draft.changed else "secondary",
            icon=":material/save:",
            key="relations:keep",
            on_click=_keep,
            args=(ws, draft.base.id),
            help="The next answer uses these words. It can be taken back.",
        )
        st.button(
            "Discard",
            icon=":material/undo:",
            key="relations:discard",
            on_click=drop,
            args=(ws.catalogue.id, draft.base.id),
        )
    if isinstance(error := st.session_state.pop("relations:editor:error", None), RocError):
        state.show_error(error, "It was not kept. What you typed is still here.")


def _keep(ws: Workspace, id: str) -> None:
    """Save what the fields say at this very moment."""

    def step() -> str:
        draft = draft_of(ws.catalogue.id, ws.relations.state(id))
        if not draft.changed:
            return "Nothing is changed yet, so nothing was kept."
        reason = (st.session_state.get(draft.key("reason")) or "").strip()
        done = ws.relations.save(draft.relation, state.annotator(), reason, seen=draft.seen)
        rebase(ws.catalogue.id, draft, ws.relations.state(id))
        st.session_state[draft.key("reason")] = ""
        return f"Kept as change {done.id}: {draft.relation.name} is answered with these words now."

    if attempt(step):
        st.session_state[_DONE] = True
    else:
        # Shown beside what was typed rather than on top of the page.
        st.session_state["relations:editor:error"] = st.session_state.pop("relations:error", None)


def _conflict(ws: Workspace, draft: Draft, found: RelationState) -> None:
    """Somebody changed it meanwhile: both are shown, and nothing is lost."""
    newest = ws.relations.history(draft.base.id, limit=1)
    who = escaped(newest[0].author) if newest else "Somebody"
    st.warning(
        f"**{who} changed this relation meanwhile.** Yours is not kept yet, and not lost. From "
        "what it is now to yours:",
        icon=":material/call_merge:",
    )
    if newest:
        mine = replace(newest[0], before=found.relation, after=draft.relation)
        st.html(diff_html(ws.relations.diff(mine)))
    with st.container(horizontal=True):
        st.button(
            "Go on with mine",
            icon=":material/edit:",
            key="relations:mine",
            on_click=rebase,
            args=(ws.catalogue.id, draft, found),
            help="Keep what you typed in the fields; keeping it then takes the place of theirs, "
            "which stays in the history.",
        )
        st.button(
            "Take theirs",
            icon=":material/undo:",
            key="relations:theirs",
            on_click=drop,
            args=(ws.catalogue.id, draft.base.id),
            help="Drop what you typed and begin again from what it is now.",
        )
