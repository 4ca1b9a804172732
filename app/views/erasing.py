"""Erasing an item, its picture or an annotator for good: ask, warn, do, say what is left."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from app import selected, state
from app.components import cards
from app.views.words import escaped, items_said, whole
from roc_core.errors import RocError
from roc_core.schema import Erasure, Item
from roc_core.workspace import Workspace

ASKED = "erase:asked"
"""What the dialog is about: ("item" or "picture", the item's id)."""

ITEM, PICTURE = "Erase this item for good …", "Erase its picture for good …"
NO_WAY_BACK = "This cannot be undone, not even by restoring a backup."


def row_menu(item: Item) -> None:
    """What can be done with an item besides opening it."""
    chosen = st.menu_button(
        "",
        (ITEM, PICTURE) if item.example.picture else (ITEM,),
        icon=":material/more_vert:",
        type="tertiary",
        key=f"list:menu:{item.id}",
        help="More",
    )
    if chosen:
        st.session_state[ASKED] = ("item" if chosen == ITEM else "picture", item.id)


def show_dialog(ws: Workspace) -> None:
    """The dialog for what a row's menu asked, if any; what the last one did is said."""
    if said := st.session_state.pop("erase:done", ""):
        st.success(said, icon=":material/check_circle:")
    asked = st.session_state.get(ASKED)
    if not asked:
        return
    kind, id = asked
    try:
        item = ws.item(id)
    except RocError:
        st.session_state.pop(ASKED)
        return
    title = "Erase this item for good" if kind == "item" else "Erase this picture for good"
    body = _item if kind == "item" else _picture
    st.dialog(title, on_dismiss=_forget, icon=":material/delete_forever:")(body)(ws, item)


def _forget() -> None:
    st.session_state.pop(ASKED, None)


def _item(ws: Workspace, item: Item) -> None:
    st.html(cards.sentence(item.example.sentence, item.example.mentions))
    others = ws.privacy.same_sentence(item.id)
    all_of_it = False
    if others:
        all_of_it = st.checkbox(
            f"And the {items_said(len(others))} that have the same sentence",
            key="erase:sentence",
            help="Without this the sentence itself stays in the workspace.",
        )
    st.write(
        "Its corrections, marks, drafts and vectors go with it; a tombstone without its content "
        "stays. Importing the same record again does not bring it back."
    )
    _confirmed(lambda why: ws.privacy.erase_item(item.id, state.annotator(), why, all_of_it))


def _picture(ws: Workspace, item: Item) -> None:
    picture = item.example.picture
    if picture is None:
        st.info("This item has no picture any more.")
        return
    st.image(str(picture), width=240)
    shown = ws.privacy.with_picture(picture.stem)
    st.write(
        f"{items_said(len(shown))} have it. Those with a box in it are erased with it; the others "
        "stay without it and without the text that stood for it."
    )
    _confirmed(lambda why: ws.privacy.erase_picture(picture.stem, state.annotator(), why))


def _confirmed(erase: Callable[[str], tuple[Erasure, ...]]) -> None:
    """Reason, confirmation and the button that does it."""
    why = st.text_input("Why (kept with the tombstone)", key="erase:why")
    sure = st.checkbox(f"I know: {NO_WAY_BACK[0].lower()}{NO_WAY_BACK[1:]}", key="erase:sure")
    pressed = st.button(
        "Erase for good",
        type="primary",
        icon=":material/delete_forever:",
        disabled=not sure,
        key="erase:go",
    )
    if not (pressed and sure):
        return
    with st.spinner("Erasing, also from the backups"):
        try:
            found = erase(why or "")
        except RocError as error:
            state.show_error(error, "Not all of it was done.")
            return
    items = sum(one.kind == "item" for one in found)
    corrections = sum(one.corrections for one in found)
    st.session_state["erase:done"] = (
        f"Erased for good: {items_said(items)} with {whole(corrections)} corrections"
        + (", and the picture." if any(one.kind == "picture" for one in found) else ".")
    )
    _forget()
    selected.clear()
    state.forget_kept()
    st.session_state.pop("draft", None)
    st.rerun()


def show_erasures(ws: Workspace) -> None:
    """What was erased, what is left to finish, and erasing a name."""
    counts = ws.privacy.counts()
    st.write(
        f"**Erased for good**: {items_said(counts.items)}, {whole(counts.pictures)} pictures, "
        f"{whole(counts.annotators)} annotators; {whole(counts.corrections)} corrections went "
        "with them. Items and pictures are erased from the menu of an item's row."
    )
    days = ws.privacy.backup_days
    st.number_input(
        "Days until it goes from backups, too",
        0,
        3650,
        days,
        key="erase:days",
        on_change=_tried,
        args=(lambda: ws.privacy.set_backup_days(int(st.session_state["erase:days"])),),
        help="0 erases in all backups at once. Otherwise a backup stays as it is until it is so "
        "many days old; restoring a younger one erases again.",
        width=280,
    )
    if counts.open:
        st.warning(
            f"{whole(counts.open)} erasures have a trace left in some file"
            + (f"; backups are cleaned once they are {days} days old." if days else "."),
            icon=":material/hourglass_top:",
        )
        st.button("Finish now", key="erase:finish", on_click=_tried, args=(ws.privacy.finish,))
    if isinstance(error := st.session_state.pop("erase:error", None), RocError):
        state.show_error(error, "This was not done.")
    if counts.items + counts.pictures + counts.annotators:
        with st.expander("Tombstones", type="compact"):
            st.dataframe([_row(one) for one in ws.privacy.all()], hide_index=True)
    with st.popover("Erase an annotator's name …", icon=":material/person_off:"):
        _annotator(ws)


def _row(one: Erasure) -> dict[str, object]:
    return {
        "kind": one.kind,
        "what": one.subject,
        "by": one.author,
        "when": state.clock(one.created),
        "why": one.reason,
        "corrections": one.corrections,
        "traces": "none" if one.cleaned else "in younger backups",
    }


def _annotator(ws: Workspace) -> None:
    st.write("The name is replaced everywhere by “erased-1”; labels and counts stay.")
    name = st.selectbox("Name", ws.privacy.annotators(), index=None, key="erase:name")
    sure = st.checkbox(escaped(NO_WAY_BACK), key="erase:name:sure")
    st.button(
        "Erase the name",
        type="primary",
        disabled=not (name and sure),
        key="erase:name:go",
        on_click=_tried,
        args=(lambda: ws.privacy.erase_annotator(str(name), state.annotator()),),
    )


def _tried(work: Callable[[], object]) -> None:
    try:
        work()
        state.forget_kept()
    except RocError as error:
        st.session_state["erase:error"] = error
