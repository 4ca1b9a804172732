"""The Map page: draw it, colour it, select on it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import streamlit as st

from app import selected, state
from app.components.pointed import clicked, hovered, point_out
from app.shared import shared
from app.views import jobs
from app.views.map_colours import COLOURS, Colouring, colouring, told_of
from app.views.selection import show_selection
from app.views.words import relation_names, shorten, whole
from roc_core.errors import ProjectionMissing, RocError
from roc_core.figures import LAYERS, Layer, hover_texts, map_plot
from roc_core.schema import NONE, Job, MapView
from roc_core.workspace import Workspace

READ = 15_000
"""Points up to which the chart holds their sentences; of more it would be slow to read and send
them all, so the one under the pointer is asked for."""

LAYER_WORDS: Mapping[Layer, str] = {
    "density": "Density",
    "relations": "Relation names",
    "descriptions": "All descriptions",
    "regions": "Region names",
}
CONFIG = {
    "displaylogo": False,
    "modeBarButtonsToRemove": ["autoScale2d"],
    "toImageButtonOptions": {"filename": "map", "scale": 2},
}


def map_page() -> None:
    """Draw the page."""
    ws = state.workspace()
    st.markdown(
        "**Map**: which pairs are alike, and where do answers go wrong? "
        "The axes have no meaning; near means similar."
    )
    jobs.show_refusal()
    try:
        version = ws.model_version
        job = _latest(ws, version)
        view, missing = _read(ws)
    except RocError as error:
        state.show_error(error, "The map cannot be read.")
        return
    with state.place():
        if job and not job.over:
            jobs.follow(ws, job.id, "map")
        elif job and job.state in ("failed", "lost") and not _newer(view, job):
            st.error("The map could not be drawn.", icon=":material/error:")
            st.text(job.error or "The work ended without saying why. Draw the map again.")
    if view is not None:
        _show(ws, view, busy=bool(job and not job.over))
    elif missing and (job is None or job.over):
        _empty(ws, missing, job)


def _latest(ws: Workspace, version: str) -> Job | None:
    """The newest job that draws the map of a version."""
    found = (j for j in ws.jobs() if j.kind == "map" and j.parameters.get("version") == version)
    return next(found, None)


def _read(ws: Workspace) -> tuple[MapView | None, ProjectionMissing | None]:
    try:
        return ws.map_of(), None
    except ProjectionMissing as missing:
        return None, missing


def _newer(view: MapView | None, job: Job) -> bool:
    """Whether a map was drawn after a job had ended."""
    return view is not None and view.created > job.finished


def _empty(ws: Workspace, missing: ProjectionMissing, job: Job | None) -> None:
    if missing.found == "none":
        said = "No map yet: draw it."
    else:
        said = f"The map does not fit any more: there is {missing.found}. Draw it again."
    if job and job.state == "cancelled":
        said += " The last drawing was cancelled; what it had read is kept."
    st.info(said, icon=":material/scatter_plot:")
    st.text(
        "Every item is read once by the model, then all are laid out so that similar pairs lie "
        "close. It goes on in the background; you can leave this page meanwhile."
    )
    _draw_button(ws, "Draw the map", "primary")


def _draw_button(ws: Workspace, label: str, type_: str = "secondary") -> None:
    st.button(
        label,
        type=type_,  # type: ignore[arg-type]
        icon=":material/draw:",
        key="map:draw",
        on_click=jobs.start,
        args=(ws, "map"),
    )


# --- the map -----------------------------------------------------------------------------


def _show(ws: Workspace, view: MapView, busy: bool) -> None:
    with state.place():
        for note in view.notes:
            st.caption(note)
        marked = len({mark.relation for mark in view.landmarks})
        if 0 < marked < len(ws.catalogue):
            st.caption(
                f"Descriptions of {whole(marked)} of {whole(len(ws.catalogue))} relations are on "
                "the map: of those that were answered most when it was drawn."
            )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            "Colour by",
            tuple(COLOURS),
            format_func=COLOURS.__getitem__,
            key="map:colour",
            persist_state="session",
            width=300,
        )
        layers = st.pills(
            "Show",
            LAYERS,
            selection_mode="multi",
            default=("density", "relations"),
            format_func=LAYER_WORDS.__getitem__,
            key="map:layers",
            persist_state="session",
        )
        if view.total > view.known and not busy:
            _draw_button(ws, "Update the map")
    try:
        _chart(ws, view, colouring(ws, view, str(chosen)), tuple(layers))
    except RocError as error:
        state.show_error(error, "The items of the map cannot be read.")
        return
    show_selection(ws, view)


def _chart(ws: Workspace, view: MapView, by: Colouring, layers: tuple[Layer, ...]) -> None:
    told = told_of(ws, view) if len(view) <= READ else ()
    names = relation_names(ws)
    names[NONE] = "none of these"
    dark = st.context.theme.type == "dark"
    key = f"map:chart:{_round(view)}:{by.name}:{'.'.join(layers)}:{dark}"
    if st.session_state.get("map:key") != key or key not in st.session_state:
        # The chart forgets what is selected on it when the figure changes; the figure then says,
        # and stays the same until then.
        marked = _rows(view, selected.selected())

        def draw() -> tuple[MapView, Any]:
            hover = hover_texts(view, [r[:3] for r in told], names) if told else ()
            words = names | dict(by.words)
            return view, map_plot(view, by.colour, words, hover, layers, marked, dark)

        alone = not marked and by.name in COLOURS
        _, figure = shared(_drawn_key(ws, view, by, layers, dark), draw) if alone else draw()
        st.session_state.update(
            {"map:key": key, "map:marked": marked, "map:event": (), "map:figure": figure}
        )
    event = st.plotly_chart(
        st.session_state["map:figure"],
        key=key,
        on_select="rerun",
        selection_mode=("points", "box", "lasso"),
        config=CONFIG,
    )
    st.fragment(_pointed)(ws, view, names, bool(told))
    _take(ws, view, event["selection"])


def _drawn_key(
    ws: Workspace, view: MapView, by: Colouring, layers: tuple[Layer, ...], dark: bool
) -> str:
    """Of a figure without a selection or another version, which is the same for all; the view is
    kept beside it, so that its number is no other's meanwhile."""
    drawn = f"{by.name}:{'.'.join(layers)}:{dark}:{ws.catalogue.digest}"
    return f"{ws.path}|map:{id(view)}:{drawn}"


def _pointed(ws: Workspace, view: MapView, names: Mapping[str, str], told: bool) -> None:
    """What the pointer is at: a card with its picture, and its words if the chart has none (with
    very many points they would be slow to read and to send); a click makes it the primary item.
    Runs by itself, until a click."""
    at = clicked(len(view))
    if at is not None and (id := view.items[at].decode("ascii")) != selected.primary():
        selected.set_primary(id)
        st.session_state["map:seen"] = (view, selected.turn())
        st.rerun(scope="app")
    row = hovered(len(view))
    try:
        item = None if row is None else ws.item(view.items[row].decode("ascii"))
    except RocError:
        item = None
    lines: list[str] = []
    if row is not None and item is not None and not told:
        point = view.point(row)
        label, answer = (names.get(r, r) or "none" for r in (point.label, point.prediction))
        pair = " · ".join(shorten(name, 40) for name in item.example.names())
        lines = [pair, shorten(item.example.sentence, 200), f"label: {label}; answer: {answer}"]
    ring = next(
        ((int(view.xs[r]), int(view.ys[r])) for r in _rows(view, (selected.primary(),))), None
    )
    point_out(row, item.example.picture if item else None, lines, ring)


def _round(view: MapView) -> int:
    """A number that grows when the map, or elsewhere the selection, was changed, so that the chart
    has to be drawn anew."""
    seen = (view, selected.turn())
    before = st.session_state.get("map:seen")
    if before is None or before[0] is not view or before[1] != seen[1]:
        st.session_state["map:round"] = st.session_state.get("map:round", 0) + 1
    st.session_state["map:seen"] = seen
    return int(st.session_state["map:round"])


def _rows(view: MapView, ids: tuple[str, ...]) -> tuple[int, ...]:
    """Rows of those of ``ids`` that are on the map."""
    wanted = np.array([i.encode("ascii") for i in ids], "S16")
    return tuple(np.flatnonzero(np.isin(view.items, wanted)).tolist())


def _take(ws: Workspace, view: MapView, event: Mapping[str, Any]) -> None:
    """Take over what was selected on the chart, when that has changed."""
    points = event["points"]
    rows = tuple(sorted({row for p in points if (row := _row(p.get("customdata"))) is not None}))
    if rows == st.session_state["map:event"]:
        return
    st.session_state["map:event"] = rows
    ids = tuple(view.items[r].decode("ascii") for r in rows)
    tool = next((name for name in ("lasso", "box") if event.get(name)), "click")
    selected.select(ws, ids, f"Map: {tool}")
    if len(ids) == 1:
        selected.set_primary(ids[0])
    st.session_state["map:seen"] = (view, selected.turn())
    st.session_state.pop("map:page", None)


def _row(value: object) -> int | None:
    """A point's row; landmarks have none."""
    if isinstance(value, list | tuple):
        value = value[0] if value else None
    return int(value) if isinstance(value, int | float) else None
