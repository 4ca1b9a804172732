"""How good descriptions are, judged on pair vectors: robustness, rivals, hubs and gaps.

Shapes as in ``what_if``. Everything is measured with the lines and weights a prediction uses.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from roc_core.evaluation.style import style_problems
from roc_core.evaluation.what_if import UNLABELLED, Described, Part, columns_of, first, parts
from roc_core.schema import Advice, Gap, Hub, QualityReport, Relation, Rivals, Robustness

MOST_RIVALS, MOST_HUBS, MOST_GAPS = 30, 20, 100
HUB_SPREADS = 2.0
"""A hub wins more often than the mean by this many standard deviations, as Radovanović et al. 2010
("Hubs in Space") draw the line."""

ENOUGH = 5
"""Labelled items each of two relations needs before labels say whether they can be told apart."""
MERGE, SHARPEN = 0.65, 0.9
"""Rivals told apart less often than MERGE are one relation to the model, less than SHARPEN blurred;
0.5 is a coin. Balanced over both relations."""
SAME = 0.95
"""Cosine at which two relations without enough labels say the same."""

BLOCK = 64
"""Relations compared with all others at once."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, eq=False)
class Wordings:
    """What is judged: the relations as a version reads them. ``readings`` (M,) numbers each
    reading's description among ``descriptions``, their ids; ``relations`` own them in order."""

    relations: tuple[Relation, ...]
    described: Described
    readings: np.ndarray
    descriptions: tuple[str, ...]


@dataclass(slots=True)
class _Tally:
    """What is counted part by part."""

    wins: np.ndarray
    wrong: np.ndarray
    ranks: dict[int, list[np.ndarray]] = field(default_factory=dict)
    gaps: list[tuple[float, int, int]] = field(default_factory=list)
    between: dict[tuple[int, int], int] = field(default_factory=dict)
    apart: dict[tuple[int, int], list[tuple[int, bool]]] = field(default_factory=dict)


def judged(
    w: Wordings,
    pairs: np.ndarray,
    gold: np.ndarray,
    items: Sequence[str],
    catalogue: str,
    version: str,
    progress: Progress = lambda done, total: None,
) -> QualityReport:
    """The report on a catalogue from unit pair vectors (N, W), the numbers of their labels'
    relations (N,) as ``what_if.Gold`` has them, and the items' ids."""
    near = nearest_relations(w.described, len(w.relations), MOST_RIVALS)
    nothing = np.zeros(len(w.descriptions), int)
    tally = _Tally(nothing.copy(), nothing.copy())
    for start, part in parts(pairs, w.described):
        rows = slice(start, start + len(part.none))
        _count_wins(tally, w, part, gold[rows])
        _count_labelled(tally, w, part, gold[rows], start)
        _count_rivals(tally, [(a, b) for a, b, _ in near], part, gold[rows])
        progress(rows.stop, len(pairs))
    return QualityReport(
        catalogue=catalogue,
        version=version,
        items=len(pairs),
        robustness=_robustness(tally, w),
        rivals=_rivals(tally, w, near),
        hubs=_hubs(tally, w),
        gaps=tuple(
            Gap(items[n], w.relations[r].id, s) for s, n, r in sorted(tally.gaps)[:MOST_GAPS]
        ),
        style=style_problems(w.relations),
    )


# --- counting ----------------------------------------------------------------------------


def _count_wins(tally: _Tally, w: Wordings, part: Part, gold: np.ndarray) -> None:
    """Which description decided each answer: the nearest of the answered relation-direction."""
    best = part.margins.argmax(axis=1)
    rows = np.flatnonzero(part.margins[np.arange(len(best)), best] >= 0)
    groups = w.described.groups[part.columns[rows, best[rows]]]
    near = np.where(groups < 0, -np.inf, part.cosines[rows[:, None], np.maximum(groups, 0)])
    decided = w.readings[groups[np.arange(len(rows)), near.argmax(axis=1)]]
    wrong = (gold[rows] != UNLABELLED) & (gold[rows] != best[rows])
    np.add.at(tally.wins, decided, 1)
    np.add.at(tally.wrong, decided[wrong], 1)


def _count_labelled(tally: _Tally, w: Wordings, part: Part, gold: np.ndarray, start: int) -> None:
    """Ranks of every gold relation by each of its wordings alone, and pairs far from all of
    them: nearer to "none of these" than to any."""
    d = w.described
    for number in np.unique(gold[gold >= 0]).tolist():
        rows = np.flatnonzero(gold == number)
        columns = np.concatenate(columns_of(d, number))
        cosines = part.cosines[rows[:, None], columns]  # n, readings
        _, which = np.unique(w.readings[columns], return_inverse=True)
        single = np.stack(
            [cosines[:, which == k].max(axis=1) for k in range(which.max() + 1)], axis=1
        )
        bar = np.clip(part.none[rows] + d.lines[number], -1.0, 1.0)
        others = np.sort(np.delete(part.margins[rows], number, axis=1), axis=1)
        found = [
            1 + len(o) - np.searchsorted(o, m, side="left")
            for o, m in zip(others, single - bar[:, None], strict=True)
        ]
        tally.ranks.setdefault(number, []).extend(found)
        nearest = cosines.max(axis=1)
        for row in np.flatnonzero(nearest < part.none[rows]).tolist():
            tally.gaps.append((float(nearest[row]), start + int(rows[row]), number))


def _count_rivals(
    tally: _Tally, near: Sequence[tuple[int, int]], part: Part, gold: np.ndarray
) -> None:
    """How many pairs lie between two rivals, and which labelled ones the model tells apart."""
    if not near:
        return
    two = first(part.margins, 2)
    passes = part.margins.max(axis=1) >= 0
    low, high = two.min(axis=1), two.max(axis=1)
    for a, b in near:
        both = passes & (low == a) & (high == b)
        tally.between[a, b] = tally.between.get((a, b), 0) + int(both.sum())
        rows = np.flatnonzero((gold == a) | (gold == b))
        nearer = np.where(part.margins[rows, a] > part.margins[rows, b], a, b)
        told = tally.apart.setdefault((a, b), [])
        told += zip(gold[rows].tolist(), (nearer == gold[rows]).tolist(), strict=True)


def nearest_relations(d: Described, relations: int, most: int) -> list[tuple[int, int, float]]:
    """The pairs of relations whose descriptions lie nearest, (first, second, cosine), the nearest
    first: cosines of the means of their readings, in the directions that lie nearest."""
    weights = (d.groups >= 0).astype(np.float32)
    means = np.einsum("ck,ckw->cw", weights, d.vectors[np.maximum(d.groups, 0)])
    means /= np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-12)
    starts = np.append(np.flatnonzero(np.diff(d.owners, prepend=-1)), len(d.owners))
    found: list[tuple[int, int, float]] = []
    for begin in range(0, relations, BLOCK):
        some = starts[begin : begin + BLOCK + 1]
        near = np.maximum.reduceat(means[some[0] : some[-1]] @ means.T, starts[:-1], axis=1)
        near = np.maximum.reduceat(near, some[:-1] - some[0], axis=0)  # block, R
        rows, columns = np.nonzero(np.arange(relations) > begin + np.arange(len(near))[:, None])
        values = near[rows, columns]
        top = np.argsort(-values, kind="stable")[:most]
        pairs = zip((begin + rows[top]).tolist(), columns[top].tolist(), strict=True)
        found += [(a, b, v) for (a, b), v in zip(pairs, values[top].tolist(), strict=True)]
        found = sorted(found, key=lambda f: -f[2])[:most]
    return found


# --- reporting ---------------------------------------------------------------------------


def _robustness(tally: _Tally, w: Wordings) -> tuple[Robustness, ...]:
    rows = []
    for number, ranks in tally.ranks.items():
        every = np.stack(ranks)  # items, wordings
        rows.append(
            Robustness(
                w.relations[number].id,
                len(every),
                float(every.mean()),
                float(every.std(axis=1).mean()),
            )
        )
    return tuple(sorted(rows, key=lambda r: (-r.rank_sd, r.relation)))


def _rivals(
    tally: _Tally, w: Wordings, near: Sequence[tuple[int, int, float]]
) -> tuple[Rivals, ...]:
    rows = [
        Rivals(
            w.relations[a].id,
            w.relations[b].id,
            similarity,
            tally.between.get((a, b), 0),
            advice(tally.apart.get((a, b), []), a, b, similarity),
        )
        for a, b, similarity in near
    ]
    order: tuple[Advice, ...] = ("merge", "sharpen", "")
    return tuple(sorted(rows, key=lambda r: (order.index(r.advice), -r.similarity)))


def advice(told: Sequence[tuple[int, bool]], one: int, other: int, similarity: float) -> Advice:
    """What to do about two rivals: ``told`` has (gold relation, whether the model set it above the
    other) of each labelled item. Without ``ENOUGH`` items of both only their similarity speaks."""
    shares = []
    for number in (one, other):
        own = [right for gold, right in told if gold == number]
        if len(own) < ENOUGH:
            return "sharpen" if similarity >= SAME else ""
        shares.append(sum(own) / len(own))
    right = sum(shares) / 2
    return "merge" if right < MERGE else "sharpen" if right < SHARPEN else ""


def _hubs(tally: _Tally, w: Wordings) -> tuple[Hub, ...]:
    wins = tally.wins
    hubs = np.flatnonzero(wins > wins.mean() + HUB_SPREADS * wins.std()) if len(wins) else wins
    hubs = hubs[np.argsort(-tally.wrong[hubs], kind="stable")][:MOST_HUBS]
    ids = [w.descriptions[n] for n in hubs.tolist()]
    return tuple(
        Hub(id, id.rpartition("#")[0], int(wins[n]), int(tally.wrong[n]))
        for id, n in zip(ids, hubs.tolist(), strict=True)
    )
