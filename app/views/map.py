"""The Map page: draw it, colour it, select on it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import streamlit as st

from app import state
from app.views import jobs
from app.views.selection import items_in_order, show_selection
from app.views.words import whole
from roc_core.errors import ProjectionMissing, RocError
from roc_core.figures import LAYERS, Layer, hover_texts, map_plot
from roc_core.schema import NONE, Codes, Job, MapView
from roc_core.workspace import Workspace

READ = 15_000
"""Points up to which hover shows sentences; more of them would be slow to read and to send."""

COLOURS = {
    "outcome": "right or wrong",
    "label": "label",
    "prediction": "answer",
    "source": "source",
    "types": "entity types",
    "annotator": "annotator",
    "margin": "margin over the “none of these” line",
}
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

Reading = tuple[str, str, str, str]
"""Sentence, first mention, second mention, source."""


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
    if job and not job.over:
        st.fragment(_progress, run_every=jobs.EVERY)(ws, job.id)
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


def _progress(ws: Workspace, id: int) -> None:
    """Progress until the job is over, then the page anew."""
    try:
        job = ws.job(id)
    except RocError as error:
        state.show_error(error, "The progress cannot be read just now; it is tried again.")
        return
    if job.over:
        st.rerun(scope="app")
    jobs.show_job(ws, job, "map")


# --- the map -----------------------------------------------------------------------------


def _show(ws: Workspace, view: MapView, busy: bool) -> None:
    for note in view.notes:
        st.caption(note)
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
        _chart(ws, view, str(chosen), tuple(layers))
    except RocError as error:
        state.show_error(error, "The items of the map cannot be read.")
        return
    show_selection(ws, view)


def _chart(ws: Workspace, view: MapView, chosen: str, layers: tuple[Layer, ...]) -> None:
    readings: tuple[Reading, ...] = ()
    if len(view) <= READ or chosen == "source":
        readings = _readings(ws, view)
    names = {relation.id: relation.name for relation in ws.catalogue} | {NONE: "none of these"}
    hover = hover_texts(view, [r[:3] for r in readings], names) if len(view) <= READ else ()
    dark = st.context.theme.type == "dark"
    round_ = st.session_state.get("map:round", 0)
    key = f"map:chart:{view.created}:{chosen}:{'.'.join(layers)}:{dark}:{round_}"
    if st.session_state.get("map:key") != key or key not in st.session_state:
        # The chart forgets what is selected on it when the figure changes; the figure then says.
        st.session_state["map:key"] = key
        st.session_state["map:marked"] = _rows(view, st.session_state.get("selection", ()))
        st.session_state["map:event"] = ()
    figure = map_plot(
        view, _colour(view, chosen, readings), names, hover, layers,
        st.session_state["map:marked"], dark,
    )  # fmt: skip
    event = st.plotly_chart(
        figure,
        key=key,
        on_select="rerun",
        selection_mode=("points", "box", "lasso"),
        config=CONFIG,
    )
    if not hover:
        st.caption(
            f"With more than {whole(READ)} points hover shows no sentences; select some to read."
        )
    _take(view, event["selection"]["points"])


def _colour(view: MapView, chosen: str, readings: tuple[Reading, ...]) -> Codes | np.ndarray:
    if chosen == "margin":
        return view.margins
    if chosen == "source":
        names, values = np.unique([r[3] for r in readings], return_inverse=True)
        return Codes(tuple(names.tolist()), values)
    codes: Codes = getattr(view, chosen)
    return codes


def _readings(ws: Workspace, view: MapView) -> tuple[Reading, ...]:
    """What hover and colours need to know of each item; read once a session and map."""
    key = (ws.path, view.version, view.created)
    held = st.session_state.get("map:readings")
    if held is None or held[0] != key:
        with st.spinner("Reading the items"):
            items = items_in_order(ws, [i.decode("ascii") for i in view.items.tolist()])
        held = (
            key,
            tuple(
                (i.example.sentence, *i.example.names(), i.record.provenance.source) for i in items
            ),
        )
        st.session_state["map:readings"] = held
    found: tuple[Reading, ...] = held[1]
    return found


def _rows(view: MapView, ids: tuple[str, ...]) -> tuple[int, ...]:
    """Rows of those of ``ids`` that are on the map."""
    wanted = np.array([i.encode("ascii") for i in ids], "S16")
    return tuple(np.flatnonzero(np.isin(view.items, wanted)).tolist())


def _take(view: MapView, points: list[dict[str, object]]) -> None:
    """Take over what was selected on the chart, when that has changed."""
    rows = tuple(sorted({row for p in points if (row := _row(p.get("customdata"))) is not None}))
    if rows != st.session_state["map:event"]:
        st.session_state["map:event"] = rows
        st.session_state["selection"] = tuple(view.items[r].decode("ascii") for r in rows)
        st.session_state.pop("map:page", None)


def _row(value: object) -> int | None:
    """A point's row; landmarks have none."""
    if isinstance(value, list | tuple):
        value = value[0] if value else None
    return int(value) if isinstance(value, int | float) else None
