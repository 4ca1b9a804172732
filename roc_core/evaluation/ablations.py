"""What one trained version loses when something is taken from it: the rows of a suite."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from roc_core.relations import Catalogue, build_relation
from roc_core.schema import Facet, Relation

if TYPE_CHECKING:
    from roc_core.evaluation.report import Report

PictureUse = Literal["none", "given", "shuffled", "captions", "shuffled-captions"]
PICTURE_USES: tuple[PictureUse, ...] = (
    "none",
    "given",
    "shuffled",
    "captions",
    "shuffled-captions",
)
"""``none`` the sentence alone; ``given`` pictures and picture texts; ``captions`` picture texts
alone; the shuffled ones exchange them among the records at random."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A row of a suite. ``pictures`` None keeps the suite's own; ``relations`` changes the
    catalogue; ``fresh_lines`` has the lines drawn again on ``dev`` under this condition, where it
    changes what scores mean, so that a row is not blamed for lines made for another."""

    name: str
    pictures: PictureUse | None = None
    hide_types: bool = False
    hide_positions: bool = False
    relations: Callable[[Catalogue], Catalogue] | None = None
    fresh_lines: bool = False


@dataclass(frozen=True, slots=True)
class Ablation:
    """A row of a suite with its figures."""

    name: str
    report: Report


def names_only(catalogue: Catalogue) -> Catalogue:
    """The catalogue with one description a relation: its name."""
    return _changed(catalogue, lambda r: _with(r, "wording", r.name))


def one_description(catalogue: Catalogue) -> Catalogue:
    """The catalogue with one description a relation: its first definition, or if it has none the
    first that is scored."""

    def first(relation: Relation) -> Relation:
        scored = [d for d in relation.descriptions if d.facet != "contrast"]
        chosen = next((d for d in scored if d.facet == "definition"), scored[0])
        return _with(relation, chosen.facet, chosen.text)

    return _changed(catalogue, first)


CONDITIONS: tuple[Condition, ...] = (
    Condition("as trained"),
    Condition("entity types hidden", hide_types=True, fresh_lines=True),
    Condition("positions hidden", hide_positions=True, fresh_lines=True),
    Condition("label names instead of descriptions", relations=names_only, fresh_lines=True),
    Condition("first definition alone", relations=one_description, fresh_lines=True),
    Condition("without picture", "none"),
    Condition("pictures and captions as given", "given"),
    Condition("pictures and captions shuffled", "shuffled"),
    Condition("supplied captions", "captions"),
    Condition("supplied captions shuffled", "shuffled-captions"),
)


def _changed(catalogue: Catalogue, change: Callable[[Relation], Relation]) -> Catalogue:
    return Catalogue(catalogue.id, catalogue.title, tuple(change(r) for r in catalogue))


def _with(relation: Relation, facet: Facet, text: str) -> Relation:
    return build_relation(
        relation.id,
        relation.name,
        relation.phrase,
        relation.head,
        relation.tail,
        relation.symmetric,
        {facet: (text,)},
    )
