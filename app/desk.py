"""The desk: the draft a browser session works on. Every change is kept at once.

``st.session_state["draft"]`` holds the truth; the workspace gets a copy on every action, so a
reload, a crash or a closed browser loses nothing that was on screen.
"""

from __future__ import annotations

import time
from dataclasses import replace

import streamlit as st

from app import selected, state
from app.components.span_marker import Marking
from app.views.marks import carried, ordered
from roc_core.errors import ItemMissing, PictureMissing, RocError, StoreUnavailable, ValueRejected
from roc_core.schema import Box, Draft, EntityType, Example, Item, Mention, Span
from roc_core.workspace import Workspace

LATE = 3.0
"""Seconds for which an address that was just left does not count as a wish to return to it."""


def current(ws: Workspace) -> Draft:
    """The draft to show: the item or draft the address names, or the one at hand, or the latest.

    An item or draft that is not there any more leaves a notice and the latest work on screen. In
    an address that names both, the item is the primary one, not what to open.
    """
    item, wanted = st.query_params.get("item"), st.query_params.get("draft")
    held: Draft | None = st.session_state.get("draft")
    if item and not wanted:
        held = _from_item(ws, item) or held
    elif wanted and wanted != st.session_state.get("addressed") and not _just_left(wanted):
        held = _stored(ws, wanted)
    if held is None:
        held = _latest_copy(ws)
    if st.session_state.get("activated") != held.id:
        empty = [slot for slot, mention in enumerate(held.mentions) if mention is None]
        st.session_state.update(activated=held.id, active=empty[0] if empty else 0)
    addressed = st.session_state.get("addressed")
    if addressed and addressed != held.id:
        st.session_state["left"] = (addressed, time.monotonic())
    st.session_state.update(draft=held, addressed=held.id)
    if wanted != held.id:
        st.query_params["draft"] = held.id
    return held


def _just_left(draft: str) -> bool:
    """Whether the address is only late: the browser may send the one it had before a change, with
    an action that was on its way. Going back on purpose takes longer."""
    left, when = st.session_state.get("left", ("", 0.0))
    return draft == left and time.monotonic() - when < LATE


def is_current(id: str) -> bool:
    """Whether a draft is still the one on screen: a widget of the one before may speak late."""
    held: Draft | None = st.session_state.get("draft")
    return held is not None and held.id == id


def fresh(ws: Workspace) -> Draft:
    """An empty draft under a new id."""
    return Draft(id=state.new_id(), annotator=state.annotator())


def _stored(ws: Workspace, draft: str) -> Draft | None:
    try:
        found = ws.draft(draft)
    except RocError as error:
        st.session_state["notice"] = f"The stored draft could not be read. {error}"
        return None
    if found is None:
        st.session_state["notice"] = (
            "That draft is not in this workspace any more. Here is your latest work instead."
        )
    return found


def _latest_copy(ws: Workspace) -> Draft:
    try:
        latest = ws.latest_draft(state.annotator())
    except RocError:
        latest = None
    # Kept at once, so that the address of an untouched page can be opened again.
    return hold(ws, replace(latest, id=state.new_id()) if latest else fresh(ws))


def _from_item(ws: Workspace, item: str) -> Draft | None:
    try:
        found = ws.item(item)
    except ItemMissing:
        st.session_state["notice"] = (
            f"There is no item {item} in this workspace. It may have been opened from an old "
            "link. Choose one on the Data page, or go on with what is here."
        )
        selected.set_primary("")
        return None
    selected.set_primary(found.id)
    draft = draft_of(ws, found)
    return hold(ws, draft)


def draft_of(ws: Workspace, item: Item) -> Draft:
    """A new draft with the content of an item."""
    example = item.example
    return Draft(
        id=state.new_id(),
        annotator=state.annotator(),
        sentence=example.sentence,
        mentions=example.mentions,
        picture=example.picture.stem if example.picture else "",
        picture_text=example.picture_text,
        item=item.id,
    )


def hold(ws: Workspace, draft: Draft) -> Draft:
    """Make ``draft`` the one on screen and keep it; a failing store leaves it on screen."""
    draft = replace(draft, annotator=state.annotator())
    st.session_state["draft"] = draft
    try:
        ws.save_draft(draft)
        st.session_state.pop("draft_error", None)
    except (StoreUnavailable, ItemMissing) as error:
        st.session_state["draft_error"] = error
    return draft


def change(ws: Workspace, **fields: object) -> Draft:
    """Change the content on screen; it is another item from then on."""
    return hold(ws, replace(st.session_state["draft"], item="", **fields))  # type: ignore[arg-type]


def set_sentence(ws: Workspace, sentence: str) -> None:
    """Change the sentence and carry the marks whose text is still there."""
    draft: Draft = st.session_state["draft"]
    if sentence != draft.sentence:
        mentions = carried(draft.mentions, draft.sentence, sentence)
        change(ws, sentence=sentence, mentions=mentions)


def set_type(ws: Workspace, slot: int, type: EntityType | None) -> None:
    """Change the entity type of one mention."""
    mentions = list(st.session_state["draft"].mentions)
    if mentions[slot] is not None and mentions[slot].type != type:
        mentions[slot] = replace(mentions[slot], type=type)
        change(ws, mentions=tuple(mentions))


def set_picture(ws: Workspace, sha256: str, text: str) -> None:
    """Change or remove (empty hash) the picture; boxes of the old one go with it."""
    draft: Draft = st.session_state["draft"]
    kept = [m if m and isinstance(m.place, Span) else None for m in draft.mentions]
    change(ws, picture=sha256, picture_text=text, mentions=(kept[0], kept[1]))


def apply_marking(ws: Workspace, marking: Marking) -> None:
    """Take over what the span marker reported."""
    draft: Draft = st.session_state["draft"]
    st.session_state["active"] = marking.active
    before = list(draft.mentions)
    boxes = [m for m in before if m and isinstance(m.place, Box)]
    mentions: list[Mention | None] = []
    for place in marking.places:
        if place == "box":
            mentions.append(boxes.pop(0) if boxes else None)
        else:
            mentions.append(_mention_at(place, before))
    _set_mentions(ws, mentions[0], mentions[1])


def apply_boxes(
    ws: Workspace, before: tuple[Box | None, Box | None], after: tuple[Box | None, Box | None]
) -> None:
    """Take over the boxes that changed on the picture; an undone box clears its mention."""
    known = list(st.session_state["draft"].mentions)
    mentions = list(known)
    for slot in (0, 1):
        if after[slot] != before[slot]:
            mentions[slot] = _mention_at(after[slot], known)
    _set_mentions(ws, mentions[0], mentions[1])
    empty = [i for i, m in enumerate(st.session_state["draft"].mentions) if m is None]
    if empty:
        st.session_state["active"] = empty[0]


def _mention_at(place: Span | Box | None, known: list[Mention | None]) -> Mention | None:
    if place is None:
        return None
    return next((m for m in known if m and m.place == place), Mention(place))


def _set_mentions(ws: Workspace, first: Mention | None, second: Mention | None) -> None:
    if first is not None and second is not None and first.place == second.place:
        second = None
    mentions = ordered((first, second))
    if mentions != st.session_state["draft"].mentions:
        change(ws, mentions=mentions)


def example_of(ws: Workspace, draft: Draft) -> Example | None:
    """The example on screen, or None while it has fewer than two mentions."""
    first, second = draft.mentions
    if first is None or second is None:
        return None
    picture = ws.picture(draft.picture).path if draft.picture else None
    try:
        return Example(draft.sentence, (first, second), picture, draft.picture_text)
    except (ValueRejected, PictureMissing) as error:
        state.show_error(error, "These marks do not make a pair.")
        return None
