"""What every index of descriptions keeps to, and the checks they share."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from roc_core.errors import ValueRejected


@dataclass(frozen=True, slots=True, eq=False)
class Nearest:
    """``ids`` (B, k) int64 of the nearest entries, best first, and their ``scores`` (cosine)."""

    ids: np.ndarray
    scores: np.ndarray


class DescriptionIndex(Protocol):
    """Nearest entries of unit query vectors by cosine. An entry is an id, a whole number from 0,
    and a vector. Not safe for several threads at once while it is changed."""

    @property
    def size(self) -> int:
        """Entries in the index."""
        ...

    @property
    def width(self) -> int:
        """Length of its vectors."""
        ...

    def search(self, queries: np.ndarray, k: int, allowed: np.ndarray | None = None) -> Nearest:
        """The ``k`` nearest entries of each unit query (B, W); fewer when there are fewer.

        With ``allowed`` (I,) bool only entries whose id is True in it are ranked; ids from I on
        are not. Raises ValueRejected for queries of another width.
        """
        ...

    def add(self, ids: np.ndarray, vectors: np.ndarray) -> None:
        """Add entries (N,) with vectors (N, W), made unit length here, all or none of them.

        Raises ValueRejected for an id that is there or given twice, and for vectors of another
        width, of length zero or not finite.
        """
        ...

    def remove(self, ids: np.ndarray) -> None:
        """Take entries (N,) out, all or none. Raises ValueRejected for an id that is not there."""
        ...

    def update(self, ids: np.ndarray, vectors: np.ndarray) -> None:
        """Give entries (N,) other vectors (N, W). Raises what ``add`` and ``remove`` raise."""
        ...

    def ids(self) -> np.ndarray:
        """Ids of all entries, (size,) int64, in no order that means anything."""
        ...

    def vectors_of(self, ids: np.ndarray) -> np.ndarray:
        """Unit vectors (N, W) float32 of entries (N,). Raises ValueRejected for an id that is not
        there."""
        ...

    def save(self, folder: Path) -> None:
        """Write the index; who reads sees what was there before, or all of this."""
        ...


def unit(vectors: np.ndarray, width: int = 0) -> np.ndarray:
    """Vectors (N, W) at unit length, float32. Raises ValueRejected for an array of another form, or
    a vector that has no direction."""
    if vectors.ndim != 2 or (width and vectors.shape[1] != width):
        raise ValueRejected(
            f"vectors of width {width}" if width else "a table of vectors",
            f"an array of shape {vectors.shape}",
            "Encode the descriptions with one model version.",
        )
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    if not np.isfinite(norms).all() or (norms == 0).any():
        raise ValueRejected(
            "finite description vectors that are not zero",
            "a zero or infinite one",
            "Encode the descriptions again.",
        )
    return np.ascontiguousarray(vectors / norms, np.float32)


def check_queries(queries: np.ndarray, width: int) -> None:
    """Raises ValueRejected for queries of another width than the index."""
    if queries.ndim != 2 or queries.shape[1] != width:
        raise ValueRejected(
            f"pair vectors of width {width}",
            f"an array of shape {queries.shape}",
            "Read the pairs with the model version that encoded the descriptions.",
        )


def whole(ids: np.ndarray) -> np.ndarray:
    """Ids as (N,) int64. Raises ValueRejected for what is no id, and for one given twice."""
    found = np.asarray(ids)
    if found.ndim != 1 or (found.size and found.dtype.kind not in "iu") or (found < 0).any():
        raise ValueRejected("ids, whole numbers from 0", f"{found!r:.60}", "Number the entries.")
    if len(np.unique(found)) < len(found):
        raise ValueRejected("each id once", "one given twice", "Leave the second one out.")
    return found.astype(np.int64)


def together(ids: np.ndarray, vectors: np.ndarray) -> None:
    """Raises ValueRejected unless there is a vector for each id."""
    if len(ids) != len(vectors):
        raise ValueRejected(
            f"a vector for each of {len(ids)} ids", f"{len(vectors)}", "Give one for each."
        )


def refuse_known(known: np.ndarray, ids: np.ndarray) -> None:
    """Raises ValueRejected when one of ``ids`` is ``known`` (N,) already."""
    if known.any():
        raise ValueRejected("ids of new entries", f"{ids[known][0]}, which is there", "Update it.")


def refuse_unknown(known: np.ndarray, ids: np.ndarray) -> None:
    """Raises ValueRejected when one of ``ids`` is not ``known`` (N,)."""
    if not known.all():
        found = f"{ids[~known][0]}, which is not"
        raise ValueRejected("ids of entries that are there", found, "Add it first.")


def is_allowed(ids: np.ndarray, allowed: np.ndarray) -> np.ndarray:
    """Which of ``ids`` (N,) are True in ``allowed`` (I,); those from I on are not."""
    if not len(allowed):
        return np.zeros(len(ids), bool)
    return np.asarray((ids < len(allowed)) & allowed[np.minimum(ids, len(allowed) - 1)])
