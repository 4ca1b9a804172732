"""Leave-one-out shares: what the score loses when one part of the input is hidden.

Each part is hidden from the real model and the pair is scored again. Shares are cosine points of
the chosen relation and direction; they need not add up, and the remainder says by how much.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from roc_core.explanation.parts import Part, everything, parts_of, together
from roc_core.explanation.scoring import aim, score_table
from roc_core.retrieval import RelationRetriever
from roc_core.schema import Direction, Example, Explanation, Label, Share


@dataclass(frozen=True, slots=True, eq=False)
class LeftOut:
    """Scores (parts + 2, N) of one example: whole, empty, then without each of ``parts``. It
    serves the explanation of any relation of that example."""

    parts: tuple[Part, ...]
    scores: np.ndarray


@dataclass(frozen=True, slots=True)
class Losses:
    """A score in full, with everything hidden, and what it loses without each part."""

    full: float
    empty: float
    shares: tuple[Share, ...]

    @property
    def remainder(self) -> float:
        """What of ``full - empty`` the shares do not explain. Cells and concept words are two
        views of one picture; only concept words count in the sum."""
        added = sum(s.share for s in self.shares if s.kind != "cell")
        return self.full - self.empty - added


def leave_out(
    retriever: RelationRetriever, example: Example, parts: Sequence[Part] | None = None
) -> LeftOut:
    """Score an example without each part, by default each of ``parts_of``."""
    chosen = parts_of(retriever, example) if parts is None else tuple(parts)
    hides = [everything(example), *(p.hide for p in chosen)]
    return LeftOut(chosen, score_table(retriever, example, hides))


def losses(left: LeftOut, weights: np.ndarray) -> Losses:
    """Losses of the score that ``weights`` (N,) pick, see ``scoring.aim``."""
    # Double, so that shares and remainder add up to the last digit shown.
    scores = left.scores.astype(np.float64) @ weights.astype(np.float64)
    full, empty = float(scores[0]), float(scores[1])
    found = (p.share(full - float(s)) for p, s in zip(left.parts, scores[2:], strict=True))
    return Losses(full, empty, tuple(found))


def explain(
    retriever: RelationRetriever,
    example: Example,
    relation: str,
    direction: Direction,
    left: LeftOut | None = None,
) -> Explanation:
    """Shares of words, mentions, types, picture cells, concept words and picture text.

    ``left`` is what ``leave_out`` found for this example, if that is known already. Raises
    RelationUnknown for a relation outside the catalogue, ValueRejected for a direction it cannot
    hold in.
    """
    weights = aim(retriever, Label(relation, direction))
    found = losses(left or leave_out(retriever, example), weights)
    return Explanation(relation, direction, found.full, found.shares, found.remainder)


def without_sets(
    retriever: RelationRetriever,
    example: Example,
    sets: Sequence[Sequence[Part]],
    chosen: Label,
    other: Label | None = None,
) -> np.ndarray:
    """What the score (or the difference from ``other``) loses without each set of parts, (S,):
    the parts of a set are hidden together, so its loss is not the sum of their shares."""
    table = score_table(retriever, example, [together(s) for s in sets])
    scores = table @ aim(retriever, chosen, other)
    return np.asarray(scores[0] - scores[1:])
