"""What can be done with versions: promote, roll back, resume, discard. Refusals are shown once."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from app import state
from app.views import jobs
from roc_core.errors import RocError
from roc_core.schema import LearnRequest, Promotion
from roc_core.workspace import Workspace


def show_said() -> None:
    """What the last step did, or why it was refused."""
    if isinstance(error := st.session_state.pop("versions:error", None), RocError):
        state.show_error(error, "This was not done.")
    if said := st.session_state.pop("versions:done", ""):
        st.success(said, icon=":material/check_circle:")


def promotion_to_undo(log: Sequence[Promotion], used: str) -> Promotion | None:
    """The promotion that a roll-back would take back, if the version in use came by one."""
    undone = {row.undoes for row in log}
    standing = [row for row in log if row.action == "promote" and row.id not in undone]
    return standing[-1] if standing and standing[-1].version == used else None


def promote(ws: Workspace, name: str) -> None:
    """Put a version to use, in this session's name."""

    def step() -> str:
        done = ws.learning.promote(name, state.annotator())
        return f"{done.version} is in use now, in the place of {done.before}."

    attempt(step)


def roll_back(ws: Workspace) -> None:
    """Put the version before the present one back to use, in this session's name."""

    def step() -> str:
        done = ws.learning.roll_back(state.annotator())
        return f"{done.version} is in use again, in the place of {done.before}."

    attempt(step)


def discard(ws: Workspace, name: str) -> None:
    """Give an unfinished training up."""

    def step() -> str:
        ws.learning.discard(name)
        return f"The unfinished training of {name} is gone."

    attempt(step)


def resume(ws: Workspace, request: LearnRequest) -> None:
    """Go on with an unfinished training by the choices it was begun with."""
    jobs.start(
        ws, "learn", annotators=request.annotators, since=request.since, agreed=request.agreed,
        mode=request.mode, replay=request.replay, seed=request.seed, parent=request.parent,
    )  # fmt: skip


def attempt(step: Callable[[], str]) -> None:
    """Take a step; what it says, or why it was refused, is kept for ``show_said``."""
    try:
        st.session_state["versions:done"] = step()
    except RocError as error:
        st.session_state["versions:error"] = error
    state.forget_kept()
