"""The audit: what gives the labels of a data set away without reading its sentences.

Simple models are fitted on the train part and scored on another split: on each side feature
alone, on the sentence alone, and on both. A side feature that does well alone, or that lifts the
sentence, is named in the verdict.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from roc_core import metrics
from roc_core.errors import ValueRejected
from roc_core.evaluation import audit_verdict
from roc_core.evaluation.audit_columns import (
    Column,
    Kind,
    beside,
    design,
    label_types,
    record_columns,
    text_design,
)
from roc_core.evaluation.audit_fit import FOLDS, Parts, answers, constant, gain
from roc_core.evaluation.near_duplicates import Overlap, near_duplicates
from roc_core.evaluation.protocols import is_dev
from roc_core.model.tagger import fold_of
from roc_core.relations import Catalogue
from roc_core.schema import NONE, Record

Progress = Callable[[int, int, str], None]
TRAIN, DEV = "train", "dev"
SCORED = ("val", "valid", "validation", "test")
"""Splits a model may be scored on, the first that is there."""


@dataclass(frozen=True, slots=True)
class Given:
    """What is audited: labelled records, the item each one is called by (split and number), side
    columns, and the catalogue that knows the labels, if there is one."""

    records: tuple[Record, ...]
    items: tuple[str, ...]
    sides: tuple[Column, ...] = ()
    catalogue: Catalogue | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One feature: micro F1 (0..1) alone, with the sentence, and what it adds to it.

    ``over_constant`` and ``lift_interval`` are 95 % bootstrap intervals of the difference to the
    best constant answer and to the sentence alone. None where it was not measured; ``note`` says
    why.
    """

    name: str
    kind: Kind | str
    f1: float | None = None
    over_constant: tuple[float, float] | None = None
    with_sentence: float | None = None
    lift: float | None = None
    lift_interval: tuple[float, float] | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Audit:
    """The whole audit. ``fitted``, ``tuned`` and ``scored`` count pairs; ``split`` is the one that
    was scored; ``constant`` is the micro F1 of the best answer that is always the same."""

    fitted: int
    tuned: int
    scored: int
    split: str
    constant: float
    rows: tuple[Row, ...]
    overlaps: tuple[Overlap, ...]
    verdict: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)

    def row(self, name: str) -> Row:
        """The row of that name. Raises KeyError without one."""
        for row in self.rows:
            if row.name == name:
                return row
        raise KeyError(name)


def split_of(record: Record) -> str:
    """The split a record belongs to: as the data set says, ``train`` where it says nothing, and
    ``dev`` for the training sentences that are set aside."""
    named = record.provenance.split or TRAIN
    return DEV if named == TRAIN and is_dev(record.example.sentence) else named


def parts_of(records: Sequence[Record]) -> Parts:
    """Rows to fit, tune and score on: val or else test is scored and dev tunes; without both, dev
    is scored and a ninth of the other training sentences tunes.

    Raises ValueRejected when there is too little to fit or score.
    """
    splits = np.array([split_of(r) for r in records])
    scored = next((s for s in SCORED if (splits == s).any()), DEV)
    fit, tune = splits == TRAIN, splits == DEV
    if scored == DEV:
        ninth = np.array([fold_of(r.example.sentence, 9) == 0 for r in records])
        tune, fit = fit & ninth, fit & ~ninth
    rows = [np.flatnonzero(m) for m in (fit, tune, splits == scored)]
    gold = [r.label.relation if r.label else NONE for r in records]
    few = [
        len({gold[i] for i in rows[0]}) < 2,
        not len(rows[1]),
        not any(gold[i] != NONE for i in rows[2]),
        not any(gold[i] != NONE for i in rows[0]),
    ]
    if any(few):
        raise ValueRejected(
            "labelled pairs of split train (or of no split) with two labels or more, and pairs "
            "with a relation to score on",
            f"{len(rows[0])} pairs to fit on, {len(rows[1])} to choose a line on, "
            f"{len(rows[2])} of {scored} to score",
            "Give a larger data set, or name its splits train, val and test.",
        )
    folds = np.array([fold_of(r.example.sentence, FOLDS) for r in records])
    return Parts(rows[0], rows[1], rows[2], scored, folds)


def audit(
    given: Given,
    models: Mapping[str, Sequence[str]] | None = None,
    parts: Parts | None = None,
    progress: Progress = lambda done, total, what: None,
) -> Audit:
    """Audit a data set. ``models`` holds answers of model versions, by a name, for the rows
    ``parts.score`` (default: ``parts_of(given.records)``).

    Raises ValueRejected when there is too little to fit or score.
    """
    own = parts or parts_of(given.records)
    work = _Work(given, own, progress)
    rows = [*work.texts(), *work.side_rows()]
    rows += [work.alone(name, "model", list(found), "") for name, found in (models or {}).items()]
    overlaps = work.overlaps()
    none = metrics.micro(work.truth, work.constant).f1
    sizes = len(own.fit), len(own.tune), len(own.score)
    verdict = audit_verdict.verdict(rows, overlaps, none, own.name)
    return Audit(*sizes, own.name, none, tuple(rows), overlaps, verdict)


class _Work:
    """The fits of one audit, which share the sentence's features and answers."""

    def __init__(self, given: Given, parts: Parts, progress: Progress) -> None:
        self.given, self.parts, self.progress = given, parts, progress
        self.gold = [r.label.relation if r.label else NONE for r in given.records]
        self.truth = [self.gold[i] for i in parts.score]
        self.constant = constant(self.gold, parts)
        self.columns = [*record_columns(given.records), *given.sides]
        self.total = len(self.columns) + 4
        self.done = 0

    def _tell(self, what: str) -> None:
        self.progress(self.done, self.total, what)
        self.done += 1

    def texts(self) -> list[Row]:
        """The sentence alone and the picture text alone."""
        self._tell("sentence only")
        records = self.given.records
        self.sentences = text_design([r.example.sentence for r in records], self.parts.fit)
        self.read = answers(self.sentences, self.gold, self.parts)
        rows = [self.alone("sentence only", "text", self.read)]
        self._tell("picture text only")
        shown = [r.example.picture_text for r in records]
        if not any(shown[i] for i in self.parts.fit):
            return [*rows, Row("picture text only", "text", note="there is none")]
        found = answers(text_design(shown, self.parts.fit), self.gold, self.parts)
        return [*rows, self.alone("picture text only", "text", found)]

    def alone(self, name: str, kind: str, found: list[str], note: str = "") -> Row:
        """A row of answers that are compared with the best constant answer only."""
        interval = gain(self.truth, self.constant, found)[1]
        return Row(name, kind, metrics.micro(self.truth, found).f1, interval, note=note)

    def side_rows(self) -> list[Row]:
        """A row a column, and one for the types read off the labels."""
        rows = [self._side(c) for c in self.columns]
        self._tell("type pair read off the label")
        if self.given.catalogue is None:
            note = "no catalogue knows these labels"
            return [*rows, Row("type pair read off the label", "label types", note=note)]
        return [*rows, self._fitted(label_types(self.given.records, self.given.catalogue))]

    def _side(self, column: Column) -> Row:
        self._tell(column.name)
        if column.kind == "types" and not column.given:
            return Row(column.name, column.kind, note="the data set gives no types")
        if column.is_constant(self.parts.fit):
            return Row(column.name, column.kind, note="the same for every pair")
        return self._fitted(column)

    def _fitted(self, column: Column) -> Row:
        features = design(column, self.parts.fit)
        found = answers(features, self.gold, self.parts)
        alone = self.alone(column.name, column.kind, found)
        both = answers(beside(self.sentences, features), self.gold, self.parts)
        lift, interval = gain(self.truth, self.read, both)
        f1 = metrics.micro(self.truth, both).f1
        return Row(alone.name, alone.kind, alone.f1, alone.over_constant, f1, lift, interval)

    def overlaps(self) -> tuple[Overlap, ...]:
        """Near duplicates between all splits."""
        self._tell("near duplicates")
        splits: dict[str, list[tuple[str, str]]] = {TRAIN: [], DEV: []}
        for record, item in zip(self.given.records, self.given.items, strict=True):
            splits.setdefault(split_of(record), []).append((item, record.example.sentence))
        found = near_duplicates(splits)
        self.progress(self.total, self.total, "done")
        return found
