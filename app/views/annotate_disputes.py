"""Items on which annotators differ, one after the other, to be decided."""

from __future__ import annotations

import hashlib

import streamlit as st

from app import state
from app.components import cards
from app.components.overlay import thumbnail
from app.views.saving import choose_other
from app.views.words import escaped, items_said, label_words
from roc_core.errors import RocError
from roc_core.schema import NONE, Dispute, Item, Label
from roc_core.workspace import Workspace


def show_disputes(ws: Workspace) -> None:
    """The first open dispute with everybody's label, buttons to decide, and what was decided."""
    disputes = ws.annotation.disputes()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**Disputes**: {items_said(len(disputes))} to decide", width="content")
        st.button(
            "Undo my last step",
            icon=":material/undo:",
            key="team:undo",
            type="tertiary",
            on_click=undo,
            args=(ws,),
        )
    _told()
    if not disputes:
        st.caption("Annotators agree wherever several labelled an item, or it was decided.")
        return
    place = min(int(st.session_state.get("team:dispute", 0)), len(disputes) - 1)
    dispute = disputes[place]
    try:
        item = ws.item(dispute.item)
    except RocError as error:
        state.show_error(error, "This item cannot be read.")
        return
    with st.container(border=True):
        _show_item(item)
        _choices(ws, item, dispute)
    with st.container(horizontal=True, vertical_alignment="center"):
        _turn("Before", place - 1, len(disputes), ":material/arrow_back:")
        _turn("Next", place + 1, len(disputes), ":material/arrow_forward:")
        st.caption(f"{place + 1} of {len(disputes)}")


def _told() -> None:
    failed = st.session_state.pop("team:failed", None)
    if isinstance(failed, RocError):
        state.show_error(failed, "Not decided. Choose again to try once more.")
    elif said := st.session_state.pop("team:decided", ""):
        st.caption(escaped(said))


def _show_item(item: Item) -> None:
    example = item.example
    left, right = st.columns([1, 6]) if example.picture else (None, st.container())
    if left is not None:
        try:
            left.image(thumbnail(str(example.picture)), width="stretch")
        except OSError:
            left.caption("The picture cannot be read.")
    with right:
        st.html(cards.sentence(example.sentence, example.mentions))
        if example.picture_text:
            st.caption(escaped(f"Picture text: {example.picture_text}"))


def _choices(ws: Workspace, item: Item, dispute: Dispute) -> None:
    known = ws.known_relations()
    by_label: dict[Label, list[str]] = {}
    for own in dispute.labels:
        by_label.setdefault(own.label, []).append(own.annotator)
    with st.container(horizontal=True):
        for number, (label, names) in enumerate(by_label.items()):
            words = label_words(label, known.get(label.relation), item.example)
            st.button(
                escaped(f"{words} ({', '.join(names)})"),
                key=f"team:decide:{item.id}:{number}",
                on_click=decide,
                args=(ws, item, label),
            )
    with st.container(horizontal=True):
        none = Label(NONE)
        if none not in by_label:
            st.button(
                "None of these",
                key=f"team:decide:{item.id}:none",
                on_click=decide,
                args=(ws, item, none),
            )
        choose_other(
            ws, f"team:other:{item.id}", item.example, lambda label: decide(ws, item, label)
        )


def decide(ws: Workspace, item: Item, label: Label) -> None:
    """Decide a dispute; the same click sent twice is one row."""
    who = state.annotator()
    try:
        marks = ws.annotation.marks(item.id)
        said = [(m.action, m.annotator, m.label, m.undone) for m in marks[-1:]]
        if said == [("adjudicate", who, label, False)]:
            return  # a second click, handled after the first
        token = hashlib.sha256(repr((item.id, label, who, len(marks))).encode()).hexdigest()
        ws.annotation.adjudicate(item.id, label, who, token)
    except RocError as error:
        st.session_state["team:failed"] = error
        return
    st.session_state["team:decided"] = "Decided and saved."


def undo(ws: Workspace) -> None:
    """Take back the adjudicator's own last step."""
    try:
        mark = ws.annotation.undo(state.annotator(), state.new_id())
    except RocError as error:
        st.session_state["team:failed"] = error
        return
    said = "Your last step is taken back." if mark else "There is nothing to take back."
    st.session_state["team:decided"] = said


def _turn(label: str, place: int, total: int, icon: str) -> None:
    def go() -> None:
        st.session_state["team:dispute"] = place

    st.button(label, icon=icon, key=f"team:{label}", disabled=not 0 <= place < total, on_click=go)
