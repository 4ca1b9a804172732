"""Planted label errors are found, and what cannot be judged is left out."""

from __future__ import annotations

import numpy as np
import pytest

from roc_core.errors import ValueRejected
from roc_core.evaluation.doubts import label_quality


def planted(per_label: int = 60) -> tuple[np.ndarray, list[str], list[str], np.ndarray]:
    """Vectors of three labels well apart, every fifteenth label wrong."""
    rng = np.random.default_rng(0)
    true = np.repeat(np.arange(3), per_label)
    vectors = np.eye(3, 8)[true] + rng.normal(0, 0.25, (len(true), 8))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    wrong = np.zeros(len(true), bool)
    wrong[::15] = True
    given = np.where(wrong, (true + 1) % 3, true)
    labels = [("ally", "born", "None")[g] for g in given]
    sentences = [f"sentence {n // 2}" for n in range(len(true))]
    return vectors.astype(np.float16), labels, sentences, wrong


def test_planted_errors_are_doubted() -> None:
    vectors, labels, sentences, wrong = planted()
    told: list[tuple[int, int]] = []
    found = label_quality(vectors, labels, sentences, lambda *t: told.append(t))
    assert told == [(n, 5) for n in range(6)]
    assert found.rows.tolist() == list(range(180))
    assert found.few == 0
    assert found.quality.min() >= 0
    assert found.quality.max() <= 1
    hits = (found.likely & wrong).sum()
    assert hits >= 0.9 * wrong.sum()
    assert found.likely.sum() <= 1.3 * wrong.sum()
    lowest = np.argsort(found.quality)[: wrong.sum()]
    assert wrong[lowest].mean() >= 0.9
    true = [("ally", "born", "None")[n // 60] for n in range(180)]
    assert np.mean([s == t for s, t in zip(found.suggested, true, strict=True)]) > 0.95
    again = label_quality(vectors, labels, sentences)
    assert (again.quality == found.quality).all(), "seeded"


def test_a_sentence_never_judges_itself() -> None:
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(60, 30)).astype(np.float32)
    vectors = np.repeat(vectors, 4, axis=0)
    labels = np.repeat(np.where(rng.random(60) < 0.5, "ally", "born"), 4).tolist()
    sentences = np.repeat([f"s{n}" for n in range(60)], 4).tolist()
    found = label_quality(vectors, labels, sentences)
    right = np.mean([s == g for s, g in zip(found.suggested, labels, strict=True)])
    assert right < 0.75, "four pairs of one sentence are alike: seen in training all would be right"


def test_labels_on_few_sentences_are_not_judged() -> None:
    vectors, labels, sentences, _ = planted()
    labels[10:14] = ["rare"] * 4
    labels[20:40] = ["crowded"] * 20
    sentences[20:40] = ["one sentence"] * 20
    found = label_quality(vectors, labels, sentences)
    assert found.few == 24
    assert not set(found.rows.tolist()) & {*range(10, 14), *range(20, 40)}
    with pytest.raises(ValueRejected) as caught:
        label_quality(vectors[:40], ["ally"] * 36 + ["rare"] * 4, sentences[:40])
    assert str(caught.value) == (
        "Expected at least two labels that stand on 5 sentences or more. Found 1. "
        "Label or import more items."
    )
