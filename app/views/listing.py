"""Search, filters and the page of items that is fetched."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence

import streamlit as st

from app import state
from app.components import cards
from app.views.words import escaped, label_words, whole
from roc_core.errors import RocError
from roc_core.schema import NONE, Count, Item, ItemFilter, Relation
from roc_core.workspace import Workspace

PER_PAGE = 15
STATES = ("", "unlabelled", "imported", "corrected")
PICTURES = ("", "with", "without")


def filters(ws: Workspace, counts: Sequence[Count], name: str) -> ItemFilter:
    """The filter row; ``name`` keeps rows of different tabs apart."""

    def start_over() -> None:
        st.session_state[f"{name}:page"] = 1

    def choose(label: str, field: str, options: Sequence[str], said: Callable[[str], str]) -> str:
        return (
            st.selectbox(
                label,
                options,
                format_func=lambda value: said(value) if value else "any",
                key=f"{name}:{field}",
                on_change=start_over,
                persist_state="session",
            )
            or ""
        )

    relations = {relation.id: relation.name for relation in ws.catalogue}
    relations[NONE] = "none of these"
    columns = st.columns([3, 1.5, 1.5, 2, 1.5, 1.5])
    with columns[0]:
        text = st.text_input(
            "Search in sentences",
            key=f"{name}:text",
            on_change=start_over,
            persist_state="session",
            icon=":material/search:",
        )
    with columns[1]:
        source = choose("Source", "source", _values(c.source for c in counts), str)
    with columns[2]:
        split = choose("Split", "split", _values(c.split for c in counts), str)
    with columns[3]:
        relation = choose("Label", "relation", ("", *relations), lambda r: relations.get(r, r))
    with columns[4]:
        label_state = choose("Label state", "state", STATES, str)
    with columns[5]:
        picture = choose("Picture", "picture", PICTURES, str)
    return ItemFilter(text or "", source, split, relation, label_state, picture)  # type: ignore[arg-type]


def _values(values: Iterable[str]) -> tuple[str, ...]:
    return ("", *sorted({value for value in values if value}))


def show_items(ws: Workspace, wanted: ItemFilter) -> None:
    """One page of the matching items, each a link to the Analyze page."""
    page = int(st.session_state.get("list:page", 1))
    try:
        found = ws.items(wanted, offset=(page - 1) * PER_PAGE, limit=PER_PAGE)
    except RocError as error:
        state.show_error(error, "The items cannot be listed.")
        return
    if not found.total:
        st.info("No item matches. Change the search or a filter.", icon=":material/search_off:")
        return
    pages = math.ceil(found.total / PER_PAGE)
    if page > pages:
        st.session_state["list:page"] = pages
        st.rerun()
    first = (page - 1) * PER_PAGE
    with st.container(horizontal=True, vertical_alignment="center"):
        last = first + len(found.items)
        st.text(f"{whole(first + 1)} to {whole(last)} of {whole(found.total)}", width="content")
        st.pagination(pages, key="list:page", persist_state="session")
    catalogue = {relation.id: relation for relation in ws.catalogue}
    for item in found.items:
        _row(catalogue, item)


def _row(catalogue: Mapping[str, Relation], item: Item) -> None:
    example = item.example
    relation = catalogue.get(item.label.relation) if item.label else None
    said = label_words(item.label, relation, example)
    origin = item.record.provenance
    parts = [said, " ".join(part for part in (origin.source, origin.split) if part)]
    if example.picture:
        parts.append("with a picture")
    if item.corrections:
        parts.append(f"{item.corrections} corrections" if item.corrections > 1 else "1 correction")
    item_row(item, parts)


def item_row(item: Item, parts: Sequence[str]) -> None:
    """An item as a row: its sentence, what is to be said of it, and a link that opens it."""
    example = item.example
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        with st.container(gap="xxsmall", width="stretch"):
            st.html(cards.sentence(example.sentence, example.mentions))
            st.caption(escaped(" · ".join(part for part in parts if part)))
        st.page_link(
            state.ANALYZE,
            label="Open",
            icon=":material/open_in_new:",
            query_params={"item": item.id},
        )
