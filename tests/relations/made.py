"""Catalogues drawn by hypothesis."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from roc_core.relations import Catalogue, build_relation
from roc_core.schema import ENTITY_TYPES, FACETS, Relation

printable = st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp"), exclude_characters="{}#")
texts = st.text(printable, min_size=1, max_size=60).map(str.strip).filter(bool)
ids = texts.filter(lambda t: t.casefold() != "none")
slotted = st.builds("{}{{tail}}{}{{head}}".format, texts, texts)


@st.composite
def relations(draw: st.DrawFn, id_: str) -> Relation:
    head = draw(st.sampled_from(ENTITY_TYPES))
    symmetric = draw(st.booleans())
    tail = head if symmetric else draw(st.sampled_from(ENTITY_TYPES))
    found: dict[Any, list[str]] = {"definition": draw(st.lists(slotted, min_size=5, max_size=6))}
    for facet in FACETS[1:]:
        if not (symmetric and facet == "backward"):
            kind = slotted if facet in ("forward", "backward") else texts
            found[facet] = draw(st.lists(kind, max_size=2))
    return build_relation(id_, draw(texts), draw(texts), head, tail, symmetric, found)


@st.composite
def catalogues(draw: st.DrawFn) -> Catalogue:
    chosen = draw(st.lists(ids, min_size=1, max_size=3, unique=True))
    return Catalogue(draw(texts), draw(texts), tuple(draw(relations(i)) for i in chosen))
