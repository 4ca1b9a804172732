"""The bar that never scrolls away: save what is right, undo, history, saved state."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import streamlit as st

from app import desk, state
from app.views.words import (
    NONE_WORDS,
    escaped,
    label_words,
    sentence_of,
    shorten,
)
from roc_core.errors import RocError
from roc_core.schema import NONE, Correction, Draft, Example, Item, Label, Prediction
from roc_core.workspace import Workspace

KEYS = 9
HISTORY = 20
"""Rows of the history drawn at first: it is drawn anew with every save."""


@dataclass(frozen=True, slots=True)
class Failed:
    """A save that did not go through: what was to be kept, and why it was not."""

    label: Label
    draft: str
    error: RocError


def standing(history: Sequence[Correction]) -> Correction | None:
    """The correction in force: the newest label row that was not undone."""
    rows = [row for row in history if row.action == "label" and not row.undone]
    return rows[-1] if rows else None


def save(ws: Workspace, label: Label, prediction: Prediction | None) -> None:
    """Keep ``label`` as right for the pair on screen. The same label twice is one row."""
    draft: Draft = st.session_state["draft"]
    example = desk.example_of(ws, draft)
    if example is None:
        return
    comment = st.session_state.get(f"comment:{draft.id}", "").strip()
    try:
        item = ws.item(draft.item) if draft.item else ws.save_item(example)
        keep(ws, item.id, label, prediction, draft.id, comment)
    except RocError as error:
        st.session_state["failed"] = Failed(label, draft.id, error)
        return
    st.session_state.pop("failed", None)
    st.session_state[f"other:{draft.id}"] = None
    state.forget_kept()
    desk.hold(ws, replace(draft, item=item.id))


def keep(
    ws: Workspace,
    item: str,
    label: Label,
    prediction: Prediction | None,
    draft: str,
    comment: str = "",
) -> None:
    """Append ``label`` to an item's log, unless it is what this annotator said last. ``draft`` is
    the id of what was on screen. Raises as ``Workspace.correct``."""
    history = ws.history(item)
    said = (label, comment, state.annotator())
    last = standing(history)
    if not last or (last.label, last.comment, last.annotator) != said:
        # The same click sent twice carries the same token, and the store keeps one row.
        token = hashlib.sha256(repr((draft, item, len(history), *said)).encode())
        ws.correct(item, label, said[2], prediction, comment, token=token.hexdigest())


def undo(ws: Workspace, correction: int) -> None:
    """Take a correction back; it stays in the history."""
    try:
        ws.undo(correction, state.annotator())
        st.session_state.pop("undo_error", None)
        state.forget_kept()
    except RocError as error:
        st.session_state["undo_error"] = error


def show_bar(
    ws: Workspace, draft: Draft, example: Example | None, prediction: Prediction | None
) -> None:
    """Draw the bar at the bottom of the page."""
    with st.bottom:
        _failures(ws, prediction)
        if example is None:
            st.caption("Mark two entities; then the relations to save appear here.")
            return
        item, history = _known(ws, draft)
        if prediction:
            _number_keys(ws, example, prediction)
        with st.container(horizontal=True, vertical_alignment="center"):
            _others(ws, draft, example, prediction)
            undo_and_history(ws, example, history)
            st.text(saved_state(ws, example, item, history), width="content")


def _known(ws: Workspace, draft: Draft) -> tuple[Item | None, tuple[Correction, ...]]:
    if not draft.item:
        return None, ()
    try:
        return ws.item(draft.item), ws.history(draft.item)
    except RocError as error:
        state.show_error(error, "The saved state of this item cannot be read.")
        return None, ()


def _failures(ws: Workspace, prediction: Prediction | None) -> None:
    failed: Failed | None = st.session_state.get("failed")
    if failed and failed.draft == st.session_state["draft"].id:
        state.show_error(failed.error, "Not saved. Everything you marked is still here.")
        st.button(
            "Try again",
            icon=":material/refresh:",
            on_click=save,
            args=(ws, failed.label, prediction),
        )
    if isinstance(undo_error := st.session_state.get("undo_error"), RocError):
        state.show_error(undo_error, "Nothing was taken back.")
    if isinstance(error := st.session_state.get("draft_error"), RocError):
        state.show_error(error, "Your marks are on screen but not stored yet.")
        st.button(
            "Store them now",
            icon=":material/refresh:",
            on_click=desk.hold,
            args=(ws, st.session_state["draft"]),
        )


def _number_keys(ws: Workspace, example: Example, prediction: Prediction) -> None:
    known = ws.known_relations()
    with st.container(horizontal=True, gap="xsmall"):
        for number, entry in enumerate(prediction.ranked[:KEYS], 1):
            relation = known[entry.relation]
            st.button(
                escaped(shorten(relation.name, 18)),
                key=f"save:{number}",
                help=escaped(sentence_of(relation, entry.direction, example.names())),
                shortcut=str(number),
                on_click=save,
                args=(ws, Label(entry.relation, entry.direction), prediction),
            )
        st.button(
            NONE_WORDS.capitalize(),
            key="save:none",
            shortcut="N",
            on_click=save,
            args=(ws, Label(NONE, "both"), prediction),
        )


def _others(ws: Workspace, draft: Draft, example: Example, prediction: Prediction | None) -> None:
    choose_other(ws, f"other:{draft.id}", example, lambda label: save(ws, label, prediction))
    st.text_input(
        "Comment, kept with the next save",
        key=f"comment:{draft.id}",
        placeholder="Comment (optional)",
        label_visibility="collapsed",
        width=160,
    )


def choose_other(ws: Workspace, key: str, example: Example, save: Callable[[Label], None]) -> None:
    """A select of every relation and direction; what is chosen is given to ``save``."""
    labels = {
        Label(r.id, way): sentence_of(r, way, example.names())
        for r in ws.catalogue
        for way in r.directions
    }

    def chosen() -> None:
        label = st.session_state[key]
        if label is not None:
            save(label)

    st.selectbox(
        "Save any other relation",
        tuple(labels),
        index=None,
        format_func=lambda label: labels[label],
        key=key,
        on_change=chosen,
        placeholder="Save another: type to search",
        label_visibility="collapsed",
        width=280,
    )


def undo_and_history(ws: Workspace, example: Example, history: Sequence[Correction]) -> None:
    """A button that takes the last correction back, and all corrections of the item."""
    last = standing(history)
    st.button(
        "Undo",
        icon=":material/undo:",
        shortcut="U",
        disabled=last is None,
        on_click=undo,
        args=(ws, last.id if last else 0),
    )
    with st.popover(f"History ({len(history)})", icon=":material/history:"):
        if not history:
            st.write("Nothing was saved for this item yet.")
        rows = history[::-1]
        if len(rows) > HISTORY and not st.toggle(f"Show all {len(rows)}", key="history_all"):
            rows = rows[:HISTORY]
        for row in rows:
            _history_row(ws, example, row)


def _history_row(ws: Workspace, example: Example, row: Correction) -> None:
    said = _words(ws, row.label, example)
    what = f"took back correction {row.undoes}" if row.action == "undo" else said
    state_ = " (taken back)" if row.undone else ""
    st.text(f"{row.id} · {state.clock(row.created)} · {row.annotator}: {what}{state_}")
    shown = f"the model said {_words(ws, row.predicted, example)}" if row.predicted else ""
    more = " · ".join(part for part in (shown, row.model_version, row.comment) if part)
    if more:
        st.caption(escaped(more))


def _words(ws: Workspace, label: Label | None, example: Example) -> str:
    relation = ws.known_relations().get(label.relation) if label is not None else None
    return label_words(label, relation, example)


def saved_state(
    ws: Workspace, example: Example, item: Item | None, history: Sequence[Correction]
) -> str:
    """Whether and as what a pair is saved, in words."""
    last = standing(history)
    if last:
        said = shorten(_words(ws, last.label, example))
        return f"Saved {state.clock(last.created)} · correction {last.id} · {said}"
    if item and item.label:
        said = shorten(_words(ws, item.label, example))
        return f"Not saved yet · label in the data set: {said}"
    return "Not saved yet"
