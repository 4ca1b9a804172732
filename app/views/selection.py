"""The selected items: a list, each to be opened, and all of them as a file."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import streamlit as st

from app import selected, state
from app.views.listing import item_card, item_row
from app.views.selection_file import as_csv, as_jsonl
from app.views.words import NONE_WORDS, items_said, label_words
from roc_core.errors import ItemMissing, RocError
from roc_core.schema import NONE, Item, MapPoint, MapView, Relation
from roc_core.workspace import Workspace

PER_PAGE = 10
SINGLY = 200
"""Items up to which reading one by one is faster than walking through all."""

BATCH = 5_000


def show_selection(ws: Workspace, view: MapView) -> None:
    """The primary item, and the list of what is selected, or how to select."""
    ids = selected.selected()
    catalogue = ws.known_relations()
    try:
        _show_primary(ws, view, catalogue)
        if ids and ids != (selected.primary(),):
            _show_list(ws, view, ids, catalogue)
    except RocError as error:
        state.show_error(error, "The selected items cannot be read.")
        return
    if not ids:
        st.info(
            "Draw around points to select them; a double-click starts over. A click on a point "
            "shows its item. The icons at the map's top right switch to a box, or to moving the "
            "map: then a click selects the point, too.",
            icon=":material/lasso_select:",
        )


def _show_primary(ws: Workspace, view: MapView, catalogue: Mapping[str, Relation]) -> None:
    """The primary item as a card; one that is not in the workspace is the sidebar's to say."""
    id = selected.primary()
    try:
        item = ws.item(id) if id else None
    except ItemMissing:
        return
    if item is not None:
        row = _rows_of(view, (id,)).get(id)
        parts = _parts(catalogue, item, None if row is None else view.point(row))
        item_card(item, parts if row is not None else [*parts, "not on this map"])


def _show_list(
    ws: Workspace, view: MapView, ids: tuple[str, ...], catalogue: Mapping[str, Relation]
) -> None:
    rows = _rows_of(view, ids)
    pages = max(1, math.ceil(len(ids) / PER_PAGE))
    if int(st.session_state.get("map:page", 1)) > pages:
        st.session_state.pop("map:page", None)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{items_said(len(ids))} selected**", width="content")
        st.pagination(pages, key="map:page", persist_state="session")
        st.space("stretch")
        _downloads(ws, view, ids, rows)
    first = (int(st.session_state.get("map:page", 1)) - 1) * PER_PAGE
    for item in items_in_order(ws, ids[first : first + PER_PAGE]):
        row = rows.get(item.id)
        item_row(item, _parts(catalogue, item, None if row is None else view.point(row)))


def _downloads(ws: Workspace, view: MapView, ids: Sequence[str], rows: Mapping[str, int]) -> None:
    """Files are made when they are asked for, since a selection may be large."""

    def pairs() -> list[tuple[Item, MapPoint | None]]:
        points = {id: view.point(row) for id, row in rows.items()}
        return [(item, points.get(item.id)) for item in items_in_order(ws, ids)]

    for name, make in (("JSONL", as_jsonl), ("CSV", as_csv)):
        st.download_button(
            name,
            lambda make=make: make(pairs()),  # type: ignore[misc]
            file_name=f"selection.{name.lower()}",
            icon=":material/download:",
            key=f"map:download:{name}",
            on_click="ignore",
            help="With labels, answers and scores. Pictures are named, not included; the Data "
            "page exports them.",
        )


def items_in_order(ws: Workspace, ids: Sequence[str]) -> list[Item]:
    """The items with these ids, in that order. Raises ItemMissing for one that is not there."""
    if len(ids) <= SINGLY:
        return [ws.item(id) for id in ids]
    wanted, found, offset = set(ids), {}, 0
    while True:
        page = ws.items(offset=offset, limit=BATCH)
        found.update({item.id: item for item in page.items if item.id in wanted})
        offset += BATCH
        if offset >= page.total:
            break
    lost = next((id for id in ids if id not in found), None)
    if lost is not None:
        raise ItemMissing(f"an item {lost} in this workspace", "none", "Draw the map again.")
    return [found[id] for id in ids]


def _rows_of(view: MapView, ids: Sequence[str]) -> dict[str, int]:
    wanted = set(ids)
    places = enumerate(view.items.tolist())
    return {name: row for row, id in places if (name := id.decode("ascii")) in wanted}


def _parts(catalogue: Mapping[str, Relation], item: Item, point: MapPoint | None) -> list[str]:
    """What is to be said of an item: label, answer, right or wrong, where it is from."""
    example = item.example
    relation = catalogue.get(item.label.relation) if item.label else None
    parts = [f"label: {label_words(item.label, relation, example)}"]
    if point is not None:
        parts += [_answer(catalogue, point), point.outcome if point.label else ""]
    parts.append(item.record.provenance.source)
    if example.picture:
        parts.append("with a picture")
    return parts


def _answer(catalogue: Mapping[str, Relation], point: MapPoint) -> str:
    known = catalogue.get(point.prediction)
    said = NONE_WORDS if point.prediction == NONE else known.name if known else point.prediction
    side = "above" if point.margin >= 0 else "below"
    return f"answer: {said}, {abs(point.margin):.2f} {side} the line"
