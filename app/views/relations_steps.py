"""What can be done with relations: open, keep, retire, bring back. Refusals are shown once."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from app import state
from app.views.words import escaped
from roc_core.errors import RocError
from roc_core.schema import Relation, RelationChange, WhatIfReport
from roc_core.workspace import Workspace

TAB = "relations:tab"
CHOSEN = "relations:chosen"
_ERROR, _DONE = "relations:error", "relations:done"


def chosen() -> str:
    """Id of the relation that is open; "" for the list."""
    return str(st.session_state.get(CHOSEN, ""))


def open_relation(id: str) -> None:
    """Open a relation on the page's first tab; "" for the list. A callback."""
    st.session_state[CHOSEN] = id
    st.session_state[TAB] = "Relations"


def retire(ws: Workspace, id: str, reason: str) -> None:
    """Rank a relation no more, in this session's name."""
    attempt(lambda: _said(ws, ws.relations.retire(id, state.annotator(), reason), "is retired"))


def restore(ws: Workspace, id: str, reason: str) -> None:
    """Rank a retired relation again, in this session's name."""
    attempt(
        lambda: _said(ws, ws.relations.restore(id, state.annotator(), reason), "is ranked again")
    )


def revert(ws: Workspace, change: int, reason: str) -> None:
    """Bring back what a relation was after a change, in this session's name."""
    attempt(
        lambda: _said(
            ws,
            ws.relations.revert(change, state.annotator(), reason),
            f"is again as it was after change {change}",
        )
    )


def _said(ws: Workspace, change: RelationChange, what: str) -> str:
    return f"{ws.relations.state(change.relation).relation.name} {what}."


def attempt(step: Callable[[], str]) -> bool:
    """Take a step; what it says, or why it was refused, is kept for ``show_said``. Whether it was
    taken."""
    try:
        st.session_state[_DONE] = step()
    except RocError as error:
        st.session_state[_ERROR] = error
        return False
    state.forget_kept()
    return True


def tried(ws: Workspace, relation: Relation) -> WhatIfReport:
    """What a relation would change if it read like this, computed once for the labels and the
    catalogue of now. Raises as ``Workspace.what_if``."""
    stamp = (ws.model_version, ws.catalogue.digest, *ws.labels_stamp(), relation)
    return state.kept(
        f"relations:what:{hash(stamp)}", lambda: ws.what_if(relation.id).try_(relation)
    )


def show_said() -> None:
    """What the last step did, or why it was refused; one element either way, see
    ``state.place``.

    What was done is said beside the page: a line on top of it would move the very buttons that
    somebody is about to press.
    """
    with state.place():
        if isinstance(error := st.session_state.pop(_ERROR, None), RocError):
            state.show_error(error, "This was not done.")
        if said := st.session_state.pop(_DONE, ""):
            st.toast(escaped(said), icon=":material/check_circle:", duration="long")
