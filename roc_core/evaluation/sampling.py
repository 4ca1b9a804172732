"""In which order items are worth a person's label: by uncertainty, and by it with diversity."""

from __future__ import annotations

import numpy as np

CLUSTERS = 50
"""How many groups of alike pairs take turns."""

STEPS = 5
"""How often the centres of the groups are moved to the middle of their pairs."""

SHARE = 3
"""Every SHARE-th item, the most uncertain ones, are spread over the groups …"""

FEWEST = 150
"""… but so many at least."""


def distance_to_change(margins: np.ndarray, leads: np.ndarray) -> np.ndarray:
    """How near (N,) answers are to another one, in cosine points from 0: the best relation may
    fall below its line, be overtaken by the runner-up, or, below its line, come up to it."""
    return np.where(margins >= 0, np.minimum(margins, leads), -margins)


def most_uncertain(margins: np.ndarray, leads: np.ndarray) -> np.ndarray:
    """Rows of N answers, the nearest to another answer first, equal ones in their order."""
    return np.argsort(distance_to_change(margins, leads), kind="stable")


def most_informative(
    vectors: np.ndarray, margins: np.ndarray, leads: np.ndarray, seed: int = 0
) -> np.ndarray:
    """Rows of the most uncertain third of N answers, so that alike pairs (N, W) do not follow each
    other: clusters of their vectors take turns, each giving its most uncertain pair.

    After Citovsky et al. (2021), "Batch active learning at scale"; the clusters are those of
    k-means on the sphere, begun with a pair drawn by the seed and the pairs farthest from it and
    from each other.
    """
    rows = most_uncertain(margins, leads)
    rows = rows[: max(FEWEST, -(-len(rows) // SHARE))]
    if len(rows) < 3:
        return rows
    wide = vectors[rows].astype(np.float32)
    wide /= np.maximum(np.linalg.norm(wide, axis=1, keepdims=True), 1e-12)
    cluster = _clusters(wide, min(CLUSTERS, len(rows) // 2), np.random.default_rng(seed))
    return rows[np.lexsort((np.arange(len(rows)), _turn(cluster)))]


def _clusters(vectors: np.ndarray, count: int, draw: np.random.Generator) -> np.ndarray:
    """The cluster (N,) of each unit vector (N, W), at most ``count`` of them."""
    chosen = [int(draw.integers(len(vectors)))]
    nearest = vectors @ vectors[chosen[0]]
    for _ in range(count - 1):
        chosen.append(int(nearest.argmin()))
        nearest = np.maximum(nearest, vectors @ vectors[chosen[-1]])
    centres = vectors[chosen]  # K,W
    for _ in range(STEPS):
        cluster = (vectors @ centres.T).argmax(axis=1)
        members = np.arange(count)[:, None] == cluster  # K,N
        centres = members.astype(np.float32) @ vectors
        centres /= np.maximum(np.linalg.norm(centres, axis=1, keepdims=True), 1e-12)
    return np.asarray((vectors @ centres.T).argmax(axis=1))


def _turn(cluster: np.ndarray) -> np.ndarray:
    """How many rows of the same cluster stand before each row."""
    order = np.argsort(cluster, kind="stable")
    counts = np.bincount(cluster)
    starts = np.repeat(np.cumsum(counts) - counts, counts)
    turn = np.empty(len(cluster), int)
    turn[order] = np.arange(len(cluster)) - starts
    return turn
