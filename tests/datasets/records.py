"""Records for property tests: any text a person or a program may bring."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hypothesis import assume
from hypothesis import strategies as st

from roc_core.datasets import mnre
from roc_core.schema import (
    ENTITY_TYPES,
    NONE,
    Box,
    Example,
    Label,
    Mention,
    Provenance,
    Record,
    Span,
)

ODD = (
    "a\"'\\ ,;\t\n\r\u2028\u2029\u0085\u00a0\u200f\u202e\u0301\ufe0f\ufeff👩🏽‍🚀אب=+-@{}[]\x7f\x1f"
)
# A file cannot hold NUL or half a surrogate pair; both are refused, which other tests show.
CHARACTERS = st.characters(exclude_categories=("Cs",), exclude_characters="\0")
TEXT = st.text(st.one_of(CHARACTERS, st.sampled_from(ODD)), max_size=40)
FINITE = st.floats(0, 5000) | st.integers(0, 5000)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | TEXT | st.floats(-1e300, 1e300),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
FOLDER_NAMES = st.text("abcXYZ0189 -_.'ä🙂", min_size=1, max_size=12).filter(
    lambda name: name.strip(".") != ""
)


@st.composite
def places(draw: Any, sentence: str) -> Span | Box:
    """A span of the sentence, or a box where the sentence is too short or chance says so."""
    if sentence and draw(st.booleans()):
        start = draw(st.integers(0, len(sentence) - 1))
        return Span(start, draw(st.integers(start + 1, len(sentence))))
    left, top, width, height = (draw(FINITE) for _ in range(4))
    assume(left < left + width and top < top + height)
    return Box(left, top, left + width, top + height)


@st.composite
def provenances(draw: Any) -> Provenance:
    """Any origin, with ``extra`` as the readers spell it."""
    extra = draw(st.dictionaries(TEXT, JSON, max_size=3))
    pairs = sorted((name, json.dumps(v, ensure_ascii=False)) for name, v in extra.items())
    line, order = draw(st.integers(0, 10**9)), draw(st.sampled_from(["forward", "backward"]))
    return Provenance(draw(TEXT), draw(TEXT), line, draw(TEXT), order, tuple(pairs))


@st.composite
def records(draw: Any, folder: Path) -> Record:
    """Any record whose picture lies in ``folder``."""
    sentence = draw(TEXT)
    places_ = [draw(places(sentence)) for _ in range(2)]
    assume(places_[0] != places_[1])
    types = st.none() | st.sampled_from(ENTITY_TYPES)
    mentions = tuple(Mention(place, draw(types)) for place in places_)
    need = any(isinstance(place, Box) for place in places_)
    name = st.lists(FOLDER_NAMES, min_size=1, max_size=3).map("/".join)
    picture = folder / draw(name) if need or draw(st.booleans()) else None
    example = Example(sentence, mentions, picture, draw(TEXT))  # type: ignore[arg-type]
    directed = st.builds(
        Label, TEXT.filter(lambda t: t not in ("", NONE)), st.sampled_from(["forward", "backward"])
    )
    label = draw(st.none() | st.just(Label(NONE)) | directed)
    return Record(example, label, draw(provenances()))


@st.composite
def mnre_records(draw: Any) -> Record:
    """Any record as MNRE may state it, as its reader gives it back."""
    plain = CHARACTERS.filter(lambda c: not c.isspace())
    word = st.text(plain | st.sampled_from("\"'\\{}🙂"), min_size=1, max_size=6)
    tokens = draw(st.lists(word, min_size=2, max_size=8))
    count = len(tokens)
    ranges = st.integers(0, count - 1).flatmap(
        lambda a: st.tuples(st.just(a), st.integers(a + 1, count))
    )
    h, t = draw(ranges), draw(ranges)
    assume(h != t)
    relation = draw(
        st.sampled_from([NONE, *mnre.SYMMETRIC, "/per/org/member_of"])
        | st.text(CHARACTERS, min_size=1)
    )
    picture = draw(st.text("abc019._-' é", min_size=1, max_size=20).filter(lambda n: n.strip(".")))
    line = {
        "token": tokens,
        "h": {"name": " ".join(tokens[slice(*h)]), "pos": list(h)},
        "t": {"name": " ".join(tokens[slice(*t)]), "pos": list(t)},
        "img_id": picture,
        "relation": relation,
    }
    return mnre.parse(mnre.Where("made", 1), repr(line), "train")
