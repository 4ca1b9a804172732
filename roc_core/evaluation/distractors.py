"""How retrieval holds out when a data set's relations hide among made ones.

Every relation, made or not, is ranked by its margin over "none of these" as in use; a made one has
the version's line for all relations. A made relation that is answered is a wrong answer: the pair
has another relation, or none. Made relations are drawn from one pool by a seed; draws of the whole
pool are all the same, so of those there is one.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from roc_core import metrics
from roc_core.retrieval import Readings, RelationRetriever, readings
from roc_core.schema import NONE, Direction, EntityType, Relation

PART = 500
"""Relations of the pool scored at once."""

MADE = "a made relation"
"""What stands for any made relation in answers."""

Types = tuple[EntityType | None, EntityType | None]
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True, eq=False)
class Margins:
    """Cosine points over "none of these" of B pairs: ``own`` (B, R) of the catalogue's relations,
    ``made`` (B, P) of the pool's; -inf where types forbid. ``names`` are the R relations'."""

    names: tuple[str, ...]
    own: np.ndarray
    made: np.ndarray


@dataclass(frozen=True, slots=True)
class Row:
    """Figures with ``distractors`` made relations among those of the catalogue: means over
    ``draws``, and of F1 and hit@3 the sample standard deviation. ``interval`` is the 95 % bootstrap
    interval of F1 in the first draw; ``made`` how many pairs were answered by a made relation."""

    distractors: int
    types_filtered: bool
    draws: int
    f1: float
    f1_spread: float
    interval: tuple[float, float]
    precision: float
    recall: float
    hit1: float
    hit3: float
    hit3_spread: float
    made: float


@dataclass(frozen=True, slots=True)
class DistractorReport:
    """Rows without the type filter, then with it. ``kept_by_types`` is the share of pairs with a
    relation whose own relation the filter leaves in."""

    model_version: str
    split: str
    pairs: int
    relations: int
    kept_by_types: float
    rows: tuple[Row, ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)


def margins_of(
    retriever: RelationRetriever,
    pool: Readings,
    described: np.ndarray,
    pairs: np.ndarray,
    types: Sequence[Types] | None = None,
    progress: Progress = lambda done, total, what: None,
) -> Margins:
    """Margins of unit pair vectors (B, W) for the retriever's catalogue and for a ``pool`` whose
    readings have the unit vectors ``described`` (M, W).

    With ``types`` of each pair only relation-directions that fit them are ranked; None fits all.
    """
    own = _margins(retriever, readings(retriever.catalogue), retriever.description_vectors, pairs)
    names = retriever.readings.names
    filters: tuple[np.ndarray | None, np.ndarray | None] = (None, None)
    if types is not None:
        filters = fits(retriever.readings.pairs, types), fits(pool.pairs, types)
    made = []
    bounds = np.flatnonzero(np.diff(pool.relation_of, prepend=-1))[::PART].tolist()
    for start, stop in zip(bounds, [*bounds[1:], len(pool.pairs)], strict=True):
        part = _part(pool, start, stop)
        rows = pool.groups[start:stop]
        found = _margins(retriever, part, described[rows[rows >= 0]], pairs)
        allowed = None if filters[1] is None else filters[1][:, start:stop]
        made.append(_best(part, found, allowed))
        progress(stop, len(pool.pairs), "comparing with made relations")
    return Margins(names, _best(retriever.readings, own, filters[0]), np.concatenate(made, axis=1))


def fits(pairs: Sequence[tuple[Relation, Direction]], types: Sequence[Types]) -> np.ndarray:
    """Which relation-directions fit the types of each pair, (B, N) bool; an unknown type fits."""
    wanted = np.array([r.types(d) for r, d in pairs])  # N,2
    out = np.ones((len(types), len(pairs)), bool)
    for place in (0, 1):
        columns = {t: wanted[:, place] == t for t in {pair[place] for pair in types} - {None}}
        for row, pair in enumerate(types):
            if (known := pair[place]) is not None:
                out[row] &= columns[known]
    return out


def measure(
    margins: Margins,
    gold: Sequence[str],
    counts: Sequence[int],
    seeds: Sequence[int],
    types_filtered: bool = False,
) -> tuple[Row, ...]:
    """A row for each number of made relations; ``gold`` (B,) are relations or ``NONE``."""
    pool = margins.made.shape[1]
    found = []
    for count in counts:
        # The whole pool, and none of it, can be drawn in one way only.
        drawn = seeds if 0 < count < pool else seeds[:1]
        trials = [_trial(margins, gold, _draw(pool, count, seed)) for seed in drawn]
        f1, f1_spread = metrics.mean_spread([t.prf.f1 for t in trials])
        hit3, hit3_spread = metrics.mean_spread([metrics.hit_at(t.ranks, 3) for t in trials])
        found.append(
            Row(
                count,
                types_filtered,
                len(trials),
                f1,
                f1_spread,
                metrics.bootstrap_f1(gold, trials[0].answers),
                float(np.mean([t.prf.precision for t in trials])),
                float(np.mean([t.prf.recall for t in trials])),
                float(np.mean([metrics.hit_at(t.ranks, 1) for t in trials])),
                hit3,
                hit3_spread,
                float(np.mean([sum(a == MADE for a in t.answers) for t in trials])),
            )
        )
    return tuple(found)


@dataclass(frozen=True, slots=True, eq=False)
class _Trial:
    answers: list[str]
    prf: metrics.Prf
    ranks: np.ndarray


def _draw(pool: int, count: int, seed: int) -> np.ndarray:
    return np.array(sorted(random.Random(seed).sample(range(pool), count)), np.int64)


def _trial(margins: Margins, gold: Sequence[str], drawn: np.ndarray) -> _Trial:
    """Answers and ranks among the catalogue's relations and those drawn from the pool."""
    among = np.concatenate([margins.own, margins.made[:, drawn]], axis=1)
    best = among.argmax(axis=1)
    passes = among[np.arange(len(among)), best] >= 0
    own = len(margins.names)
    answers = [
        NONE if not passed else margins.names[b] if b < own else MADE
        for b, passed in zip(best.tolist(), passes.tolist(), strict=True)
    ]
    numbers = {name: n for n, name in enumerate(margins.names)}
    held = np.array([g != NONE for g in gold], bool)
    columns = np.array([numbers[g] for g in gold if g != NONE], np.int64)
    return _Trial(answers, metrics.micro(gold, answers), metrics.ranks(among[held], columns))


def _part(pool: Readings, start: int, stop: int) -> Readings:
    """Readings of the pairs from ``start`` to ``stop``, numbered from 0."""
    groups = pool.groups[start:stop]
    rows = groups[groups >= 0]
    moved = np.where(groups >= 0, groups - rows[0], -1)
    return Readings(
        pool.all[rows[0] : rows[-1] + 1], pool.pairs[start:stop], pool.owners[rows] - start, moved
    )


def _margins(
    retriever: RelationRetriever, found: Readings, described: np.ndarray, pairs: np.ndarray
) -> np.ndarray:
    """Margins (B, N) of the relation-directions of readings with vectors ``described`` (M, W)."""
    import torch

    wide = torch.from_numpy(pairs)
    cosines = torch.from_numpy(pairs @ described.T)
    with torch.inference_mode():
        scores = retriever.version.network.combine(cosines, wide, torch.from_numpy(found.groups))
    lines = retriever.version.lines.each(r.id for r, _ in found.pairs)
    return np.asarray(scores.relations.numpy() - scores.none.numpy()[:, None] - lines)


def _best(found: Readings, margins: np.ndarray, allowed: np.ndarray | None) -> np.ndarray:
    if allowed is not None:
        margins = np.where(allowed, margins, -np.inf)
    return metrics.best_of(margins, found.relation_of).astype(np.float32)
