"""What a new relation would change, and keeping it with its answers."""

from __future__ import annotations

import streamlit as st

from app import state
from app.views.relations_making import Making
from app.views.relations_steps import tried
from app.views.words import escaped, items_said, whole
from roc_core.errors import RocError
from roc_core.schema import Relation, WhatIfReport
from roc_core.workspace import Workspace

KEY = "relnew:making"
ROUND = "relnew:round"
"""Number of the form: emptied it is another one, for a browser keeps what was typed."""


def show_consequence(ws: Workspace, relation: Relation) -> None:
    """What the relation would change in the answers to labelled items, in a line of words."""
    try:
        found = tried(ws, relation)
    except RocError:
        return  # The figures come with the next reading of all items; the pairs are here already.
    st.caption(consequence_words(found))


def consequence_words(found: WhatIfReport) -> str:
    """What a relation that is not in the catalogue yet would do to the answers of now."""
    of = f"of {items_said(found.items)}"
    if not found.changed:
        return f"By this sentence alone it would be the answer to none {of}."
    taken = f"By this sentence alone it would be the answer to {whole(found.changed)} {of}."
    if not found.lost:
        return taken
    many = "1 is" if found.lost == 1 else f"{whole(found.lost)} are"
    by = f"{100 * found.f1.by:+.1f}".replace("-", "−")
    return (
        f"{taken} {many} answered as labelled now, so F1 would move by {by} points; some of them "
        "may be of the new relation."
    )


def show_save(ws: Workspace, making: Making) -> None:
    error = st.session_state.get("relnew:error")
    if isinstance(error, RocError):
        state.show_error(error, "The relation was not saved. Your answers are still here.")
    accepted = len(making.accepted)
    many = f" with {accepted} example{'' if accepted == 1 else 's'}" if accepted else ""
    st.button(
        f"Save “{escaped(making.relation.name)}”{many}",
        type="primary" if accepted else "secondary",
        icon=":material/save:",
        key="relnew:save",
        on_click=_keep,
        args=(ws,),
        help="Adds it to the catalogue and labels what you accepted. It can be edited and retired "
        "like every other relation.",
    )


def _keep(ws: Workspace) -> None:
    """Keep relation and answers; when that fails, both stay on screen."""
    making: Making = st.session_state[KEY]
    st.session_state.pop("relnew:error", None)
    try:
        ws.accept_relation(
            making.relation, making.accepted, making.rejected, state.annotator(), making.token
        )
    except RocError as error:
        st.session_state["relnew:error"] = error
        return
    drop()
    st.session_state["relnew:kept"] = (making.relation.name, tuple(i for i, _ in making.accepted))
    state.forget_kept()


def drop() -> None:
    """Forget the relation and empty its form."""
    st.session_state.pop(KEY, None)
    st.session_state[ROUND] = st.session_state.get(ROUND, 0) + 1
