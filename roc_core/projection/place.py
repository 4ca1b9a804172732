"""Places for vectors that came after the fit, descriptions among them."""

from __future__ import annotations

import numpy as np

from roc_core.projection.layout import unit_length

SAME = 1e-5
"""Cosine distance up to which two vectors are the same one."""


def place(
    vectors: np.ndarray, fitted: np.ndarray, places: np.ndarray, k: int = 15, batch: int = 512
) -> np.ndarray:
    """Places (M, 2) float32 of vectors (M, W) among ``fitted`` (N, W) at ``places`` (N, 2).

    A new point lies at the weighted mean of its ``k`` nearest fitted points by cosine, weights
    falling exponentially with the distance beyond the nearest one's: what UMAP's own transform
    starts from (``init_graph_transform`` in umap-learn). The steps it takes from there would need
    the fitted graph, which is kept nowhere as it could only be pickled. A vector that was fitted
    lies where it was; one between two groups lies between them.
    """
    known, new = unit_length(fitted), unit_length(vectors)
    k = min(k, len(known))
    out = np.zeros((len(new), 2), np.float32)
    for start in range(0, len(new), batch):
        far = 1 - new[start : start + batch] @ known.T  # B,N
        near = np.argpartition(far, k - 1, axis=1)[:, :k]  # B,k
        weights = _weights(np.take_along_axis(far, near, axis=1))
        out[start : start + batch] = np.einsum("bk,bkd->bd", weights, places[near])
    return out


def _weights(far: np.ndarray) -> np.ndarray:
    """Weights (B, k) that add up to 1 for distances (B, k)."""
    least = far.min(axis=1, keepdims=True)
    beyond = far - least
    scale = np.maximum(beyond.mean(axis=1, keepdims=True), 1e-9)
    powers = np.where(least <= SAME, far <= SAME, np.exp(-beyond / scale))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True), np.float32)
