"""The entity-type tagger: learns what can be told apart, and agrees with scikit-learn."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
import torch

from roc_core.model.tagger import TypeTagger, fit_tagger, fold_of
from roc_core.schema import ENTITY_TYPES, EntityType


def made(types: tuple[EntityType, ...], count: int = 40) -> tuple[np.ndarray, list[EntityType]]:
    """Features (N, 8) around one corner a type."""
    random = np.random.default_rng(0)
    names = [types[i % len(types)] for i in range(count)]
    centres = np.eye(8)[[ENTITY_TYPES.index(n) for n in names]] * 4
    return (centres + random.normal(size=(count, 8)) * 0.5).astype(np.float32), names


def answers(tagger: TypeTagger, features: np.ndarray) -> np.ndarray:
    return np.stack(
        [tagger.probabilities(torch.from_numpy(f[:4]), torch.from_numpy(f[4:])) for f in features]
    )


@pytest.mark.parametrize(
    "types", [ENTITY_TYPES, ("person", "location"), ("organization", "location", "thing")]
)
def test_separable_types_are_learned(types: tuple[EntityType, ...]) -> None:
    from sklearn.linear_model import LogisticRegression

    features, names = made(types)
    found = answers(fit_tagger(features, names, strength=1.0), features)
    assert found.shape == (len(names), 4)
    assert np.allclose(found.sum(1), 1.0, atol=1e-5)
    assert [ENTITY_TYPES[i] for i in found.argmax(1)] == names
    never = [i for i, t in enumerate(ENTITY_TYPES) if t not in types]
    assert (found[:, never] < 1e-6).all()
    scale = features.std(axis=0) + 1e-6
    own: Any = LogisticRegression(C=1.0, max_iter=400).fit(features / scale, names)
    columns = [ENTITY_TYPES.index(c) for c in own.classes_]
    assert np.allclose(found[:, columns], own.predict_proba(features / scale), atol=1e-4)


def test_less_strength_is_less_sure() -> None:
    features, names = made(ENTITY_TYPES)
    weak, strong = (answers(fit_tagger(features, names, s), features) for s in (0.001, 1.0))
    assert weak.max(1).mean() < strong.max(1).mean()


def test_fitting_twice_gives_the_same_bits() -> None:
    features, names = made(ENTITY_TYPES)
    one, two = fit_tagger(features, names), fit_tagger(features, names)
    assert torch.equal(one.weight, two.weight)
    assert torch.equal(one.bias, two.bias)


def test_folds_go_by_sentence_and_are_even() -> None:
    sentences = [f"sentence number {i}" for i in range(1000)]
    folds = Counter(fold_of(s, 5) for s in sentences)
    assert set(folds) == set(range(5))
    assert all(150 < n < 250 for n in folds.values())
    # The SHA-256 of "foldAna joins" ends in the hexadecimal digits 1f.
    assert [fold_of("Ana joins", n) for n in (1, 2, 16, 256)] == [0, 1, 15, 0x1F]
