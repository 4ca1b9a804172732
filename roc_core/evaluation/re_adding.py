"""A relation taken out of training and added back by its descriptions: how good is it at once, and
after 5 and 20 answers?

The version has never seen a pair of the relation. Its descriptions are added, the training pairs
are shown by ``retrieval.discovery`` one after the other, each accepted or rejected by its gold
label, and the order is made anew after every answer. What is kept is what a workspace keeps: the
accepted pairs vote as corrections (``retrieval.memory``). F1 is that of the relation on other
sentences, ranked among all relations of the catalogue.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from roc_core import metrics
from roc_core.evaluation.pair_sets import PairSet
from roc_core.evaluation.remembering import Space
from roc_core.evaluation.resampling import Interval, drawn, interval, relation_f1
from roc_core.metrics import Prf
from roc_core.retrieval import Candidates, Memory
from roc_core.schema import Direction, MemorySettings, Relation

SIZES = (0, 5, 20)
LEAST = 50


@dataclass(frozen=True, slots=True)
class ReAdded:
    """One relation. ``train`` counts its pairs among those shown; ``accepted`` is how many of the
    answers accepted a pair, ``scores`` and ``intervals`` are of its F1 after each of the sizes;
    ``overall`` is the micro F1 over all relations with these answers; ``trained`` the relation's
    score by a version trained with its pairs, None if none was asked for."""

    relation: str
    version: str
    train: int
    accepted: tuple[int, ...]
    scores: tuple[Prf, ...]
    intervals: tuple[Interval, ...]
    overall: tuple[float, ...]
    trained: Prf | None = None


@dataclass(frozen=True, slots=True)
class ReAddReport:
    """All relations with enough pairs, after ``sizes`` answers. ``macro`` and ``intervals`` are of
    the mean F1 over relations, ``gains`` the interval of its rise from the first size; ``trained``
    the mean F1 of the version ``beside``, which was trained with all pairs ("" for none)."""

    split: str
    pairs: int
    shown: int
    sizes: tuple[int, ...]
    rows: tuple[ReAdded, ...]
    macro: tuple[float, ...]
    intervals: tuple[Interval, ...]
    gains: tuple[Interval, ...]
    settings: MemorySettings
    seed: int
    beside: str = ""
    trained: float | None = None

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True, eq=False)
class Answered:
    """What of one relation's measurement the report is made of: ``said`` are the answers to the
    test pairs after each size."""

    relation: str
    version: str
    train: int
    accepted: tuple[int, ...]
    said: tuple[tuple[str, ...], ...]


def enough(pairs: PairSet, held_out: Sequence[str], least: int = LEAST) -> list[str]:
    """Those of the held-out relations that have at least ``least`` pairs, sorted."""
    counts = Counter(pairs.gold)
    return sorted(r for r in held_out if counts[r] >= least)


def re_add(
    relation: Relation,
    version: str,
    candidates: Candidates,
    shown: PairSet,
    test: Space,
    settings: MemorySettings,
    sizes: Sequence[int] = SIZES,
) -> Answered:
    """Answer the pairs shown and see, after each size, how the test pairs are answered.

    ``candidates`` are the pairs ``shown``, ranked by the relation.
    """
    accepted: dict[int, Direction] = {}
    rejected: list[int] = []
    said: list[tuple[str, ...]] = []
    counts: list[int] = []
    labels = shown.labels
    for answers in range(max(sizes) + 1):
        if answers in sizes:
            counts.append(len(accepted))
            said.append(_answers(test, shown, accepted, settings))
        for place in candidates.ranked(settings, accepted, rejected, limit=1):
            if labels[place.row].relation == relation.id:
                accepted[place.row] = labels[place.row].direction
            else:
                rejected.append(place.row)
    train = sum(label.relation == relation.id for label in labels)
    return Answered(relation.id, version, train, tuple(counts), tuple(said))


def _answers(
    test: Space, shown: PairSet, accepted: Mapping[int, Direction], settings: MemorySettings
) -> tuple[str, ...]:
    """Answers to the test pairs with the accepted ones as corrections."""
    memory, labels, margins = Memory(test.pairs), shown.labels, test.margins.copy()
    for row in accepted:
        memory.put(str(row), shown.vectors[row], labels[row])
    for row, recalled in enumerate(memory.recall(test.vectors, settings)):
        if recalled is not None:
            margins[row] += recalled.added
    return tuple(test.answers(margins).tolist())


def report_of(
    found: Sequence[Answered],
    gold: Sequence[str],
    split: str,
    shown: int,
    sizes: Sequence[int],
    settings: MemorySettings,
    seed: int = 0,
    beside: tuple[str, Sequence[str]] = ("", ()),
) -> ReAddReport:
    """The figures on test pairs with the relations ``gold``; ``beside`` is the name of a version
    trained with all pairs, and its answers."""
    weights = drawn(len(gold), seed=seed)
    f1 = np.array(  # R,S,D
        [[relation_f1(weights, gold, said, a.relation) for said in a.said] for a in found]
    ).reshape(len(found), len(sizes), len(weights))
    trained = metrics.per_relation(gold, beside[1]) if beside[0] else {}
    rows = tuple(
        ReAdded(
            a.relation,
            a.version,
            a.train,
            a.accepted,
            tuple(_prf(gold, said, a.relation) for said in a.said),
            tuple(interval(values) for values in f1[n]),
            tuple(metrics.micro(gold, said).f1 for said in a.said),
            trained.get(a.relation, metrics.prf(0, 0, 0)) if beside[0] else None,
        )
        for n, a in enumerate(found)
    )
    means = f1.mean(axis=0)  # S,D
    return ReAddReport(
        split,
        len(gold),
        shown,
        tuple(sizes),
        rows,
        tuple(float(np.mean([r.scores[n].f1 for r in rows])) for n in range(len(sizes))),
        tuple(interval(m) for m in means),
        tuple(interval(m - means[0]) for m in means),
        settings,
        seed,
        beside[0],
        float(np.mean([r.trained.f1 for r in rows if r.trained])) if beside[0] else None,
    )


def _prf(gold: Sequence[str], said: Sequence[str], relation: str) -> Prf:
    return metrics.per_relation(gold, said).get(relation, metrics.prf(0, 0, 0))
