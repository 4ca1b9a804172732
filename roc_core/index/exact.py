"""All cosines, by one matrix product."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from roc_core.errors import IndexEmpty
from roc_core.index import saved
from roc_core.index.contract import (
    Nearest,
    check_queries,
    is_allowed,
    refuse_known,
    refuse_unknown,
    together,
    unit,
    whole,
)

KIND = "exact"


class ExactIndex:
    """Every entry is compared. ``vectors`` (M, W), made unit length here; ids count from 0 when
    none are given. Entries keep their order, and equal scores keep it, too."""

    def __init__(self, vectors: np.ndarray, ids: np.ndarray | None = None) -> None:
        if vectors.ndim != 2 or not len(vectors):
            raise IndexEmpty(
                "at least one description vector",
                f"an array of shape {vectors.shape}",
                "Load a catalogue with descriptions.",
            )
        self._start(vectors.shape[1])
        self.add(np.arange(len(vectors)) if ids is None else ids, vectors)

    @classmethod
    def empty(cls, width: int) -> ExactIndex:
        """An index without entries, to add to."""
        index = cls.__new__(cls)
        index._start(width)
        return index

    def _start(self, width: int) -> None:
        self._buffer = np.zeros((0, width), np.float32)  # room for more than there are
        self._ids = np.zeros(0, np.int64)
        self._row: dict[int, int] = {}

    @property
    def size(self) -> int:
        """Entries in the index."""
        return len(self._ids)

    @property
    def width(self) -> int:
        """Length of its vectors."""
        return int(self._buffer.shape[1])

    @property
    def vectors(self) -> np.ndarray:
        """Unit vectors of all entries in their order, (M, W) float32."""
        return self._buffer[: self.size]

    def ids(self) -> np.ndarray:
        """Ids of all entries in their order, (M,) int64."""
        return self._ids

    def vectors_of(self, ids: np.ndarray) -> np.ndarray:
        """Unit vectors (N, W) float32 of entries (N,)."""
        return self.vectors[self._rows(whole(ids))]

    def has(self, ids: np.ndarray) -> np.ndarray:
        """Which of ``ids`` (N,) are there."""
        return np.fromiter((i in self._row for i in ids.tolist()), bool, len(ids))

    def _rows(self, ids: np.ndarray) -> np.ndarray:
        refuse_unknown(self.has(ids), ids)
        return np.fromiter((self._row[i] for i in ids.tolist()), np.int64, len(ids))

    # --- asking ----------------------------------------------------------------------------

    def scores(self, queries: np.ndarray) -> np.ndarray:
        """Cosines (B, M) of unit queries (B, W) with every entry."""
        return np.asarray(queries @ self.vectors.T)

    def search(self, queries: np.ndarray, k: int, allowed: np.ndarray | None = None) -> Nearest:
        """The ``k`` nearest entries of each query; see ``DescriptionIndex.search``."""
        check_queries(queries, self.width)
        scores, ids = self.scores(queries), self._ids
        if allowed is not None:
            rows = np.flatnonzero(is_allowed(ids, allowed))
            scores, ids = scores[:, rows], ids[rows]
        best = [_first(row, k) for row in scores]
        columns = np.array(best, np.int64).reshape(len(queries), min(k, len(ids)))
        return Nearest(ids[columns], np.take_along_axis(scores, columns, axis=1))

    # --- changing --------------------------------------------------------------------------

    def add(self, ids: np.ndarray, vectors: np.ndarray) -> None:
        """Add entries after those that are there; see ``DescriptionIndex.add``."""
        ids, vectors = whole(ids), unit(vectors, self.width)
        together(ids, vectors)
        refuse_known(self.has(ids), ids)
        before, after = self.size, self.size + len(ids)
        if after > len(self._buffer):
            room = np.empty((max(after, 2 * before), self.width), np.float32)
            room[:before] = self.vectors
            self._buffer = room
        self._buffer[before:after] = vectors
        self._ids = np.concatenate([self._ids, ids])
        self._row.update(zip(ids.tolist(), range(before, after), strict=True))

    def remove(self, ids: np.ndarray) -> None:
        """Take entries out; the others keep their order."""
        ids = whole(ids)
        keep = np.ones(self.size, bool)
        keep[self._rows(ids)] = False
        if len(ids):
            self._take(self.vectors[keep], self._ids[keep])

    def update(self, ids: np.ndarray, vectors: np.ndarray) -> None:
        """Give entries other vectors, in their places."""
        ids, vectors = whole(ids), unit(vectors, self.width)
        together(ids, vectors)
        rows = self._rows(ids)
        if not self._buffer.flags.writeable:
            self._buffer = np.array(self.vectors)
        self._buffer[rows] = vectors

    def _take(self, vectors: np.ndarray, ids: np.ndarray) -> None:
        self._buffer, self._ids = vectors, ids
        self._row = dict(zip(ids.tolist(), range(len(ids)), strict=True))

    # --- files -----------------------------------------------------------------------------

    def save(self, folder: Path) -> None:
        """Write the index; see ``DescriptionIndex.save``. Raises IndexInvalid."""
        writers: dict[str, saved.Writer] = {
            "vectors.npy": lambda path: np.save(path, self.vectors),
            "ids.npy": lambda path: np.save(path, self._ids),
        }
        saved.write(folder, KIND, self.width, writers, {}, {})

    @classmethod
    def load(cls, folder: Path) -> ExactIndex:
        """A saved index, its vectors mapped into memory and read when they are needed.

        Raises IndexInvalid.
        """
        found = saved.read(folder, KIND)
        index = cls.empty(found.width)
        try:
            vectors = np.load(folder / found.files["vectors.npy"], mmap_mode="r")
            ids = whole(np.load(folder / found.files["ids.npy"]))
            together(ids, vectors)
        except (OSError, EOFError, ValueError, KeyError) as error:
            raise saved.invalid(folder, KIND, error) from error
        index._take(vectors, ids)
        return index


def _first(scores: np.ndarray, k: int) -> np.ndarray:
    """Columns of the ``k`` highest scores, highest first; of equal ones the first."""
    if k < len(scores) // 4:
        # Sorting a million would take longer than comparing them.
        there = np.flatnonzero(scores >= np.partition(scores, len(scores) - k)[len(scores) - k])
        return there[np.argsort(-scores[there], kind="stable")[:k]]
    return np.argsort(-scores, kind="stable")[:k]
