"""Items that two versions answer or rank differently, regressions first, and where they moved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from app import selected, state
from app.views.errors_items import page_of
from app.views.errors_jobs import ask_for_answers
from app.views.errors_scope import stamp_of
from app.views.listing import item_row
from app.views.versions_map import show_moves
from app.views.versions_words import rank_said
from app.views.words import items_said, label_words, whole
from roc_core.errors import ItemMissing
from roc_core.schema import (
    OUTCOMES,
    Item,
    ItemDiff,
    ItemFilter,
    Label,
    Reading,
    Relation,
    VersionComparison,
    VersionInfo,
)
from roc_core.workspace import Workspace

GUARD, LABELLED = "the guard set", "all labelled items"
ALL = "all"


def show_changes(ws: Workspace, info: VersionInfo, versions: Sequence[VersionInfo]) -> None:
    """Choose beside which version and on which items; then the items, and the map."""
    if info.state == "unfinished":
        st.info("It has answered nothing yet: its training is not finished.")
        return
    other = _other(info, versions)
    if other is None:
        st.info("There is no other version to compare with.", icon=":material/compare_arrows:")
        return
    changes, place = _changes(ws, info, other)
    if not changes:
        st.caption("No item is answered or ranked differently.")
        return
    shown = _of_outcome(changes)
    _list(ws, shown, f"Versions: {place} of {info.name} against {other}")
    st.divider()
    show_moves(ws, info, other, shown)


def _other(info: VersionInfo, versions: Sequence[VersionInfo]) -> str | None:
    """The version to compare with: the parent unless another is chosen."""
    names = [v.name for v in versions if v.name != info.name and v.state != "unfinished"]
    if not names:
        return None
    first = names.index(info.parent) if info.parent in names else 0
    return st.selectbox(
        "Compare with", names, index=first, key=f"versions:other:{info.name}", width=320
    )


def _changes(ws: Workspace, info: VersionInfo, other: str) -> tuple[tuple[ItemDiff, ...], str]:
    guard = info.guard if info.parent == other else None
    choices = (GUARD, LABELLED) if guard is not None else (LABELLED,)
    place = st.segmented_control(
        "On",
        choices,
        default=choices[0],
        required=True,
        key=f"versions:on:{info.name}:{other}",
    )
    if place == GUARD and guard is not None:
        return guard.changes, GUARD
    return _all_labelled(ws, info.name, other), LABELLED


def _all_labelled(ws: Workspace, name: str, other: str) -> tuple[ItemDiff, ...]:
    """What changed on the labelled items both have answered; asks for the answers they lack."""
    for version in (other, name):
        state_of = ws.reading_state(Reading(version))
        if not state_of.complete:
            missing = state_of.items - state_of.answered
            ask_for_answers(ws, Reading(version), missing, f"versions:{version}")
    stamps = [stamp_of(ws, Reading(v), ItemFilter()) for v in (name, other)]
    key = f"versions:{name}:{other}:{stamps}"
    found: VersionComparison = state.kept(key, lambda: ws.learning.comparison(name, other))
    if found.compared:
        st.text(
            f"{items_said(found.compared)} with a label compared: {found.won:,} won, "
            f"{found.lost:,} lost (McNemar p = {found.mcnemar:.3f})."
        )
    return found.items


def _of_outcome(changes: Sequence[ItemDiff]) -> tuple[ItemDiff, ...]:
    counts = {str(name): sum(c.outcome == name for c in changes) for name in OUTCOMES}
    counts[ALL] = len(changes)
    chosen = st.segmented_control(
        "What became of them",
        (ALL, *OUTCOMES),
        default=ALL,
        required=True,
        format_func=lambda name: f"{name} ({whole(counts[name])})",
        key="versions:outcome",
        persist_state="session",
    )
    return tuple(c for c in changes if chosen in (ALL, c.outcome))


def _list(ws: Workspace, changes: Sequence[ItemDiff], said: str) -> None:
    """The items in their order, ranks side by side, each to be opened."""
    by_id = {c.item: c for c in changes}
    ids = tuple(by_id)
    st.button(
        f"Select {'it' if len(ids) == 1 else f'all {whole(len(ids))} of them'}",
        icon=":material/select_all:",
        disabled=not ids,
        key="versions:select",
        on_click=selected.select,
        args=(ws, ids, said),
        help="They become the selection of all pages.",
    )
    catalogue = ws.known_relations()
    for id in page_of(ids, "versions:page"):
        try:
            item = ws.item(id)
        except ItemMissing:
            st.caption("An item that is not in the workspace any more.")
            continue
        item_row(item, _parts(catalogue, item, by_id[id]))


def _parts(catalogue: Mapping[str, Relation], item: Item, change: ItemDiff) -> list[str]:
    def words(label: Label) -> str:
        return label_words(label, catalogue.get(label.relation), item.example)

    def answer(when: str, label: Label, rank: int) -> str:
        return f"{when}: {words(label)}" + (f" (the label has {rank_said(rank)})" if rank else "")

    return [
        change.outcome.upper() if change.outcome == "lost" else change.outcome,
        f"label: {words(change.gold)}",
        answer("before", change.before, change.before_rank),
        answer("after", change.after, change.after_rank),
        change.part,
    ]
