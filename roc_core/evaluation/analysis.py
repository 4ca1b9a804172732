"""What is counted of an ``Analysis``: pure functions, quick enough to run at every click.

Everywhere ``shift`` moves every "none of these" line up by so many cosine points. Micro figures
leave ``None`` out as ``metrics`` says; a relation counts as right whatever its direction.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from roc_core import metrics
from roc_core.metrics import Prf, Reliability, prf
from roc_core.schema import NONE, Analysis
from roc_core.schema.analysis import DIRECTIONS

FOLDS = 5
BOTH = DIRECTIONS.index("both")


@dataclass(frozen=True, slots=True)
class Headline:
    """The figures of some pairs, each 0..1; None where there is nothing to count.

    ``interval`` is the 95 % percentile bootstrap interval of micro F1; ``macro_f1`` the mean over
    relations that occur in gold; ``hit1``, ``hit3`` and ``mrr`` are over pairs whose gold is a
    relation; ``direction`` is over pairs with the right relation where it is not symmetric;
    ``none_kept`` is the share of ``None`` pairs answered ``None``.
    """

    pairs: int
    prf: Prf
    interval: tuple[float, float]
    accuracy: float | None
    macro_f1: float | None
    hit1: float | None
    hit3: float | None
    mrr: float | None
    direction: float | None
    none_kept: float | None

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True, eq=False)
class ConfusionTable:
    """``counts`` (K, K), gold × answered; ``names`` are the K relations that occur in either,
    sorted, and ``NONE`` last if it does."""

    names: tuple[str, ...]
    counts: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class GroupRow:
    """Micro figures of one group; ``rows`` are the ``pairs`` rows of the analysis it is about."""

    name: str
    prf: Prf
    pairs: int
    rows: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class ThresholdCurve:
    """Micro figures for every shift that changes an answer.

    ``shifts`` (T,) ascending: each margin that occurs, and one above all of them, where every
    answer is ``None``. ``precision``, ``recall``, ``f1`` (T,) 0..1; ``right`` and ``answered`` (T,)
    the counts behind them, ``gold`` the number of pairs whose gold is a relation.
    """

    shifts: np.ndarray
    precision: np.ndarray
    recall: np.ndarray
    f1: np.ndarray
    right: np.ndarray
    answered: np.ndarray
    gold: int

    def at(self, shift: float) -> Prf:
        """The figures at any shift, without counting again."""
        step = min(int(np.searchsorted(self.shifts, shift)), len(self.shifts) - 1)
        return prf(int(self.right[step]), int(self.answered[step]), self.gold)

    @property
    def best(self) -> float:
        """The shift with the highest F1, of equal ones that nearest to no shift. Chosen on these
        very pairs, so no honest figure of them."""
        highest = self.f1.max() - 1e-12
        if self.at(0.0).f1 >= highest:
            return 0.0
        top = np.flatnonzero(self.f1 >= highest)
        return float(self.shifts[top[np.abs(self.shifts[top]).argmin()]])


def headline(
    a: Analysis,
    shift: float = 0.0,
    rows: np.ndarray | None = None,
    draws: int = 1000,
    seed: int = 0,
) -> Headline:
    """The figures of an analysis, or of some of its rows."""
    some = np.arange(len(a)) if rows is None else np.asarray(rows, np.intp)
    gold, answered = a.gold.values[some], a.predicted(shift).values[some]
    held, said, right = gold != a.none, answered != a.none, gold == answered
    hits, rank = right & held, a.ranks[some][held]
    turns = a.gold_direction.values[some]
    told = hits & (turns != BOTH)
    return Headline(
        pairs=len(some),
        prf=prf(int(hits.sum()), int(said.sum()), int(held.sum())),
        interval=f1_interval(held, said, hits, draws, seed),
        accuracy=_share(right),
        macro_f1=_macro_f1(gold, answered, len(a.names), a.none),
        hit1=_share(rank <= 1),
        hit3=_share(rank <= 3),
        mrr=float((1.0 / rank).mean()) if len(rank) else None,
        direction=_share((turns == a.direction.values[some])[told]),
        none_kept=_share(~said[~held]),
    )


def _share(hits: np.ndarray) -> float | None:
    return float(hits.mean()) if len(hits) else None


def _macro_f1(gold: np.ndarray, answered: np.ndarray, names: int, none: int) -> float | None:
    right = np.bincount(gold[gold == answered], minlength=names)
    of_gold, said = np.bincount(gold, minlength=names), np.bincount(answered, minlength=names)
    there = of_gold > 0
    there[none] = False
    return float((2 * right[there] / (of_gold + said)[there]).mean()) if there.any() else None


def f1_interval(
    held: np.ndarray, said: np.ndarray, hits: np.ndarray, draws: int = 1000, seed: int = 0
) -> tuple[float, float]:
    """95 % percentile interval of micro F1 over ``draws`` resamplings of the pairs (Efron 1979).

    ``held``, ``said``, ``hits`` (N,) bool: gold is a relation, a relation was answered, the right
    one. Pairs that agree in all three are alike, so one multinomial draw of their numbers is the
    same as N draws of pairs, and takes no time.
    """
    if not len(held):
        return 0.0, 0.0
    counts = np.bincount(held + 2 * said + 4 * hits, minlength=8)
    drawn = np.random.default_rng(seed).multinomial(len(held), counts / len(held), size=draws)
    bits = np.arange(8)
    both = drawn @ ((bits & 1) + ((bits >> 1) & 1))
    f1 = 2 * (drawn @ (bits >> 2)) / np.maximum(both, 1)
    low, high = np.percentile(f1, [2.5, 97.5])
    return float(low), float(high)


def confusion(a: Analysis, shift: float = 0.0) -> ConfusionTable:
    """How often each gold relation was answered by which one, ``None`` included."""
    k = len(a.names)
    pairs = a.gold.values.astype(np.intp) * k + a.predicted(shift).values
    counts = np.bincount(pairs, minlength=k * k).reshape(k, k)
    there = np.flatnonzero(counts.sum(axis=0) + counts.sum(axis=1))
    return ConfusionTable(tuple(a.names[n] for n in there), counts[np.ix_(there, there)])


def cell(a: Analysis, gold: str, predicted: str, shift: float = 0.0) -> np.ndarray:
    """Rows of one cell of the confusion table, in order; none for a name that does not occur."""
    if gold not in a.names or predicted not in a.names:
        return np.zeros(0, np.intp)
    wanted = a.gold.values == a.names.index(gold)
    return np.flatnonzero(wanted & (a.predicted(shift).values == a.names.index(predicted)))


def relation_table(a: Analysis, shift: float = 0.0) -> tuple[GroupRow, ...]:
    """A row for each relation that is gold or answered somewhere; ``pairs`` are both kinds."""
    answered = a.predicted(shift).values
    found = []
    for number, name in enumerate(a.names):
        gold, said = a.gold.values == number, answered == number
        rows = np.flatnonzero(gold | said)
        if name != NONE and len(rows):
            counts = prf(int((gold & said).sum()), int(said.sum()), int(gold.sum()))
            found.append(GroupRow(name, counts, len(rows), rows))
    return tuple(found)


def types_table(a: Analysis, shift: float = 0.0) -> tuple[GroupRow, ...]:
    """A row for each type pair that was read, by name."""
    gold, answered = a.gold.values, a.predicted(shift).values
    return tuple(
        GroupRow(name, micro(gold[rows], answered[rows], a.none), len(rows), rows)
        for name, rows in groups(a.types.names, a.types.values)
    )


def micro(gold: np.ndarray, answered: np.ndarray, none: int) -> Prf:
    """Micro figures of numbered labels, ``none`` being the number of ``None``."""
    held, said = gold != none, answered != none
    return prf(int((held & (gold == answered)).sum()), int(said.sum()), int(held.sum()))


def groups(names: tuple[str, ...], values: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    """(name, its rows) of every category that has any."""
    order = np.argsort(values, kind="stable")
    ends = np.cumsum(np.bincount(values, minlength=len(names)))
    for name, rows in zip(names, np.split(order, ends[:-1]), strict=True):
        if len(rows):
            yield name, rows


def threshold_curve(a: Analysis) -> ThresholdCurve:
    """Micro figures at every line that could be drawn; sorts once."""
    margins, first = np.unique(a.margins, return_inverse=True)
    held = a.gold.values != a.none
    hits = held & (a.gold.values == a.best.values)

    def above(marked: np.ndarray) -> np.ndarray:
        each = np.bincount(first[marked], minlength=len(margins))
        return np.append(each[::-1].cumsum()[::-1], 0)

    right, answered, gold = above(hits), above(np.ones(len(a), bool)), int(held.sum())
    past = np.nextafter(margins[-1], np.inf) if len(margins) else 0.0
    with np.errstate(invalid="ignore", divide="ignore"):
        precision = np.where(answered > 0, right / answered, 0.0)
        f1 = np.where(right > 0, 2 * right / (answered + gold), 0.0)
    recall = right / max(gold, 1)
    return ThresholdCurve(np.append(margins, past), precision, recall, f1, right, answered, gold)


def calibration(a: Analysis, seed: int = 0, bins: int = 15) -> Reliability | None:
    """How far the probability that the best relation holds can be trusted.

    Read off the margin by Platt's curve, fitted on the other four of five drawn parts. None for
    fewer than 20 pairs, or when the best relation holds for all or none of those fitted on.
    """
    right = a.gold.values == a.best.values
    if len(a) < 4 * FOLDS:
        return None
    parts = np.random.default_rng(seed).permutation(len(a)) % FOLDS
    confidence = np.zeros(len(a))
    for part in range(FOLDS):
        others = parts != part
        if right[others].all() or not right[others].any():
            return None
        curve = metrics.fit_platt(a.margins[others], right[others])
        confidence[~others] = curve.probability(a.margins[~others])
    return metrics.reliability(confidence, right, bins)
