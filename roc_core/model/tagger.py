"""The entity-type tagger: which type has a marked mention?

A multinomial logistic regression on the mention's mean lower-layer state beside the sentence's
mean state. Fitted on the types that training labels imply; ``cross_fit`` applies it to pairs it
was not fitted on, so that training and use see the same noise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from roc_core.schema import ENTITY_TYPES

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, slots=True, eq=False)
class TypeTagger:
    """``weight`` (4, 2·D) and ``bias`` (4,), float32, in the order of ENTITY_TYPES."""

    weight: torch.Tensor
    bias: torch.Tensor

    def probabilities(self, mention: torch.Tensor, sentence: torch.Tensor) -> torch.Tensor:
        """(4,) probabilities for one mention; ``mention`` and ``sentence`` are (D,) mean states."""
        import torch

        return torch.softmax(self.weight @ torch.cat([mention, sentence]) + self.bias, dim=0)


def fit_tagger(features: np.ndarray, types: Sequence[str], strength: float = 0.05) -> TypeTagger:
    """Fit on ``features`` (N, 2·D) = mention state beside sentence state, and N type names.

    ``strength`` is scikit-learn's inverse regularisation C. A type that never occurs keeps a
    weight of zero and a bias that makes it practically impossible.
    """
    import torch

    weight = np.zeros((len(ENTITY_TYPES), features.shape[1]), np.float32)
    bias = np.full(len(ENTITY_TYPES), -30.0, np.float32)
    if len(set(types)) == 1:  # nothing to tell apart, which scikit-learn refuses to fit
        bias[ENTITY_TYPES.index(types[0])] = 0.0
        return TypeTagger(torch.from_numpy(weight), torch.from_numpy(bias))
    model, scale = _fit(features, types, strength)
    coefficients, intercepts = model.coef_, model.intercept_
    if len(model.classes_) == 2:  # scikit-learn keeps one row for two classes
        coefficients = np.vstack([-coefficients[0] / 2, coefficients[0] / 2])
        intercepts = np.array([-intercepts[0] / 2, intercepts[0] / 2])
    for row, name in enumerate(model.classes_):
        at = ENTITY_TYPES.index(name)
        weight[at] = coefficients[row] / scale
        bias[at] = intercepts[row]
    return TypeTagger(torch.from_numpy(weight), torch.from_numpy(bias))


def _fit(features: np.ndarray, types: Sequence[str], strength: float) -> tuple[Any, np.ndarray]:
    from sklearn.linear_model import LogisticRegression

    scale = features.std(axis=0) + 1e-6
    model = LogisticRegression(C=strength, max_iter=400)
    model.fit(features / scale, list(types))
    return model, scale


def fold_of(sentence: str, folds: int) -> int:
    """The fold of a sentence, by its SHA-256, so that its pairs are never split over folds."""
    import hashlib

    return int(hashlib.sha256(("fold" + sentence).encode()).hexdigest(), 16) % folds
