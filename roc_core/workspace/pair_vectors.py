"""Pair vectors and answers of all items: computed once, kept, gone on with after a stop."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from roc_core import metrics
from roc_core.errors import ModelVersionInvalid, RocError
from roc_core.jobs import Progress
from roc_core.relations import Catalogue
from roc_core.schema import Item, PairVectors, Reading, type_words
from roc_core.store import Store
from roc_core.store.vectors import Key
from roc_core.workspace import importing, variants

if TYPE_CHECKING:
    import torch

    from roc_core.model.inputs import PairInput
    from roc_core.retrieval import RelationRetriever

WEIGHED = ("config.json", "trained.safetensors")
"""Files of a version that decide its vectors and answers."""

_FileState = tuple[Path, int, int, int]
"""A file, its inode, when it was changed (ns), and its size in bytes."""

BATCH = 128
"""Items read and kept together: what a killed job loses at most."""

AT_ONCE = 20_000_000
"""Scores of pairs with descriptions that are held at once, 80 MB."""

REASONS = 5
"""How many of the items that could not be read a result names."""


@dataclass(frozen=True, slots=True)
class Computed:
    """How many vectors were computed, how many answers renewed, and which items could not be read:
    how many, and the first of them with the reason."""

    computed: int
    renewed: int
    refused: int
    reasons: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain values for a job's result."""
        return {
            "computed": self.computed,
            "renewed": self.renewed,
            "refused": self.refused,
            "reasons": list(self.reasons),
        }


def vectors_job(folder: Path, parameters: Mapping[str, Any], report: Progress) -> Mapping[str, Any]:
    """Job "vectors": vectors of all items that have none of the model version ``version``, read
    in the way ``variant`` says."""
    from roc_core.workspace.workspace import Workspace

    workspace = Workspace.open(folder)
    version = str(parameters.get("version") or workspace.model_version)
    key = workspace.reading_key(Reading(version, str(parameters.get("variant") or "")))
    return compute(
        Store.open(folder), key, lambda: workspace.retriever_of(version), report
    ).as_dict()


def key_of(folder: Path, catalogue: Catalogue) -> Key:
    """What the vectors of a version's folder are kept under.

    The hash is that of settings, lines and weights: a version that was trained again under the
    same name has other vectors. Raises ModelVersionInvalid when there is no such version.
    """
    return Key(folder.name, weights_of(folder), catalogue.digest[:16])


def weights_of(folder: Path) -> str:
    """Hash of what decides a version's vectors. Raises ModelVersionInvalid without a version."""
    return _digest(tuple(_state(folder / n) for n in WEIGHED))


def _state(path: Path) -> _FileState:
    try:
        found = path.stat()
    except OSError as error:
        raise _incomplete(path, error) from error
    return path, found.st_ino, found.st_mtime_ns, found.st_size


@lru_cache(maxsize=32)
def _digest(files: tuple[_FileState, ...]) -> str:
    """Hash of files, read once for a state of theirs: pages ask for it at every action, and the
    weights are megabytes."""
    digest = hashlib.sha256()
    for path, *_ in files:
        try:
            digest.update(path.read_bytes())
        except OSError as error:
            raise _incomplete(path, error) from error
    return digest.hexdigest()[:16]


def _incomplete(path: Path, error: OSError) -> ModelVersionInvalid:
    expected = f"a complete model version in {path.parent}"
    return ModelVersionInvalid(expected, f"{path.name}: {error.strerror}", "Restore it.")


def compute(
    store: Store, key: Key, load: Callable[[], RelationRetriever], report: Progress
) -> Computed:
    """Compute what is missing; the model is loaded only if something is.

    An item that cannot be read, because its picture is gone say, is left out and counted.
    """
    missing, outdated = store.vectors.count_missing(key), store.vectors.count_outdated(key)
    if not missing and not outdated:
        return Computed(0, 0, 0, ())
    report(0, 0, "Loading the model")
    retriever, variant = load(), Reading.parse(key.version).variant
    # The catalogue may have been changed since the key was made: answers are kept under their own.
    key = replace(key, catalogue=retriever.catalogue.digest[:16])
    reasons: list[str] = []
    seen = 0
    report(0, missing, "Reading pairs")
    for items in store.vectors.iter_missing(key, BATCH):
        found, refused = read_items(retriever, items, variant)
        if len(found):
            store.vectors.put(key, found)
        reasons += refused
        seen += len(items)
        report(seen, max(missing, seen), "Reading pairs")
    renewed = _renew(store, key, retriever, outdated, report)
    return Computed(seen - len(reasons), renewed, len(reasons), tuple(reasons[:REASONS]))


def _renew(
    store: Store, key: Key, retriever: RelationRetriever, outdated: int, report: Progress
) -> int:
    """Answer again, from the vectors that are kept, after the catalogue was changed."""
    import torch

    renewed, variant = 0, Reading.parse(key.version).variant
    # As many at once as a large catalogue's scores leave memory for.
    most = max(BATCH, min(16 * BATCH, AT_ONCE // len(retriever.readings.all)))
    while len(part := store.vectors.outdated(key, most)):
        wide = part.vectors.astype(np.float32)
        wide /= np.linalg.norm(wide, axis=1, keepdims=True)
        ids = [item.decode("ascii") for item in part.items.tolist()]
        found = answered(retriever, ids, torch.from_numpy(wide))
        turned, _ = variants.canonical(found.directions, part.types, part.told, variant)
        found = replace(found, directions=turned, types=part.types, told=part.told)
        store.vectors.put(key, found)
        renewed += len(part)
        report(renewed, max(outdated, renewed), "Comparing with the changed descriptions")
    return renewed


def read_items(
    retriever: RelationRetriever, items: Sequence[Item], variant: str = ""
) -> tuple[PairVectors, list[str]]:
    """Vectors and answers of items, and why some of them could not be read."""
    try:
        return _answers(retriever, items, _inputs(retriever, items, variant), variant), []
    except RocError:
        pass  # one at a time, to leave out only those that fail
    read: list[Item] = []
    inputs: list[PairInput] = []
    reasons: list[str] = []
    for item in items:
        try:
            inputs += _inputs(retriever, [item], variant)
            read.append(item)
        except RocError as error:
            reasons.append(f"item {item.id}: {error}")
    return _answers(retriever, read, inputs, variant), reasons


def _inputs(retriever: RelationRetriever, items: Sequence[Item], variant: str) -> list[PairInput]:
    examples = [
        importing.require_example(variants.shown(item, variant, retriever.catalogue))
        for item in items
    ]
    return retriever.reader.read(examples, [variants.hidden(variant)] * len(examples))


def _answers(
    retriever: RelationRetriever,
    items: Sequence[Item],
    inputs: Sequence[PairInput],
    variant: str,
) -> PairVectors:
    found = answered(retriever, [i.id for i in items], retriever.encode(inputs))
    told = tuple(variants.told(i, variant) for i in items)
    directions, types = variants.canonical(
        found.directions, [_types_read(i) for i in inputs], told, variant
    )
    return replace(found, directions=directions, types=types, told=told)


def _types_read(pair: PairInput) -> str:
    """The likeliest type of each mention as the model was given it, "?" for none."""
    return type_words(*pair.likeliest_types())


def answered(
    retriever: RelationRetriever, items: Sequence[str], pairs: torch.Tensor
) -> PairVectors:
    """The best relation, the runner-up and all ranks of unit pair vectors (B, W), by margin over
    the line as ``RelationRetriever.predict`` ranks them; equal margins rank ahead of each other.
    ``types`` and ``told`` are left empty: who reads knows them."""
    scores = retriever.score(pairs)
    columns, own = retriever.readings.pairs, retriever.relation_of
    margins = scores.margins(retriever.version.lines.each(r.id for r, _ in columns))  # B,N
    rows = np.arange(len(items))
    best = margins.argmax(axis=1)
    others = np.where(own[None, :] == own[best][:, None], -np.inf, margins)
    second = others.argmax(axis=1)
    alone = own.max() == 0
    lead = np.zeros(len(items)) if alone else margins[rows, best] - others[rows, second]
    return PairVectors(
        np.array(items, "S16"),
        pairs.numpy().astype(np.float16),
        tuple(columns[b][0].id for b in best),
        tuple(columns[b][1] for b in best),
        scores.relations[rows, best].astype(float),
        margins[rows, best].astype(float),
        tuple("" if alone else columns[s][0].id for s in second),
        np.asarray(lead, float),
        ("",) * len(items),
        tuple(row.tobytes() for row in _ranks(margins, own)),
        ("",) * len(items),
    )


def _ranks(margins: np.ndarray, own: np.ndarray) -> np.ndarray:
    """Rank from 1 of every relation, (B, R) uint16, from margins (B, N) of relation-directions
    that belong to the relations ``own`` (N,): how many have at least its margin, itself among
    them."""
    best = metrics.best_of(margins, own)
    ordered = np.sort(best, axis=1)
    rows = [len(o) - np.searchsorted(o, b, side="left") for o, b in zip(ordered, best, strict=True)]
    return np.array(rows, "<u2").reshape(best.shape)
