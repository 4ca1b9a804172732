"""Vectors in clusters, as descriptions lie, and indexes of both kinds over them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from roc_core.index import ApproximateIndex, DescriptionIndex, ExactIndex, IndexSettings

WIDTH = 16
EVERY_LIST = IndexSettings(lists=8, probes=8, least=20)
"""Lists already for a few entries; all of them are read, so that no entry can be missed."""

Build = Callable[[np.ndarray, np.ndarray], DescriptionIndex]


def exact(ids: np.ndarray, vectors: np.ndarray) -> DescriptionIndex:
    return ExactIndex(vectors, ids)


def approximate(ids: np.ndarray, vectors: np.ndarray) -> DescriptionIndex:
    return ApproximateIndex.build(ids, vectors, EVERY_LIST)


def grown(ids: np.ndarray, vectors: np.ndarray) -> DescriptionIndex:
    """Half of it in lists, half beside them."""
    half = max(1, len(ids) // 2)
    index = ApproximateIndex.build(ids[:half], vectors[:half], EVERY_LIST)
    index.add(ids[half:], vectors[half:])
    return index


BUILDERS: dict[str, Build] = {"exact": exact, "approximate": approximate, "grown": grown}


def load(index: DescriptionIndex, folder: Path) -> DescriptionIndex:
    """The index of that kind saved in a folder."""
    if isinstance(index, ExactIndex):
        return ExactIndex.load(folder)
    return ApproximateIndex.load(folder, EVERY_LIST)


def clusters(count: int, seed: int = 0, width: int = WIDTH) -> np.ndarray:
    """Unit vectors (count, width) float32 around ``count / 10`` centres."""
    random = np.random.default_rng(seed)
    centres = random.normal(size=(max(1, count // 10), width))
    found = centres[random.integers(0, len(centres), count)]
    return unit(found + 0.4 * random.normal(size=(count, width)))


def unit(vectors: np.ndarray) -> np.ndarray:
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
