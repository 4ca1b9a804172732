"""The bar of the Graph page: save the chosen pair's answer or another one, undo, open it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from app import desk, state
from app.views import graph_desk
from app.views.graph_pairs import item_of
from app.views.saving import choose_other, keep, saved_state, undo_and_history
from app.views.words import NONE_WORDS, escaped, sentence_of, shorten
from roc_core.errors import RocError
from roc_core.schema import NONE, Draft, Edge, Example, GraphDraft, Item, Label, SentenceGraph
from roc_core.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Failed:
    """A save that did not go through: of which pair, what was to be kept, and why it was not."""

    example: Example
    label: Label
    error: RocError


def save(
    ws: Workspace, draft: str, example: Example, edge: Edge, items: Sequence[Item], label: Label
) -> None:
    """Keep ``label`` as right for a pair. The same label twice is one row."""
    try:
        item = item_of(items, example) or ws.save_item(example)
        keep(ws, item.id, label, edge.prediction, draft)
    except RocError as error:
        st.session_state["graph:failed"] = Failed(example, label, error)
        return
    st.session_state.pop("graph:failed", None)
    st.session_state[_other_key(draft, edge)] = None


def _other_key(draft: str, edge: Edge) -> str:
    return f"graph:other:{draft}:{edge.first}:{edge.second}"


def show_bar(
    ws: Workspace,
    draft: GraphDraft,
    graph: SentenceGraph | None,
    edge: Edge | None,
    items: Sequence[Item],
) -> None:
    """Draw the bar at the bottom of the page."""
    with st.bottom:
        if isinstance(error := st.session_state.get("graph:error"), RocError):
            state.show_error(error, "Your marks are on screen but not stored yet.")
            st.button(
                "Store them now",
                icon=":material/refresh:",
                key="graph:store",
                on_click=graph_desk.hold,
                args=(ws, draft),
            )
        if graph is None:
            st.caption("Mark two or more entities; then every pair of them can be saved here.")
        elif edge is None:
            st.caption("Choose a pair, in the table or on the graph, to save it here.")
        else:
            _pair(ws, draft, graph, edge, items)


def _pair(
    ws: Workspace, draft: GraphDraft, graph: SentenceGraph, edge: Edge, items: Sequence[Item]
) -> None:
    example = graph.example(edge)
    what = (ws, draft.id, example, edge, items)
    _failure(what)
    try:
        item = item_of(items, example)
        history = ws.history(item.id) if item else ()
    except RocError as error:
        state.show_error(error, "The saved state of this pair cannot be read.")
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        _save_buttons(ws, example, edge, what)
        choose_other(ws, _other_key(draft.id, edge), example, lambda label: save(*what, label))
        undo_and_history(ws, example, history)
        if st.button("Open on Analyze", icon=":material/open_in_new:", key="graph:open"):
            _open(ws, draft, example, item)
        st.text(saved_state(ws, example, item, history), width="content")
    if isinstance(error := st.session_state.get("undo_error"), RocError):
        state.show_error(error, "Nothing was taken back.")


def _save_buttons(
    ws: Workspace,
    example: Example,
    edge: Edge,
    what: tuple[Workspace, str, Example, Edge, Sequence[Item]],
) -> None:
    answer = edge.prediction.label
    if answer.relation != NONE:
        relation = ws.relation(answer.relation)
        st.button(
            f"Save: {escaped(shorten(relation.name, 24))}",
            key="graph:save",
            type="primary",
            shortcut="S",
            help=escaped(sentence_of(relation, answer.direction, example.names())),
            on_click=save,
            args=(*what, answer),
        )
    st.button(
        NONE_WORDS.capitalize(),
        key="graph:none",
        type="primary" if answer.relation == NONE else "secondary",
        shortcut="N",
        on_click=save,
        args=(*what, Label(NONE, "both")),
    )


def _failure(what: tuple[Workspace, str, Example, Edge, Sequence[Item]]) -> None:
    failed: Failed | None = st.session_state.get("graph:failed")
    if failed and failed.example == what[2]:
        state.show_error(failed.error, "Not saved. Everything you marked is still here.")
        st.button(
            "Try again",
            icon=":material/refresh:",
            key="graph:again",
            on_click=save,
            args=(*what, failed.label),
        )


def _open(ws: Workspace, draft: GraphDraft, example: Example, item: Item | None) -> None:
    """Put the pair on the Analyze page's desk and go there."""
    pair = Draft(
        id=state.new_id(),
        annotator=state.annotator(),
        sentence=example.sentence,
        mentions=example.mentions,
        picture=draft.picture,
        picture_text=example.picture_text,
        item=item.id if item and item.example == example else "",
    )
    desk.hold(ws, pair)
    st.switch_page(state.ANALYZE)
