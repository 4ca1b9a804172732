"""The guard: is a new version nowhere worse than its parent on what neither was trained on?"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from roc_core import metrics
from roc_core.evaluation.report import Answers, Progress, answer, gold_of, score_records
from roc_core.evaluation.resampling import drawn, micro_f1
from roc_core.retrieval import RelationRetriever
from roc_core.schema import (
    NONE,
    GuardFigures,
    GuardPart,
    GuardReport,
    GuardRule,
    ItemDiff,
    Label,
    Record,
)
from roc_core.schema.versions import in_order, outcome

CORRECTIONS = "corrections"
"""Name of the part that holds the held-out corrections."""
WHOLE = "whole guard set"
"""Name of what all parts are together, where there are several."""
DRAWS = 2_000


@dataclass(frozen=True, slots=True)
class GuardCase:
    """One pair of the guard set: its item, the parts it belongs to (one at least), its record with
    its label."""

    item: str
    parts: tuple[str, ...]
    record: Record


def held_out(sentence: str, rule: GuardRule) -> bool:
    """Whether a sentence is never trained on: SHA-256 of "guard" and the sentence (UTF-8) is 0
    modulo ``rule.held_out``.

    The same for every version, so that what one was guarded by the next one has not learnt, and no
    choice of seed can move it.
    """
    digest = hashlib.sha256(("guard" + sentence).encode("utf-8")).hexdigest()
    return int(digest, 16) % rule.held_out == 0


def answers_of(
    retriever: RelationRetriever, cases: Sequence[GuardCase], progress: Progress | None = None
) -> Answers | None:
    """The answers to all cases as a user gets them, without the correction memory; None for no
    cases."""
    if not cases:
        return None
    records = [c.record for c in cases]
    scores = score_records(retriever, records, progress=progress, batch=128)
    return answer(retriever, scores, gold_of(records))


def judged(
    cases: Sequence[GuardCase],
    before: Answers | None,
    after: Answers | None,
    rule: GuardRule,
) -> GuardReport:
    """The verdict by the rule, with the figures of each part and the items that changed."""
    if before is None or after is None:
        return GuardReport(rule, (), False, (_nothing(rule),))
    names = sorted({n for c in cases for n in c.parts}, key=lambda n: (n != CORRECTIONS, n))
    rows = {n: np.array([i for i, c in enumerate(cases) if n in c.parts]) for n in names}
    if len(names) > 1:
        rows[WHOLE] = np.arange(len(cases))
    parts, reasons = [], []
    for name, some in rows.items():
        figures = [_figures([cases[i].record for i in some], a, some) for a in (before, after)]
        part = GuardPart(name, len(some), figures[0], figures[1])
        parts.append(part)
        whole = name == WHOLE or len(names) == 1
        if _fell(part, rule) and (
            whole or _share_of_falls(cases, before, after, some) >= rule.sure
        ):
            reasons.append(
                f"F1 on {'the ' if name == WHOLE else ''}{name} ({part.pairs} pairs) fell from "
                f"{part.before.f1:.3f} to {part.after.f1:.3f}."
            )
        if name == CORRECTIONS and part.after.right < part.before.right:
            reasons.append(
                f"Of {part.pairs} held-out corrections {part.after.right} are answered right, "
                f"{part.before.right} before."
            )
    if not any(p.pairs >= rule.enough or p.name == CORRECTIONS for p in parts if p.name != WHOLE):
        reasons.append(_nothing(rule))
    changes = _changes(cases, before, after)
    return GuardReport(rule, tuple(parts), not reasons, tuple(reasons), changes)


def _nothing(rule: GuardRule) -> str:
    return (
        f"Nothing to judge by: no guard part has {rule.enough} pairs, and no correction was held "
        "out."
    )


def _fell(part: GuardPart, rule: GuardRule) -> bool:
    # A hair more than the tolerance, so that 0.51 - 0.50 is no more than 0.01.
    large = part.pairs >= rule.enough
    return large and part.before.f1 - part.after.f1 > rule.tolerance + 1e-9


def _share_of_falls(
    cases: Sequence[GuardCase], before: Answers, after: Answers, rows: np.ndarray
) -> float:
    """Share (0..1) of DRAWS bootstrap draws of these pairs (Efron 1979) in which F1 fell."""
    gold, weights = gold_of([cases[i].record for i in rows]), drawn(len(rows), DRAWS)
    old, new = (micro_f1(weights, gold, [a.relations[i] for i in rows]) for a in (before, after))
    return float(np.mean(new < old))


def _figures(records: Sequence[Record], answers: Answers, rows: np.ndarray) -> GuardFigures:
    gold = gold_of(records)
    said = [answers.relations[i] for i in rows]
    rank = answers.ranks[rows]
    none = [p == NONE for g, p in zip(gold, said, strict=True) if g == NONE]
    right = sum(_label(answers, i) == r.label for i, r in zip(rows, records, strict=True))
    return GuardFigures(
        metrics.micro(gold, said).f1,
        metrics.hit_at(rank[rank > 0], 3),
        float(np.mean(none)) if none else 0.0,
        right,
    )


def _label(answers: Answers, row: int) -> Label:
    return Label(answers.relations[row], answers.directions[row])


def _changes(cases: Sequence[GuardCase], before: Answers, after: Answers) -> tuple[ItemDiff, ...]:
    found = []
    for row, case in enumerate(cases):
        gold, old, new = case.record.label or Label(NONE), _label(before, row), _label(after, row)
        ranks = int(before.ranks[row]), int(after.ranks[row])
        if old != new or ranks[0] != ranks[1]:
            found.append(
                ItemDiff(case.item, case.parts[0], gold, old, new, *ranks, outcome(gold, old, new))
            )
    return in_order(found)
