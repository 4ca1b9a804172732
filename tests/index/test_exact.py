"""Exact search against brute force, ties, and what cannot be indexed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from roc_core.errors import IndexEmpty, ValueRejected
from roc_core.index import DescriptionIndex, ExactIndex


@given(st.integers(0, 99), st.integers(1, 60), st.integers(1, 15))
def test_search_is_brute_force(seed: int, size: int, k: int) -> None:
    random = np.random.default_rng(seed)
    vectors = random.normal(size=(size, 4))
    queries = random.normal(size=(3, 4))
    queries /= np.linalg.norm(queries, axis=1, keepdims=True)
    index: DescriptionIndex = ExactIndex(vectors)
    found = index.search(queries, k)
    assert index.size == size
    assert found.ids.shape == found.scores.shape == (3, min(k, size))
    for query, ids, scores in zip(queries, found.ids, found.scores, strict=True):
        cosines = [float(query @ v / np.linalg.norm(v)) for v in vectors]
        best = sorted(range(size), key=lambda i: -cosines[i])[:k]
        assert ids.tolist() == best
        assert scores == pytest.approx([cosines[i] for i in best], abs=1e-5)


def test_the_length_of_a_vector_does_not_count() -> None:
    index = ExactIndex(np.array([[3.0, 0.0], [0.5, 0.5]]))
    assert np.allclose(np.linalg.norm(index.vectors, axis=1), 1.0)
    assert index.scores(np.array([[1.0, 0.0]]))[0] == pytest.approx([1.0, 0.5**0.5])


@pytest.mark.parametrize("more", [0, 100])
def test_equal_scores_keep_the_order_of_the_index(more: int) -> None:
    far = [[-1.0, 0.01 * n] for n in range(more)]
    index = ExactIndex(np.array([[0.0, 1.0], [1.0, 0.0], [2.0, 0.0], [1.0, 0.0], *far]))
    query = np.array([[1.0, 0.0]])
    assert index.search(query, 4).ids.tolist() == [[1, 2, 3, 0]]
    assert index.search(query, 2).ids.tolist() == [[1, 2]]


def test_what_is_left_keeps_its_order() -> None:
    index = ExactIndex(np.eye(4), np.array([7, 3, 9, 5]))
    index.remove(np.array([3]))
    index.update(np.array([5]), np.array([[1.0, 0.0, 0.0, 0.0]]))
    index.add(np.array([3]), np.array([[0.0, 2.0, 0.0, 0.0]]))
    assert index.ids().tolist() == [7, 9, 5, 3]
    assert index.vectors.tolist() == np.eye(4)[[0, 2, 0, 1]].tolist()


@pytest.mark.parametrize("shape", [(0, 4), (4,), (0,)])
def test_an_empty_index_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(IndexEmpty) as caught:
        ExactIndex(np.zeros(shape))
    assert str(caught.value) == (
        f"Expected at least one description vector. Found an array of shape {shape}. "
        "Load a catalogue with descriptions."
    )


@pytest.mark.parametrize("bad", [0.0, np.nan, np.inf])
def test_vectors_without_a_direction_are_refused(bad: float) -> None:
    with pytest.raises(ValueRejected) as caught:
        ExactIndex(np.array([[1.0, 0.0], [bad, bad]]))
    assert str(caught.value) == (
        "Expected finite description vectors that are not zero. Found a zero or infinite one. "
        "Encode the descriptions again."
    )
