"""What the Graph page works on: a sentence and its mentions, kept in the workspace at every action.

``st.session_state["graph:draft"]`` holds the truth; ``?graph=`` in the address names the copy in
the workspace, so a reload or a link brings it back.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import streamlit as st

from app import state
from app.components import mention_marker
from app.components.mention_marker import Marks
from app.views.marks import moved
from roc_core.errors import RocError, StoreUnavailable
from roc_core.schema import (
    MOST_MENTIONS,
    Box,
    EntityType,
    GraphDraft,
    Item,
    Mention,
    Span,
)
from roc_core.workspace import Workspace

DRAFT, CHOSEN, MARKED = "graph:draft", "graph:chosen", "graph:marker"

Pair = tuple[Span | Box, Span | Box]
"""Places of two mentions, first and second."""


def current(ws: Workspace) -> GraphDraft:
    """The draft to show: the one the address names, the one at hand, or a copy of the latest."""
    wanted = st.query_params.get("graph", "")
    mine: set[str] = st.session_state.setdefault("graph:mine", set())
    held: GraphDraft | None = st.session_state.get(DRAFT)
    # An address this session had itself is only late: the browser sends it with an action.
    if wanted and wanted not in mine:
        found = _stored(ws, wanted)
        held = found or held
        st.session_state["graph:pair"] = st.query_params.get("pair", "") if found else ""
    if held is None:
        held = _latest_copy(ws)
    mine.add(held.id)
    st.session_state[DRAFT] = held
    if wanted != held.id:
        st.query_params["graph"] = held.id
    return held


def _stored(ws: Workspace, id: str) -> GraphDraft | None:
    try:
        found = ws.graphs.get(id)
    except RocError as error:
        st.session_state["graph:notice"] = f"The stored graph could not be read. {error}"
        return None
    if found is None:
        st.session_state["graph:notice"] = (
            "That graph is not in this workspace any more. Here is your latest one instead."
        )
    return found


def _latest_copy(ws: Workspace) -> GraphDraft:
    try:
        latest = ws.graphs.latest(state.annotator())
    except RocError:
        latest = None
    # A copy, so that two windows do not write over each other's work.
    return hold(ws, replace(latest or GraphDraft(""), id=state.new_id()))


def hold(ws: Workspace, draft: GraphDraft) -> GraphDraft:
    """Make ``draft`` the one on screen and keep it; a failing store leaves it on screen."""
    draft = replace(draft, annotator=state.annotator())
    st.session_state[DRAFT] = draft
    try:
        ws.graphs.save(draft)
        st.session_state.pop("graph:error", None)
    except StoreUnavailable as error:
        st.session_state["graph:error"] = error
    return draft


def change(ws: Workspace, **fields: object) -> GraphDraft:
    """Change what is on screen."""
    return hold(ws, replace(st.session_state[DRAFT], **fields))  # type: ignore[arg-type]


def start(ws: Workspace, draft: GraphDraft | None = None) -> None:
    """Begin anew, with nothing or with the content of ``draft``."""
    for key in (CHOSEN, "graph:editing", "graph:pair", "picture_error"):
        st.session_state.pop(key, None)
    hold(ws, replace(draft or GraphDraft(""), id=state.new_id()))


def is_current(id: str) -> bool:
    """Whether a draft is still the one on screen: a widget of the one before may speak late."""
    held: GraphDraft | None = st.session_state.get(DRAFT)
    return held is not None and held.id == id


def set_picture_text(ws: Workspace, id: str, text: str) -> None:
    """Change the text that stands for the picture of a draft, if that is still on screen."""
    if is_current(id):
        change(ws, picture_text=text)


def set_sentence(ws: Workspace, sentence: str) -> None:
    """Change the sentence and carry the marks whose text is still there."""
    draft: GraphDraft = st.session_state[DRAFT]
    if sentence != draft.sentence:
        mentions = carried(draft.mentions, draft.sentence, sentence)
        change(ws, sentence=sentence, mentions=mentions)


def set_picture(ws: Workspace, sha256: str, text: str) -> None:
    """Change or remove (empty hash) the picture; boxes of the old one go with it."""
    draft: GraphDraft = st.session_state[DRAFT]
    kept = tuple(m for m in draft.mentions if isinstance(m.place, Span))
    change(ws, picture=sha256, picture_text=text, mentions=kept)


def set_mentions(ws: Workspace, mentions: Iterable[Mention]) -> None:
    """Change the mentions; more than a graph may have leaves a notice."""
    found = in_order(mentions)
    if len(found) > MOST_MENTIONS:
        found = found[:MOST_MENTIONS]
        st.session_state["graph:notice"] = (
            f"A graph has at most {MOST_MENTIONS} mentions; the rest was left out."
        )
    if found != st.session_state[DRAFT].mentions:
        change(ws, mentions=found)


def set_type(ws: Workspace, place: Span | Box, type: EntityType | None) -> None:
    """Change the entity type of the mention at a place."""
    mentions = st.session_state[DRAFT].mentions
    set_mentions(ws, (replace(m, type=type) if m.place == place else m for m in mentions))


def apply_marks(ws: Workspace, marks: Marks) -> None:
    """Take over what the mention marker reported."""
    set_mentions(ws, mention_marker.applied(st.session_state[DRAFT].mentions, marks))


def in_order(mentions: Iterable[Mention]) -> tuple[Mention, ...]:
    """Mentions in canonical order, the first one given at each place."""
    by_place: dict[Span | Box, Mention] = {}
    for mention in mentions:
        by_place.setdefault(mention.place, mention)
    return tuple(sorted(by_place.values(), key=lambda m: m.order))


def carried(mentions: Sequence[Mention], before: str, after: str) -> tuple[Mention, ...]:
    """Mentions after the sentence changed: boxes stay, spans whose text is gone are dropped."""
    kept = []
    for mention in mentions:
        place = mention.place
        if isinstance(place, Span):
            span = moved(place, before, after)
            if span is None:
                continue
            mention = replace(mention, place=span)
        kept.append(mention)
    return in_order(kept)


def mentions_of(items: Iterable[Item]) -> tuple[Mention, ...]:
    """Every mention of items of one sentence, the first one at each place."""
    return in_order(m for item in items for m in item.example.mentions)


def draft_of(items: Sequence[Item]) -> GraphDraft:
    """A draft with all mentions of items of one sentence and picture; its id is "". With more
    mentions than a graph may have, the first ones in reading order."""
    example = items[0].example
    return GraphDraft(
        id="",
        sentence=example.sentence,
        mentions=mentions_of(items)[:MOST_MENTIONS],
        picture=example.picture.stem if example.picture else "",
        picture_text=example.picture_text,
    )


# --- the chosen pair ---------------------------------------------------------------------


def choose(mentions: Sequence[Mention], pair: tuple[int, int] | None) -> None:
    """Choose two of the mentions, or none."""
    places = tuple(mentions[n].place for n in pair) if pair else None
    st.session_state[CHOSEN] = places


def chosen(mentions: Sequence[Mention]) -> tuple[int, int] | None:
    """The chosen pair as numbers of mentions, from 0; None when one of them is gone."""
    asked = str(st.session_state.pop("graph:pair", ""))
    if asked:
        choose(mentions, _numbers(asked, len(mentions)))
    pair: Pair | None = st.session_state.get(CHOSEN)
    at = {m.place: n for n, m in enumerate(mentions)}
    if pair is None or pair[0] not in at or pair[1] not in at:
        return None
    return at[pair[0]], at[pair[1]]


def _numbers(text: str, mentions: int) -> tuple[int, int] | None:
    """ "2-5" as places (1, 4); None for what is no pair of so many mentions."""
    first, _, second = text.partition("-")
    if not (first.isdecimal() and second.isdecimal()):
        return None
    a, b = sorted((int(first) - 1, int(second) - 1))
    return (a, b) if 0 <= a < b < mentions else None
