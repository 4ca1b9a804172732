"""A marked sentence on a page that keeps a draft: the field in which it is written, the foot under
its marker, and which of the marker's reports count."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import streamlit as st

from app import state
from roc_core.errors import RocError
from roc_core.schema import Draft, GraphDraft, Picture
from roc_core.workspace import Workspace


class Report(Protocol):
    """What a marker reported: the draft and sentence it is for, the browser session it is from, its
    number, and the marks there were before."""

    @property
    def token(self) -> str: ...
    @property
    def session(self) -> str: ...
    @property
    def seq(self) -> int: ...
    @property
    def base(self) -> tuple[Any, ...]: ...


@dataclass(frozen=True, slots=True)
class Page:
    """A page with a draft. ``name`` begins the keys of its widgets and of its session state;
    ``is_current`` says whether the draft with an id is still on screen, ``set_sentence`` keeps
    another sentence."""

    name: str
    is_current: Callable[[str], bool]
    set_sentence: Callable[[Workspace, str], None]


def stored_picture(ws: Workspace, sha256: str, what: str) -> Picture | None:
    """A draft's picture; one that is gone is said so, naming ``what`` it belongs to, and left
    out."""
    if not sha256:
        return None
    try:
        return ws.picture(sha256)
    except RocError as error:
        state.show_error(error, f"The picture of this {what} cannot be read.")
        return None


def is_written(draft: Draft | GraphDraft, page: Page) -> bool:
    """Whether the sentence is being written: its field is shown and not its marker."""
    return not draft.sentence.strip() or st.session_state.get(f"{page.name}editing") == draft.id


def sentence_field(ws: Workspace, draft: Draft | GraphDraft, page: Page) -> None:
    """The field in which the sentence is written."""
    key = f"{page.name}sentence:{draft.id}"
    st.session_state.setdefault(key, draft.sentence)

    def changed() -> None:
        # A browser may send a field's value after another draft has taken its place.
        if page.is_current(draft.id):
            st.session_state.pop(f"{page.name}editing", None)
            page.set_sentence(ws, st.session_state[key])

    st.text_area(
        "Sentence",
        key=key,
        height=100,
        on_change=changed,
        placeholder="Type or paste a sentence, then press Ctrl+Enter or click outside",
    )
    if draft.sentence.strip():
        st.button("Leave it as it is", key=f"{page.name}leave", on_click=_edit, args=(page, ""))


def marker_foot(draft: Draft | GraphDraft, hint: str, page: Page) -> None:
    """Under the marker: how to mark, and the way back to the field."""
    said, button = st.columns([5, 2])
    with said:
        st.caption(f"{hint} Keys: arrows, Shift+arrows, Enter, Backspace.")
    with button:
        st.button(
            "Edit",
            help="Edit the sentence; marks whose text stays are kept",
            icon=":material/edit:",
            type="tertiary",
            key=f"{page.name}edit",
            on_click=_edit,
            args=(page, draft.id),
            wrap=False,
        )


def _edit(page: Page, draft: str) -> None:
    """Show the text field for a draft; "" shows the marker again."""
    st.session_state[f"{page.name}editing"] = draft


def token_of(draft: Draft | GraphDraft) -> str:
    """Names draft and sentence: a report made for another one must not be applied."""
    return f"{draft.id}:{draft.sentence}"


def last_seq(page: Page) -> int:
    """Number of the last report that was taken."""
    return int(st.session_state.get(f"{page.name}seq", 0))


def is_news(
    report: Report | None, draft: Draft | GraphDraft, places: tuple[Any, ...], page: Page
) -> bool:
    """Whether a report is to be applied to a draft whose marks are ``places``; it counts as taken.

    A report of an earlier session (the server was restarted under an open page) counts only if
    it changed the very marks that were kept.
    """
    if report is None or report.token != token_of(draft):
        return False
    if report.seq == st.session_state.get(f"{page.name}seq"):
        return False
    st.session_state[f"{page.name}seq"] = report.seq
    return report.session == state.nonce() or report.base == places
