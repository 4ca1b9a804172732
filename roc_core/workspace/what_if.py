"""What other words for a relation would change, tried on the pair vectors that are kept."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

import numpy as np

from roc_core.errors import ValueRejected
from roc_core.evaluation import what_if as counted
from roc_core.evaluation.what_if import NOBODY, OUTSIDE, UNLABELLED, Described, Gold, Own, Standing
from roc_core.jobs import Progress
from roc_core.relations import Catalogue
from roc_core.schema import (
    NONE,
    Direction,
    Flip,
    Label,
    QualityReport,
    Relation,
    WhatIfReport,
)
from roc_core.store import Store
from roc_core.workspace import quality
from roc_core.workspace.discovering import Corpus, corpus_now

if TYPE_CHECKING:
    from roc_core.retrieval import Reading, RelationRetriever
    from roc_core.workspace.workspace import Workspace

TURNS: tuple[Direction, ...] = ("forward", "backward", "both")
"""What ``Described.turns`` numbers."""

FLIPS = 200
"""Flips a report lists."""

CACHED = 64 << 20
"""Bytes of columns that are kept of descriptions tried before."""

Encode = Callable[[Sequence["Reading"]], np.ndarray]
"""Descriptions read in a direction → unit vectors (K, W)."""


class Words:
    """Cosines of N pairs with descriptions, each computed once: a column a text and direction.

    ``known`` are the rows of ``vectors`` for texts that need not be encoded. For several threads.
    """

    def __init__(
        self,
        pairs: np.ndarray,
        vectors: np.ndarray,
        known: Mapping[tuple[str, Direction], int],
        encode: Encode,
    ) -> None:
        self._pairs, self._vectors, self._known, self._encode = pairs, vectors, known, encode
        self._columns: OrderedDict[tuple[str, Direction], np.ndarray] = OrderedDict()
        self._most = max(64, CACHED // max(pairs.shape[0] * 4, 1))
        self._lock = threading.Lock()

    def columns(self, readings: Sequence[Reading]) -> np.ndarray:
        """Cosines of all pairs with K readings, (N, K); only new texts are encoded."""
        keys = [(r.text, r.direction) for r in readings]
        with self._lock:
            found = {k: self._columns[k] for k in keys if k in self._columns}
        new = {k: r for k, r in zip(keys, readings, strict=True) if k not in found}
        if new:
            found |= zip(new, (self._pairs @ self._of(list(new.values())).T).T, strict=True)
        with self._lock:
            for key in keys:
                self._columns[key] = np.ascontiguousarray(found[key])
                self._columns.move_to_end(key)
            while len(self._columns) > self._most:
                self._columns.popitem(last=False)
        return np.stack([found[k] for k in keys], axis=1)

    def _of(self, readings: Sequence[Reading]) -> np.ndarray:
        rows = [self._known.get((r.text, r.direction), -1) for r in readings]
        out = self._vectors[rows].copy()
        strange = [n for n, row in enumerate(rows) if row < 0]
        if strange:
            out[strange] = self._encode([readings[n] for n in strange])
        return out


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """All pairs of a workspace compared with the catalogue in use, by one model version."""

    stamp: object
    corpus: Corpus
    catalogue: Catalogue
    described: Described
    standing: Standing
    words: Words
    lines: Callable[[str], float]


@dataclass(frozen=True, slots=True, eq=False)
class Labelled:
    """The present label of each pair of ``Scored``, None without one."""

    stamp: object
    labels: tuple[Label | None, ...]
    gold: Gold


class WhatIf:
    """Tries other words for one relation; nothing is kept."""

    def __init__(self, relation: str, scored: Scored, labelled: Labelled) -> None:
        self.relation, self._scored = relation, scored
        self._labels = labelled.labels
        ids = scored.catalogue.ids
        self._names = ids if relation in ids else (*ids, relation)
        self._number = self._names.index(relation)
        self._gold = self._golden(labelled.gold)
        there = relation in ids
        self._before = self._own(scored.catalogue.get(relation)) if there else None

    def try_(self, relation: Relation) -> WhatIfReport:
        """What changes if the relation reads like this: only its columns are scored again, and
        only descriptions that are new are encoded.

        Works for a relation that the catalogue does not have; one without scored descriptions is
        never answered. The figures are the model's alone, without the memory of corrections, as on
        the Errors page. Raises ValueRejected for another relation, CatalogueInvalid for a relation
        or text that breaks a rule.
        """
        began = time.perf_counter()
        if relation.id != self.relation:
            raise ValueRejected(
                f"other words for relation '{self.relation}'",
                f"relation '{relation.id}'",
                "Ask for the what-if of that relation.",
            )
        at = self._scored
        line = at.lines(relation.id)
        after = self._own(relation)
        found = counted.change(at.standing, self._gold, self._number, self._before, after, line)
        return WhatIfReport(
            relation=relation.id,
            items=len(self._labels),
            labelled=int((self._gold.numbers != UNLABELLED).sum()),
            f1=found.f1,
            hit3=found.hit3,
            precision=found.precision,
            recall=found.recall,
            line=found.line,
            flips=self._flips(found),
            won=len(found.won),
            lost=len(found.lost),
            changed=found.changed,
            seconds=time.perf_counter() - began,
        )

    def items_between(self, first: str, second: str, limit: int = FLIPS) -> tuple[str, ...]:
        """Items answered as one of two relations with the other as runner-up, the most uncertain
        first, as the catalogue is. Raises RelationUnknown."""
        ids = [self._scored.catalogue.get(r).id for r in (first, second)]
        numbers = [self._names.index(id) for id in ids]
        rows = counted.between(self._scored.standing, *numbers)[: max(limit, 0)]
        return tuple(self._scored.corpus.items[row] for row in rows.tolist())

    def _golden(self, gold: Gold) -> Gold:
        """The labels, those of a relation that is tried outside the catalogue among them."""
        if self._number < len(self._scored.catalogue):
            return gold
        rows = [n for n, k in enumerate(self._labels) if k and k.relation == self.relation]
        numbers = gold.numbers.copy()
        numbers[rows] = self._number
        return replace(gold, numbers=numbers)

    def _own(self, relation: Relation) -> Own | None:
        """How the relation stands, None if nothing of it is scored."""
        from roc_core.retrieval import readings

        if all(d.facet == "contrast" for d in relation.descriptions):
            return None
        at = self._scored
        own = readings(Catalogue(at.catalogue.id, at.catalogue.title, (relation,)))
        columns = at.words.columns(own.all)
        return counted.own(
            [columns[:, own.owners == n] for n in range(len(own.pairs))],
            [TURNS.index(direction) for _, direction in own.pairs],
            at.standing.none,
            at.lines(relation.id),
            at.described.sharpness,
        )

    def _flips(self, found: counted.Change) -> tuple[Flip, ...]:
        """Won ones first; lost ones always have room."""
        won, lost = found.won.tolist(), found.lost.tolist()
        most = max(FLIPS // 2, FLIPS - len(lost))
        rows = [*((r, True) for r in won[:most]), *((r, False) for r in lost)][:FLIPS]
        flips = []
        for row, won_it in rows:
            label = self._labels[row]
            assert label is not None, "only labelled items flip"
            before, after = (self._label(a, row) for a in (found.before, found.after))
            flips.append(Flip(self._scored.corpus.items[row], label, before, after, won_it))
        return tuple(flips)

    def _label(self, answers: counted.Answers, row: int) -> Label:
        number = int(answers.numbers[row])
        if number == NOBODY:
            return Label(NONE)
        return Label(self._names[number], TURNS[int(answers.turns[row])])


class Rewording:
    """The part of ``Workspace`` that tries descriptions and judges them."""

    _store: Store
    _scored: Scored | None = None
    _labelled: Labelled | None = None
    _making = threading.Lock()
    """Not the model's lock: predictions go on while all pairs are compared."""

    def what_if(self, relation: str) -> WhatIf:
        """What other words for a relation, of the catalogue or new, would change.

        Scores of all pairs are computed once and shared until items, catalogue or model version
        change. Raises AnswersMissing when no pair vectors are kept (job "vectors"), ValueRejected
        for a version whose classification head does not read descriptions.
        """
        workspace = cast("Workspace", self)
        with self._making:
            scored = self._scored = scored_now(workspace, self._store, self._scored)
            labelled = self._labelled = labelled_now(
                self._store, scored, workspace.labels_stamp(), self._labelled
            )
        return WhatIf(relation, scored, labelled)

    def quality(self, progress: Progress = lambda done, total, stage: None) -> QualityReport:
        """How good the descriptions of the catalogue in use are for the version in use: computes
        pair vectors that are missing, judges, and keeps the report in the workspace's folder.

        Raises AnswersMissing without items, ValueRejected as ``what_if``.
        """
        return quality.judge(cast("Workspace", self), self._store, progress)

    def quality_report(self) -> QualityReport | None:
        """The report ``quality`` last made for the version in use, marked when it is outdated;
        None when there is none."""
        return quality.kept(cast("Workspace", self))


def scored_now(workspace: Workspace, store: Store, held: Scored | None) -> Scored:
    """``held`` if it is still so, else all pairs compared anew."""
    with workspace._lock:
        key, corpus = workspace.vector_key(), corpus_now(workspace, store)
        if held is not None and held.corpus is corpus and held.stamp == key:
            return held
        retriever = workspace._retriever()
        described, catalogue = described_of(retriever), retriever.catalogue
        known = {(r.text, r.direction): n for n, r in enumerate(retriever.readings.all)}
    words = Words(corpus.vectors, described.vectors, known, _encoder(workspace, retriever))
    at = counted.standing(corpus.vectors, described)
    return Scored(key, corpus, catalogue, described, at, words, retriever.version.lines.of)


def described_of(retriever: RelationRetriever) -> Described:
    """The catalogue as a loaded version reads it. Raises ValueRejected for a version with a
    classification head."""
    from torch.nn import functional

    version, found = retriever.version, retriever.readings
    retriever.require_descriptions()
    none = functional.normalize(version.network.none.detach(), dim=1).numpy()
    return Described(
        vectors=retriever.description_vectors,
        groups=found.groups,
        owners=found.relation_of,
        turns=np.array([TURNS.index(d) for _, d in found.pairs], np.uint8),
        lines=version.lines.each(retriever.catalogue.ids).astype(np.float32),
        none=none,
        sharpness=version.settings.description_sharpness,
    )


def _encoder(workspace: Workspace, retriever: RelationRetriever) -> Encode:
    def encode(readings: Sequence[Reading]) -> np.ndarray:
        with workspace._lock, _one_thread():
            return retriever.describe(readings)

    return encode


@contextmanager
def _one_thread() -> Iterator[None]:
    """A text or two are read by one thread: several would wait for each other wherever the machine
    has other work, and take four times as long."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def labelled_now(store: Store, scored: Scored, stamp: object, held: Labelled | None) -> Labelled:
    """The present labels of the pairs; ``held`` if no label was given since."""
    stamp = (scored, stamp)
    if held is not None and held.stamp == stamp:
        return held
    given = store.annotation.queues.labels()
    labels = tuple(given.get(item) for item in scored.corpus.items)
    numbers = numbers_of(labels, scored.catalogue)
    at, d = scored.standing, scored.described
    return Labelled(stamp, labels, counted.gold_of(scored.corpus.vectors, d, at.none, numbers))


def numbers_of(labels: Sequence[Label | None], catalogue: Catalogue) -> np.ndarray:
    """Labels as ``Gold`` numbers them: a retired relation's is OUTSIDE."""
    at = {id: n for n, id in enumerate(catalogue.ids)} | {NONE: NOBODY}
    return np.array(
        [UNLABELLED if k is None else at.get(k.relation, OUTSIDE) for k in labels], np.int32
    )
