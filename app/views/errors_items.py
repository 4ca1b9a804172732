"""The selection on the Errors page: each item with its label and the answers, to be opened."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from app import selected, state
from app.views.errors_scope import Scope
from app.views.listing import item_row
from app.views.selection import items_in_order
from app.views.selection_file import as_csv, as_jsonl
from app.views.words import escaped, items_said, label_words
from roc_core.errors import RocError
from roc_core.figures import relation_words
from roc_core.schema import NONE, Analysis, Item
from roc_core.workspace import reading_words

PER_PAGE = 10


@dataclass(frozen=True, slots=True)
class Answer:
    """What a reading says of one item; the fields a file of selected items takes."""

    prediction: str
    score: float
    margin: float
    outcome: str


def show_selected_items(scope: Scope) -> None:
    """The list of what is selected on any page, with this reading's answers."""
    ids = selected.selected()
    if not ids:
        return
    st.divider()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            f"**{items_said(len(ids))} selected** ({escaped(selected.origin())})", width="content"
        )
        shown = page_of(ids, "errors:page")
        st.space("stretch")
        downloads(scope, ids, "selection")
        st.button("Clear", icon=":material/deselect:", key="errors:clear", on_click=_clear)
    show_items(scope, shown)


def _clear() -> None:
    st.session_state["errors:round"] = st.session_state.get("errors:round", 0) + 1
    selected.clear()


def page_of(ids: Sequence[str], key: str) -> Sequence[str]:
    """The ids on the page that is turned to, with the pages to turn."""
    pages = max(1, math.ceil(len(ids) / PER_PAGE))
    if int(st.session_state.get(key, 1)) > pages:
        st.session_state.pop(key, None)
    if pages > 1:
        st.pagination(pages, key=key, persist_state="session")
    first = (int(st.session_state.get(key, 1)) - 1) * PER_PAGE
    return ids[first : first + PER_PAGE]


def show_items(
    scope: Scope,
    ids: Sequence[str],
    more: Mapping[str, Sequence[str]] | None = None,
    answers: Sequence[Analysis] = (),
) -> None:
    """Items as rows: label, ``answers`` of some readings (this one), ``more`` words by id."""
    try:
        items = items_in_order(scope.ws, ids)
    except RocError as error:
        state.show_error(error, "The items cannot be read.")
        return
    catalogue = scope.ws.known_relations()
    for item in items:
        relation = catalogue.get(item.label.relation) if item.label else None
        parts = [f"label: {label_words(item.label, relation, item.example)}"]
        for a in answers or (scope.analysis,):
            who = reading_words(a.reading) if answers else "answer"
            parts.append(answer_words(scope, a, item.id, who))
        parts += (more or {}).get(item.id, ())
        if item.example.picture:
            parts.append("with a picture")
        item_row(item, parts)


def answer_words(scope: Scope, a: Analysis, id: str, who: str) -> str:
    """An answer in words: "answer: spouse, 0.08 above the line"."""
    found = answer_of(scope, a, id)
    if found is None:
        return f"{who}: not among these data"
    side = "above" if found.margin >= 0 else "below"
    best = relation_words(a.best.of(_rows(scope, a)[id]), scope.names)
    said = relation_words(found.prediction, scope.names)
    nearest = f", nearest {best}" if found.prediction == NONE else ""
    return f"{who}: {said}{nearest}, {abs(found.margin):.2f} {side} its line"


def answer_of(scope: Scope, a: Analysis, id: str) -> Answer | None:
    """What an analysis has on an item; None when it is not in it."""
    row = _rows(scope, a).get(id)
    if row is None:
        return None
    margin = float(a.margins[row])
    said = a.best.of(row) if margin >= 0 else NONE
    return Answer(said, float(a.scores[row]), margin, _outcome(a, row, said))


def _outcome(a: Analysis, row: int, said: str) -> str:
    """How the answer compares with the label, direction included."""
    if said != a.gold.of(row):
        return "wrong"
    same = said == NONE or a.direction.of(row) == a.gold_direction.of(row)
    return "right" if same else "wrong way round"


def _rows(scope: Scope, a: Analysis) -> Mapping[str, int]:
    """Row of each item of an analysis."""

    def find() -> dict[str, int]:
        return {id: row for row, id in enumerate(a.ids())}

    return scope.kept(f"rows:{hash(a.items.tobytes())}", find)


def downloads(scope: Scope, ids: Sequence[str], name: str) -> None:
    """Items as files, with this reading's answers; made when they are asked for."""

    def pairs() -> list[tuple[Item, Answer | None]]:
        items = items_in_order(scope.ws, ids)
        return [(item, answer_of(scope, scope.analysis, item.id)) for item in items]

    for kind, make in (("JSONL", as_jsonl), ("CSV", as_csv)):
        st.download_button(
            kind,
            lambda make=make: make(pairs()),  # type: ignore[misc, arg-type]
            file_name=f"{name}.{kind.lower()}",
            icon=":material/download:",
            key=f"errors:items:{name}:{kind}",
            on_click="ignore",
            help="With labels, answers and scores. Pictures are named, not included; the Data "
            "page exports them.",
        )
