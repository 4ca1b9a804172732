"""The head of the Errors page: which reading, which data, the figures, the report."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

import streamlit as st

from app import selected, state
from app.views.errors_jobs import ask_for_answers
from app.views.errors_report import report_button
from app.views.errors_scope import Scope, analysed, stamp_of
from app.views.words import escaped, items_said, relation_names, whole
from roc_core.figures import FIGURE_WORDS, headline_values
from roc_core.schema import VARIANTS, ItemFilter, Reading
from roc_core.workspace import (
    WAYS,
    Workspace,
    headline,
    headline_intervals,
    version_folders,
)

WAY_NOTES = {
    "without-pictures": "Pictures and picture texts are hidden from the model.",
    "oracle-types": "Oracle: entity types are told by the label. No user has them, so these "
    "figures show what perfect types would give, not what users see.",
    "as-published": "Mentions come in the order of the file, without types. In some data sets "
    "that order gives the label away, so these figures compare with published ones, not with use.",
}
FIGURE_HELP = {
    "f1": "Micro F1: “none of these” is left out, as in the published scores.",
    "precision": "Of the relations answered, the share that is right.",
    "recall": "Of the relations labelled, the share that is found.",
    "macro_f1": "Mean F1 over relations: rare ones count as much as frequent ones.",
    "accuracy": "Share of all pairs answered as labelled, “none of these” included.",
    "hit1": "Share of labelled relations that rank first, whether or not they pass their line.",
    "hit3": "Share of labelled relations among the first three.",
    "direction": "Among right relations that have a direction, the share with the right one.",
    "none_kept": "Share of the pairs labelled “none of these” that are answered so.",
}
CHOSEN = "selected"
"""The choice of items that stands for what was selected when it was made."""


def choose(ws: Workspace) -> Scope | None:
    """The row of choices; None, with a word on what to do, when nothing can be chosen."""
    versions = [folder.name for folder in version_folders(ws.path)]
    counts = ws.counts()
    if not versions:
        st.info("There is no model version yet. Train one, or restore one.")
        return None
    if not any(c.items for c in counts if c.state != "unlabelled"):
        st.info(
            "No item has a label yet. Import labelled data on the Data page, or label pairs on "
            "the Analyze page.",
            icon=":material/label_off:",
        )
        return None
    saved = dict(ws.slice_names())
    with st.container(horizontal=True, vertical_alignment="bottom"):
        reading = _reading(ws, versions)
        source = _choice("Source", "source", _values(c.source for c in counts), 150)
        split = _choice("Split", "split", _values(c.split for c in counts), 130)
        only = _items(ws, saved)
        with st.popover("Files", icon=":material/download:", key="errors:files"):
            image = st.segmented_control(
                "Figures download as",
                ("png", "svg"),
                default="png",
                required=True,
                format_func=str.upper,
                key="errors:image",
                persist_state="session",
                help="The camera at a figure's top right saves it.",
            )
            place = st.container()
    wanted = ItemFilter(source=source, split=split, only=only)
    stamp = stamp_of(ws, reading, wanted)
    scope = Scope(
        ws, reading, wanted, stamp, analysed(ws, reading, wanted, stamp), relation_names(ws),
        saved, st.context.theme.type == "dark", str(image or "png"),
    )  # fmt: skip
    with place:
        report_button(scope)
    with state.place():
        if note := WAY_NOTES.get(reading.variant):
            st.caption(note)
    return scope


def _reading(ws: Workspace, versions: Sequence[str]) -> Reading:
    present = state.model_version(ws)
    version = st.selectbox(
        "Model version",
        versions,
        index=versions.index(present) if present in versions else 0,
        key="errors:version",
        persist_state="session",
        width=180,
    )
    variant = st.selectbox(
        "How it reads",
        VARIANTS,
        format_func=WAYS.__getitem__,
        key="errors:variant",
        persist_state="session",
        width=180,
    )
    return Reading(str(version), str(variant))


def _choice(label: str, field: str, options: Sequence[str], width: int) -> str:
    return (
        st.selectbox(
            label,
            options,
            format_func=lambda value: value or "any",
            key=f"errors:{field}",
            persist_state="session",
            width=width,
        )
        or ""
    )


def _values(values: Iterable[str]) -> tuple[str, ...]:
    return ("", *sorted({value for value in values if value}))


def _items(ws: Workspace, saved: dict[str, str]) -> tuple[str, ...] | None:
    """Which items: all, what is selected when that is chosen, or a slice; None for all."""

    def hold() -> None:
        st.session_state["errors:only"] = selected.selected()

    held = selected.selected()
    if st.session_state.get("errors:items") == CHOSEN:
        held = st.session_state.get("errors:only", ())
    options = ("", *((CHOSEN,) if held else ()), *saved)
    chosen = st.selectbox(
        "Items",
        options,
        format_func=lambda id: (
            {"": "all", CHOSEN: f"selected ({whole(len(held))})"}.get(id)
            or f"slice: {saved.get(id, id)}"
        ),
        key="errors:items",
        on_change=hold,
        persist_state="session",
        width=180,
    )
    if chosen == CHOSEN:
        return held
    return ws.selection(chosen).items if chosen else None


def show_missing(scope: Scope) -> None:
    """What is left out of the figures, and what to do about it."""
    a = scope.analysis
    if a.unread:
        ask_for_answers(scope.ws, scope.reading, a.unread, "head")
    elif not len(a):
        said = "No labelled item is among these. Choose other data above."
        st.info(said, icon=":material/search_off:")


def show_figures(scope: Scope) -> None:
    """The headline figures, each with its interval."""
    a = scope.analysis
    values = headline_values(scope.kept("headline", lambda: headline(a)))
    intervals = scope.kept("intervals", lambda: headline_intervals(a))
    cells = [_figure(name, values[name], intervals.get(name)) for name in FIGURE_HELP]
    st.html(f'<div style="display:flex;flex-wrap:wrap;gap:0.4rem 1.1rem">{"".join(cells)}</div>')
    said = f"{items_said(len(a))}; per cent with 95 % bootstrap intervals"
    if a.unlabelled:
        said += f"; {items_said(a.unlabelled)} without a label left out"
    st.caption(escaped(f"{said}. {a.seen}".strip()))


def _figure(name: str, value: float | None, spread: tuple[float, float] | None) -> str:
    """One figure as HTML: its name, which explains itself to a resting pointer, and its values."""
    number = "–" if value is None else f"{100 * value:.1f}"
    around = f"{100 * spread[0]:.1f} to {100 * spread[1]:.1f}" if spread else "&nbsp;"
    return (
        f'<div><div class="roc-meta" title="{escape(FIGURE_HELP[name])}">'
        f'<span style="border-bottom:1px dotted">{escape(FIGURE_WORDS[name])}</span></div>'
        f'<div style="font-size:1.5rem;line-height:1.3">{number}</div>'
        f'<div class="roc-meta">{around}</div></div>'
    )
