"""Relations whose descriptions lie close: on the map, as a list, and the items between them."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from app import state
from app.views import jobs
from app.views.errors_jobs import show_under_way
from app.views.listing import item_row
from app.views.relations_scope import Judged, csv_button, readable, show_table
from app.views.relations_steps import open_relation
from app.views.words import escaped, items_said, label_words
from roc_core.errors import AnswersMissing, ProjectionMissing, RocError
from roc_core.figures import relation_words, rivals_map, rivals_table
from roc_core.schema import MapView, Rivals

LISTED = 5
"""Items between two relations that are listed; the selection has all."""

SAID = {
    "merge": "Hardly told apart: **merge them**, or **sharpen** both?",
    "sharpen": "Told apart, but often in doubt: **sharpen** what only one of them says?",
    "": "Near, and told apart well.",
}


def show_rivals(judged: Judged) -> None:
    """The map beside the list; the pair that is chosen in either beneath."""
    rivals = judged.report.rivals
    if not rivals:
        st.info("No two relations lie close.", icon=":material/check:")
        return
    left, right = st.columns(2)
    with left:
        clicked = _map(judged, rivals)
    with right:
        table = rivals_table(rivals, judged.names)
        picked = show_table(judged, "rivals", table)
        csv_button("rivals", table)
    chosen = _chosen(rivals, clicked, picked)
    if chosen is None:
        st.caption(
            "Click a mark on the map or choose a row to see what lies between two relations."
        )
    else:
        _pair(judged, chosen)


def _chosen(
    rivals: Sequence[Rivals], clicked: tuple[str, str] | None, picked: Sequence[int]
) -> Rivals | None:
    """The pair that was chosen last, on the map or in the list."""
    events = {"map": clicked, "list": tuple(picked)}
    before = st.session_state.get("quality:rivals:events", {})
    st.session_state["quality:rivals:events"] = events
    if clicked and clicked != before.get("map"):
        st.session_state["quality:pair"] = clicked
    elif picked and tuple(picked) != before.get("list"):
        pair = rivals[picked[0]]
        st.session_state["quality:pair"] = (pair.first, pair.second)
    wanted = st.session_state.get("quality:pair")
    return next((p for p in rivals if (p.first, p.second) == wanted), None)


def _map(judged: Judged, rivals: Sequence[Rivals]) -> tuple[str, str] | None:
    """The map with lines between the pairs; the pair whose mark was clicked."""
    view = _view(judged)
    if view is None:
        return None
    event = st.plotly_chart(
        rivals_map(view, rivals, judged.names, judged.dark, 460),
        key=judged.key(f"rivals-map:{view.created}:{judged.dark}"),
        on_select="rerun",
        selection_mode="points",
        config=judged.config("confusable"),
        alt="Descriptions on the map, a line between relations that lie close; the list beside it "
        "says the same in words",
    )
    points = [p.get("customdata") for p in event["selection"]["points"]]
    found = next((p for p in points if isinstance(p, list | tuple) and len(p) == 2), None)
    return (str(found[0]), str(found[1])) if found else None


def _view(judged: Judged) -> MapView | None:
    """The map, or a button that draws it."""
    try:
        return judged.ws.map_of()
    except ProjectionMissing:
        pass
    except RocError as error:
        state.show_error(error, "The map cannot be read.")
        return None
    version = judged.ws.model_version
    found = (
        j for j in judged.ws.jobs() if j.kind == "map" and j.parameters.get("version") == version
    )
    if show_under_way(judged.ws, next(found, None), "quality-map"):
        return None
    st.info("These relations are not drawn on a map yet.", icon=":material/scatter_plot:")
    st.button(
        "Draw the map",
        icon=":material/draw:",
        key="quality:draw",
        on_click=jobs.start,
        args=(judged.ws, "map"),
        help="It goes on in the background; the list beside it does not need it.",
    )
    return None


# --- one pair ----------------------------------------------------------------------------


def _pair(judged: Judged, pair: Rivals) -> None:
    """What to do about two relations, their descriptions side by side, the items between."""
    first, second = judged.markdown(pair.first), judged.markdown(pair.second)
    st.markdown(
        f"**{first}** and **{second}**: similarity {pair.similarity:.2f}, "
        f"{items_said(pair.between)} between them. {SAID[pair.advice]}"
    )
    with st.container(horizontal=True):
        ids = _between(judged, pair)
        if ids:
            said = f"between {_name(judged, pair.first)} and {_name(judged, pair.second)}"
            judged.select_button(ids, said, "between")
        for id in (pair.first, pair.second):
            st.button(
                f"Open “{judged.markdown(id)}”",
                icon=":material/edit:",
                key=f"quality:open:{id}",
                on_click=open_relation,
                args=(id,),
            )
    _side_by_side(judged, pair)
    _items(judged, ids[:LISTED])
    if len(ids) > LISTED:
        st.caption(f"The {LISTED} most uncertain of {items_said(len(ids))}.")


def _name(judged: Judged, id: str) -> str:
    return relation_words(id, judged.names)


def _between(judged: Judged, pair: Rivals) -> tuple[str, ...]:
    """The items between both relations, the most uncertain first; () where they are not known."""
    ws = judged.ws
    stamp = f"{judged.key('between')}:{pair.first}:{pair.second}:{ws.catalogue.digest}"
    try:
        return state.kept(
            stamp, lambda: ws.what_if(pair.first).items_between(pair.first, pair.second)
        )
    except AnswersMissing:
        st.caption("The items between them come when all items have been read anew.")
    except RocError as error:
        state.show_error(error, "The items between them cannot be found.")
    return ()


def _side_by_side(judged: Judged, pair: Rivals) -> None:
    known = judged.ws.known_relations()
    for column, id in zip(st.columns(2), (pair.first, pair.second), strict=True):
        with column, st.container(border=True):
            st.markdown(f"**{judged.markdown(id)}**")
            if id in known:
                texts = [d.text for d in known[id].descriptions]
                st.markdown("\n".join(f"- {escaped(text)}" for text in texts[:6]))
                if len(texts) > 6:
                    st.caption(f"and {len(texts) - 6} more")


def _items(judged: Judged, ids: Sequence[str]) -> None:
    known = judged.ws.known_relations()
    for item in readable(judged.ws, ids):
        relation = known.get(item.label.relation) if item.label else None
        item_row(item, [f"label: {label_words(item.label, relation, item.example)}"])
