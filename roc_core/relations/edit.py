"""Changing relations: pure functions, and what differs between two states, word by word."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from difflib import SequenceMatcher

from roc_core.relations.catalogue import (
    Catalogue,
    build_relation,
    relation_data,
    texts_of,
    with_texts,
)
from roc_core.schema import FACETS, NONE, DiffPiece, EntityType, Relation

FIELDS = ("name", "phrase", "head", "tail", "symmetric")
SHORT_TYPES: Mapping[EntityType, str] = {
    "person": "per", "organization": "org", "location": "loc", "thing": "misc",
}  # fmt: skip
"""How ids of relations spell the types."""
_WORDS = re.compile(r"\s+|\w+|[^\w\s]")


def with_relation(catalogue: Catalogue, relation: Relation) -> Catalogue:
    """The catalogue with a relation in the place of the one with its id, or at the end.

    Raises CatalogueInvalid.
    """
    if relation.id in catalogue:
        relations = tuple(relation if r.id == relation.id else r for r in catalogue)
    else:
        relations = (*catalogue, relation)
    return replace(catalogue, relations=relations)


def without_relation(catalogue: Catalogue, id: str) -> Catalogue:
    """The catalogue without a relation. Raises RelationUnknown, CatalogueInvalid for the last."""
    catalogue.get(id)
    return replace(catalogue, relations=tuple(r for r in catalogue if r.id != id))


def numbered(relation: Relation) -> Relation:
    """The relation with its descriptions in the order of facets, numbered within each.

    Editors need not know how descriptions are called. An unknown facet goes last.
    """
    return with_texts(relation, texts_of(relation))


def relation_id_from(
    name: str,
    head: EntityType | None = None,
    tail: EntityType | None = None,
    taken: Collection[str] = (),
) -> str:
    """An id for a relation from its name, as the packaged catalogues spell theirs:
    ``/per/org/works_for``; without types ``works_for``. A number follows if it is ``taken``."""
    plain = unicodedata.normalize("NFKC", name).casefold()
    stem = re.sub(r"\W+", "_", plain).strip("_") or "relation"
    types = f"/{SHORT_TYPES[head]}/{SHORT_TYPES[tail]}/" if head and tail else ""
    id = f"{types}{stem}" if types or stem != NONE.casefold() else f"{stem}_"
    if id not in taken:
        return id
    return next(n for k in range(2, len(taken) + 3) if (n := f"{id}_{k}") not in taken)


# --- as text ---------------------------------------------------------------------------------


def relation_json(relation: Relation) -> str:
    """A relation as JSON with the fields of a file; equal relations give equal texts."""
    return json.dumps(relation_data(relation), ensure_ascii=False, separators=(",", ":"))


def relation_from_json(text: str) -> Relation:
    """The relation in a text of ``relation_json``; nothing is checked, ``Catalogue`` does."""
    data = json.loads(text)
    return build_relation(**{f: data[f] for f in ("id", *FIELDS)}, texts=data["descriptions"])


# --- what differs ----------------------------------------------------------------------------


def diff(before: Relation | None, after: Relation | None) -> tuple[DiffPiece, ...]:
    """What differs between two states, field by field, in words; None is a relation that is not
    there. Fields that are the same are left out; a description that only moved counts as one that
    went and one that came.

    A description that is gone bears the number it had and " (removed)" behind its field's name, all
    others the number they have now.
    """
    found: list[DiffPiece] = []
    for field in FIELDS:
        found += _pieces(field, _said(before, field), _said(after, field))
    old, new = (texts_of(r) if r is not None else {} for r in (before, after))
    for facet in (*FACETS, *(f for f in {**old, **new} if f not in FACETS)):
        found += _described(facet, old.get(facet, ()), new.get(facet, ()))
    return tuple(found)


def _described(facet: str, old: Sequence[str], new: Sequence[str]) -> Iterator[DiffPiece]:
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for kind, start, end, first, last in matcher.get_opcodes():
        if kind == "equal":
            continue
        both = min(end - start, last - first)
        for step in range(both):
            field = f"descriptions.{facet}-{first + step + 1}"
            yield from _pieces(field, old[start + step], new[first + step])
        for row in range(start + both, end):
            yield DiffPiece(f"descriptions.{facet}-{row + 1} (removed)", "removed", old[row])
        for row in range(first + both, last):
            yield DiffPiece(f"descriptions.{facet}-{row + 1}", "added", new[row])


def _pieces(field: str, old: str, new: str) -> Iterator[DiffPiece]:
    """Runs of words that are the same, removed or added."""
    if old == new:
        return
    for same, was, now in _runs(_WORDS.findall(old), _WORDS.findall(new)):
        if same:
            yield DiffPiece(field, "same", was)
            continue
        if was:
            yield DiffPiece(field, "removed", was)
        if now:
            yield DiffPiece(field, "added", now)


def _runs(old: Sequence[str], new: Sequence[str]) -> list[tuple[bool, str, str]]:
    """Runs of both texts in order, (same, old, new); a space between two changes belongs to them,
    so that a phrase that was replaced reads as one."""
    found: list[tuple[bool, str, str]] = []
    codes = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    for number, (kind, start, end, first, last) in enumerate(codes):
        was, now = "".join(old[start:end]), "".join(new[first:last])
        same = kind == "equal" and not (was.isspace() and 0 < number < len(codes) - 1)
        if found and not same and not found[-1][0]:
            was, now = found[-1][1] + was, found[-1][2] + now
            found.pop()
        found.append((same, was, now))
    return found


def _said(relation: Relation | None, field: str) -> str:
    if relation is None:
        return ""
    value = getattr(relation, field)
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)
