"""Plausible catalogues of any size: real English, put together from verbs, nouns and qualifiers.

They stand in for the very large relation sets nobody has written yet, to measure how retrieval
holds out in one. The words are data (``plausible.toml``) and avoid what the packaged catalogues
say, so that a made relation is a wrong answer wherever one of theirs is right.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from roc_core.errors import ValueRejected
from roc_core.relations.catalogue import Catalogue, build_relation
from roc_core.relations.edit import SHORT_TYPES
from roc_core.schema import ENTITY_TYPES, EntityType, Facet, Relation

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

DESCRIPTIONS = 5
"""Descriptions of a made relation: one of each facet that is scored."""

MOST = 200_000
"""Relations that are made at most: a tenth of what the words can be put together to, so that
drawing another one stays quick."""

_INITIALS: dict[str, EntityType] = {t[0]: t for t in ENTITY_TYPES}


@dataclass(frozen=True, slots=True)
class _Verb:
    """As "sponsors", "sponsored", "sponsoring", and between which types it can hold."""

    third: str
    participle: str
    gerund: str
    types: tuple[tuple[EntityType, EntityType], ...]


@dataclass(frozen=True, slots=True)
class _Words:
    nouns: Mapping[EntityType, tuple[str, ...]]
    qualifiers: tuple[str, ...]
    verbs: tuple[_Verb, ...]


def plausible_relations(count: int, seed: int = 0) -> tuple[Relation, ...]:
    """``count`` relations with ``DESCRIPTIONS`` descriptions each, all texts different.

    The first of a longer list with the same seed are those of a shorter one. Raises ValueRejected
    for fewer than one, or for more than ``MOST``.
    """
    if not 0 < count <= MOST:
        raise ValueRejected(f"1 to {MOST} made relations", f"{count}", "Ask for as many.")
    combinations = _combinations(random.Random(seed))
    return tuple(_relation(number, *next(combinations)) for number in range(count))


def plausible_catalogue(count: int, seed: int = 0) -> Catalogue:
    """A catalogue of ``plausible_relations``. Raises what that raises."""
    title = f"{count} made relations, seed {seed}"
    return Catalogue(f"plausible-{count}-{seed}", title, plausible_relations(count, seed))


_Combination = tuple[_Verb, EntityType, EntityType, str, str, str]


def _combinations(draw: random.Random) -> Iterator[_Combination]:
    """Different combinations without end, in an order that the seed decides."""
    words, seen = _words(), set()
    while True:
        verb = draw.choice(words.verbs)
        head, tail = draw.choice(verb.types)
        one, other = draw.choice(words.nouns[head]), draw.choice(words.nouns[tail])
        found = (verb, head, tail, one, other, draw.choice(words.qualifiers))
        if found not in seen:
            seen.add(found)
            yield found


def _relation(
    number: int, verb: _Verb, head: EntityType, tail: EntityType, one: str, other: str, how: str
) -> Relation:
    first, second = _with_article(one), _with_article(other)
    texts: dict[Facet, list[str]] = {
        "definition": [f"{{head}} is {first} that {verb.third} {{tail}}, {second}, {how}."],
        "wording": [f"Posts say that {first} {verb.third} {second} {how}."],
        "picture": [f"The picture tends to show {first} {verb.gerund} {second} {how}."],
        "forward": [f"{{head}}, {first}, {verb.third} {{tail}}, {second}, {how}."],
        "backward": [f"{{tail}}, {second}, is {verb.participle} by {{head}}, {first}, {how}."],
    }
    name = f"{one} {verb.third} {other} {how}"
    id_ = f"/{SHORT_TYPES[head]}/{SHORT_TYPES[tail]}/made-{number:06d}"
    return build_relation(id_, name, f"({how}) {verb.third}", head, tail, False, texts)


def _with_article(noun: str) -> str:
    # "a university", "a union": by sound, not by letter.
    vowel = noun[0] in "aeiou" and not noun.startswith("uni")
    return f"{'an' if vowel else 'a'} {noun}"


@cache
def _words() -> _Words:
    file = resources.files("roc_core.relations").joinpath("plausible.toml")
    data = tomllib.loads(file.read_text(encoding="utf-8"))
    verbs = [
        _Verb(third, participle, gerund, tuple(_types(t) for t in types.split()))
        for third, participle, gerund, types in data["verbs"]["all"]
    ]
    nouns = {t: tuple(data["nouns"][t]) for t in ENTITY_TYPES}
    return _Words(nouns, tuple(data["qualifiers"]["all"]), tuple(verbs))


def _types(initials: str) -> tuple[EntityType, EntityType]:
    return _INITIALS[initials[0]], _INITIALS[initials[1]]
