"""What the points of the map can be coloured by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import streamlit as st

from app.views.selection import items_in_order
from app.views.words import reading_words
from roc_core.schema import Codes, MapView
from roc_core.workspace import Workspace

COLOURS = {
    "outcome": "right or wrong",
    "label": "label",
    "prediction": "answer",
    "source": "source",
    "types": "entity types",
    "annotator": "annotator",
    "margin": "margin over the “none of these” line",
    "compare": "two model versions",
}

Told = tuple[str, str, str, str]
"""Sentence, first mention, second mention, source."""


@dataclass(frozen=True, slots=True, eq=False)
class Colouring:
    """What points are coloured by: its name, the colours, and words for some of them."""

    name: str
    colour: Codes | np.ndarray
    words: Mapping[str, str] = field(default_factory=dict)


def colouring(ws: Workspace, view: MapView, chosen: str) -> Colouring:
    if chosen == "margin":
        return Colouring(chosen, view.margins)
    if chosen == "compare":
        return _compared(ws, view)
    if chosen == "source":
        names, values = np.unique([r[3] for r in told_of(ws, view)], return_inverse=True)
        return Colouring(chosen, Codes(tuple(names.tolist()), values))
    codes: Codes = getattr(view, chosen)
    return Colouring(chosen, codes)


def _compared(ws: Workspace, view: MapView) -> Colouring:
    """Points by whose answer is right, against another reading whose answers are there."""
    known = {
        r.reading.key: r.reading
        for r in ws.readings()
        if r.answered and not r.reading.oracle and r.reading.key != view.version
    }
    if not known:
        st.info(
            "No other model version has answered these items yet. The Errors page computes "
            "answers of another version, or of this one without pictures.",
            icon=":material/compare_arrows:",
        )
        return Colouring("outcome", view.outcome)
    other = st.selectbox(
        f"Compare {view.version} with",
        tuple(known),
        format_func=lambda key: reading_words(known[key]) if key in known else key,
        key="map:other",
        persist_state="session",
        width=300,
    )
    stamp = f"{view.created}:{other}"
    held = st.session_state.get("map:agreement")
    if held is None or held[0] is not view or held[1] != stamp:
        held = (view, stamp, ws.map_agreement(view, known[other]))
        st.session_state["map:agreement"] = held
    words = {
        "only this right": f"only {view.version} right",
        "only the other right": f"only {other} right",
        "no answer of the other": f"no answer of {other}",
    }
    return Colouring(f"compare:{other}", held[2], words)


def told_of(ws: Workspace, view: MapView) -> tuple[Told, ...]:
    """What hover and colours need to know of each item; read once a session and map."""
    key = (ws.path, view.version, view.created)
    held = st.session_state.get("map:told")
    if held is None or held[0] != key:
        with st.spinner("Reading the items"):
            items = items_in_order(ws, [i.decode("ascii") for i in view.items.tolist()])
        held = (
            key,
            tuple(
                (i.example.sentence, *i.example.names(), i.record.provenance.source) for i in items
            ),
        )
        st.session_state["map:told"] = held
    found: tuple[Told, ...] = held[1]
    return found
