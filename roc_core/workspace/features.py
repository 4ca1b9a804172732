"""What items are sliced by: a category for each item and feature."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np

from roc_core.schema import NONE, Codes
from roc_core.schema.analysis import NO_PICTURE, PICTURE_TEXT_ONLY, WITH_PICTURE
from roc_core.store.labelled import ItemColumns

EMOJI = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\u2b50\u2b55\u231a\u231b\u23e9-\u23fa]")
"""Pictographs: Unicode's blocks from Mahjong Tiles to Symbols and Pictographs Extended-A,
Miscellaneous Symbols, Dingbats, and the few emoji in older blocks."""

DISTANCES = ("0 to 2 words", "3 to 6 words", "7 to 12 words", "13 words or more")
DISTANCE_STEPS = (3, 7, 13)
LENGTHS = ("1 to 10 words", "11 to 17 words", "18 to 25 words", "26 words or more")
LENGTH_STEPS = (11, 18, 26)
IN_PICTURE = "a mention is a box"


def features(items: ItemColumns) -> Mapping[str, Codes]:
    """Every feature of ``schema.analysis.FEATURES``: the picture evidence, words between the
    mentions, words of the sentence, the label's direction, who labelled last, emoji, source and
    split."""
    words = np.array([len(s.split()) for s in items.sentences], int)
    return {
        "picture": codes(list(map(_picture, items.pictures, items.texts))),
        "distance": _distances(items),
        "length": Codes(LENGTHS, np.searchsorted(LENGTH_STEPS, words, side="right").astype("u1")),
        "direction": codes(
            [
                "no relation" if r in ("", NONE) else d
                for r, d in zip(items.relations, items.directions, strict=True)
            ]
        ),
        "annotator": codes([a or "nobody here" for a in items.annotators]),
        "emoji": codes(["with emoji" if EMOJI.search(s) else "no emoji" for s in items.sentences]),
        "source": codes(items.sources),
        "split": codes([s or "no split" for s in items.splits]),
    }


def _picture(picture: int, text: int) -> str:
    return WITH_PICTURE if picture else PICTURE_TEXT_ONLY if text else NO_PICTURE


def _distances(items: ItemColumns) -> Codes:
    """Words that stand between two spans; 0 where they touch or overlap."""
    words = [
        0 if at is None else len(sentence[min(at[1], at[3]) : max(at[0], at[2])].split())
        for sentence, at in zip(items.sentences, items.places, strict=True)
    ]
    values = np.searchsorted(DISTANCE_STEPS, np.array(words, int), side="right").astype("u1")
    values[[at is None for at in items.places]] = len(DISTANCES)
    return Codes((*DISTANCES, IN_PICTURE), values)


def codes(values: Sequence[str]) -> Codes:
    """Categories in alphabetical order and each item's number among them."""
    names = sorted(set(values))
    at = {name: number for number, name in enumerate(names)}
    kind = np.uint8 if len(names) <= 256 else np.uint32
    return Codes(tuple(names), np.array([at[v] for v in values], kind))
