"""Nearest descriptions among a million, by faiss: lists of like vectors, the likeliest are read.

Entries lie in the lists of an inverted file (Johnson, Douze & Jégou 2017,
https://arxiv.org/abs/1702.08734) by the nearest of its centroids, in half precision, and a query
reads the lists of its ``probes`` nearest centroids; ``tune`` chooses how many. What is added or
changed later lies in a small exact index beside them, and what is removed or changed leaves a mark
on its old entry, so that no change waits for the lists to be made anew: ``fold`` does that, when
there is time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from roc_core.errors import ValueRejected
from roc_core.index import lists, saved
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
from roc_core.index.exact import ExactIndex

if TYPE_CHECKING:
    import faiss

KIND = "approximate"
NOTHING = -1
"""The id faiss gives where it found no further entry."""


@dataclass(frozen=True, slots=True)
class IndexSettings:
    """``lists`` there are (0: four times the root of the entries), ``probes`` of them read for a
    query until ``tune`` chooses; up to ``least`` entries are all compared, without lists. ``seed``
    of the training. Raises ValueRejected for values that make no index.
    """

    lists: int = 0
    probes: int = 64
    least: int = 5_000
    seed: int = 0

    def __post_init__(self) -> None:
        if self.lists < 0 or self.probes < 1 or self.least < 0:
            raise ValueRejected(
                "lists and least from 0, probes from 1",
                f"{self.lists}, {self.least} and {self.probes}",
                "Correct the index's settings.",
            )


class ApproximateIndex:
    """Lists, marks of what is gone from them, and what came since; see the module."""

    def __init__(self, width: int, settings: IndexSettings | None = None) -> None:
        self._settings = settings or IndexSettings()
        self.probes = self._settings.probes
        self.beside: dict[str, np.ndarray] = {}  # arrays of who keeps the index, saved with it
        self._lists: faiss.IndexIVFScalarQuantizer | None = None
        self._alive = np.zeros(0, bool)  # by id: in a list, and neither removed nor changed
        self._living = 0
        self._since = ExactIndex.empty(width)
        self._places: lists.Places | None = None
        self._file: tuple[Path, str] | None = None  # where the lists are saved as they are

    @classmethod
    def build(
        cls, ids: np.ndarray, vectors: np.ndarray, settings: IndexSettings | None = None
    ) -> ApproximateIndex:
        """An index of entries (N,) with vectors (N, W). Raises ValueRejected, as ``add``."""
        ids, vectors = whole(ids), unit(vectors)
        together(ids, vectors)
        index = cls(vectors.shape[1], settings)
        index._rebuild(ids, vectors)
        return index

    @property
    def size(self) -> int:
        """Entries in the index."""
        return self._living + self._since.size

    @property
    def width(self) -> int:
        """Length of its vectors."""
        return self._since.width

    @property
    def loose(self) -> int:
        """Entries outside the lists, and marks of what is gone: what ``fold`` would settle."""
        gone = 0 if self._lists is None else int(self._lists.ntotal) - self._living
        return self._since.size + gone

    def ids(self) -> np.ndarray:
        """Ids of all entries, (size,) int64."""
        return np.concatenate([np.flatnonzero(self._alive), self._since.ids()])

    def vectors_of(self, ids: np.ndarray) -> np.ndarray:
        """Unit vectors (N, W) float32 of entries (N,)."""
        ids = whole(ids)
        since = self._since.has(ids)
        refuse_unknown(since | is_allowed(ids, self._alive), ids)
        out = np.empty((len(ids), self.width), np.float32)
        out[since] = self._since.vectors_of(ids[since])
        if self._lists is not None and not since.all():
            self._places = self._places or lists.places(self._lists)
            out[~since] = lists.vectors_at(self._lists, self._places, ids[~since])
        return out

    # --- asking ----------------------------------------------------------------------------

    def search(self, queries: np.ndarray, k: int, allowed: np.ndarray | None = None) -> Nearest:
        """The ``k`` nearest entries of each query; see ``DescriptionIndex.search``.

        One that lies in a list that is not read is missed. Where the lists that are read hold too
        few entries, all of them are.
        """
        check_queries(queries, self.width)
        queries = np.ascontiguousarray(queries, np.float32)
        if self._lists is None:
            return self._since.search(queries, k, allowed)
        among = self._alive if allowed is None else self._allowed(allowed)
        there = self._living if allowed is None else int(among.sum())
        if not there:
            return self._since.search(queries, k, allowed)
        listed = self._listed(queries, min(k, there), among, there)
        if not self._since.size:
            return listed
        near = self._since.search(queries, k, allowed)
        ids = np.concatenate([listed.ids, near.ids], axis=1)
        scores = np.concatenate([listed.scores, near.scores], axis=1)
        order = np.argsort(-scores, axis=1, kind="stable")[:, :k]
        return Nearest(
            np.take_along_axis(ids, order, axis=1), np.take_along_axis(scores, order, axis=1)
        )

    def _allowed(self, allowed: np.ndarray) -> np.ndarray:
        among = np.zeros(len(self._alive), bool)
        most = min(len(allowed), len(among))
        among[:most] = allowed[:most] & self._alive[:most]
        return among

    def _listed(self, queries: np.ndarray, k: int, among: np.ndarray, there: int) -> Nearest:
        """The ``k`` nearest of the ``there`` entries in lists that are ``among`` (I,) bool."""
        assert self._lists is not None
        total = int(self._lists.ntotal)
        # A bitmap by id, as faiss reads it; none when every entry may be found.
        bits = None if there == total else np.packbits(among, bitorder="little")
        probes = lists.probes_for(self.probes, self._lists.nlist, there / total)
        scores, ids = lists.search(self._lists, queries, k, probes, bits)
        few = np.flatnonzero((ids == NOTHING).any(axis=1))
        if len(few):
            scores[few], ids[few] = lists.search(
                self._lists, queries[few], k, self._lists.nlist, bits
            )
        return Nearest(ids, scores)

    def tune(self, queries: np.ndarray, wanted: float = 0.99, k: int = 10) -> float:
        """Read as few lists as find ``wanted`` (0..1) of the ``k`` nearest of these queries (B, W)
        in the mean, and say what share they find. All lists are read to know; 1 without lists.

        Give pair vectors: they lie elsewhere than descriptions do, and are harder to serve.
        """
        check_queries(queries, self.width)
        if self._lists is None or not self._living:
            return 1.0
        queries, k = np.ascontiguousarray(queries, np.float32), min(k, self._living)
        most = self._lists.nlist
        self.probes = most
        right = self._listed(queries, k, self._alive, self._living).ids
        for probes in sorted({min(most, round(4 * 1.2**n)) for n in range(64)}):
            self.probes = probes
            found = self._listed(queries, k, self._alive, self._living).ids
            share = float(
                np.mean([np.isin(a, b).mean() for a, b in zip(right, found, strict=True)])
            )
            if share >= wanted:
                break
        return share

    # --- changing --------------------------------------------------------------------------

    def add(self, ids: np.ndarray, vectors: np.ndarray) -> None:
        """Add entries beside the lists."""
        ids = whole(ids)
        refuse_known(is_allowed(ids, self._alive), ids)
        self._since.add(ids, vectors)

    def remove(self, ids: np.ndarray) -> None:
        """Take entries out; those in lists are marked as gone."""
        ids = whole(ids)
        since, listed = self._since.has(ids), is_allowed(ids, self._alive)
        refuse_unknown(since | listed, ids)
        self._mark(ids[listed])
        self._since.remove(ids[since])

    def update(self, ids: np.ndarray, vectors: np.ndarray) -> None:
        """Give entries other vectors; those in lists move out of them."""
        ids, vectors = whole(ids), unit(vectors, self.width)
        together(ids, vectors)
        since, listed = self._since.has(ids), is_allowed(ids, self._alive)
        refuse_unknown(since | listed, ids)
        self._since.update(ids[since], vectors[since])
        self._mark(ids[listed])
        self._since.add(ids[listed], vectors[listed])

    def _mark(self, ids: np.ndarray) -> None:
        self._alive[ids] = False
        self._living -= len(ids)

    def fold(self) -> None:
        """Make lists of all entries: what came since goes in, what is gone goes out.

        Centroids are learnt again when the entries have doubled or halved since they were, or the
        lists have no settings' number; else entries only change lists.
        """
        known = self._lists
        if known is None or not self._fits(known):
            ids = self.ids()
            self._rebuild(ids, self.vectors_of(ids))
            return
        if self.loose:
            self._settle(lists.refilled(known, self._alive, self._since.ids(), self._since.vectors))

    def _fits(self, known: faiss.IndexIVFScalarQuantizer) -> bool:
        wanted = self._wanted(self.size)
        return self.size > self._settings.least and wanted <= 2 * known.nlist <= 4 * wanted

    def _wanted(self, size: int) -> int:
        return self._settings.lists or max(1, round(4 * size**0.5))

    def _rebuild(self, ids: np.ndarray, vectors: np.ndarray) -> None:
        if len(ids) <= self._settings.least:
            self._settle(None)
            if len(ids):
                self._since.add(ids, vectors)
            return
        wanted = min(self._wanted(len(ids)), len(ids))
        self._settle(lists.filled(ids, vectors, wanted, self._settings.seed))

    def _settle(self, made: faiss.IndexIVFScalarQuantizer | None) -> None:
        """Take over lists that hold every entry."""
        self._since = ExactIndex.empty(self.width)
        self._take(made)
        self._file = None

    def _take(self, made: faiss.IndexIVFScalarQuantizer | None) -> None:
        self._lists, self._places = made, None
        found = np.zeros(0, np.int64) if made is None else lists.ids_of(made)
        self._alive = np.zeros(int(found.max()) + 1 if len(found) else 0, bool)
        self._alive[found] = True
        self._living = len(found)

    # --- files -----------------------------------------------------------------------------

    def save(self, folder: Path, beside: Mapping[str, np.ndarray] | None = None) -> None:
        """Write the index; lists that lie in this folder as they are stay. Arrays ``beside`` it
        are written as files of these names, and ``load`` gives them back. Raises IndexInvalid."""
        self.beside = dict(beside or {})
        writers: dict[str, saved.Writer] = {
            "since.npy": lambda path: np.save(path, self._since.vectors),
            "since-ids.npy": lambda path: np.save(path, self._since.ids()),
            "alive.npy": lambda path: np.save(path, np.packbits(self._alive)),
        }
        for name, array in self.beside.items():
            writers[name] = partial(np.save, arr=array)
        kept = {}
        if self._lists is not None:
            if self._file is not None and self._file[0] == folder:
                kept["lists.faiss"] = self._file[1]
            else:
                writers["lists.faiss"] = partial(lists.write, self._lists)
        more: dict[str, Any] = {"alive": len(self._alive), "size": self.size}
        more |= {"probes": self.probes, "beside": list(self.beside)}
        files = saved.write(folder, KIND, self.width, writers, kept, more)
        if self._lists is not None:
            self._file = (folder, files["lists.faiss"])

    @classmethod
    def load(cls, folder: Path, settings: IndexSettings | None = None) -> ApproximateIndex:
        """A saved index; its lists are mapped into memory and read when they are needed.

        Raises IndexInvalid.
        """
        found = saved.read(folder, KIND)
        index = cls(found.width, settings)
        try:
            if name := found.files.get("lists.faiss"):
                index._take(lists.read(folder / name, found.width))
                index._file = (folder, name)
            alive = np.load(folder / found.files["alive.npy"])
            index._alive &= np.unpackbits(alive, count=int(found.more["alive"])).astype(bool)
            index._living = int(index._alive.sum())
            ids = np.load(folder / found.files["since-ids.npy"])
            index.add(ids, np.load(folder / found.files["since.npy"]))
            index.probes = int(found.more["probes"])
            for name in found.more["beside"]:
                index.beside[name] = np.load(folder / found.files[name])
            if index.size != found.more["size"]:
                raise ValueError(f"{index.size} entries in place of {found.more['size']}")
        # RuntimeError: faiss, which has no other error.
        except (OSError, EOFError, ValueError, KeyError, RuntimeError) as error:
            raise saved.invalid(folder, KIND, error) from error
        return index
