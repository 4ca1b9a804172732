"""Search, filters and the page of items that is fetched."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence

import streamlit as st

from app import selected, state
from app.components import cards
from app.components.overlay import thumbnail
from app.views.erasing import row_menu, show_dialog
from app.views.slices import name_form
from app.views.words import escaped, items_said, label_words, relation_names, whole
from roc_core.errors import RocError
from roc_core.schema import ITEM_STATES, Count, Item, ItemFilter, Relation
from roc_core.workspace import Workspace

PER_PAGE = 15
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

    relations = relation_names(ws)
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
        label_state = choose("Label state", "state", ITEM_STATES, str)
    with columns[5]:
        picture = choose("Picture", "picture", PICTURES, str)
    only = selected_only(name, start_over)
    return ItemFilter(text or "", source, split, relation, label_state, picture, only)  # type: ignore[arg-type]


def selected_only(name: str, on_change: Callable[[], None]) -> tuple[str, ...] | None:
    """A switch that restricts the list to what is selected; None when it is off, or nothing is."""
    ids = selected.selected()
    if not ids:
        return None
    chosen = st.toggle(
        f"Selected only ({items_said(len(ids))})",
        key=f"{name}:only",
        on_change=on_change,
        persist_state="session",
    )
    return ids if chosen else None


def _values(values: Iterable[str]) -> tuple[str, ...]:
    return ("", *sorted({value for value in values if value}))


def show_items(ws: Workspace, wanted: ItemFilter) -> None:
    """One page of the matching items, each a link to the Analyze page."""
    page = int(st.session_state.get("list:page", 1))
    told = st.container()
    try:
        found = ws.items(wanted, offset=(page - 1) * PER_PAGE, limit=PER_PAGE)
    except RocError as error:
        state.show_error(error, "The items cannot be listed.")
        return
    if not found.total:
        show_dialog(ws)
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
        st.space("stretch")
        _to_selection(ws, wanted)
    catalogue = ws.known_relations()
    for item in found.items:
        _row(catalogue, item)
    with told:
        show_dialog(ws)


def _to_selection(ws: Workspace, wanted: ItemFilter) -> None:
    """What matches as the selection, or its filter under a name."""
    st.button(
        "Select all",
        icon=":material/select_all:",
        key="list:select",
        on_click=_select_all,
        args=(ws, wanted),
        help="Select every item that matches, on all pages.",
    )
    if wanted == ItemFilter():
        return

    def keep(title: str) -> None:
        # A blank name is refused; none at all would keep the filter without a name.
        found = ws.keep_filter(wanted, title or " ", state.annotator())
        selected.notice(f"Slice {found.name!r} saved: {items_said(len(found.items))} now.")

    with st.popover("Save this filter as a slice", icon=":material/bookmark_add:"):
        name_form("list:slice", keep)


def _select_all(ws: Workspace, wanted: ItemFilter) -> None:
    try:
        found = ws.keep_filter(wanted, annotator=state.annotator())
    except RocError as error:
        selected.notice(f"Nothing was selected. {error}")
        return
    selected.select(ws, found.items, "Data: list")


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
    item_row(item, parts, row_menu)


def item_row(item: Item, parts: Sequence[str], menu: Callable[[Item], None] | None = None) -> None:
    """An item as a row: its sentence, what is to be said of it, and a link that opens it; ``menu``
    draws what else can be done with it."""
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
        if menu:
            menu(item)


def item_card(item: Item, parts: Sequence[str]) -> None:
    """An item as a card: its picture beside what ``item_row`` shows."""
    picture = item.example.picture
    if picture is None:
        item_row(item, parts)
        return
    left, right = st.columns([1, 7], vertical_alignment="center")
    with left:
        try:
            st.image(thumbnail(str(picture)), width="stretch")
        except OSError:
            st.caption("The picture cannot be read.")
    with right:
        item_row(item, parts)
