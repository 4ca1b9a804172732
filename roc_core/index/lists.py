"""The lists of an ``ApproximateIndex``: what is asked of faiss, in one place."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import faiss

ROUNDS = 8
"""Rounds of k-means: further ones hardly move the centroids."""

POINTS = 40
"""Entries a centroid is learnt from at most; faiss wants 39 at least."""

PART = 50_000
"""Entries put into lists at once."""


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """Where each entry lies: ``ids`` (N,) sorted, and for each its list and its place in it."""

    ids: np.ndarray
    list_of: np.ndarray
    at: np.ndarray


def filled(
    ids: np.ndarray, vectors: np.ndarray, count: int, seed: int
) -> faiss.IndexIVFScalarQuantizer:
    """``count`` lists learnt from entries (N,) with unit vectors (N, W), and the entries in them.

    ``count`` is N at most.
    """
    import faiss

    made = _empty(faiss.IndexFlatIP(vectors.shape[1]), count)
    made.cp.niter, made.cp.seed, made.cp.spherical = ROUNDS, seed + 1, True
    made.cp.max_points_per_centroid, made.cp.min_points_per_centroid = POINTS, 1
    made.train(vectors)
    _add(made, ids, vectors)
    return made


def refilled(
    old: faiss.IndexIVFScalarQuantizer, alive: np.ndarray, ids: np.ndarray, vectors: np.ndarray
) -> faiss.IndexIVFScalarQuantizer:
    """Lists of the same centroids with the entries of ``old`` that are ``alive`` (I,) bool by id,
    and entries (N,) with vectors (N, W) besides; ``old`` stays as it is."""
    import faiss

    made = _empty(faiss.clone_index(old.quantizer), old.nlist)
    made.is_trained = True
    for number in range(old.nlist):
        known, codes = _list(old, number)
        keep = alive[known]
        kept, left = np.ascontiguousarray(known[keep]), np.ascontiguousarray(codes[keep])
        if len(kept):
            made.invlists.add_entries(
                number, len(kept), faiss.swig_ptr(kept), faiss.swig_ptr(left.view(np.uint8))
            )
    made.ntotal = made.invlists.compute_ntotal()
    if len(ids):
        _add(made, ids, vectors)
    return made


def _empty(centroids: faiss.Index, count: int) -> faiss.IndexIVFScalarQuantizer:
    """Lists without entries. Half precision: half the memory, and what a search waits for is
    memory; it moves a cosine by less than 0.001."""
    import faiss

    half, inner = faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
    return faiss.IndexIVFScalarQuantizer(centroids, centroids.d, count, half, inner, False)


def _add(made: faiss.IndexIVFScalarQuantizer, ids: np.ndarray, vectors: np.ndarray) -> None:
    for start in range(0, len(ids), PART):
        part = slice(start, start + PART)
        made.add_with_ids(vectors[part], ids[part])


def probes_for(probes: int, most: int, share: float) -> int:
    """How many of ``most`` lists are read when only a ``share`` (0..1) of the entries may be found.

    The nearest of fewer entries lie further away, so more lists than ``probes`` are; by the root of
    the share recall holds (``benchmarks/index.py``), and the time grows by as much at most.
    """
    return min(most, round(probes / share**0.5))


def search(
    made: faiss.IndexIVFScalarQuantizer,
    queries: np.ndarray,
    k: int,
    probes: int,
    bits: np.ndarray | None,
) -> tuple[np.ndarray, np.ndarray]:
    """Scores and ids (B, k) of the nearest entries in the lists of ``probes`` centroids.

    Of ``bits`` (a bitmap by id, the lowest bit first) only those whose bit is set. Id -1: no
    further one.
    """
    import faiss

    chosen = None
    if bits is not None:
        chosen = faiss.IDSelectorBitmap(len(bits), faiss.swig_ptr(bits))
    how = faiss.SearchParametersIVF(sel=chosen, nprobe=probes)
    scores, ids = made.search(queries, k, params=how)
    return scores, ids


def places(made: faiss.IndexIVFScalarQuantizer) -> Places:
    """Where every entry lies."""
    sizes = [int(made.invlists.list_size(n)) for n in range(made.nlist)]
    ids = ids_of(made)
    order = np.argsort(ids, kind="stable")
    list_of = np.repeat(np.arange(made.nlist, dtype=np.int32), sizes)
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    at = (np.arange(len(ids)) - np.repeat(starts, sizes)).astype(np.int32)
    return Places(ids[order], list_of[order], at[order])


def vectors_at(made: faiss.IndexIVFScalarQuantizer, places: Places, ids: np.ndarray) -> np.ndarray:
    """Unit vectors (N, W) of entries (N,) that are there."""
    rows = np.searchsorted(places.ids, ids)
    list_of, at = places.list_of[rows], places.at[rows]
    out = np.empty((len(ids), made.d), np.float32)
    order = np.argsort(list_of, kind="stable")
    bounds = np.flatnonzero(np.diff(list_of[order])) + 1
    for part in np.split(order, bounds):
        out[part] = _list(made, int(list_of[part[0]]))[1][at[part]]
    return out / np.linalg.norm(out, axis=1, keepdims=True)


def ids_of(made: faiss.IndexIVFScalarQuantizer) -> np.ndarray:
    """Ids of all entries, list by list, (N,) int64."""
    parts = [_list(made, number)[0] for number in range(made.nlist)]
    return np.concatenate(parts) if parts else np.zeros(0, np.int64)


def _list(made: faiss.IndexIVFScalarQuantizer, number: int) -> tuple[np.ndarray, np.ndarray]:
    """Ids (n,) and vectors (n, W) float16 of a list, as they lie in memory: not to be changed."""
    import faiss

    size = int(made.invlists.list_size(number))
    if not size:
        return np.zeros(0, np.int64), np.zeros((0, made.d), np.float16)
    ids = faiss.rev_swig_ptr(made.invlists.get_ids(number), size)
    codes = faiss.rev_swig_ptr(made.invlists.get_codes(number), size * made.code_size)
    return ids, codes.view(np.float16).reshape(size, made.d)


def write(made: faiss.IndexIVFScalarQuantizer, path: Path) -> None:
    """Write lists to a file. Raises RuntimeError, as faiss does."""
    import faiss

    faiss.write_index(made, str(path))


def read(path: Path, width: int) -> faiss.IndexIVFScalarQuantizer:
    """Lists of a file, mapped into memory. Raises RuntimeError, as faiss does, and ValueError for
    a file of something else."""
    import faiss

    made: Any = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
    if not isinstance(made, faiss.IndexIVFScalarQuantizer) or made.d != width:
        raise ValueError("a file that holds no lists of this width")
    return made
