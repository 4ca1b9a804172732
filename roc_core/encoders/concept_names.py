"""Readable names of the 1000 ImageNet classes, from the lists that timm carries."""

from __future__ import annotations

from functools import lru_cache

# ImageNet orders its classes by kind. A breed's or species' bare name ("redbone", "junco") says
# little to a reader or a text encoder, so the kind is added where the name lacks it.
_KINDS: tuple[tuple[int, int, str], ...] = (
    (0, 1, "fish"),
    (10, 24, "bird"),
    (38, 48, "lizard"),
    (52, 68, "snake"),
    (72, 77, "spider"),
    (80, 100, "bird"),
    (118, 121, "crab"),
    (127, 146, "bird"),
    (151, 268, "dog"),
    (281, 285, "cat"),
    (300, 307, "beetle"),
    (321, 326, "butterfly"),
    (369, 382, "monkey"),
    (389, 397, "fish"),
    (991, 997, "mushroom"),
)

# Well-known animals whose name needs no kind beside it.
_PLAIN = frozenset({
    "albatross", "baboon", "bald eagle", "black stork", "black swan", "common iguana", "flamingo",
    "German shepherd", "golden retriever", "goldfinch", "goose", "great grey owl", "hornbill",
    "house finch", "king penguin", "Labrador retriever", "ladybug", "little blue heron", "macaque",
    "magpie", "partridge", "peacock", "pelican", "quail", "robin", "Siberian husky", "sturgeon",
    "tarantula", "toucan", "vulture", "white stork",
})  # fmt: skip

# First lemmas that two classes share.
_SHARED: dict[int, str] = {
    134: "crane bird",
    517: "construction crane",
    638: "tight swimsuit",
    639: "one-piece swimsuit",
}

# First lemmas that a reader or a text encoder misreads; the new name is another lemma of the
# synset or the same thing in today's words.
_RENAMED: dict[str, str] = {
    "alp": "mountain peak",
    "Angora": "Angora rabbit",
    "ashcan": "trash can",
    "ballplayer": "baseball player",
    "beach wagon": "station wagon",
    "bell cote": "bell tower",
    "brass": "memorial plaque",
    "cab": "taxi",
    "cellular telephone": "mobile phone",
    "cock": "rooster",
    "drake": "duck",
    "ear": "ear of corn",
    "file": "filing cabinet",
    "groom": "bridegroom",
    "hand blower": "hair dryer",
    "hip": "rose hip",
    "ice bear": "polar bear",
    "ice lolly": "popsicle",
    "jean": "jeans",
    "jersey": "T-shirt",
    "jinrikisha": "rickshaw",
    "liner": "ocean liner",
    "mouse": "computer mouse",
    "organ": "pipe organ",
    "plane": "carpenter's plane",
    "racer": "race car",
    "rule": "ruler",
    "screen": "computer screen",
    "slot": "slot machine",
    "sorrel": "horse",
    "sunglass": "dark glasses",
    "switch": "electric switch",
    "teddy": "teddy bear",
    "upright": "upright piano",
    "web site": "website",
}


@lru_cache(maxsize=1)
def concept_lemmas() -> tuple[tuple[str, ...], ...]:
    """All WordNet lemmas of each of the 1000 classes, the most usual first."""
    from timm.data import ImageNetInfo

    return tuple(
        tuple(lemma.strip() for lemma in line.split(","))
        for line in ImageNetInfo().label_descriptions()
    )


@lru_cache(maxsize=1)
def concept_names() -> tuple[str, ...]:
    """One readable, unique name for each of the 1000 classes, in the network's order."""
    kinds = {i: kind for first, last, kind in _KINDS for i in range(first, last + 1)}
    return tuple(_name(i, lemmas[0], kinds.get(i, "")) for i, lemmas in enumerate(concept_lemmas()))


@lru_cache(maxsize=1)
def concept_phrases() -> tuple[str, ...]:
    """Name and synonyms of each class, joined by commas: what a text encoder reads best."""
    return tuple(
        ", ".join(dict.fromkeys((name, *lemmas)))
        for name, lemmas in zip(concept_names(), concept_lemmas(), strict=True)
    )


def _name(index: int, lemma: str, kind: str) -> str:
    name = _SHARED.get(index) or _RENAMED.get(lemma, lemma)
    known = index in _SHARED or lemma in _RENAMED or lemma in _PLAIN
    return name if known or not kind or kind in name.lower() else f"{name} {kind}"
