"""The one selection and the primary item that all pages share, and their place in the address.

``?sel=`` names a selection kept in the workspace, ``?item=`` the primary item, so that a copied
address shows the same in another browser.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

import streamlit as st

from app import state
from roc_core.errors import RocError, SelectionMissing
from roc_core.schema import Selection
from roc_core.workspace import Workspace

LATE = 3.0
"""Seconds for which an address that was just left does not count as a wish to return to it."""


def selected() -> tuple[str, ...]:
    """Ids of the selected items."""
    found: tuple[str, ...] = st.session_state.get("selection", ())
    return found


def address() -> str:
    """Id of the selection in this workspace; "" when nothing is selected or it is not kept."""
    return str(st.session_state.get("selection:id", ""))


def origin() -> str:
    """Where the selection was made: "Map: lasso"."""
    return str(st.session_state.get("selection:origin", ""))


def primary() -> str:
    """Id of the primary item; "" without one."""
    return str(st.session_state.get("selection:primary", ""))


def turn() -> int:
    """A number that grows with every change of selection or primary item."""
    return int(st.session_state.get("selection:turn", 0))


def select(ws: Workspace, ids: Sequence[str], origin: str) -> None:
    """Select these items, in this order, on all pages. ``origin`` says where: "Map: lasso".

    Without a database to keep it in, the selection holds in this session, without an address.
    """
    ids = tuple(dict.fromkeys(ids))
    if not ids:
        clear()
        return
    try:
        kept = ws.keep_selection(ids, annotator=state.annotator()).id
        st.session_state.pop("selection:notice", None)
    except RocError as error:
        kept = ""
        notice(f"This selection has no address: it could not be kept. {error}")
    _hold(ids, kept, origin)


def show_slice(ws: Workspace, id: str, origin: str) -> None:
    """Select what a kept selection holds; one that is not there leaves a notice."""
    try:
        found = ws.selection(id)
    except RocError as error:
        lost = isinstance(error, SelectionMissing)
        said = "The selection of this link is not in this workspace. " if lost else ""
        notice(f"{said}{error.todo if lost else error}")
        return
    _hold(found.items, found.id if found.items else "", origin)
    notice(_gone(found))


def _gone(found: Selection) -> str:
    if found.gone:
        many = "items of this selection are" if found.gone > 1 else "item of this selection is"
        return f"{found.gone:,} {many} not in the workspace any more."
    return "" if found.items else "No item is in this selection now."


def clear() -> None:
    """Select nothing; there is no primary item then either."""
    set_primary("")
    _hold((), "", "")


def set_primary(id: str) -> None:
    """Make an item the primary one; "" for none."""
    if id != primary():
        _leave(primary())
        st.session_state["selection:primary"] = id
        st.session_state["selection:turn"] = turn() + 1


def notice(text: str) -> None:
    """Something the sidebar says once; "" takes it back."""
    st.session_state["selection:notice"] = text


def _hold(ids: tuple[str, ...], kept: str, origin: str) -> None:
    if kept != address():
        _leave(address())
    st.session_state.update(
        {
            "selection": ids,
            "selection:id": kept,
            "selection:origin": origin,
            "selection:turn": turn() + 1,
        }
    )


# --- the address -------------------------------------------------------------------------


def follow_address(ws: Workspace) -> None:
    """Take over what the address names, at the start of a run.

    An address that names nothing changes nothing: choosing a page empties it.
    """
    wanted, item = st.query_params.get("sel", ""), st.query_params.get("item", "")
    if wanted and wanted != address() and not _just_left(wanted):
        show_slice(ws, wanted, "link")
    if item and item != primary() and not _just_left(item):
        set_primary(item)


def write_address() -> None:
    """Make the address name what is selected now, at the end of a run."""
    before = st.query_params.to_dict()
    named = {"sel": address(), "item": primary()}
    after = {k: v for k, v in before.items() if k not in named}
    after |= {k: v for k, v in named.items() if v}
    if after != before:
        st.query_params.from_dict(after)


def _leave(id: str) -> None:
    if id:
        left: dict[str, float] = st.session_state.setdefault("selection:left", {})
        left[id] = time.monotonic()


def _just_left(id: str) -> bool:
    """Whether the address is only late: the browser may send the one it had before a change, with
    an action that was on its way. Going back on purpose takes longer."""
    left: dict[str, float] = st.session_state.get("selection:left", {})
    return time.monotonic() - left.get(id, -LATE) < LATE
