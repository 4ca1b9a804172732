"""How far annotators agree, beyond what chance would give, and where they do not.

Cohen (1960), "A coefficient of agreement for nominal scales"; Krippendorff (2011), "Computing
Krippendorff's alpha-reliability", nominal data with missing values.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from itertools import combinations

import numpy as np

from roc_core.schema import (
    NONE,
    Agreement,
    AnnotatorConfusion,
    Dispute,
    Label,
    OwnLabel,
    PairAgreement,
    RelationAgreement,
)


def cohen_kappa(first: Sequence[Hashable], second: Sequence[Hashable]) -> float | None:
    """Kappa of two annotators on the same N units, up to 1; 0 is what chance gives.

    None when it is not defined: no units, or both said one and the same throughout.
    """
    n = len(first)
    if not n:
        return None
    observed = sum(a == b for a, b in zip(first, second, strict=True)) / n
    left, right = Counter(first), Counter(second)
    expected = sum(left[value] * right[value] for value in left) / n**2
    return None if expected == 1 else (observed - expected) / (1 - expected)


def krippendorff_alpha(units: Iterable[Sequence[Hashable]]) -> float | None:
    """Alpha for nominal data, up to 1; 0 is what chance gives.

    Each unit holds the values that were given to it, by however many annotators; one with fewer
    than two says nothing. None when it is not defined: nothing to compare, or one value throughout.
    """
    differing, totals = 0.0, Counter[Hashable]()
    for values in units:
        m, counts = len(values), Counter(values)
        if m >= 2:
            differing += (m * m - sum(c * c for c in counts.values())) / (m - 1)
            totals += counts
    n = totals.total()
    chance = n * n - sum(c * c for c in totals.values())
    return None if not chance else 1 - (n - 1) * differing / chance


def by_item(labels: Iterable[OwnLabel]) -> dict[str, tuple[OwnLabel, ...]]:
    """The labels of each item that at least two annotators labelled."""
    found: dict[str, list[OwnLabel]] = defaultdict(list)
    for own in labels:
        found[own.item].append(own)
    return {item: tuple(own) for item, own in found.items() if len(own) >= 2}


def open_disputes(
    shared: Mapping[str, Sequence[OwnLabel]], decisions: Mapping[str, OwnLabel]
) -> tuple[Dispute, ...]:
    """Items whose annotators' labels differ and on which nobody has decided; a label given after
    the decision that contradicts it opens the dispute again."""
    return tuple(
        Dispute(item, tuple(labels))
        for item, labels in shared.items()
        if _differ(labels) and not _settled(labels, decisions.get(item))
    )


def _differ(labels: Sequence[OwnLabel]) -> bool:
    return len({own.label for own in labels}) > 1


def _settled(labels: Sequence[OwnLabel], decision: OwnLabel | None) -> bool:
    return decision is not None and all(
        own.correction < decision.correction or own.label == decision.label for own in labels
    )


def agreement(labels: Sequence[OwnLabel], decisions: Mapping[str, OwnLabel]) -> Agreement:
    """Agreement of all annotators on what at least two of them labelled."""
    shared = by_item(labels)
    names = sorted({own.annotator for items in shared.values() for own in items})
    together = {
        (a, b): both for a, b in combinations(names, 2) if (both := _together(shared, a, b))
    }
    return Agreement(
        annotators=tuple(names),
        items=len(shared),
        alpha=krippendorff_alpha([own.label for own in items] for items in shared.values()),
        pairs=tuple(_pair(a, b, both) for (a, b), both in together.items()),
        relations=_relations(shared, list(together.values())),
        disputes=tuple(d.item for d in open_disputes(shared, decisions)),
    )


Both = Sequence[tuple[OwnLabel, OwnLabel]]
"""The labels of two annotators on the items both labelled."""


def _together(shared: Mapping[str, Sequence[OwnLabel]], a: str, b: str) -> Both:
    found = []
    for labels in shared.values():
        of = {own.annotator: own for own in labels}
        if a in of and b in of:
            found.append((of[a], of[b]))
    return found


def _pair(a: str, b: str, both: Both) -> PairAgreement:
    first, second = [x.label for x, _ in both], [y.label for _, y in both]
    agreed = sum(x == y for x, y in zip(first, second, strict=True)) / len(both)
    return PairAgreement(a, b, len(both), agreed, cohen_kappa(first, second))


def _relations(
    shared: Mapping[str, Sequence[OwnLabel]], pairs: Sequence[Both]
) -> tuple[RelationAgreement, ...]:
    """Each relation that someone chose, in alphabetical order, ``None`` last: was it it or not?"""
    given = {own.label.relation for labels in shared.values() for own in labels}
    found = []
    for relation in sorted(given, key=lambda r: (r == NONE, r)):
        units = [[own.label.relation == relation for own in labels] for labels in shared.values()]
        kappas = tuple(
            cohen_kappa(
                [x.label.relation == relation for x, _ in both],
                [y.label.relation == relation for _, y in both],
            )
            for both in pairs
        )
        chosen = sum(any(unit) for unit in units)
        found.append(RelationAgreement(relation, chosen, krippendorff_alpha(units), kappas))
    return tuple(found)


def confusion_of(
    annotator: str, shared: Sequence[tuple[Label, Label]], alone: int
) -> AnnotatorConfusion:
    """Counts of (present label, annotator's label) pairs; ``alone`` items were left out."""
    given = {label.relation for pair in shared for label in pair}
    names = tuple(sorted(given, key=lambda r: (r == NONE, r)))
    at = {name: number for number, name in enumerate(names)}
    counts = np.zeros((len(names), len(names)), int)
    for present, own in shared:
        counts[at[present.relation], at[own.relation]] += 1
    turned = sum(a.relation == b.relation and a != b for a, b in shared)
    return AnnotatorConfusion(annotator, names, counts, len(shared), alone, turned)
