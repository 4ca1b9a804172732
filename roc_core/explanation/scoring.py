"""Scores of one pair with parts hidden, and what of them an explanation is about.

Letters of the shape comments: H hidings, N relation-directions.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from roc_core.model.reader import NOTHING, Hidden
from roc_core.retrieval import PairScores, RelationRetriever
from roc_core.schema import Example, Label


def aim(retriever: RelationRetriever, chosen: Label, other: Label | None = None) -> np.ndarray:
    """Weights (N,) of the score to explain: of ``chosen``, or of ``chosen`` minus ``other``."""
    weights = np.zeros(len(retriever.readings.pairs), np.float32)
    weights[retriever.column_of(chosen.relation, chosen.direction)] += 1.0
    if other is not None:
        weights[retriever.column_of(other.relation, other.direction)] -= 1.0
    return weights


def scores_of(
    retriever: RelationRetriever, examples: Sequence[Example], hides: Sequence[Hidden]
) -> PairScores:
    """Scores of examples, a hiding each."""
    return retriever.score(retriever.encode(retriever.reader.read(examples, hides)))


def score_table(
    retriever: RelationRetriever, example: Example, hides: Sequence[Hidden]
) -> np.ndarray:
    """Scores of all relation-directions for one example: with nothing hidden in row 0, then with
    each hiding, (H + 1, N)."""
    every = [NOTHING, *hides]
    return scores_of(retriever, [example] * len(every), every).relations
