"""A catalogue of relations as one frozen value."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property

from roc_core.errors import RelationUnknown
from roc_core.relations.rules import check_catalogue
from roc_core.schema import FACETS, Description, EntityType, Facet, Relation


def build_relation(
    id: str,
    name: str,
    phrase: str,
    head: EntityType,
    tail: EntityType,
    symmetric: bool,
    texts: Mapping[Facet, Sequence[str]],
) -> Relation:
    """A relation whose descriptions are numbered from the texts of each facet.

    Description ids are ``id#facet-n``, n from 1; facets come in the order of ``FACETS``. Nothing
    is checked here: ``Catalogue`` does.
    """
    # An unknown facet goes last instead of being dropped, so that Catalogue can refuse it.
    order = [*(f for f in FACETS if f in texts), *(f for f in texts if f not in FACETS)]
    descriptions = tuple(
        Description(f"{id}#{facet}-{n}", id, facet, text)
        for facet in order
        for n, text in enumerate(texts[facet], 1)
    )
    return Relation(id, name, phrase, head, tail, symmetric, descriptions)


def texts_of(relation: Relation) -> dict[Facet, list[str]]:
    """The texts of a relation's descriptions by facet."""
    found: dict[Facet, list[str]] = {}
    for description in relation.descriptions:
        found.setdefault(description.facet, []).append(description.text)
    return found


def with_texts(relation: Relation, texts: Mapping[Facet, Sequence[str]], id: str = "") -> Relation:
    """A relation with other descriptions, and another ``id`` if given. Nothing is checked."""
    r = relation
    return build_relation(id or r.id, r.name, r.phrase, r.head, r.tail, r.symmetric, texts)


@dataclass(frozen=True)
class Catalogue:
    """The relations a workspace can retrieve, in the order of their file. ``retired`` are ids of
    relations that it had: not part of it, and told apart in errors.

    Raises CatalogueInvalid when a rule of ``relations.rules`` is broken.
    """

    id: str
    title: str
    relations: tuple[Relation, ...]
    retired: frozenset[str] = field(default=frozenset(), compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "relations", tuple(self.relations))
        check_catalogue(f"catalogue '{self.id}'", self.id, self.title, self.relations)

    def __iter__(self) -> Iterator[Relation]:
        return iter(self.relations)

    def __len__(self) -> int:
        return len(self.relations)

    def __contains__(self, id: object) -> bool:
        return id in self._by_id

    def get(self, id: str) -> Relation:
        """The relation with that id. Raises RelationUnknown, naming ids that look like it."""
        found = self._by_id.get(id)
        if found is not None:
            return found
        if id in self.retired:
            raise RelationUnknown(
                f"a relation of catalogue '{self.id}' that is ranked",
                f"{id!r}, which was retired",
                "Restore it on the page Relations, or choose another.",
            )
        near = get_close_matches(id, self._by_id, n=3, cutoff=0.5)
        todo = f"Did you mean {' or '.join(near)}?" if near else f"It knows {', '.join(self.ids)}."
        raise RelationUnknown(f"a relation id of catalogue '{self.id}'", repr(id), todo)

    @property
    def ids(self) -> tuple[str, ...]:
        """Relation ids in the order of the file."""
        return tuple(r.id for r in self.relations)

    def descriptions(self, scored_only: bool = True) -> tuple[Description, ...]:
        """All descriptions, relation by relation; ``scored_only`` leaves contrast out."""
        return tuple(
            d
            for r in self.relations
            for d in r.descriptions
            if not (scored_only and d.facet == "contrast")
        )

    @cached_property
    def digest(self) -> str:
        """SHA-256 (hex) of the whole content; layout and comments of a file do not change it."""
        content = json.dumps(self.as_data(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(content.encode()).hexdigest()

    def as_data(self) -> dict[str, object]:
        """The content as the plain lists, dicts and texts a file holds."""
        return {
            "id": self.id,
            "title": self.title,
            "relations": [relation_data(r) for r in self.relations],
        }

    @cached_property
    def _by_id(self) -> dict[str, Relation]:
        return {r.id: r for r in self.relations}


def relation_data(relation: Relation) -> dict[str, object]:
    """A relation as the plain dict a file holds."""
    fields = ("id", "name", "phrase", "head", "tail", "symmetric")
    return {**{f: getattr(relation, f) for f in fields}, "descriptions": texts_of(relation)}
