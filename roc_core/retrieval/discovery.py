"""Pairs ranked by one relation that the catalogue need not have, and sharpened by answers.

Pairs whose entity types are those the relation asks for come first, then by margin: the score over
"none of these" of the pair and the relation's line, with what the answers to near pairs add. An
accepted pair votes for the relation in its direction, a rejected one against it, by the rule of
``retrieval.memory``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from roc_core.errors import ValueRejected
from roc_core.relations import Catalogue
from roc_core.retrieval.memory import Memory
from roc_core.retrieval.readings import Readings, readings
from roc_core.retrieval.retriever import RelationRetriever
from roc_core.schema import NONE, Direction, Label, MemorySettings, Relation

UNKNOWN = "?"


@dataclass(frozen=True, slots=True)
class Place:
    """A pair in the ranking: its ``row`` among the pairs, the better ``direction``, the ``score``
    of it (cosine), the ``margin`` over the line with what answers add, and whether types fit."""

    row: int
    direction: Direction
    score: float
    margin: float
    fits: bool


class Candidates:
    """B pairs, scored once against one relation, to be ranked after every answer.

    ``vectors`` (B, W) unit pair vectors of the retriever's version; ``types`` (B) the type pairs
    that were read, "person – location" with "?" for an unknown one, which fits every type.
    Raises ValueRejected for a version with a classification head, CatalogueInvalid for a relation
    that breaks a rule of catalogues.
    """

    def __init__(
        self,
        retriever: RelationRetriever,
        relation: Relation,
        vectors: np.ndarray,
        types: Sequence[str],
    ) -> None:
        self.relation, self._vectors = relation, vectors
        self._own = readings(Catalogue("candidate", "Candidate", (relation,)))
        self._scores, none = _scored(retriever, self._own, vectors)  # B,D and B
        line = np.clip(none + retriever.version.lines.of(relation.id), -1.0, 1.0)
        self._margins = self._scores - line[:, None]  # B,D
        self._fits = _fitting(relation, types)  # B,D

    def __len__(self) -> int:
        return len(self._vectors)

    def ranked(
        self,
        settings: MemorySettings,
        accepted: Mapping[int, Direction] | None = None,
        rejected: Collection[int] = (),
        without: Collection[int] = (),
        limit: int = 20,
    ) -> tuple[Place, ...]:
        """The first ``limit`` pairs, those answered or ``without`` left out.

        ``accepted`` and ``rejected`` are rows among the pairs. Raises ValueRejected for a direction
        the relation cannot hold in.
        """
        answered = dict(accepted or {})
        margins = self._margins + self._votes(settings, answered, rejected)
        # A direction whose types fit goes before the other one, whatever their margins.
        fitting = np.where(self._fits, margins, -np.inf).argmax(axis=1)
        best = np.where(self._fits.any(axis=1), fitting, margins.argmax(axis=1))
        rows = np.arange(len(best))
        fits, top = self._fits[rows, best], margins[rows, best]
        out = np.zeros(len(best), bool)
        out[[*answered, *rejected, *without]] = True
        order = np.lexsort((rows, -top, ~fits))
        chosen = order[~out[order]][: max(limit, 0)].tolist()
        directions = self.relation.directions
        return tuple(
            Place(
                r,
                directions[best[r]],
                float(self._scores[r, best[r]]),
                float(top[r]),
                bool(fits[r]),
            )
            for r in chosen
        )

    def _votes(
        self,
        settings: MemorySettings,
        accepted: Mapping[int, Direction],
        rejected: Collection[int],
    ) -> np.ndarray:
        """What the answers add to each relation-direction, (B, D) cosine points."""
        added = np.zeros_like(self._margins)
        if not settings.on or not (accepted or rejected):
            return added
        memory = Memory(self._own.pairs)
        for row, direction in accepted.items():
            if direction not in self.relation.directions:
                raise ValueRejected(
                    f"a direction of relation '{self.relation.id}', one of "
                    f"{', '.join(self.relation.directions)}",
                    repr(direction),
                    "Accept the item again.",
                )
            memory.put(str(row), self._vectors[row], Label(self.relation.id, direction))
        for other in rejected:
            memory.put(str(other), self._vectors[other], Label(NONE))
        answers = self._vectors[[*accepted, *rejected]]
        near = np.flatnonzero((self._vectors @ answers.T).max(axis=1) > settings.floor)
        for at, said in zip(near, memory.recall(self._vectors[near], settings), strict=True):
            if said is not None:
                added[at] = said.added
        return added


def _scored(
    retriever: RelationRetriever, own: Readings, vectors: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Scores (B, D) of the relation's directions and of "none of these" (B,)."""
    import torch

    retriever.require_descriptions()
    described = torch.from_numpy(retriever.describe(own.all))
    pairs = torch.from_numpy(np.asarray(vectors, np.float32))
    with torch.inference_mode():
        network = retriever.version.network
        found = network.combine(pairs @ described.T, pairs, torch.from_numpy(own.groups))
    return found.relations.numpy(), found.none.numpy()


def _fitting(relation: Relation, types: Sequence[str]) -> np.ndarray:
    """Whether the types of first and second mention fit each direction, (B, D) bool."""
    wanted = [relation.types(d) for d in relation.directions]
    known = {
        t: [_like(t, first) and _like(t[::-1], second) for first, second in wanted]
        for t in {_parts(t) for t in types}
    }
    return np.array([known[_parts(t)] for t in types], bool).reshape(len(types), len(wanted))


def _parts(types: str) -> tuple[str, str]:
    first, _, second = types.partition(" – ")
    return first, second


def _like(types: tuple[str, str], wanted: str) -> bool:
    return types[0] in (UNKNOWN, "", wanted)
