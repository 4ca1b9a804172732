"""Arrows on the map of one version to where another one puts the items that changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from app import selected, state
from app.views.errors_jobs import ask_for_answers, newest, show_under_way, start_button
from app.views.errors_scope import stamp_of
from roc_core.errors import ItemMissing, ProjectionMissing
from roc_core.figures import moves_plot
from roc_core.schema import ItemDiff, ItemFilter, MapView, Moves, Reading, VersionInfo
from roc_core.workspace import Workspace

MOST = 300
"""Most arrows that are drawn: the first of the list, regressions first."""


def show_moves(ws: Workspace, info: VersionInfo, other: str, changes: Sequence[ItemDiff]) -> None:
    """The map of ``other`` with an arrow an item; what is missing for it is offered."""
    st.markdown("**Where they moved**")
    if info.parent != other:
        st.caption(
            "Only a version and its parent share a space of pairs; choose the parent to see arrows."
        )
        return
    reading = Reading(other)
    if show_under_way(ws, newest(ws, "map", reading), "versions:map"):
        return
    try:
        view = ws.map_of(other)
        moves = _moves(ws, info.name, view, changes[:MOST])
    except ProjectionMissing:
        st.info(f"There is no map of {other} to draw them on.", icon=":material/scatter_plot:")
        start_button(ws, "map", reading, "Draw the map", "versions:map", "secondary")
        return
    if moves.missing:
        unread = ws.reading_state(Reading(info.name))
        if not unread.complete:
            missing = unread.items - unread.answered
            ask_for_answers(ws, Reading(info.name), missing, "versions:moves")
    if len(moves.items):
        _chart(ws, view, moves, changes)


def _moves(ws: Workspace, name: str, view: MapView, changes: Sequence[ItemDiff]) -> Moves:
    ids = tuple(c.item for c in changes)
    stamp = stamp_of(ws, Reading(name), ItemFilter())
    key = f"moves:{name}:{view.version}:{view.created}:{stamp}:{hash(ids)}"
    return state.kept(key, lambda: ws.learning.moved(name, view.version, ids))


def _chart(ws: Workspace, view: MapView, moves: Moves, changes: Sequence[ItemDiff]) -> None:
    by_id = {c.item: c for c in changes}
    ids = [i.decode("ascii") for i in moves.items.tolist()]
    dark = st.context.theme.type == "dark"
    key = f"versions:moves:{moves.version}:{view.created}:{hash(tuple(ids))}:{dark}"
    figure = state.kept(
        key,
        lambda: moves_plot(view, moves, [by_id[i] for i in ids], _sentences(ws, ids), dark),
    )
    event = st.plotly_chart(
        figure,
        key=key,
        on_select="rerun",
        selection_mode=("points", "box", "lasso"),
        config={"displaylogo": False},
    )
    st.caption(
        f"{len(ids):,} items. A ring is where {moves.other} has an item, the tip where "
        f"{moves.version} puts it among the same neighbours; short arrows mean little. Click or "
        "lasso tips to select their items."
    )
    st.session_state["versions:moves:key"] = key
    rows = {row for p in event["selection"]["points"] if (row := _row(p)) is not None}
    found = tuple(ids[row] for row in sorted(rows) if row < len(ids))
    if found != st.session_state.get("versions:moves:taken", ()):
        st.session_state["versions:moves:taken"] = found
        if found:
            selected.select(ws, found, f"Versions: moved from {moves.other} to {moves.version}")
            if len(found) == 1:
                selected.set_primary(found[0])


def _row(point: Mapping[str, Any]) -> int | None:
    """Which of the arrows a selected point belongs to."""
    value = point.get("customdata")
    if isinstance(value, list | tuple):
        value = value[0] if value else None
    return int(value) if isinstance(value, int | float) else None


def _sentences(ws: Workspace, ids: Sequence[str]) -> list[str]:
    found = []
    for id in ids:
        try:
            found.append(ws.item(id).example.sentence)
        except ItemMissing:
            found.append("")
    return found
