"""What a part of the map is about: its most typical relation and words."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence

from roc_core.projection.density import Hills
from roc_core.schema import Region

WORDS = 3
"""Words that name a region."""

_WORD = re.compile(r"[^\W\d_]{3,}")
_NO_WORDS = frozenset({"http", "https", "www", "com", "the", "and", "for"})


def name_regions(
    found: Hills, relations: Sequence[str], sentences: Sequence[str]
) -> tuple[Region, ...]:
    """The hills with names. ``relations`` and ``sentences`` are those of the N points."""
    words = [words_of(s) for s in sentences]
    all_relations = Counter(relations)
    all_words = Counter(w for each in words for w in each)
    regions = []
    for number, (x, y) in enumerate(found.peaks.tolist()):
        rows = (found.of == number).nonzero()[0].tolist()
        inside = Counter(relations[r] for r in rows)
        relation = typical(inside, len(rows), all_relations, len(relations), 1)[0]
        said = Counter(w for r in rows for w in words[r])
        often = Counter({w: n for w, n in said.items() if n >= 2})
        best = typical(often, len(rows), all_words, len(words), WORDS)
        share = inside[relation] / len(rows)
        regions.append(Region(x, y, len(rows), relation, share, tuple(best)))
    return tuple(regions)


def words_of(sentence: str) -> frozenset[str]:
    """The words of a sentence in small letters: three letters or more, no digits."""
    return frozenset(w.lower() for w in _WORD.findall(sentence)) - _NO_WORDS


def typical(
    inside: Counter[str], part: int, everywhere: Counter[str], total: int, most: int
) -> list[str]:
    """What is most typical of ``part`` of ``total`` points, by how often it is counted there.

    By p·log(p/q), p its share inside and q its share everywhere: its term of the Kullback–Leibler
    divergence. A thing that is merely frequent, or merely rare elsewhere, does not win.
    """

    def gain(name: str) -> float:
        p, q = inside[name] / part, everywhere[name] / total
        return p * math.log(p / q)

    return sorted(inside, key=lambda name: (-gain(name), name))[:most]
