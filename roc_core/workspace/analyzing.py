"""Readings of labelled items as analyses."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from roc_core.errors import DoubtsMissing, ModelVersionInvalid
from roc_core.relations import Catalogue
from roc_core.schema import (
    NONE,
    VARIANTS,
    Analysis,
    Codes,
    Doubts,
    ItemFilter,
    PairVectors,
    Reading,
    ReadingState,
)
from roc_core.schema.analysis import DIRECTIONS, OUTSIDE
from roc_core.store import Store
from roc_core.store.labelled import ItemColumns
from roc_core.store.vectors import Key
from roc_core.workspace import models
from roc_core.workspace.doubting import doubts_now
from roc_core.workspace.features import codes, features
from roc_core.workspace.pair_vectors import key_of
from roc_core.workspace.seen import rows_among, seen_before

TOO_GOOD = "On what it has learnt it answers better than on new items."


class Analyzing:
    """The part of ``Workspace`` that says how good answers are, and how good labels."""

    _store: Store

    @property
    def path(self) -> Path:
        """The workspace's folder."""
        raise NotImplementedError

    @property
    def catalogue(self) -> Catalogue:
        """The relations that are retrieved."""
        raise NotImplementedError

    def reading_key(self, reading: Reading) -> Key:
        """What answers of a reading are kept under. Raises ValueRejected for an unknown version."""
        folder = models.version_named(reading.version, self.path)
        return replace(key_of(folder, self.catalogue), version=reading.key)

    def readings(self) -> tuple[ReadingState, ...]:
        """Every model version as a user sees it, and its other ways of reading that have answers;
        how far each has come. A version with a file missing is left out."""
        found = []
        for folder in models.version_folders(self.path):
            for variant in VARIANTS:
                try:
                    state = self._state(Reading(folder.name, variant))
                except ModelVersionInvalid:
                    break
                if state.answered or not variant:
                    found.append(state)
        return tuple(found)

    def reading_state(self, reading: Reading) -> ReadingState:
        """How far one reading has come. Raises ValueRejected for an unknown version."""
        return self._state(reading)

    def _state(self, reading: Reading) -> ReadingState:
        key, vectors = self.reading_key(reading), self._store.vectors
        return ReadingState(reading, vectors.count_answered(key), vectors.count_answerable(key))

    def analysis(
        self,
        reading: Reading,
        filter: ItemFilter | None = None,
        only: Collection[str] | None = None,
    ) -> Analysis:
        """The answers that are there to the labelled items which match a filter and are among
        ``only``. Raises ValueRejected for an unknown version."""
        scope = filter or ItemFilter()
        if only is not None:
            among = set(only) if scope.only is None else set(only) & set(scope.only)
            scope = replace(scope, only=tuple(sorted(among)))
        items, catalogue = self._store.labelled.columns(scope), self.catalogue
        folder = models.version_named(reading.version, self.path)
        key = replace(key_of(folder, catalogue), version=reading.key)
        found = self._store.vectors.read(key, vectors=False)
        return analysed(reading, items, found, catalogue, folder)

    def labels_stamp(self) -> tuple[int, int]:
        """What changes whenever an item comes in or a label is corrected or undone."""
        return self._store.labelled.stamp()

    def label_errors(self, reading: Reading) -> Doubts:
        """How far each label can be trusted, as job "doubts" found it by this reading's vectors.

        The vectors may have seen the labels, see ``Doubts.seen``. Raises DoubtsMissing when the
        job has not run for the version as it is now.
        """
        stored = self._store.doubts.get(self.reading_key(reading))
        if stored is None:
            raise DoubtsMissing(
                f"doubts about labels by '{reading.key}'", "none", "Start the job 'doubts'."
            )
        items = self._store.labelled.columns(ItemFilter())
        folder = models.version_named(reading.version, self.path)
        return doubts_now(reading, stored, items, folder)

    def ambiguous(self, reading: Reading, limit: int = 50) -> tuple[str, ...]:
        """Ids of the labelled items whose best relation leads by least, the closest first."""
        found = self.analysis(reading)
        rows = np.argsort(found.leads, kind="stable")[: max(limit, 0)]
        return found.ids(rows)


# --- analysis ----------------------------------------------------------------------------


def analysed(
    reading: Reading,
    items: ItemColumns,
    found: PairVectors,
    catalogue: Catalogue,
    folder: Path,
) -> Analysis:
    """Items in scope and the answers of a reading, whose version is in ``folder``, put side by
    side."""
    labelled = np.array([bool(r) for r in items.relations], bool)
    at = rows_among(items.items, found.items)
    complete = np.array([bool(t) for t in found.types], bool)
    read = (at >= 0) & (complete[at] if len(complete) else False)
    kept = labelled & read
    rows, answers = np.flatnonzero(kept), at[kept]
    gold = [items.relations[r] for r in rows.tolist()]
    best = [found.relations[r] for r in answers.tolist()]
    names = (*sorted({*catalogue.ids, *gold, *best} - {NONE}), NONE)
    turns = [items.directions[r] if g != NONE else "" for r, g in zip(rows, gold, strict=True)]
    return Analysis(
        reading=reading,
        items=items.items[rows],
        gold=_numbered(names, gold),
        gold_direction=_numbered(DIRECTIONS, turns),
        best=_numbered(names, best),
        direction=_numbered(DIRECTIONS, [found.directions[r] for r in answers.tolist()]),
        scores=found.scores[answers],
        margins=found.margins[answers],
        leads=found.leads[answers],
        ranks=_ranks(gold, [found.ranks[r] for r in answers.tolist()], catalogue),
        types=codes([found.types[r] for r in answers.tolist()]),
        features={n: _some(c, rows) for n, c in features(items).items()},
        unlabelled=int((~labelled).sum()),
        unread=int((labelled & ~read).sum()),
        seen=seen_before(folder, items, rows, TOO_GOOD),
    )


def _numbered(names: tuple[str, ...], values: Sequence[str]) -> Codes:
    at = {name: number for number, name in enumerate(names)}
    kind = np.uint8 if len(names) <= 256 else np.uint16
    return Codes(names, np.array([at[v] for v in values], kind))


def _some(some: Codes, rows: np.ndarray) -> Codes:
    """The categories of some rows, only those that occur."""
    there, values = np.unique(some.values[rows], return_inverse=True)
    return Codes(tuple(some.names[n] for n in there.tolist()), values.astype(some.values.dtype))


def _ranks(gold: Sequence[str], kept: Sequence[bytes], catalogue: Catalogue) -> np.ndarray:
    """The gold relation's rank from the ranks of all, (N,) uint16."""
    at = {name: number for number, name in enumerate(catalogue.ids)}
    every = np.frombuffer(b"".join(kept), "<u2").reshape(len(kept), len(catalogue.ids))
    column = np.array([at.get(g, -1) for g in gold], int)
    found = every[np.arange(len(column)), column]
    outside = np.where([g == NONE for g in gold], 0, OUTSIDE)
    return np.where(column >= 0, found, outside).astype(np.uint16)
