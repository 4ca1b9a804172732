"""Reasons for answers, one method an explainer, and the check of the explainers."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from roc_core.errors import ModelVersionInvalid, ValueRejected
from roc_core.relations import load_catalogue
from roc_core.schema import (
    Alignment,
    Box,
    Difference,
    Direction,
    Example,
    Explanation,
    FacetScore,
    Label,
    Neighbour,
    RankedRelation,
    SanityReport,
    SecondOpinion,
    Span,
    Switchboard,
)
from roc_core.workspace.evaluating import read_split
from roc_core.workspace.importing import require_example
from roc_core.workspace.models import load_retriever

if TYPE_CHECKING:
    import numpy as np

    from roc_core.retrieval import RelationRetriever

Reason = tuple[FacetScore, ...] | Explanation | SecondOpinion | Alignment | Difference | Switchboard


class Reasons:
    """All explainers on one model; ``retriever`` gives it and ``lock`` guards it.

    Every method raises RelationUnknown for a relation outside the catalogue and ValueRejected for
    a direction it cannot hold in, PictureMissing and PictureRejected for the example's picture.
    """

    def __init__(
        self, retriever: Callable[[], RelationRetriever], lock: AbstractContextManager[Any]
    ) -> None:
        self._retriever, self._lock = retriever, lock

    def all(
        self,
        example: Example,
        entry: RankedRelation,
        other: Label | None = None,
    ) -> Iterator[Reason]:
        """The full explanation of a ranked relation piece by piece, the quickest first: facets,
        shares, why it and not ``other``, alignment, switchboard, second opinion."""
        from roc_core.explanation import explain, leave_out, why_not

        relation, direction = entry.relation, entry.direction
        yield self.facets(entry)
        require_example(example)
        with self._lock:
            model = self._retriever()
            left = leave_out(model, example)
            first = explain(model, example, relation, direction, left)
        yield first
        if other is not None:
            # No lock: the passes through the model are done.
            yield why_not(model, example, Label(relation, direction), other, left)
        yield self.alignment(example, relation, direction)
        yield self.switchboard(example, relation)
        yield self.second_opinion(example, relation, direction, first)

    def facets(self, entry: RankedRelation) -> tuple[FacetScore, ...]:
        """Every description's score by facet, the weightiest facet first."""
        from roc_core.explanation import by_facet

        return by_facet(entry)

    def shares(self, example: Example, relation: str, direction: Direction) -> Explanation:
        """What the score loses without each part."""
        from roc_core.explanation import explain

        require_example(example)
        with self._lock:
            return explain(self._retriever(), example, relation, direction)

    def second_opinion(
        self,
        example: Example,
        relation: str,
        direction: Direction,
        first: Explanation | None = None,
    ) -> SecondOpinion:
        """Integrated gradients, and how far they agree with ``first``."""
        from roc_core.explanation import second_opinion

        require_example(example)
        with self._lock:
            return second_opinion(self._retriever(), example, relation, direction, first)

    def alignment(self, example: Example, relation: str, direction: Direction) -> Alignment:
        """Words of the sentence against those of the description that decided."""
        from roc_core.explanation import align

        require_example(example)
        with self._lock:
            return align(self._retriever(), example, relation, direction)

    def why_not(self, example: Example, chosen: Label, other: Label) -> Difference:
        """Why ``chosen`` and not ``other``."""
        from roc_core.explanation import why_not

        require_example(example)
        with self._lock:
            return why_not(self._retriever(), example, chosen, other)

    def switchboard(
        self,
        example: Example,
        relation: str,
        words: Sequence[Span] = (),
        boxes: Mapping[int, Box] | None = None,
    ) -> Switchboard:
        """Where the relation lands after each switch; see ``explanation.switchboard``."""
        from roc_core.explanation import switchboard

        require_example(example)
        with self._lock:
            return switchboard(self._retriever(), example, relation, words, boxes)

    def neighbours(
        self,
        example: Example,
        vectors: np.ndarray,
        labels: Sequence[Label | None],
        k: int = 10,
        without: Sequence[int] = (),
    ) -> tuple[Neighbour, ...]:
        """The labelled pairs nearest to an example among pair vectors (M, W) of the same model.

        Raises IndexEmpty when no labelled pair is left.
        """
        from roc_core.explanation import nearest_labelled

        require_example(example)
        with self._lock:
            (query,) = self._retriever().vectors([example])
        return nearest_labelled(query, vectors, labels, k, without)


@dataclass(frozen=True, slots=True)
class SanityPlan:
    """On which pairs to check the explainers: ``pairs`` of a split, drawn with ``seed``."""

    format: str
    data: Path
    model: Path
    split: str = "val"
    pairs: int = 200
    seed: int = 0
    catalogue: str = "mnre"


def check_explainers(
    plan: SanityPlan, progress: Callable[[int, int], None] = lambda done, total: None
) -> SanityReport:
    """Sanity figures of the explainers, a row each.

    Raises ModelVersionInvalid for a folder that is none, ValueRejected for fewer than one pair or
    an empty split.
    """
    from roc_core.explanation.sanity import check_explainers

    if not plan.model.is_dir():
        raise ModelVersionInvalid(
            f"a model version folder at {plan.model}", "none", "Check the path."
        )
    if plan.pairs < 1:
        raise ValueRejected("at least one pair", str(plan.pairs), "Ask for more pairs.")
    records = read_split(plan.format, plan.data, plan.split)
    drawn = random.Random(plan.seed).sample(records, min(plan.pairs, len(records)))
    retriever = load_retriever(plan.model, load_catalogue(plan.catalogue))
    return check_explainers(retriever, [r.example for r in drawn], plan.seed, progress)
