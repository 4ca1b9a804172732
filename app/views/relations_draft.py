"""A relation while it is edited: what was begun from, and what the fields say now.

It is held in the session, so that leaving the page loses nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from app import state
from app.components import description_editor
from app.views.relations_words import numbered, rows_of
from roc_core.errors import CatalogueInvalid
from roc_core.schema import Facet, Relation, RelationState
from roc_core.workspace import check_relation

FIELDS = ("name", "phrase", "head", "tail", "symmetric")
FILLER = "any words"
_HELD = "relations:drafts"


@dataclass(frozen=True, slots=True)
class Draft:
    """``base`` is the relation as it was when editing began, ``seen`` the number of its newest
    change then; ``relation`` is what the fields say; ``token`` names this editing, ``seq`` the
    description editor's last report."""

    token: str
    base: Relation
    seen: int
    relation: Relation
    seq: int = 0

    @property
    def changed(self) -> bool:
        """Whether anything differs from what was begun from."""
        return self.relation != self.base

    def key(self, field: str) -> str:
        """Key of the widget of a field."""
        return f"relations:{field}:{self.token}"


def draft_of(catalogue: str, found: RelationState) -> Draft:
    """The draft of a relation as the fields say now; begun anew when nothing was changed in it and
    the relation is another meanwhile."""
    held = _held().get((catalogue, found.relation.id))
    draft = _as_written(held) if held else None
    if draft is None or (not draft.changed and draft.seen != found.change):
        draft = Draft(state.new_id(), found.relation, found.change, found.relation)
    return _hold(catalogue, draft)


def drop(catalogue: str, id: str) -> None:
    """Forget what was typed."""
    _held().pop((catalogue, id), None)


def rebase(catalogue: str, draft: Draft, found: RelationState) -> None:
    """Go on with what was typed from what the relation is now.

    It stays the same editing with the same fields: words that are typed while the page is drawn
    anew are reported for it and are not lost.
    """
    _hold(catalogue, replace(draft, base=found.relation, seen=found.change))


def problem_of(relation: Relation) -> CatalogueInvalid | None:
    """The first rule that a relation breaks."""
    try:
        check_relation("this relation", relation)
    except CatalogueInvalid as error:
        return error
    return None


def problems_of(relation: Relation) -> list[tuple[Facet, str, str]]:
    """(facet, text, what is wrong) of every description that breaks a rule."""
    found = []
    for facet, text in rows_of(relation):
        # Alone it would lack what a relation needs besides.
        rows: Sequence[tuple[Facet, str]] = [("wording", FILLER), (facet, text)]
        alone = replace(relation, descriptions=numbered(relation.id, rows))
        error = problem_of(alone)
        if error is not None and error.field.startswith("descriptions."):
            found.append((facet, text, f"Expected {error.expected}, found {error.found}."))
    return found


def _as_written(draft: Draft) -> Draft:
    """The draft with what its widgets say."""
    fields: dict[str, Any] = {
        field: st.session_state[draft.key(field)]
        for field in FIELDS
        if st.session_state.get(draft.key(field)) is not None
    }
    for field in ("name", "phrase"):
        if field in fields:
            fields[field] = fields[field].strip()
    report = description_editor.reported(draft.key("words"), draft.token)
    if report is None or report.seq <= draft.seq:
        return replace(draft, relation=replace(draft.relation, **fields))
    written = numbered(draft.base.id, report.rows)
    relation = replace(draft.relation, descriptions=written, **fields)
    return replace(draft, relation=relation, seq=report.seq)


def _held() -> dict[tuple[str, str], Draft]:
    held: dict[tuple[str, str], Draft] = st.session_state.setdefault(_HELD, {})
    return held


def _hold(catalogue: str, draft: Draft) -> Draft:
    _held()[(catalogue, draft.base.id)] = draft
    return draft
