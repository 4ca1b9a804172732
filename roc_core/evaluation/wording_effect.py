"""Does the wording matter? F1 of a version and zero-shot retrieval under case catalogues.

Pairs are read once; only descriptions change. Because other descriptions give other scores, the
lines of "none of these" are drawn anew for every catalogue: on ``dev``, or, where ``dev`` itself is
scored, on the other four fifths of its sentences. Zero-shot ranks are by score alone, over pairs of
relations that the version was never trained on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from roc_core import metrics
from roc_core.evaluation.calibration import calibrate
from roc_core.evaluation.pair_sets import PairSet
from roc_core.evaluation.protocols import DEV_SHARE
from roc_core.evaluation.report import by_relation
from roc_core.evaluation.resampling import Interval, drawn, interval, macro_hit, micro_f1
from roc_core.evaluation.wording_cases import WordingCase
from roc_core.evaluation.zero_shot import score_ranks
from roc_core.model.version import Lines
from roc_core.retrieval import PairScores, Readings, RelationRetriever
from roc_core.schema import NONE

FIFTHS = 5

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class Compared:
    """A figure (0..1) with its interval, and how far it lies from that of the row it is compared
    with, pair by pair over the same draws."""

    value: float
    interval: Interval
    change: float
    change_interval: Interval


@dataclass(frozen=True, slots=True)
class WordingRow:
    """A case, or the mean of several: ``among`` classes are told apart by ``descriptions``
    scored descriptions; ``hit3`` is over the pairs with a relation; ``zero_shot`` the macro hit@3
    of relations never trained on, None when it was not asked for."""

    name: str
    base: str
    among: int
    descriptions: int
    f1: Compared
    hit3: float
    zero_shot: Compared | None = None


@dataclass(frozen=True, slots=True)
class WordingEffect:
    """One measurement: ``pairs`` of ``split`` by ``version``, ``held_out`` pairs for zero-shot."""

    version: str
    split: str
    pairs: int
    held_out: int
    catalogue: str
    seed: int
    rows: tuple[WordingRow, ...]
    notes: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True, eq=False)
class Said:
    """Gold classes and answered classes of N pairs, and the rank of the gold class (0 for None)."""

    gold: tuple[str, ...]
    said: tuple[str, ...]
    ranks: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class ZeroShotSet:
    """A version and pairs of the relations it was never trained on."""

    retriever: RelationRetriever
    pairs: PairSet


def measure(
    retriever: RelationRetriever,
    pairs: PairSet,
    dev: PairSet | None,
    cases: Sequence[WordingCase],
    zero_shot: Sequence[ZeroShotSet] = (),
    split: str = "dev",
    seed: int = 0,
    notes: tuple[str, ...] = (),
    progress: Progress = lambda done, total, what: None,
) -> WordingEffect:
    """All cases on the ``pairs`` of a split; lines from ``dev``, None when the pairs are dev.

    The case that others are compared with comes before them.
    """
    held = [gold for part in zero_shot for gold in part.pairs.gold]
    draws, zero_draws = drawn(len(pairs), seed=seed), drawn(len(held), seed=seed)
    catalogue = cases[0].catalogue
    f1: dict[str, list[tuple[float, np.ndarray]]] = {}
    hits: dict[str, list[float]] = {}
    zero: dict[str, list[tuple[float, np.ndarray]]] = {}
    for number, case in enumerate(cases, 1):
        said = answers(described(retriever, case), case, pairs, dev)
        value = metrics.micro(said.gold, said.said).f1
        f1.setdefault(case.name, []).append((value, micro_f1(draws, said.gold, said.said)))
        hits.setdefault(case.name, []).append(metrics.hit_at(said.ranks[said.ranks > 0], 3))
        if held:
            ranks = np.concatenate([held_out_ranks(part, case) for part in zero_shot])
            hit = metrics.macro_hit_at(ranks, held, 3)
            zero.setdefault(case.name, []).append((hit, macro_hit(zero_draws, held, ranks, 3)))
        progress(number, len(cases), case.name)
    rows = tuple(
        WordingRow(
            r.name,
            r.base,
            r.among,
            len(r.catalogue.descriptions()),
            _moved(f1[r.name], f1[r.base]),
            float(np.mean(hits[r.name])),
            _moved(zero[r.name], zero[r.base]) if held else None,
        )
        for r in {r.name: r for r in cases}.values()
    )
    where = f"{catalogue.id} ({catalogue.digest[:12]})"
    version = retriever.version.id
    return WordingEffect(version, split, len(pairs), len(held), where, seed, rows, notes)


def _moved(
    own: Sequence[tuple[float, np.ndarray]], base: Sequence[tuple[float, np.ndarray]]
) -> Compared:
    """The mean of cases beside that of those they are compared with."""
    value, other = (float(np.mean([v for v, _ in some])) for some in (own, base))
    draws, others = (np.mean([d for _, d in some], axis=0) for some in (own, base))
    return Compared(value, interval(draws), value - other, interval(draws - others))


def described(retriever: RelationRetriever, case: WordingCase) -> RelationRetriever:
    """The version with other descriptions; what it has encoded before is not encoded again."""
    return RelationRetriever(retriever.reader, retriever.version, case.catalogue)


def answers(
    retriever: RelationRetriever, case: WordingCase, pairs: PairSet, dev: PairSet | None
) -> Said:
    """Classes answered with lines drawn for these descriptions, see the head of the module."""
    own = _as_classes(retriever.readings, case)
    scores, gold = _score(retriever, pairs), [case.label_of(g) for g in pairs.gold]
    if dev is not None:
        known = [case.label_of(g) for g in dev.gold]
        lines = calibrate(own, _score(retriever, dev), known)
        return _answered(own, scores, gold, lines)
    fifths = np.array([_fifth(r.example.sentence) for r in pairs.records])
    said, ranks = np.full(len(gold), NONE, object), np.zeros(len(gold), int)
    for number in range(FIFTHS):
        here, rest = np.flatnonzero(fifths == number), np.flatnonzero(fifths != number)
        if not len(here) or not len(rest):
            continue
        lines = calibrate(own, _some(scores, rest), [gold[i] for i in rest])
        part = _answered(own, _some(scores, here), [gold[i] for i in here], lines)
        said[here], ranks[here] = part.said, part.ranks
    return Said(tuple(gold), tuple(said.tolist()), ranks)


def held_out_ranks(part: ZeroShotSet, case: WordingCase) -> np.ndarray:
    """Rank (1 = best) of the gold class of each held-out pair by score alone, (B,)."""
    retriever = described(part.retriever, case)
    gold = [case.label_of(g) for g in part.pairs.gold]
    own = _as_classes(retriever.readings, case)
    return score_ranks(own, _score(retriever, part.pairs), gold)


def _as_classes(own: Readings, case: WordingCase) -> Readings:
    """The readings with every relation under the name of its class."""
    return replace(own, pairs=tuple((replace(r, id=case.class_of(r.id)), d) for r, d in own.pairs))


def _score(retriever: RelationRetriever, pairs: PairSet) -> PairScores:
    import torch

    return retriever.score(torch.from_numpy(pairs.vectors))


def _some(scores: PairScores, rows: np.ndarray) -> PairScores:
    return PairScores(scores.descriptions[rows], scores.relations[rows], scores.none[rows])


def _fifth(sentence: str) -> int:
    """Which fifth a sentence is in; by digits of the hash that do not choose ``dev``."""
    return int(hashlib.sha256(sentence.encode()).hexdigest(), 16) // DEV_SHARE % FIFTHS


def _answered(own: Readings, scores: PairScores, gold: Sequence[str], lines: Lines) -> Said:
    over = lines.each(r.id for r, _ in own.pairs)
    margins = scores.relations - scores.none[:, None] - over  # B,N
    names = own.names
    by_class = by_relation(margins, own.pairs)  # B,R
    best, passes = by_class.argmax(axis=1), by_class.max(axis=1) >= 0
    held = np.array([g != NONE for g in gold], bool)
    column = np.array([names.index(g) if g != NONE else 0 for g in gold], int)
    return Said(
        tuple(gold),
        tuple(names[b] if p else NONE for b, p in zip(best, passes, strict=True)),
        np.where(held, metrics.ranks(by_class, column), 0),
    )
