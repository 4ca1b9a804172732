"""Vectors of a large catalogue's readings, kept on disk and asked for the nearest.

Encoding a description takes as long as reading a sentence; ten thousand relations would keep a
user waiting for minutes at every start. So a model version's vectors are kept in an index, by
direction and text, and only what is new is encoded.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np

from roc_core.errors import IndexInvalid
from roc_core.index import ApproximateIndex
from roc_core.index.saved import HEAD
from roc_core.retrieval.readings import Reading

KEY = "S16"
"""How a reading is named: the first 16 hex digits of a SHA-256, enough for a billion of them."""

PART = 4_000
"""Readings encoded before they are written down: what a killed process loses at most."""

Encode = Callable[[Sequence[Reading]], np.ndarray]
Progress = Callable[[int, int], None]


class KeptReadings:
    """Readings of one model version in a folder: an ``ApproximateIndex`` and a key for each id.

    A folder that cannot be read is built again. Not safe for several threads at once.
    """

    def __init__(self, folder: Path, width: int) -> None:
        self.folder = folder
        self.index = ApproximateIndex(width)
        self._ids: dict[bytes, int] = {}
        self._next = 0
        self._rows = np.zeros((0, 2), np.int64)  # (id, row) of the readings in use, by id
        self._seen = 0
        self._refresh()

    def __len__(self) -> int:
        return self.index.size

    def missing(self, readings: Sequence[Reading]) -> int:
        """How many of these readings are not kept."""
        return sum(k not in self._ids for k in set(map(_key, readings)))

    def vectors(
        self,
        readings: Sequence[Reading],
        encode: Encode,
        progress: Progress = lambda done, total: None,
    ) -> np.ndarray:
        """Unit vectors (M, W) of readings; those not kept are encoded, and kept from now on.

        Searches rank these readings from now on. What was encoded is written down as it comes;
        where that fails it is encoded again the next time.
        """
        self._refresh()
        keys = [_key(r) for r in readings]
        new = {k: r for k, r in zip(keys, readings, strict=True) if k not in self._ids}
        todo = list(new.items())
        for start in range(0, len(todo), PART):
            part = todo[start : start + PART]
            self._add([k for k, _ in part], encode([r for _, r in part]))
            with suppress(IndexInvalid):
                self.save()
            progress(min(start + PART, len(todo)), len(todo))
        ids = np.array([self._ids[k] for k in keys], np.int64)
        order = np.argsort(ids, kind="stable")
        self._rows = np.stack([ids[order], order], axis=1)
        unique, back = np.unique(ids, return_inverse=True)
        return self.index.vectors_of(unique)[back]

    def nearest(self, pairs: np.ndarray, k: int) -> list[np.ndarray]:
        """Rows, among the readings last asked for, of the ``k`` readings nearest to each unit pair
        vector (B, W), and of those that read the same."""
        known = self._rows[:, 0]
        allowed = np.zeros(self._next, bool)
        allowed[known] = True
        found = self.index.search(pairs, k, None if allowed.all() else allowed)
        low, high = (np.searchsorted(known, found.ids, side=s) for s in ("left", "right"))
        return [
            np.concatenate([self._rows[a:b, 1] for a, b in zip(*each, strict=True)])
            for each in zip(low, high, strict=True)
        ]

    def fold(self, readings: Sequence[Reading]) -> None:
        """Forget every reading but these, and settle what came since the last time."""
        keys = set(map(_key, readings))
        gone = [i for k, i in self._ids.items() if k not in keys]
        self.index.remove(np.array(gone, np.int64))
        self._ids = {k: i for k, i in self._ids.items() if k in keys}
        self.index.fold()

    def save(self) -> None:
        """Write all of it to the folder. Raises IndexInvalid."""
        ids = np.array(list(self._ids.values()), np.int64)
        keys = np.array(list(self._ids), KEY)
        self.index.save(self.folder, {"key-ids.npy": ids, "keys.npy": keys})
        self._seen = self._state()

    def _add(self, keys: Sequence[bytes], vectors: np.ndarray) -> None:
        ids = np.arange(self._next, self._next + len(keys))
        self.index.add(ids, vectors)
        self._ids.update(zip(keys, ids.tolist(), strict=True))
        self._next += len(keys)

    def _refresh(self) -> None:
        """Read the folder if another process wrote to it, job "fold-index" say."""
        if (state := self._state()) != self._seen:
            self._seen = state
            with suppress(IndexInvalid):
                self._load()

    def _state(self) -> int:
        try:
            return (self.folder / HEAD).stat().st_mtime_ns
        except OSError:
            return 0

    def _load(self) -> None:
        index = ApproximateIndex.load(self.folder)
        if index.width != self.index.width:
            raise IndexInvalid(f"vectors of width {self.index.width}", f"{index.width}", "")
        keys, ids = index.beside.get("keys.npy"), index.beside.get("key-ids.npy")
        if keys is None or ids is None or set(ids.tolist()) != set(index.ids().tolist()):
            raise IndexInvalid("a key for each entry", "another number", "")
        self.index = index
        self._ids = dict(zip(keys.tolist(), ids.tolist(), strict=True))
        self._next = int(ids.max()) + 1 if len(ids) else 0


def _key(reading: Reading) -> bytes:
    text = f"{reading.direction}\n{reading.text}"
    return hashlib.sha256(text.encode()).hexdigest()[:16].encode()
