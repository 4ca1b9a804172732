"""Guidelines of every relation: what its catalogue says of it, pairs that are labelled with it, and
pairs that are not, though they look like it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from app.views.words import FACET_WORDS, shorten
from roc_core.errors import ItemMissing
from roc_core.schema import NONE, Analysis, Example, Item, ItemFilter, Reading, Relation, Span
from roc_core.workspace import Workspace

EXAMPLES = 4
"""Examples, and counter-examples, of a relation. The browser shows three, and never the item at
hand, whose label would be told to somebody who is to label it unled."""

LONG = 160
"""Code points of an example's sentence."""


def written(ws: Workspace) -> dict[str, Any]:
    """What the catalogue says of each relation."""
    return {relation.id: _written(relation) for relation in ws.catalogue}


def _written(relation: Relation) -> dict[str, Any]:
    return {
        "name": relation.name,
        "phrase": relation.phrase,
        "types": [relation.head, relation.tail],
        "directions": list(relation.directions),
        "descriptions": [[d.facet, FACET_WORDS[d.facet], d.text] for d in relation.descriptions],
    }


def shown(ws: Workspace) -> dict[str, dict[str, list[Any]]]:
    """Examples and counter-examples of each relation, from the workspace's items.

    A counter-example is a labelled pair that the model version in use took for the relation; where
    there is none, one labelled with another relation between the same entity types.
    """
    examples = {relation.id: _labelled(ws, relation.id) for relation in ws.catalogue}
    analysis = ws.analysis(Reading(ws.model_version))
    return {
        relation.id: {
            "examples": [_pair(ws, item) for item in examples[relation.id]],
            "counter": [
                _pair(ws, item)
                for item in _mistaken(ws, analysis, relation.id)
                or _siblings(ws, relation, examples)
            ],
        }
        for relation in ws.catalogue
    }


def _labelled(ws: Workspace, relation: str) -> list[Item]:
    """Items with that label, one a sentence; those a person labelled come first."""
    found: list[Item] = []
    for state in ("corrected", "imported"):
        page = ws.items(ItemFilter(relation=relation, state=state), limit=4 * EXAMPLES)
        for item in page.items:
            if item.example.sentence not in {known.example.sentence for known in found}:
                found.append(item)
    return found[:EXAMPLES]


def _mistaken(ws: Workspace, a: Analysis, relation: str) -> list[Item]:
    """Labelled items that were answered with this relation and have another label, the surest
    answer first."""
    if relation not in a.names:
        return []
    code = a.names.index(relation)
    wrong = (a.best.values == code) & (a.margins >= 0) & (a.gold.values != code)
    rows = np.flatnonzero(wrong)
    rows = rows[np.argsort(-a.margins[rows], kind="stable")][:EXAMPLES]
    return _read(ws, [a.items[row].decode("ascii") for row in rows.tolist()])


def _siblings(ws: Workspace, relation: Relation, examples: dict[str, list[Item]]) -> list[Item]:
    """One item each of other relations between the same types."""
    types = {relation.head, relation.tail}
    others = [r for r in ws.catalogue if r.id != relation.id and {r.head, r.tail} == types]
    return [examples[r.id][0] for r in others if examples[r.id]][:EXAMPLES]


def _read(ws: Workspace, ids: Sequence[str]) -> list[Item]:
    found = []
    for id in ids:
        try:
            found.append(ws.item(id))
        except ItemMissing:
            continue  # erased since it was answered
    return found


def _pair(ws: Workspace, item: Item) -> dict[str, Any]:
    """A pair in short: a piece of its sentence around the mentions, and its label."""
    example, label = item.example, item.label
    return {
        "id": item.id,
        "text": excerpt(example),
        "names": [shorten(name, 40) for name in example.names()],
        "label": [label.relation, label.direction] if label else [NONE, "both"],
        "picture": example.picture is not None,
    }


def excerpt(example: Example) -> str:
    """At most ``LONG`` code points of the sentence, the first mention among them."""
    place = example.first.place
    start = max(place.start - LONG // 3, 0) if isinstance(place, Span) else 0
    lead = "…" if start else ""
    return lead + shorten(example.sentence[start:], LONG)
