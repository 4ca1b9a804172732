"""The labelled pairs nearest to a pair, in the space in which pairs and descriptions meet."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from roc_core.errors import IndexEmpty, ValueRejected
from roc_core.index import ExactIndex
from roc_core.schema import Label, Neighbour


def nearest_labelled(
    query: np.ndarray,
    vectors: np.ndarray,
    labels: Sequence[Label | None],
    k: int = 10,
    without: Sequence[int] = (),
) -> tuple[Neighbour, ...]:
    """The ``k`` labelled pairs nearest to ``query`` (W,) among ``vectors`` (M, W), best first.

    Exact cosines. Rows without a label and rows in ``without`` (the pair itself) are passed over.
    Raises IndexEmpty when no labelled pair is left, ValueRejected when shapes do not fit.
    """
    if len(labels) != len(vectors) or vectors.ndim != 2 or query.shape != vectors.shape[1:]:
        raise ValueRejected(
            "a label for each vector, and all vectors of one width",
            f"{len(labels)} labels, vectors {vectors.shape}, pair {query.shape}",
            "Compute the vectors again with one model version.",
        )
    out = set(without)
    there = [(r, x) for r, x in enumerate(labels) if x is not None and r not in out]
    if not there:
        raise IndexEmpty(
            "labelled pairs to compare with", "none", "Import labelled data, or correct an answer."
        )
    found = ExactIndex(vectors[[r for r, _ in there]]).search(_unit(query)[None], k)
    return tuple(
        Neighbour(*there[int(row)], float(score))
        for row, score in zip(found.ids[0], found.scores[0], strict=True)
    )


def _unit(query: np.ndarray) -> np.ndarray:
    return np.asarray(query / max(float(np.linalg.norm(query)), 1e-12), np.float32)
