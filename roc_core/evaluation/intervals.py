"""How far the headline figures would move had other pairs been drawn: bootstrap intervals."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from roc_core.schema import Analysis
from roc_core.schema.analysis import DIRECTIONS

Interval = tuple[float, float]

FEWEST = 2
"""Pairs below which there is nothing to draw from."""


def headline_intervals(
    a: Analysis,
    shift: float = 0.0,
    rows: np.ndarray | None = None,
    draws: int = 1000,
    seed: int = 0,
) -> Mapping[str, Interval]:
    """95 % percentile intervals (Efron 1979) of the figures of ``headline``, by their names there.

    Of the Prf there are ``precision``, ``recall`` and ``f1``. A figure that has nothing to count is
    left out. Pairs that agree in label, answer, rank and direction are alike, so one multinomial
    draw of their numbers is the same as drawing the pairs one by one.
    """
    some = np.arange(len(a)) if rows is None else np.asarray(rows, np.intp)
    if len(some) < FEWEST:
        return MappingProxyType({})
    kinds, counts = _kinds(a, shift, some)
    numbers = np.random.default_rng(seed).multinomial(len(some), counts / len(some), size=draws)
    drawn = numbers.astype(np.float32)  # whole numbers; multiplying them is far quicker so
    found = {name: _interval(*_ratio(drawn, *parts)) for name, parts in _ratios(a, kinds).items()}
    found["macro_f1"] = _interval(*_macro(drawn, kinds, len(a.names), a.none))
    return MappingProxyType({name: i for name, i in found.items() if i is not None})


def _kinds(a: Analysis, shift: float, some: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(C, 4) label, answer, rank and turn of each kind of pair; (C,) how many there are. ``turn``
    is 0 for a label without direction, 1 for a wrong, 2 for the right one."""
    turned = a.gold_direction.values[some]
    counted = turned != DIRECTIONS.index("both")
    same = turned == a.direction.values[some]
    columns = (
        a.gold.values[some],
        a.predicted(shift).values[some],
        a.ranks[some],
        np.where(counted, 1 + same, 0),
    )
    pairs = np.stack([c.astype(np.int64) for c in columns], axis=1)
    kinds, counts = np.unique(pairs, axis=0, return_counts=True)
    return kinds, counts


def _ratios(a: Analysis, kinds: np.ndarray) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """What each kind adds above and below the line of every figure that is a quotient of sums."""
    gold, said, rank, turn = kinds.T
    held, answered, right = gold != a.none, said != a.none, gold == said
    hits = held & right
    return {
        "precision": (hits, answered),
        "recall": (hits, held),
        "f1": (2 * hits, held.astype(int) + answered),
        "accuracy": (right, np.ones(len(kinds))),
        "hit1": (held & (rank <= 1), held),
        "hit3": (held & (rank <= 3), held),
        "mrr": (held / np.maximum(rank, 1), held),
        "direction": (hits & (turn == 2), hits & (turn > 0)),
        "none_kept": (~held & ~answered, ~held),
    }


def _ratio(drawn: np.ndarray, above: np.ndarray, below: np.ndarray) -> tuple[np.ndarray, bool]:
    """(D,) the figure of each draw, and whether there is anything to count."""
    total = drawn @ below.astype(np.float32)
    return (drawn @ above.astype(np.float32)) / np.maximum(total, 1), bool(np.any(below))


def _macro(drawn: np.ndarray, kinds: np.ndarray, names: int, none: int) -> tuple[np.ndarray, bool]:
    """(D,) mean F1 over the relations that are labels in the draw."""
    gold, said = kinds[:, 0], kinds[:, 1]
    each = np.eye(names, dtype=np.float32)
    right = drawn @ (each[gold] * (gold == said)[:, None])
    of_gold, answered = drawn @ each[gold], drawn @ each[said]
    there = of_gold > 0
    there[:, none] = False
    f1 = np.where(there, 2 * right / np.maximum(of_gold + answered, 1), 0.0)
    return f1.sum(axis=1) / np.maximum(there.sum(axis=1), 1), bool((gold != none).any())


def _interval(values: np.ndarray, counted: bool) -> Interval | None:
    if not counted:
        return None
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)
