"""Analyses made on the spot."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from hypothesis import strategies as st

from roc_core.schema import NONE, Analysis, Codes, Reading
from roc_core.schema.analysis import DIRECTIONS

RELATIONS = ("ally", "born", "colour")


def numbered(names: Sequence[str], values: Sequence[str]) -> Codes:
    return Codes(tuple(names), np.array([names.index(v) for v in values], np.uint8))


def made(
    gold: Sequence[str],
    best: Sequence[str],
    margins: Sequence[float],
    directions: Sequence[tuple[str, str]] | None = None,
    ranks: Sequence[int] | None = None,
    start: int = 0,
    **more: Any,
) -> Analysis:
    """An analysis of items numbered from ``start``; directions are (gold's, the answer's)."""
    n = len(gold)
    names = (*sorted({*gold, *best} - {NONE}), NONE)
    turns = directions or [("" if g == NONE else "forward", "forward") for g in gold]
    same = [0 if g == NONE else 1 if g == b else 2 for g, b in zip(gold, best, strict=True)]
    return Analysis(
        reading=more.pop("reading", Reading("tiny")),
        items=np.array([f"{start + k:016x}" for k in range(n)], "S16"),
        gold=numbered(names, gold),
        gold_direction=numbered(DIRECTIONS, [t[0] for t in turns]),
        best=numbered(names, best),
        direction=numbered(DIRECTIONS, [t[1] for t in turns]),
        scores=np.array(margins, float) / 2,
        margins=np.array(margins, float),
        leads=np.full(n, 0.01),
        ranks=np.array(same if ranks is None else ranks, np.uint16),
        types=more.pop("types", numbered(("? – ?",), ["? – ?"] * n)),
        **more,
    )


@st.composite
def analyses(draw: st.DrawFn, min_size: int = 0, max_size: int = 40) -> Analysis:
    """Any analysis with two features and ties among its margins."""
    n = draw(st.integers(min_size, max_size))

    def some(values: Sequence[Any]) -> list[Any]:
        return draw(st.lists(st.sampled_from(values), min_size=n, max_size=n))

    gold, best = some((*RELATIONS, NONE)), some(RELATIONS)
    sides, others = some(DIRECTIONS[1:]), some(DIRECTIONS[1:])
    turns = [("" if g == NONE else s, t) for g, s, t in zip(gold, sides, others, strict=True)]
    features = {
        "picture": numbered(("picture", "no picture"), some(("picture", "no picture"))),
        "split": numbered(("train", "val", "test"), some(("train", "val", "test"))),
    }
    types = numbered(("? – ?", "person – ?"), some(("? – ?", "person – ?")))
    margins = [m / 8 for m in some(range(-4, 5))]
    return made(gold, best, margins, turns, types=types, features=features)
