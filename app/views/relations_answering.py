"""The pairs a new relation is close to, one at a time: yes, the other way round, no, later."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from app import selected, state
from app.components import cards
from app.components.overlay import thumbnail
from app.views.errors_jobs import newest, show_under_way, start_button
from app.views.relations_keeping import KEY, show_consequence, show_save
from app.views.relations_making import Making
from app.views.words import escaped, items_said, label_words, sentence_of
from roc_core.errors import AnswersMissing, ItemMissing, RocError
from roc_core.schema import Direction, Found, Item, Reading
from roc_core.workspace import Workspace

AT_ONCE = 20
"""Pairs that are looked at before the relation is saved, as a rule."""

YES: dict[Direction, str] = {"forward": "1", "backward": "2", "both": "1"}
"""Keys that accept a pair."""


def show(ws: Workspace) -> None:
    """The pairs, what was answered so far, and the button that saves; runs by itself."""
    st.fragment(_show)(ws)


def _show(ws: Workspace) -> None:
    making: Making | None = st.session_state.get(KEY)
    if making is None:  # It was saved just now, which the rest of the page has to know.
        st.rerun(scope="app")
    try:
        found = _found(ws, making)
    except AnswersMissing:
        _offer(ws)
        show_save(ws, making)
        return
    except RocError as error:
        state.show_error(error, "The pairs cannot be ranked by this relation.")
        return
    _progress(ws, making, found)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        _next_pair(ws, making, found)
        show_save(ws, making)
        show_consequence(ws, making.relation)
    with right:
        _answered(ws, making)
        _coming(ws, found[1:])


def _found(ws: Workspace, making: Making) -> tuple[Found, ...]:
    """The pairs to look at, those put off last."""
    found = ws.discover(
        making.relation, making.accepted, making.rejected, AT_ONCE + len(making.later)
    )
    off = set(making.later)
    first = [f for f in found if f.item not in off]
    last = sorted((f for f in found if f.item in off), key=lambda f: making.later.index(f.item))
    return tuple([*first, *last][:AT_ONCE])


def _offer(ws: Workspace) -> None:
    """The job that reads the pairs, or how far it has come."""
    reading = Reading(ws.model_version)
    if show_under_way(ws, newest(ws, "vectors", reading), "relnew"):
        return
    st.info(
        "Every item is read once by the model; then any sentence finds its pairs at once. That was "
        "not done yet.",
        icon=":material/pending:",
    )
    start_button(ws, "vectors", reading, "Read all items", "relnew")


def _progress(ws: Workspace, making: Making, found: Sequence[Found]) -> None:
    done, accepted = len(making.answers), len(making.accepted)
    said = f"**{done} of {max(AT_ONCE, done)} answered**: {accepted} accepted, "
    said += f"{len(making.rejected)} rejected"
    unread = _unread(ws)
    if unread:
        said += f". {items_said(unread)} not read by the model yet and not among these"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(said, width="content")
        st.space("stretch")
        if found and st.button(
            f"Select these {len(found)}",
            icon=":material/select_all:",
            key="relnew:select",
            help="The pairs on this list become the selection of all pages.",
        ):
            selected.select(ws, [f.item for f in found], f"Relations: {making.relation.name}")
            st.rerun(scope="app")
    st.progress(min(done / AT_ONCE, 1.0))


def _unread(ws: Workspace) -> int:
    read = ws.reading_state(Reading(ws.model_version))
    return max(0, read.items - read.answered)


# --- one pair ----------------------------------------------------------------------------


def _next_pair(ws: Workspace, making: Making, found: Sequence[Found]) -> None:
    """The pair at hand with its buttons."""
    if not found:
        st.info("No other pair is left.", icon=":material/done_all:")
        _undo(making)
        return
    here = found[0]
    try:
        item = ws.item(here.item)
    except ItemMissing:
        st.caption("This item was erased meanwhile.")
        st.button("Go on", key="relnew:gone", on_click=_answer, args=(here.item, None))
        return
    except RocError as error:
        state.show_error(error, "The pair cannot be read.")
        return
    with st.container(border=True, key="relnew-card"):
        _pair(ws, item, here)
        _buttons(making, item, here)


def _pair(ws: Workspace, item: Item, here: Found) -> None:
    """The sentence with both mentions, the picture, and what is known."""
    example, picture = item.example, item.example.picture
    if picture is None:
        st.html(cards.sentence(example.sentence, example.mentions))
    else:
        left, right = st.columns([1, 4])
        with left:
            try:
                st.image(thumbnail(str(picture)), width="stretch")
            except OSError:
                st.caption("The picture cannot be read.")
        with right:
            st.html(cards.sentence(example.sentence, example.mentions))
    said = [f"score {here.score:.2f}", f"rank {here.rank} among all relations"]
    if not here.fits:
        said.append("its entity types are others than you asked for")
    if here.label is not None:
        known = ws.known_relations().get(here.label.relation)
        said.append(f"labelled {label_words(here.label, known, example)}: yes replaces that label")
    st.caption(escaped(" · ".join(said)))


def _buttons(making: Making, item: Item, here: Found) -> None:
    relation, names = making.relation, item.example.names()
    for direction in relation.directions:
        st.button(
            f"Yes: {escaped(sentence_of(relation, direction, names))}",
            type="primary" if direction == here.direction else "secondary",
            key=f"relnew:yes:{direction}",
            shortcut=YES[direction],
            on_click=_answer,
            args=(here.item, direction),
            width="stretch",
        )
    with st.container(horizontal=True):
        st.button(
            "No", icon=":material/close:", key="relnew:no", shortcut="N", on_click=_answer,
            args=(here.item, None), width="stretch",
            help="The pair keeps the label it has; it may be anything else.",
        )  # fmt: skip
        st.button(
            "Later", icon=":material/schedule:", key="relnew:later", shortcut="L",
            on_click=_put_off, args=(here.item,), width="stretch",
        )  # fmt: skip
        _undo(making)


def _undo(making: Making) -> None:
    st.button(
        "Undo",
        icon=":material/undo:",
        key="relnew:undo",
        shortcut="U",
        disabled=not making.answers,
        on_click=_take_back,
        args=(making.answers[-1].item if making.answers else "",),
        width="stretch",
    )


def _answer(item: str, direction: Direction | None) -> None:
    st.session_state[KEY] = st.session_state[KEY].answered(item, direction)


def _put_off(item: str) -> None:
    st.session_state[KEY] = st.session_state[KEY].put_off(item)


def _take_back(item: str) -> None:
    st.session_state[KEY] = st.session_state[KEY].without(item)


# --- beside it ---------------------------------------------------------------------------


def _answered(ws: Workspace, making: Making) -> None:
    """What was answered, the last first, each to be taken back."""
    if not making.answers:
        return
    with st.expander(f"Your answers ({len(making.answers)})", expanded=True):
        for answer in reversed(making.answers):
            try:
                example = ws.item(answer.item).example
            except RocError:
                continue
            said = (
                "no"
                if answer.direction is None
                else f"yes: {sentence_of(making.relation, answer.direction, example.names())}"
            )
            with st.container(horizontal=True, vertical_alignment="center"):
                with st.container(gap="xxsmall", width="stretch"):
                    st.html(_line(example.sentence))
                    st.caption(escaped(said))
                st.button(
                    "",
                    icon=":material/undo:",
                    key=f"relnew:back:{answer.item}",
                    on_click=_take_back,
                    args=(answer.item,),
                    help="Take this answer back",
                )


def _coming(ws: Workspace, found: Sequence[Found]) -> None:
    """The pairs that come next, in their present order."""
    if not found:
        return
    with st.expander(f"Next in this order ({len(found)})", expanded=False):
        for place in found:
            try:
                example = ws.item(place.item).example
            except RocError:
                continue
            st.html(cards.sentence(example.sentence, example.mentions))
            st.caption(f"score {place.score:.2f}")


def _line(sentence: str) -> str:
    """A sentence on one line, cut where there is no more room."""
    style = "overflow:hidden;text-overflow:ellipsis;white-space:nowrap"
    return f'<div dir="auto" style="{style}" title="{escape(sentence)}">{escape(sentence)}</div>'
