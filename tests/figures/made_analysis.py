"""Analyses made on the spot: random answers to random labels."""

from __future__ import annotations

from typing import Any

import numpy as np

from roc_core.schema import NONE, Analysis, Codes, Reading
from roc_core.schema.analysis import DIRECTIONS

NAMES = {"a": "peer <of>", "b": "member & of", NONE: "none of these"}
IDS = ("a", "b", NONE)


def codes(names: tuple[str, ...], values: Any) -> Codes:
    return Codes(names, np.asarray(values, np.uint8))


def analysis(seed: int = 0, pairs: int = 200, variant: str = "") -> Analysis:
    """Random labels and answers, the labels the same for every seed."""
    gold = np.random.default_rng(99).integers(0, 3, pairs)
    rng = np.random.default_rng(seed)
    turns = np.where(gold == 2, 0, rng.integers(1, 4, pairs))
    half = codes(("no picture", "picture"), np.arange(pairs) % 2)
    return Analysis(
        reading=Reading("made", variant),
        items=np.array([f"{n:016x}" for n in range(pairs)], "S16"),
        gold=codes(IDS, gold),
        gold_direction=codes(DIRECTIONS, turns),
        best=codes(IDS, np.where(rng.random(pairs) < 0.6, gold % 2, rng.integers(0, 2, pairs))),
        direction=codes(DIRECTIONS, rng.integers(1, 4, pairs)),
        scores=rng.random(pairs),
        margins=rng.normal(0.02, 0.1, pairs),
        leads=rng.random(pairs),
        ranks=np.where(gold == 2, 0, rng.integers(1, 3, pairs)).astype(np.uint16),
        types=codes(("person – person", "?"), np.arange(pairs) % 2),
        features={"picture": half},
    )
