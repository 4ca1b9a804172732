"""A new relation from one sentence: the corpus ranked by it, sharpened by answers, and kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np

from roc_core.errors import AnswersMissing, ItemMissing, ValueRejected
from roc_core.relations import numbered
from roc_core.schema import (
    Accepted,
    Correction,
    Direction,
    Found,
    Label,
    Relation,
    RelationChange,
)
from roc_core.store import Store
from roc_core.store.vectors import Key
from roc_core.workspace.annotation_checks import named

if TYPE_CHECKING:
    from roc_core.retrieval import Place, RelationRetriever
    from roc_core.workspace.workspace import Workspace

EVERY = 1_000_000_000
"""More vectors than there are: all that are kept."""


@dataclass(frozen=True, slots=True, eq=False)
class Corpus:
    """The N items that have a pair vector of one version, in order of arrival: ids, unit
    ``vectors`` (N, W) float32, and the type pairs that were read."""

    items: tuple[str, ...]
    vectors: np.ndarray
    types: tuple[str, ...]

    def rows(self, items: Sequence[str]) -> list[int]:
        """Rows of those of ``items`` that are here."""
        at = {item: row for row, item in enumerate(self.items)}
        return [at[item] for item in items if item in at]


class Discovering:
    """The part of ``Workspace`` that finds what a new relation may hold in."""

    _store: Store
    _corpus: tuple[object, Corpus] | None

    def discover(
        self,
        relation: Relation,
        accepted: Sequence[tuple[str, Direction]] = (),
        rejected: Sequence[str] = (),
        limit: int = 20,
    ) -> tuple[Found, ...]:
        """The items in which a relation may hold, the likeliest first; nothing is kept.

        The relation need not be in the catalogue. Items whose entity types fit come first, then by
        margin; ``accepted`` and ``rejected`` items vote on those near to them as corrections do
        (``Workspace.memory``). They are left out, and so are items that have this label already.
        Raises AnswersMissing when no pair vectors of the version in use are kept (job "vectors"),
        CatalogueInvalid for a relation that breaks a rule, ValueRejected for a direction it cannot
        hold in or a version that does not rank by descriptions.
        """
        from roc_core.retrieval import Candidates

        workspace, relation = cast("Workspace", self), numbered(relation)
        labels = self._store.annotation.queues.labels()
        known = [item for item, label in labels.items() if label.relation == relation.id]
        settings = workspace.memory.settings
        with workspace._lock:
            corpus = corpus_now(workspace, self._store)
            retriever = workspace._retriever()
            found = Candidates(retriever, relation, corpus.vectors, corpus.types).ranked(
                settings,
                {row: d for i, d in accepted for row in corpus.rows([i])},
                corpus.rows(rejected),
                corpus.rows(known),
                limit,
            )
            ranks = _ranks(retriever, relation, corpus.vectors, found)
        return tuple(
            Found(
                corpus.items[p.row], p.score, p.margin, rank, labels.get(corpus.items[p.row]),
                p.direction, p.fits,
            )
            for p, rank in zip(found, ranks, strict=True)
        )  # fmt: skip

    def accept_relation(
        self,
        relation: Relation,
        accepted: Sequence[tuple[str, Direction]],
        rejected: Sequence[str],
        author: str,
        token: str = "",
    ) -> Accepted:
        """Keep a new relation and label the accepted items with it; the rejected ones are counted
        in the reason and keep their labels, for they may be anything else.

        The relation is one change of the catalogue in use, each item a correction of its own.
        ``token`` makes sending it all twice the same as once, also after a stop in between. Raises
        ValueRejected for an empty author, a direction that cannot be, or an id that another
        relation has; ItemMissing before anything is kept; what ``Relations.save`` and ``correct``
        raise.
        """
        workspace, relation = cast("Workspace", self), numbered(relation)
        _require(self._store, relation, accepted)
        change = _kept(workspace, relation, named(author), len(dict(accepted)), len(set(rejected)))
        corrections: list[Correction] = []
        for item, direction in dict(accepted).items():
            sent = f"{token}:{item}" if token else ""
            label = Label(relation.id, direction)
            corrections.append(workspace.correct(item, label, author, token=sent))
        return Accepted(change, tuple(corrections))


def corpus_now(workspace: Workspace, store: Store) -> Corpus:
    """All pair vectors of the version in use, whatever catalogue their answers come from; held
    until items come or go or are read."""
    key, (newest, _) = workspace.vector_key(), store.labelled.stamp()
    missing, erased = store.vectors.count_missing(key), store.remembered.look().erased
    stamp = (key.version, key.model, newest, missing, erased)
    held = workspace._corpus
    if held is None or held[0] != stamp:
        held = workspace._corpus = stamp, _read(store, key)
    return held[1]


def _read(store: Store, key: Key) -> Corpus:
    present, outdated = store.vectors.read(key), store.vectors.outdated(key, EVERY)
    parts = [p for p in (present, outdated) if len(p)]
    if not parts:
        raise AnswersMissing(
            f"pair vectors of model version '{key.version}'",
            "none",
            "Start the job 'vectors', which reads every item once.",
        )
    vectors = np.concatenate([p.vectors for p in parts]).astype(np.float32)
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    return Corpus(
        tuple(item.decode("ascii") for p in parts for item in p.items.tolist()),
        vectors,
        tuple(t for p in parts for t in p.types),
    )


def _ranks(
    retriever: RelationRetriever, relation: Relation, vectors: np.ndarray, found: Sequence[Place]
) -> list[int]:
    """Rank from 1 of the relation by its margin among the catalogue's other relations."""
    import torch

    if not found:
        return []
    scores = retriever.score(torch.from_numpy(vectors[[p.row for p in found]]))
    names = [r.id for r, _ in retriever.readings.pairs]
    margins = scores.margins(retriever.version.lines.each(names))  # F,N
    ranks = []
    for row, place in zip(margins, found, strict=True):
        over = {n for n, m in zip(names, row.tolist(), strict=True) if m >= place.margin}
        ranks.append(1 + len(over - {relation.id}))
    return ranks


def _require(store: Store, relation: Relation, accepted: Sequence[tuple[str, Direction]]) -> None:
    """That every accepted item is there and every direction can be."""
    for item, direction in accepted:
        if direction not in relation.directions:
            raise ValueRejected(
                f"a direction of relation '{relation.id}', one of {', '.join(relation.directions)}",
                f"{direction!r} for item {item}",
                "Accept the item again.",
            )
    known = store.known([item for item, _ in accepted])
    gone = next((item for item, _ in accepted if item not in known), None)
    if gone is not None:
        raise ItemMissing(
            f"an item {gone!r} in this workspace", "none", "Leave it out; it may have been erased."
        )


def _kept(
    workspace: Workspace, relation: Relation, author: str, accepted: int, rejected: int
) -> RelationChange | None:
    """The relation as a change of the catalogue: the newest one when it is in it just so."""
    if relation.id in workspace.catalogue:
        if workspace.catalogue.get(relation.id) == relation:
            return next(iter(workspace.relations.history(relation.id, limit=1)), None)
        raise ValueRejected(
            "an id that no relation of the catalogue has",
            f"'{relation.id}', which is another relation's",
            "Choose another name, or edit that relation.",
        )
    reason = f"A new relation from one sentence: {accepted} accepted, {rejected} rejected."
    return workspace.relations.save(relation, author, reason)
