"""Why one relation and not another: the difference of their scores over the same parts."""

from __future__ import annotations

from roc_core.explanation.leave_one_out import LeftOut, leave_out, losses
from roc_core.explanation.scoring import aim
from roc_core.retrieval import RelationRetriever
from roc_core.schema import Difference, Example, Label


def why_not(
    retriever: RelationRetriever,
    example: Example,
    chosen: Label,
    other: Label,
    left: LeftOut | None = None,
) -> Difference:
    """Why ``chosen`` and not ``other``, by leave-one-out: a positive share speaks for ``chosen``.

    ``left`` is what ``leave_out`` found for this example, if that is known already. Raises
    RelationUnknown for a relation outside the catalogue, ValueRejected for a direction it cannot
    hold in.
    """
    weights = aim(retriever, chosen, other)
    found = losses(left or leave_out(retriever, example), weights)
    return Difference(chosen, other, found.full, found.empty, found.shares, found.remainder)
