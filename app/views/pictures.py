"""Choosing the picture of an item: upload one, take one of the workspace, remove it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from app import desk, state
from app.components import overlay
from roc_core.errors import PictureRejected, RocError, StoreUnavailable
from roc_core.schema import Draft, GraphDraft
from roc_core.workspace import Workspace

TYPES = ("png", "jpg", "jpeg", "webp", "gif")
PAGE = 12


@dataclass(frozen=True, slots=True)
class Holder:
    """Where a chosen picture goes: what keeps its hash with the text known for it, and what keeps
    another text of the draft with an id."""

    set_picture: Callable[[Workspace, str, str], None]
    set_text: Callable[[Workspace, str, str], None]


def _set_text(ws: Workspace, draft: str, text: str) -> None:
    if desk.is_current(draft):
        desk.change(ws, picture_text=text)


DESK = Holder(desk.set_picture, _set_text)


def picture_controls(ws: Workspace, draft: Draft | GraphDraft, to: Holder = DESK) -> None:
    """The row above the picture, and what went wrong with the last one."""
    with st.container(horizontal=True, vertical_alignment="center"):
        label = "Change picture" if draft.picture else "Add a picture"
        with st.popover(label, icon=":material/image:", key="picture_menu", on_change="rerun") as p:
            if p.open:
                _choose(ws, draft, to)
        if draft.picture:
            st.button(
                "Remove",
                icon=":material/delete:",
                help="Remove the picture from this item",
                on_click=to.set_picture,
                args=(ws, "", ""),
            )
            with st.popover("Picture text", icon=":material/notes:"):
                _picture_text(ws, draft, to)
    if not draft.picture:
        st.caption(
            "No picture: relations are found from the sentence alone, a mention can only be "
            "words, and nothing is drawn on a picture."
        )
    error = st.session_state.get("picture_error")
    if error:
        state.show_error(error, "This picture was not added; everything else is as it was.")


def _choose(ws: Workspace, draft: Draft | GraphDraft, to: Holder) -> None:
    upload, stored = st.tabs(["Upload", "From the workspace"])
    with upload:
        _upload(ws, draft, to)
    with stored:
        _stored(ws, to)


def _upload(ws: Workspace, draft: Draft | GraphDraft, to: Holder) -> None:
    key = f"upload:{draft.id}:{st.session_state.get('uploads', 0)}"

    def changed() -> None:
        given = st.session_state[key]
        if given is not None:
            _take(ws, given.getvalue(), given.name, to)

    st.file_uploader(
        "Picture file: PNG, JPEG, WebP or GIF (first frame), up to 20 MB",
        type=TYPES,
        key=key,
        on_change=changed,
    )


def _take(ws: Workspace, data: bytes, name: str, to: Holder) -> None:
    st.session_state["uploads"] = st.session_state.get("uploads", 0) + 1
    st.session_state.pop("picture_error", None)
    try:
        picture = ws.add_picture(data, name)
        use_picture(ws, picture.sha256, to)
    except (PictureRejected, StoreUnavailable) as error:
        st.session_state["picture_error"] = error


def use_picture(ws: Workspace, sha256: str, to: Holder = DESK) -> None:
    """Put a picture of the workspace on the desk, with the caption known for it."""
    st.session_state.pop("picture_error", None)
    st.session_state["picture_menu"] = False
    to.set_picture(ws, sha256, ws.picture_text(sha256))


def _stored(ws: Workspace, to: Holder) -> None:
    page = int(st.session_state.get("picture_page", 1))
    try:
        pictures = ws.pictures(limit=PAGE + 1, offset=(page - 1) * PAGE)
    except RocError as error:
        state.show_error(error, "The pictures of the workspace cannot be listed.")
        return
    if not pictures:
        st.info("No picture is in the workspace yet. Upload one, or import a data set with some.")
    for row in range(0, min(len(pictures), PAGE), 4):
        columns = st.columns(4, wrap=False)
        for number, (column, picture) in enumerate(
            zip(columns, pictures[row : min(row + 4, PAGE)], strict=False), row + 1
        ):
            with column:
                name = f"Picture {(page - 1) * PAGE + number}"
                st.image(overlay.thumbnail(str(picture.path)), alt=name)
                st.button(
                    f"Use {(page - 1) * PAGE + number}",
                    key=f"use:{picture.sha256}",
                    on_click=use_picture,
                    args=(ws, picture.sha256, to),
                    width="stretch",
                )
    last = page if len(pictures) <= PAGE else page + 1
    if last > 1:
        st.pagination(last, key="picture_page")


def _picture_text(ws: Workspace, draft: Draft | GraphDraft, to: Holder) -> None:
    key = f"picture_text:{draft.id}:{draft.picture}"
    st.session_state.setdefault(key, draft.picture_text)

    def changed() -> None:
        to.set_text(ws, draft.id, st.session_state[key].strip())

    st.text_area(
        "Text that stands for the picture (a caption); optional",
        key=key,
        on_change=changed,
        help="It is read together with the picture.",
    )
