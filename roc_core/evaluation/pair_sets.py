"""Labelled pairs read once by a version, to be scored against any descriptions afterwards."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from roc_core.evaluation.report import gold_of
from roc_core.model.reader import NOTHING, Hidden
from roc_core.retrieval import RelationRetriever
from roc_core.schema import Label, Record, type_words


@dataclass(frozen=True, slots=True, eq=False)
class PairSet:
    """B labelled pairs: unit ``vectors`` (B, W) float32, and the type pairs that were read
    ("person – location", "?" for none)."""

    records: tuple[Record, ...]
    vectors: np.ndarray
    types: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.records)

    @property
    def gold(self) -> list[str]:
        """The relation of every label."""
        return gold_of(self.records)

    @property
    def labels(self) -> tuple[Label, ...]:
        """The labels; records without one are none of a set's."""
        return tuple(r.label for r in self.records if r.label is not None)


def read_pairs(
    retriever: RelationRetriever,
    records: Sequence[Record],
    hide: Hidden = NOTHING,
    progress: Callable[[int, int], None] = lambda done, total: None,
    batch: int = 256,
) -> PairSet:
    """Read labelled records; ``hide`` names what of every example the model must not see."""
    labelled = tuple(r for r in records if r.label is not None)
    vectors = [np.zeros((0, retriever.version.settings.pair_width), np.float32)]
    types: list[str] = []
    for start in range(0, len(labelled), batch):
        examples = [r.example for r in labelled[start : start + batch]]
        inputs = retriever.reader.read(examples, [hide] * len(examples))
        vectors.append(np.asarray(retriever.encode(inputs).numpy(), np.float32))
        types += [type_words(*i.likeliest_types()) for i in inputs]
        progress(min(start + batch, len(labelled)), len(labelled))
    return PairSet(labelled, np.concatenate(vectors), tuple(types))
