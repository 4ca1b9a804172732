"""Which corrections voted in an answer, and the switch that silences them."""

from __future__ import annotations

import streamlit as st

from app import desk, state
from app.views.words import escaped, label_words, shorten
from roc_core.errors import ItemMissing, RocError
from roc_core.schema import NONE, Example, Item, Prediction, Vote
from roc_core.workspace import Workspace

SWITCH = "memory_on"
SAME = 0.999
"""Cosine below which a pair cannot be the one on screen; kept vectors are rounded."""


def own_item(example: Example) -> tuple[str, ...]:
    """Items whose corrections must not vote on the pair on screen: the item itself.

    What is saved for a pair must not bring its answer into another order under the reader's
    fingers. A pair typed anew is no item yet; an earlier correction of the same pair then votes,
    and goes on voting once it is saved.
    """
    draft = st.session_state["draft"]
    known = (draft.id, example, draft.item)
    return (draft.item,) if draft.item and st.session_state.get("own_votes") != known else ()


def remember_own(ws: Workspace, example: Example, prediction: Prediction) -> None:
    """Note whether a correction of this very pair voted before it was saved from this draft."""
    draft = st.session_state["draft"]
    if not draft.item:
        near = [v for v in prediction.votes if v.similarity > SAME]
        same = [v.item for v in near if _item(ws, v) == example]
        st.session_state["own_votes"] = (draft.id, example, same[0]) if same else None


def _item(ws: Workspace, vote: Vote) -> Example | None:
    try:
        return ws.item(vote.item).example
    except RocError:
        return None


def show_votes(ws: Workspace, prediction: Prediction) -> None:
    """The corrections that voted, each with what it said, how near it lies and a way to open it."""
    votes = prediction.votes
    if not votes:
        return
    said = (
        "1 correction of a near pair voted"
        if len(votes) == 1
        else (f"{len(votes)} corrections of near pairs voted")
    )
    with st.expander(said, icon=":material/how_to_vote:", type="compact", key="votes"):
        try:
            most = ws.memory.settings.weight
            st.caption(
                f"Together they move a relation by {most:.2f} points at most. “Near” is the cosine "
                "of both pairs."
            )
            for vote in votes:
                _row(ws, vote)
        except RocError as error:
            state.show_error(error, "The corrections that voted cannot be shown just now.")


def _row(ws: Workspace, vote: Vote) -> None:
    try:
        item = ws.item(vote.item)
    except ItemMissing:
        st.caption("An item that was erased in the meantime.")
        return
    with st.container(gap="xxsmall"):
        st.button(
            escaped(shorten(item.example.sentence, 60)) or "A picture",
            key=f"vote:{vote.item}",
            icon=":material/open_in_new:",
            type="tertiary",
            help="Open this item",
            on_click=_open,
            args=(ws, item),
        )
        st.caption(escaped(_said(ws, vote, item)))


def _open(ws: Workspace, item: Item) -> None:
    desk.hold(ws, desk.draft_of(ws, item))


def _said(ws: Workspace, vote: Vote, item: Item) -> str:
    """ "near 0.991 · Ana → member of → the band · adds 0.31"."""
    relation = vote.label.relation
    known = ws.known_relations().get(relation)
    words = label_words(vote.label, known, item.example)
    does = f"takes {vote.weight:.2f} from all" if relation == NONE else f"adds {vote.weight:.2f}"
    return f"near {vote.similarity:.3f} · {words} · {does}"


def switch(ws: Workspace) -> None:
    """Let corrections vote, or the model answer alone: for everyone in this workspace."""
    try:
        st.session_state[SWITCH] = ws.memory.settings.on
    except RocError as error:
        state.show_error(error, "The settings of the correction memory cannot be read.")
        return
    st.toggle(
        "Let corrections vote",
        key=SWITCH,
        on_change=_switched,
        args=(ws,),
        help="Corrections of near pairs count in every answer at once. Off: the model alone. "
        "It holds for everyone in this workspace.",
    )
    if isinstance(error := st.session_state.get("memory_error"), RocError):
        state.show_error(error, "The switch was not saved.")


def _switched(ws: Workspace) -> None:
    st.session_state.pop("memory_error", None)
    try:
        ws.memory.set(on=bool(st.session_state[SWITCH]))
    except RocError as error:
        st.session_state["memory_error"] = error
