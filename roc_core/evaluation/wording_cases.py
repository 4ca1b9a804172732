"""The same relations in other words, in fewer, and cut otherwise: what a wording is worth.

Every changed description keeps its place and becomes a wording, the facet that need not name both
arguments; facets do not change how a description is scored, ``contrast`` is never scored and left
out. What is read as an answer may be coarser or finer than the data's labels: ``classes`` says
which class a relation of the changed catalogue stands for.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from roc_core.errors import ValueRejected
from roc_core.evaluation.ablations import names_only
from roc_core.relations import Catalogue, build_relation
from roc_core.relations.catalogue import with_texts
from roc_core.schema import NONE, Relation

BASE = "hand-written"

PARTED = "~"
"""Stands before the number of a part of a relation that was split."""


@dataclass(frozen=True, slots=True)
class WordingCase:
    """Relations in other words. ``catalogue`` is what is ranked; ``classes`` names the class of
    each of its relations where it is not the relation itself, ``labels`` that of each gold label.
    Cases of one ``name`` are one row of the measurement, their mean; ``base`` is the row it is
    compared with.
    """

    name: str
    catalogue: Catalogue
    classes: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    base: str = BASE

    def class_of(self, relation: str) -> str:
        """The class an answer stands for."""
        return self.classes.get(relation, relation)

    def label_of(self, relation: str) -> str:
        """The class of a gold label; ``None`` stays."""
        return relation if relation == NONE else self.labels.get(relation, relation)

    @property
    def among(self) -> int:
        """How many classes are told apart."""
        return len({self.class_of(r.id) for r in self.catalogue})


def wording_cases(
    catalogue: Catalogue, others: Mapping[str, Catalogue] | None = None, seed: int = 0
) -> tuple[WordingCase, ...]:
    """Every row of the measurement, the hand-written one first; ``others`` are catalogues with
    other descriptions of the same relations, by the name of their row.

    Raises ValueRejected for an incomplete one, or a catalogue of one relation.
    """
    merged, every = coarse(catalogue), split_in_two(catalogue, catalogue.ids)
    labels = {r.id: type_pair_of(r) for r in catalogue}
    single = [split_in_two(catalogue, [r.id]) for r in catalogue]
    by_types = f"{BASE}, read as type pairs"
    return (
        WordingCase(BASE, catalogue),
        WordingCase("label names only", names_only(catalogue)),
        *(WordingCase(name, written(catalogue, other)) for name, other in (others or {}).items()),
        WordingCase("cut to the first half", truncated(catalogue)),
        WordingCase("words shuffled", shuffled(catalogue, seed)),
        WordingCase("swapped between relations", swapped(catalogue, seed)),
        WordingCase(by_types, catalogue, labels, labels, by_types),
        WordingCase("coarse: one relation a type pair", merged, {}, labels, by_types),
        WordingCase("fine: every relation in two", every, parts_of(catalogue, every)),
        *(
            WordingCase("fine: one relation in two, mean", one, parts_of(catalogue, one))
            for one in single
        ),
    )


def texts(relation: Relation) -> list[str]:
    """The relation's scored descriptions."""
    return [d.text for d in relation.descriptions if d.facet != "contrast"]


def truncated(catalogue: Catalogue) -> Catalogue:
    """Every description cut to the first half of its words, rounded up."""

    def half(text: str) -> str:
        words = text.split()
        return " ".join(words[: math.ceil(len(words) / 2)])

    return _each(catalogue, lambda r: [half(t) for t in texts(r)])


def shuffled(catalogue: Catalogue, seed: int = 0) -> Catalogue:
    """The words of every description in another order, drawn."""
    random_ = random.Random(seed)

    def mixed(text: str) -> str:
        words = text.split()
        random_.shuffle(words)
        return " ".join(words)

    return _each(catalogue, lambda r: [mixed(t) for t in texts(r)])


def swapped(catalogue: Catalogue, seed: int = 0) -> Catalogue:
    """Every relation with the descriptions of another one, drawn so that none keeps its own.

    Raises ValueRejected for a catalogue of one relation.
    """
    if len(catalogue) < 2:
        raise ValueRejected(
            "a catalogue of at least two relations", "one", "Descriptions cannot be swapped in it."
        )
    order = list(range(len(catalogue)))
    random.Random(seed).shuffle(order)
    # One cycle through all of them: nobody gets their own.
    taken = {order[n]: order[n - 1] for n in range(len(order))}
    others = {r.id: texts(catalogue.relations[taken[n]]) for n, r in enumerate(catalogue)}
    return _each(catalogue, lambda r: others[r.id])


def written(catalogue: Catalogue, other: Catalogue) -> Catalogue:
    """The catalogue with the descriptions that another one has for its relations.

    Raises ValueRejected when the other one lacks a relation.
    """
    missing = [r.id for r in catalogue if r.id not in other]
    if missing:
        raise ValueRejected(
            f"descriptions of all {len(catalogue)} relations in catalogue '{other.id}'",
            f"none of {', '.join(missing[:5])}{' and others' if len(missing) > 5 else ''}",
            "Complete the file.",
        )
    return _each(catalogue, lambda r: texts(other.get(r.id)))


def type_pair_of(relation: Relation) -> str:
    """The class of all relations between the same types: "person / organization"."""
    return f"{relation.head} / {relation.tail}"


def coarse(catalogue: Catalogue) -> Catalogue:
    """The relations of one type pair merged into one, with all their descriptions; it is directed
    if any of them is."""
    groups: dict[str, list[Relation]] = {}
    for relation in catalogue:
        groups.setdefault(type_pair_of(relation), []).append(relation)
    return _catalogue(catalogue, [_merged(name, some) for name, some in groups.items()])


def _merged(name: str, some: Sequence[Relation]) -> Relation:
    first = some[0]
    every = tuple(dict.fromkeys(t for r in some for t in texts(r)))
    symmetric = all(r.symmetric for r in some)
    return build_relation(
        name, name, "is related to", first.head, first.tail, symmetric, {"wording": every}
    )


def split_in_two(catalogue: Catalogue, chosen: Sequence[str]) -> Catalogue:
    """The ``chosen`` relations parted into two, which take their descriptions in turn; one with a
    single description stays whole."""
    found: list[Relation] = []
    for relation in catalogue:
        own = texts(relation)
        whole = relation.id not in chosen or len(own) < 2
        found += [relation] if whole else [_part(relation, n, own[n::2]) for n in range(2)]
    return _catalogue(catalogue, found)


def _part(relation: Relation, number: int, some: Sequence[str]) -> Relation:
    return _with(relation, some, f"{relation.id}{PARTED}{number + 1}")


def parts_of(catalogue: Catalogue, split: Catalogue) -> dict[str, str]:
    """The whole that each part of a split catalogue stands for."""
    return {
        f"{r.id}{PARTED}{n}": r.id
        for r in catalogue
        for n in (1, 2)
        if f"{r.id}{PARTED}{n}" in split
    }


def _each(catalogue: Catalogue, change: Callable[[Relation], Sequence[str]]) -> Catalogue:
    return _catalogue(catalogue, [_with(r, change(r)) for r in catalogue])


def _with(relation: Relation, some: Sequence[str], id: str = "") -> Relation:
    return with_texts(relation, {"wording": tuple(some)}, id)


def _catalogue(catalogue: Catalogue, relations: Sequence[Relation]) -> Catalogue:
    return Catalogue(catalogue.id, catalogue.title, tuple(relations))
