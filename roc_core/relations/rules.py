"""What a catalogue must keep to. Every check raises CatalogueInvalid with file, relation, field."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

from roc_core.errors import CatalogueInvalid
from roc_core.schema import ENTITY_TYPES, FACETS, NONE, Description, Relation

LONGEST = 500
"""Code points a text may have: twice the window of a sentence encoder is room enough."""

FEWEST = 5
"""Descriptions a relation in a file needs: fewer leave its facets uncovered."""

SLOTS = ("{head}", "{tail}")
SLOTTED_FACETS = ("definition", "forward", "backward")
"""Facets that say who does what, so their texts must name both arguments."""

# Line breaks and controls would break lists and logs; a lone surrogate is not text at all.
_REFUSED_CATEGORIES = ("Cc", "Cs", "Zl", "Zp")
_SLOT = re.compile(r"\{[^{}]*\}")


def refuse(where: str, relation: str, field: str, expected: str, found: str) -> CatalogueInvalid:
    """The error to raise; ``where`` names the file, ``relation`` may be empty."""
    of = f" of relation '{relation}'" if relation else ""
    error = CatalogueInvalid(expected, found, f"Mend field '{field}'{of} in {where}.")
    error.relation, error.field = relation, field
    return error


def check_text(where: str, relation: str, field: str, text: str) -> None:
    """A text is not blank, has no space at its ends, no control character, at most 500 points."""
    if not text.strip():
        raise refuse(where, relation, field, "a text", "an empty one")
    # What prints holds none of them, and that is told a hundred times as fast.
    bad = None
    if not text.isprintable():
        bad = next((c for c in text if unicodedata.category(c) in _REFUSED_CATEGORIES), None)
    if bad is not None:
        found = f"U+{ord(bad):04X} at character {text.index(bad) + 1}"
        expected = "text without line breaks and control characters"
        raise refuse(where, relation, field, expected, found)
    if text != text.strip():
        expected = "text without spaces at its beginning and end"
        raise refuse(where, relation, field, expected, repr(text[:60]))
    if len(text) > LONGEST:
        raise refuse(where, relation, field, f"at most {LONGEST} characters", f"{len(text)}")


def check_catalogue(where: str, id_: str, title: str, relations: tuple[Relation, ...]) -> None:
    """The rules every catalogue keeps, however it was built."""
    check_text(where, "", "id", id_)
    check_text(where, "", "title", title)
    if not relations:
        raise refuse(where, "", "relations", "at least one relation", "none")
    for relation in relations:
        check_relation(where, relation)
    twice = _repeated(r.id for r in relations)
    if twice:
        raise refuse(where, twice, "id", "an id that no other relation has", f"'{twice}' twice")


def check_complete(where: str, relations: Iterable[Relation]) -> None:
    """What a file needs besides: at least five descriptions a relation."""
    for relation in relations:
        n = len(relation.descriptions)
        if n < FEWEST:
            expected = f"at least {FEWEST} descriptions"
            raise refuse(where, relation.id, "descriptions", expected, f"{n}")


def check_relation(where: str, relation: Relation) -> None:
    """One relation: id, texts, argument types, symmetry and descriptions."""
    _check_id(where, relation.id)
    for field in ("name", "phrase"):
        check_text(where, relation.id, field, getattr(relation, field))
    for field in ("head", "tail"):
        if getattr(relation, field) not in ENTITY_TYPES:
            expected = f"an entity type, one of {', '.join(ENTITY_TYPES)}"
            raise refuse(where, relation.id, field, expected, repr(getattr(relation, field)))
    if relation.symmetric and relation.head != relation.tail:
        expected = "head and tail of one type, because the relation is symmetric"
        found = f"head '{relation.head}', tail '{relation.tail}'"
        raise refuse(where, relation.id, "symmetric", expected, found)
    _check_facets(where, relation)
    _check_numbers(where, relation)
    for description in relation.descriptions:
        _check_description(where, description)


def field_of(description: Description) -> str:
    """How an error names a description: ``descriptions.wording-2``."""
    return "descriptions." + description.id.rpartition("#")[2]


def _check_id(where: str, id_: str) -> None:
    check_text(where, id_, "id", id_)
    if "#" in id_:
        raise refuse(where, id_, "id", "an id without '#', which ends it in description ids", id_)
    if id_.casefold() == NONE.casefold():
        expected = "the id of a relation; 'None' is kept for pairs without one"
        raise refuse(where, id_, "id", expected, repr(id_))


def _check_facets(where: str, relation: Relation) -> None:
    facets = [d.facet for d in relation.descriptions]
    strange = next((f for f in facets if f not in FACETS), None)
    if strange is not None:
        expected = f"a facet, one of {', '.join(FACETS)}"
        raise refuse(where, relation.id, "descriptions", expected, repr(strange))
    if relation.symmetric and "backward" in facets:
        expected = "no backward description, because the relation is symmetric"
        raise refuse(where, relation.id, "descriptions.backward", expected, "one")
    if not any(f != "contrast" for f in facets):
        expected = "at least one description besides contrast, which is never scored"
        found = f"{len(facets)} of facet contrast" if facets else "none"
        raise refuse(where, relation.id, "descriptions", expected, found)


def _check_numbers(where: str, relation: Relation) -> None:
    """Ids are ``relation#facet-n`` in facet order: a file stores neither number nor order."""
    count: Counter[str] = Counter()
    last = 0
    for d in relation.descriptions:
        count[d.facet] += 1
        due = f"{relation.id}#{d.facet}-{count[d.facet]}"
        place = FACETS.index(d.facet)
        if d.id != due or d.relation != relation.id or place < last:
            expected = f"description '{due}', facets in the order {', '.join(FACETS)}"
            found = f"'{d.id}' of relation '{d.relation}'"
            raise refuse(where, relation.id, "descriptions", expected, found)
        last = place


def _check_description(where: str, description: Description) -> None:
    field = field_of(description)
    check_text(where, description.relation, field, description.text)
    for slot in _SLOT.findall(description.text):
        if slot not in SLOTS:
            expected = "no slots but {head} and {tail}"
            raise refuse(where, description.relation, field, expected, slot)
    if description.facet in SLOTTED_FACETS:
        missing = [s for s in SLOTS if s not in description.text]
        if missing:
            expected = f"both {{head}} and {{tail}} in a {description.facet}"
            found = f"a text without {' and '.join(missing)}"
            raise refuse(where, description.relation, field, expected, found)


def _repeated(ids: Iterable[str]) -> str | None:
    return next((i for i, n in Counter(ids).items() if n > 1), None)
