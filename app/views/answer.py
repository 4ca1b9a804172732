"""The right half of the Analyze page: relations as cards, the first one open."""

from __future__ import annotations

import streamlit as st

from app import state
from app.components import cards
from app.views import votes
from app.views.explain import show_explanation
from app.views.words import shorten
from roc_core.errors import RocError
from roc_core.schema import Example, Picture, Prediction, RankedRelation
from roc_core.workspace import Workspace

SHOWN = 9
"""Cards drawn at first: those that have a number key."""


def predict(ws: Workspace, example: Example) -> Prediction | None:
    """The answer for the pair on screen; an error is shown and gives None."""
    without = votes.own_item(example)
    try:
        key = f"predict:{state.answers_key(ws)}:{ws.memory.mark()}:{without}:{example!r}"
        with st.spinner("Finding relations", show_time=True):
            found = state.kept(key, lambda: ws.predict(example, without))
        votes.remember_own(ws, example, found)
        return found
    except RocError as error:
        state.show_error(error, "No relations could be found. What you marked is kept.")
        return None


def show_answer(
    ws: Workspace, example: Example, prediction: Prediction, picture: Picture | None
) -> None:
    """Cards best first, with the "none of these" line where scores fall below it."""
    for note in prediction.notes:
        st.info(note, icon=":material/info:")
    votes.show_votes(ws, prediction)
    ranked = prediction.ranked
    passing = sum(entry.passes for entry in ranked)
    every = st.session_state.get("all_relations", False)
    shown = ranked if every else ranked[: max(SHOWN, passing)]
    for number, entry in enumerate(shown):
        if number == passing:
            _none_line(passing, example)
        _card(ws, example, prediction, picture, number, entry)
    if passing >= len(shown):
        _none_line(passing, example)
    with st.container(horizontal=True):
        if len(ranked) > len(shown) or every:
            said = f"Show all {len(ranked)} relations"
            st.toggle(said, key="all_relations", persist_state="session")
        votes.switch(ws)


def _none_line(passing: int, example: Example) -> None:
    first, second = (shorten(name, 30) for name in example.names())
    if passing:
        text = "None of these: what follows is too far from its descriptions"
    else:
        text = f"None of these: no relation of {first} and {second} is close enough"
    st.html(cards.none_line(text))


def _card(
    ws: Workspace,
    example: Example,
    prediction: Prediction,
    picture: Picture | None,
    number: int,
    entry: RankedRelation,
) -> None:
    relation = ws.relation(entry.relation)
    key = f"why:{example!r}:{entry.relation}:{entry.direction}"
    with st.container(border=True, gap="xxsmall"):
        st.html(cards.card(number + 1, entry, relation, example))
        label = f"Why {relation.name}"
        opened = number == 0
        with st.expander(label, expanded=opened, key=key, on_change="rerun", type="compact") as why:
            if why.open:
                show_explanation(ws, example, prediction, entry, picture)
