"""Nearest labelled pairs, against cosines worked out one by one."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from roc_core.errors import IndexEmpty, ValueRejected
from roc_core.explanation import nearest_labelled
from roc_core.schema import Label

A, B = Label("/a", "forward"), Label("/b", "both")


@given(st.integers(0, 1000), st.integers(1, 12), st.integers(1, 15))
def test_they_are_the_best_cosines_among_the_labelled(seed: int, count: int, k: int) -> None:
    rng = np.random.default_rng(seed)
    vectors, query = rng.normal(size=(count, 4)).astype(np.float32), rng.normal(size=4)
    labels = [None if rng.random() < 0.3 else A for _ in range(count)]
    there = [r for r in range(count) if labels[r] is not None and r != 0]
    if not there:
        with pytest.raises(IndexEmpty, match=r"labelled pairs to compare with\. Found none"):
            nearest_labelled(query, vectors, labels, k, without=[0])
        return
    found = nearest_labelled(query, vectors, labels, k, without=[0])
    cosine = {
        r: float(vectors[r] @ query) / (math.hypot(*vectors[r]) * math.hypot(*query)) for r in there
    }
    assert [n.score for n in found] == pytest.approx(
        sorted(cosine.values(), reverse=True)[:k], abs=1e-5
    )
    assert [cosine[n.row] for n in found] == pytest.approx([n.score for n in found], abs=1e-5)
    assert {n.label for n in found} == {A}


def test_labels_belong_to_rows() -> None:
    vectors = np.eye(3, dtype=np.float32)
    found = nearest_labelled(np.array([0.1, 0.9, 0.2]), vectors, [A, B, None], 2)
    assert [(n.row, n.label) for n in found] == [(1, B), (0, A)]
    with pytest.raises(ValueRejected, match=r"2 labels, vectors \(3, 3\), pair \(3,\)"):
        nearest_labelled(np.ones(3), vectors, [A, B])
    with pytest.raises(ValueRejected, match=r"pair \(4,\)"):
        nearest_labelled(np.ones(4), vectors, [A, B, None])
