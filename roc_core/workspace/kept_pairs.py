"""Labelled pairs read by a version from their sentences alone, kept in a folder if one is given, so
that the next measurement need not read them again."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from roc_core.datasets.base import replacing
from roc_core.schema import Record
from roc_core.workspace.comparing import Progress
from roc_core.workspace.evaluating import hidden_by, with_pictures
from roc_core.workspace.pair_vectors import key_of

if TYPE_CHECKING:
    from roc_core.evaluation.pair_sets import PairSet
    from roc_core.retrieval import RelationRetriever

_Kept = dict[str, tuple[np.ndarray, str]]
"""Vector (W,) and type pair of each pair that was read, by the hash of its example."""


def read_kept(
    retriever: RelationRetriever,
    folder: Path,
    records: Sequence[Record],
    keep: Path | None,
    progress: Progress,
    what: str,
) -> PairSet:
    """Pairs as the version in ``folder`` reads them; those that are in ``keep`` are not read again.

    What is kept goes by the hash of the version's files and of the example, so that a version
    trained again, or a changed sentence, is read anew. Raises ValueRejected when ``keep`` cannot be
    written to.
    """
    from roc_core.evaluation.pair_sets import PairSet, read_pairs

    shown = [r for r in with_pictures(records, "none") if r.label is not None]
    names = [hashlib.sha256(repr(r.example).encode()).hexdigest()[:24] for r in shown]
    file = keep / f"{folder.name}-{key_of(folder, retriever.catalogue).model}.npz" if keep else None
    known = _load(file) if file else {}
    new = [r for r, name in zip(shown, names, strict=True) if name not in known]
    if new:
        found = read_pairs(
            retriever, new, hidden_by("none"), lambda done, total: progress(done, total, what)
        )
        fresh = [name for name in names if name not in known]
        known |= {n: (v, t) for n, v, t in zip(fresh, found.vectors, found.types, strict=True)}
        if file:
            _save(file, known)
    if not shown:
        return read_pairs(retriever, [])
    vectors = np.stack([known[n][0] for n in names])
    return PairSet(tuple(shown), vectors, tuple(known[n][1] for n in names))


def _load(file: Path) -> _Kept:
    """What a file holds; one that cannot be read is made anew."""
    try:
        with np.load(file, allow_pickle=False) as held:
            names, vectors, types = held["names"], held["vectors"], held["types"]
            rows = zip(names.tolist(), vectors, types.tolist(), strict=True)
            return {name: (vector, kind) for name, vector, kind in rows}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return {}


def _save(file: Path, known: _Kept) -> None:
    with replacing(file) as handle:
        np.savez(
            handle,
            names=np.array(list(known)),
            vectors=np.stack([v for v, _ in known.values()]),
            types=np.array([t for _, t in known.values()]),
        )
