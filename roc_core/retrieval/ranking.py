"""Which relations of a large catalogue are ranked for a pair."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import torch

    from roc_core.retrieval.memory import Recalled
    from roc_core.retrieval.retriever import RelationRetriever

COMPLETE = 200
"""Relations of a catalogue up to which every one is ranked."""

RANKED = 50
"""Relations of a larger one that are: more than a person reads, and making thousands of answers
for each pair would take longer than reading it."""

KEPT = 2_000
"""Readings up to which a catalogue is encoded at every start; those of a larger one are kept."""

COMPARED = 20_000
"""Readings up to which a pair is compared with each; among more an index finds the nearest."""

NEAREST = 400
"""Readings the index finds; the relations they belong to are then scored by all of theirs."""


@dataclass(frozen=True, slots=True, eq=False)
class PairScores:
    """Scores of B pairs: ``descriptions`` (B, M), ``relations`` (B, N), ``none`` (B,), cosines."""

    descriptions: np.ndarray
    relations: np.ndarray
    none: np.ndarray

    def margins(self, lines: np.ndarray) -> np.ndarray:
        """Cosine points over "none of these" and the ``lines`` (N,), (B, N), as answers rank by
        them: no line lies outside -1..1."""
        return np.asarray(self.relations - np.clip(self.none[:, None] + lines, -1.0, 1.0))


def near_scores(
    retriever: RelationRetriever, pairs: torch.Tensor, recalled: Sequence[Recalled | None]
) -> PairScores:
    """Scores of unit pair vectors (B, W) for the relations alone whose descriptions lie nearest and
    those that memory speaks for. The others' scores are -inf, their descriptions' 0.

    The retriever must have ``kept`` readings.
    """
    import torch

    assert retriever.kept is not None
    found, described = retriever.readings, retriever.description_vectors
    relations = np.full((len(pairs), len(found.pairs)), -np.inf, np.float32)
    cosines = np.zeros((len(pairs), len(found.all)), np.float32)
    none = np.zeros(len(pairs), np.float32)
    for b, rows in enumerate(retriever.kept.nearest(pairs.numpy(), NEAREST)):
        said = recalled[b]
        voted = np.flatnonzero(said.added > 0) if said is not None else np.zeros(0, np.int64)
        near = np.concatenate([found.owners[rows], voted])
        columns = np.flatnonzero(np.isin(retriever.relation_of, retriever.relation_of[near]))
        groups = found.groups[columns]
        members = groups[groups >= 0]
        cosines[b, members] = described[members] @ pairs[b].numpy()
        one = torch.from_numpy(cosines[b : b + 1])
        with torch.inference_mode():
            scores = retriever.version.network.combine(
                one, pairs[b : b + 1], torch.from_numpy(groups)
            )
        relations[b, columns], none[b] = scores.relations[0].numpy(), float(scores.none[0])
    return PairScores(cosines, relations, none)


def leading(margins: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Numbers of the ``RANKED`` relations with the largest margin in their better direction, best
    first. ``margins`` (N,) of relation-directions, -inf for those that were not compared;
    ``starts`` (R,) the first of each relation's, which follow one another."""
    best = np.maximum.reduceat(margins, starts)
    first = np.argsort(-best, kind="stable")[:RANKED]
    return np.asarray(first[np.isfinite(best[first])])
