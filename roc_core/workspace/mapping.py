"""The map of all items of a workspace: drawn in a job, kept, brought up to date, read."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from roc_core.errors import ProjectionMissing
from roc_core.jobs import Progress
from roc_core.projection import (
    Frame,
    LayoutSettings,
    density,
    fit,
    frame_of,
    hills,
    name_regions,
    place,
    stratified,
)
from roc_core.schema import NONE, Codes, Landmark, MapView, PairVectors, Region
from roc_core.store import Store
from roc_core.store.maps import Answers, Colours, StoredMap
from roc_core.store.vectors import Key
from roc_core.workspace.pair_vectors import compute

if TYPE_CHECKING:
    from roc_core.retrieval import RelationRetriever

LIMIT = 50_000
"""Most points a map is fitted of; of more items a stratified sample is taken."""

GROWTH = 0.2
"""New items are placed among the fitted ones up to this share of them; beyond, all is fitted
again."""

LANDMARKED = 200
"""Relations whose descriptions are landmarks at most: those that are answered most."""


@dataclass(frozen=True, slots=True, eq=False)
class _Drawn:
    """Which rows of the vectors are on the map, where (uint16), and which were placed later."""

    rows: np.ndarray
    numbers: np.ndarray
    placed: np.ndarray
    frame: Frame
    sampled: bool


def map_job(folder: Path, parameters: Mapping[str, Any], report: Progress) -> Mapping[str, Any]:
    """Job "map": vectors that are missing, then the map of ``version``; ``refit`` draws it anew
    even where new items could be placed on the one there is."""
    from roc_core.workspace.workspace import Workspace

    workspace = Workspace.open(folder)
    version = str(parameters.get("version") or workspace.model_version)
    load = lru_cache(maxsize=1)(lambda: workspace.retriever_of(version))
    store, key = Store.open(folder), workspace.vector_key(version)
    known = store.maps.total()
    computed = compute(store, key, load, report)
    refit = bool(parameters.get("refit"))
    points, fitted = update(store, key, load, report, known, refit)
    return computed.as_dict() | {"points": points, "fitted": fitted, "items": known}


def update(
    store: Store,
    key: Key,
    load: Callable[[], RelationRetriever],
    report: Progress,
    known: int,
    refit: bool = False,
    settings: LayoutSettings | None = None,
    limit: int = LIMIT,
) -> tuple[int, bool]:
    """Draw the map of the vectors that are there or bring it up to date; how many points it has,
    and whether it was fitted anew.

    A map of the same model version and settings stays, and new items are placed on it, until they
    are more than ``GROWTH`` of the fitted ones. Raises ValueRejected when there is too little to
    draw.
    """
    settings = settings or LayoutSettings()
    found, old = store.vectors.read(key), store.maps.get(key.version)
    drawn = None if refit else _continued(old, key, found, settings)
    fitted = drawn is None
    if drawn is None:
        drawn = _fitted(found, settings, limit, report)
    data = _digest(key, settings, found.items[drawn.rows])
    if not fitted and old is not None and old.data == data and old.known == known:
        return len(drawn.rows), False
    report(0, 0, "Naming regions")
    shown = [item.decode("ascii") for item in found.items[drawn.rows].tolist()]
    predicted = [prediction(found, row) for row in drawn.rows.tolist()]
    grid = density(drawn.numbers)
    regions = name_regions(hills(grid, drawn.numbers), predicted, store.maps.sentences(shown))
    landmarks = _landmarks(load(), found, drawn)
    store.maps.put(_stored(key, data, settings, known, found, drawn, landmarks, regions, grid))
    return len(drawn.rows), fitted


def prediction(found: PairVectors, row: int) -> str:
    """The answer for one pair: its best relation if that passes its line, else ``NONE``."""
    return found.relations[row] if found.margins[row] >= 0 else NONE


def _fitted(found: PairVectors, settings: LayoutSettings, limit: int, report: Progress) -> _Drawn:
    strata = [prediction(found, row) for row in range(len(found))]
    rows = stratified(strata, limit, settings.seed)
    report(0, 0, "Finding neighbours")
    places = fit(
        found.vectors[rows], settings, lambda done, total: report(done, total, "Drawing the map")
    )
    frame = frame_of(places)
    nothing = np.zeros(len(rows), bool)
    return _Drawn(rows, frame.numbers(places), nothing, frame, len(rows) < len(found))


def _continued(
    old: StoredMap | None, key: Key, found: PairVectors, settings: LayoutSettings
) -> _Drawn | None:
    """The old map with new items placed on it; None when it must be fitted anew."""
    if old is None or old.model != key.model or old.settings != asdict(settings):
        return None
    at = {item: row for row, item in enumerate(found.items.tolist())}
    rows = np.array([at.get(item, -1) for item in old.items.tolist()])
    if (rows < 0).any():
        return None
    new = np.setdiff1d(np.arange(len(found)), rows)
    if old.sampled:  # the others were left out on purpose
        new = new[new > at.get(old.newest.encode("ascii"), len(found))]
    base = ~old.placed
    if len(new) + old.placed.sum() > GROWTH * base.sum():
        return None
    frame, numbers = Frame(*old.frame), np.stack([old.xs, old.ys], axis=1)
    if len(new):
        places = place(found.vectors[new], found.vectors[rows[base]], frame.places(numbers[base]))
        numbers = np.concatenate([numbers, frame.numbers(places)])
    placed = np.concatenate([old.placed, np.ones(len(new), bool)])
    return _Drawn(np.concatenate([rows, new]), numbers, placed, frame, old.sampled)


def _landmarks(
    retriever: RelationRetriever, found: PairVectors, drawn: _Drawn
) -> tuple[Landmark, ...]:
    """Every description of ``LANDMARKED`` relations, placed among the fitted points."""
    base, every = ~drawn.placed, retriever.readings.all
    often = Counter(found.relations[row] for row in drawn.rows.tolist())
    # Of equal ones the first in the file, for sorting is stable.
    ids = sorted(retriever.catalogue.ids, key=lambda id: -often[id])
    kept = set(ids[:LANDMARKED])
    shown = [n for n, r in enumerate(every) if r.description.relation in kept]
    places = place(
        retriever.description_vectors[shown],
        found.vectors[drawn.rows[base]],
        drawn.frame.places(drawn.numbers[base]),
    )
    numbers = drawn.frame.numbers(places).tolist()
    return tuple(
        Landmark(r.description.relation, r.direction, r.description.facet, r.text, x, y)
        for r, (x, y) in zip((every[n] for n in shown), numbers, strict=True)
    )


def _digest(key: Key, settings: LayoutSettings, items: np.ndarray) -> str:
    told = json.dumps([key.model, key.catalogue, asdict(settings)], sort_keys=True)
    return hashlib.sha256(told.encode() + items.tobytes()).hexdigest()[:16]


def _stored(
    key: Key,
    data: str,
    settings: LayoutSettings,
    known: int,
    found: PairVectors,
    drawn: _Drawn,
    landmarks: tuple[Landmark, ...],
    regions: tuple[Region, ...],
    grid: np.ndarray,
) -> StoredMap:
    frame = drawn.frame
    return StoredMap(
        version=key.version,
        model=key.model,
        data=data,
        settings=asdict(settings),
        known=known,
        newest=found.items[-1].decode("ascii"),
        sampled=drawn.sampled,
        frame=(frame.left, frame.bottom, frame.width, frame.height),
        items=found.items[drawn.rows],
        xs=drawn.numbers[:, 0],
        ys=drawn.numbers[:, 1],
        placed=drawn.placed,
        landmarks=landmarks,
        regions=regions,
        density=np.rint(grid * 255).astype(np.uint8),
    )


# --- reading -----------------------------------------------------------------------------


def map_view(store: Store, key: Key) -> MapView:
    """The map of a model version, its points coloured by the labels of now.

    Raises ProjectionMissing when it was not drawn yet, or with another model or catalogue.
    """
    stored = store.maps.get(key.version)
    expected, todo = f"a map of model version '{key.version}'", "Start the job 'map'."
    if stored is None:
        raise ProjectionMissing(expected, "none", todo)
    if stored.model != key.model:
        raise ProjectionMissing(expected, "one drawn before that version was trained again", todo)
    found = store.maps.answers(key.version, key.model, key.catalogue)
    rows = rows_of(stored.items, found.items)
    if rows is None:
        raise ProjectionMissing(
            expected, "one drawn before the catalogue of relations was changed", todo
        )
    colours = store.maps.colours()
    kept = rows_of(stored.items, colours.items)
    assert kept is not None, "a vector's item is always there"
    return _view(store, stored, found, rows, colours, kept)


def _view(
    store: Store,
    stored: StoredMap,
    found: Answers,
    rows: np.ndarray,
    colours: Colours,
    kept: np.ndarray,
) -> MapView:
    at = kept.tolist()
    labels = [colours.labels[k] for k in at]
    predictions, outcomes = judged(found, rows, labels, [colours.directions[k] for k in at])
    return MapView(
        version=stored.version,
        created=stored.created,
        items=stored.items,
        xs=stored.xs,
        ys=stored.ys,
        placed=stored.placed,
        label=codes_of(labels),
        prediction=codes_of(predictions),
        outcome=codes_of(outcomes),
        types=codes_of([colours.types[k] for k in at]),
        annotator=codes_of([colours.annotators[k] for k in at]),
        scores=found.scores[rows].astype(np.float16),
        margins=found.margins[rows].astype(np.float16),
        landmarks=stored.landmarks,
        regions=stored.regions,
        density=stored.density,
        aspect=Frame(*stored.frame).aspect,
        total=store.maps.total(),
        known=stored.known,
        sampled=stored.sampled,
    )


def judged(
    found: Answers, rows: np.ndarray, labels: Sequence[str], directions: Sequence[str]
) -> tuple[list[str], list[str]]:
    """The answer of each of ``rows``, and how it compares with that item's label and direction."""
    passes = (found.margins[rows] >= 0).tolist()
    answers = [
        found.relations[r] if p else NONE for r, p in zip(rows.tolist(), passes, strict=True)
    ]
    ways = (found.directions[r] for r in rows.tolist())
    told = zip(answers, ways, labels, directions, strict=True)
    return answers, [_outcome(*one) for one in told]


def _outcome(answer: str, way: str, label: str, direction: str) -> str:
    if not label:
        return "no label"
    if label != answer:
        return "wrong"
    return "right" if label == NONE or direction == way else "wrong way round"


def rows_of(wanted: np.ndarray, among: np.ndarray) -> np.ndarray | None:
    """Row of each of ``wanted`` in ``among``; None when one is not there."""
    if not len(among):
        return None
    order = np.argsort(among)
    at = order[np.minimum(np.searchsorted(among, wanted, sorter=order), len(among) - 1)]
    return np.asarray(at) if (among[at] == wanted).all() else None


def codes_of(values: Sequence[str]) -> Codes:
    """A category for each value; names in alphabetical order."""
    names = sorted(set(values))
    number = {name: n for n, name in enumerate(names)}
    kind = np.uint8 if len(names) <= 256 else np.uint32
    return Codes(tuple(names), np.fromiter((number[v] for v in values), kind, len(values)))
