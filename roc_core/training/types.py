"""Entity types for training: a tagger fitted on the types that labels imply, cross-fitted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from roc_core.errors import ValueRejected
from roc_core.evaluation.protocols import implied_types
from roc_core.model.inputs import PairInput
from roc_core.model.tagger import TypeTagger, fit_tagger, fold_of
from roc_core.relations import Catalogue
from roc_core.schema import EntityType, Record, Span

if TYPE_CHECKING:
    import torch

FOLDS = 5


@dataclass(frozen=True, slots=True, eq=False)
class CrossFit:
    """``types`` (N, 2, 4) probabilities for every pair from taggers that did not see its sentence;
    ``tagger`` the one fitted on all positives, for use."""

    types: torch.Tensor
    tagger: TypeTagger


def cross_fit(
    records: Sequence[Record], inputs: Sequence[PairInput], catalogue: Catalogue, folds: int = FOLDS
) -> CrossFit:
    """Fit taggers on the training positives, fold by fold, and apply each to the sentences it did
    not see, ``None`` pairs included, so that training and use meet the same noise.

    Raises ValueRejected when some fold leaves no labelled pair to fit on.
    """
    import torch

    features = np.stack([_features(p) for p in inputs])  # N,2,2D
    fold = np.array([fold_of(r.example.sentence, folds) for r in records])
    implied = [implied_types(r, catalogue) for r in records]
    spans = np.array([[isinstance(m.place, Span) for m in r.example.mentions] for r in records])
    known = np.array([i is not None for i in implied])
    types = torch.zeros(len(records), 2, 4)
    for number in range(folds):
        tagger = _fit(features, implied, known & (fold != number), spans)
        for row in np.flatnonzero(fold == number):
            for side in np.flatnonzero(spans[row]):
                mention, sentence = torch.from_numpy(features[row, side]).chunk(2)
                types[row, side] = tagger.probabilities(mention, sentence)
    return CrossFit(types, _fit(features, implied, known, spans))


def _features(pair: PairInput) -> np.ndarray:
    sentence = pair.states.mean(0).numpy()
    return np.stack([np.concatenate([m.numpy(), sentence]) for m in pair.mentions])


def _fit(
    features: np.ndarray,
    implied: Sequence[tuple[EntityType, EntityType] | None],
    rows: np.ndarray,
    spans: np.ndarray,
) -> TypeTagger:
    wanted = [(int(i), s) for i in np.flatnonzero(rows) for s in (0, 1) if spans[i, s]]
    if not wanted:
        raise ValueRejected(
            "labelled training pairs in several sentences, to learn entity types from",
            f"too few among {len(features)} pairs",
            "Import more labelled items.",
        )
    names = [pair[s] for i, s in wanted if (pair := implied[i]) is not None]
    return fit_tagger(np.stack([features[i, s] for i, s in wanted]), names)
