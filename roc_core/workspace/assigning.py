"""Sharing items out among annotators."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence


def shares(
    items: Sequence[str], annotators: Sequence[str], overlap: float, seed: int, times: int = 2
) -> list[tuple[str, str]]:
    """(item, annotator) pairs in the order of the items: who has fewest comes next, and chance
    decides among equals. ``round(overlap * N)`` items, drawn by the seed, go to ``times``."""
    draw = random.Random(seed)
    wanted = list(dict.fromkeys(items))
    twice = set(draw.sample(wanted, round(overlap * len(wanted))))
    load = Counter(dict.fromkeys(annotators, 0))
    pairs = []
    for item in wanted:
        order = sorted(annotators, key=lambda name: (load[name], draw.random()))
        for name in order[: times if item in twice else 1]:
            load[name] += 1
            pairs.append((item, name))
    return pairs
