"""The Graph page: many entities of one sentence, and the relations of all their pairs at once."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from app import state
from app.components import cards
from app.views import graph_desk
from app.views.explain import show_explanation
from app.views.graph_item import more_controls, show_item, stored_picture, take_reports
from app.views.graph_pairs import (
    relations_of,
    show_chart,
    show_controls,
    show_table,
    table_rows,
)
from app.views.graph_saving import show_bar
from app.views.words import escaped, shorten
from roc_core.errors import RocError
from roc_core.schema import (
    NONE,
    Box,
    Draft,
    Edge,
    GraphDraft,
    Item,
    ItemFilter,
    Picture,
    SentenceGraph,
)
from roc_core.workspace import Workspace

READ = 2_000
"""Items of the starter set looked at for examples."""


def graph_page() -> None:
    """Draw the page."""
    ws = state.workspace()
    take_reports(ws, graph_desk.current(ws))
    draft: GraphDraft = st.session_state[graph_desk.DRAFT]
    _top(ws)
    left, right = st.columns(2, gap="medium")
    with left:
        picture = stored_picture(ws, draft)
        pair = graph_desk.chosen(draft.mentions)
        show_item(ws, draft, picture, pair or ())
    _address(pair)
    with right:
        graph = _answer(ws, draft, picture)
    items = _items(ws, draft, picture)
    edge = graph.edge(*pair) if graph and pair else None
    rows = table_rows(graph, relations_of(ws), items) if graph else []
    with left:
        more_controls(ws, draft, graph, items)
        if graph:
            show_table(graph, rows, pair)
    with right:
        if graph is None:
            _what_to_do(ws, draft)
        else:
            show_chart(ws, graph, pair)
            show_controls(ws, graph, rows)
            _reasons(ws, graph, edge, picture)
    show_bar(ws, draft, graph, edge, items)


def _top(ws: Workspace) -> None:
    at_hand: Draft | None = st.session_state.get("draft")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown("**Graph**: which relations hold between all entities of a sentence?")
        st.space("stretch")
        if at_hand and at_hand.sentence.strip():
            st.button(
                "From Analyze",
                help="Begin with the sentence, picture and marks of the Analyze page",
                icon=":material/login:",
                key="graph:take",
                on_click=graph_desk.start,
                args=(ws, _as_graph(at_hand)),
            )
        st.button(
            "New", icon=":material/add:", key="graph:new", on_click=graph_desk.start, args=(ws,)
        )
    with state.place():
        notice = st.session_state.pop("graph:notice", None)
        if notice:
            st.warning(escaped(notice), icon=":material/info:")


def _as_graph(draft: Draft) -> GraphDraft:
    mentions = graph_desk.in_order(m for m in draft.mentions if m)
    return GraphDraft("", "", draft.sentence, mentions, draft.picture, draft.picture_text)


def _answer(ws: Workspace, draft: GraphDraft, picture: Picture | None) -> SentenceGraph | None:
    """All pairs answered; None while there are too few marks, or when that failed, which is
    said."""
    if len(draft.mentions) < 2 or (draft.picture and not picture):
        return None
    path = picture.path if picture else None
    content = (draft.sentence, draft.mentions, draft.picture, draft.picture_text)
    try:
        with st.spinner("Finding relations of all pairs", show_time=True):
            return state.kept(
                f"graph:{state.answers_key(ws)}:{ws.memory.mark()}:{content!r}",
                lambda: ws.graph(draft.sentence, draft.mentions, path, draft.picture_text),
            )
    except RocError as error:
        state.show_error(error, "No relations could be found. What you marked is kept.")
        return None


def _items(ws: Workspace, draft: GraphDraft, picture: Picture | None) -> tuple[Item, ...]:
    if not draft.sentence.strip():
        return ()
    try:
        return ws.items_of_sentence(draft.sentence, picture.path if picture else None)
    except RocError as error:
        state.show_error(error, "What is saved of this sentence cannot be read.")
        return ()


def _address(pair: tuple[int, int] | None) -> None:
    """Name the chosen pair in the address, counted from 1."""
    said = f"{pair[0] + 1}-{pair[1] + 1}" if pair else ""
    if said != st.query_params.get("pair", ""):
        if said:
            st.query_params["pair"] = said
        else:
            st.query_params.pop("pair", None)


# --- the chosen pair ---------------------------------------------------------------------


def _reasons(
    ws: Workspace, graph: SentenceGraph, edge: Edge | None, picture: Picture | None
) -> None:
    if edge is None:
        st.info(
            "Choose a row of the table, or click an arrow, to see why.",
            icon=":material/ads_click:",
        )
        return
    for note in edge.prediction.notes:
        st.info(note, icon=":material/info:")
    example = graph.example(edge)
    with st.container(border=True, gap="xxsmall"):
        if not edge.passes:
            st.html(cards.none_line("None of these: even the closest is below its line"))
        st.html(cards.card(1, edge.best, ws.relation(edge.best.relation), example))
        show_explanation(ws, example, edge.prediction, edge.best, picture)


# --- the beginning -----------------------------------------------------------------------


def _what_to_do(ws: Workspace, draft: GraphDraft) -> None:
    marked = len(draft.mentions)
    if not draft.sentence.strip() and not draft.picture:
        st.info("Type a sentence, then mark its entities.", icon=":material/edit:")
        _examples(ws)
    elif marked == 0:
        st.info(
            "Mark two or more entities: click words, or drag over them.", icon=":material/ink_pen:"
        )
    elif marked == 1:
        st.info("One is marked. Mark at least one more.", icon=":material/ink_pen:")


def _examples(ws: Workspace) -> None:
    try:
        found = examples(ws.items(ItemFilter(source="starter"), limit=READ).items)
    except RocError as error:
        state.show_error(error, "The examples cannot be read.")
        return
    if found:
        st.write("Or try an example:")
    for items in found:
        draft = graph_desk.draft_of(items)
        count = len(draft.mentions)
        st.button(
            escaped(f"{shorten(draft.sentence, 80)} ({count} entities)"),
            key=f"graph:example:{items[0].id}",
            icon=":material/image:" if draft.picture else ":material/notes:",
            on_click=graph_desk.start,
            args=(ws, draft),
        )


def examples(items: Sequence[Item]) -> tuple[tuple[Item, ...], ...]:
    """Items of one sentence with three or more mentions: of words alone, with a picture, with a
    box, as far as there are such, each time the sentence with the most labelled relations and
    then the most mentions."""
    groups: dict[tuple[str, object], list[Item]] = {}
    for item in items:
        groups.setdefault((item.example.sentence, item.example.picture), []).append(item)
    kinds: dict[str, tuple[tuple[int, int], tuple[Item, ...]]] = {}
    for group in groups.values():
        mentions = graph_desk.mentions_of(group)
        related = sum(i.label is not None and i.label.relation != NONE for i in group)
        boxed = any(isinstance(m.place, Box) for m in mentions)
        kind = "box" if boxed else "picture" if group[0].example.picture else "words"
        rich = (related, len(mentions))
        if len(mentions) >= 3 and (kind not in kinds or rich > kinds[kind][0]):
            kinds[kind] = (rich, tuple(group))
    return tuple(kinds[kind][1] for kind in ("words", "picture", "box") if kind in kinds)
