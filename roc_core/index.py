"""Descriptions → unit vectors → the nearest descriptions.

``DescriptionIndex`` is the contract every index keeps; ``ExactIndex`` is the measure of all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from roc_core.errors import IndexEmpty, ValueRejected


@dataclass(frozen=True, slots=True, eq=False)
class Nearest:
    """``rows`` (B, k) numbers of the nearest entries, best first, and their ``scores`` (cosine)."""

    rows: np.ndarray
    scores: np.ndarray


class DescriptionIndex(Protocol):
    """Nearest entries of unit query vectors by cosine."""

    @property
    def size(self) -> int:
        """Entries in the index."""
        ...

    def search(self, queries: np.ndarray, k: int) -> Nearest:
        """The ``k`` nearest entries of each query (B, W); fewer when the index is smaller."""
        ...


class ExactIndex:
    """All cosines, by one matrix product. ``vectors`` (M, W), made unit length here."""

    def __init__(self, vectors: np.ndarray) -> None:
        if vectors.ndim != 2 or not len(vectors):
            raise IndexEmpty(
                "at least one description vector",
                f"an array of shape {vectors.shape}",
                "Load a catalogue with descriptions.",
            )
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        if not np.isfinite(norms).all() or (norms == 0).any():
            raise ValueRejected(
                "finite description vectors that are not zero",
                "a zero or infinite one",
                "Encode the descriptions again.",
            )
        self.vectors = np.ascontiguousarray(vectors / norms, np.float32)

    @property
    def size(self) -> int:
        """Entries in the index."""
        return len(self.vectors)

    def scores(self, queries: np.ndarray) -> np.ndarray:
        """Cosines (B, M) of unit queries (B, W) with every entry."""
        return np.asarray(queries @ self.vectors.T)

    def search(self, queries: np.ndarray, k: int) -> Nearest:
        """The ``k`` nearest entries of each query; equal scores keep the order of the index."""
        scores = self.scores(queries)
        rows = np.argsort(-scores, axis=1, kind="stable")[:, :k]
        return Nearest(rows, np.take_along_axis(scores, rows, axis=1))
