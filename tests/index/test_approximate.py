"""Recall against the exact index, tuning, folding, and the settings."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from roc_core.errors import ValueRejected
from roc_core.index import ApproximateIndex, ExactIndex, IndexSettings, Nearest
from tests.index.made import clusters, unit

COUNT = 6_000
IDS = np.arange(COUNT)


@pytest.fixture(scope="module")
def vectors() -> np.ndarray:
    return clusters(COUNT)


@pytest.fixture(scope="module")
def queries(vectors: np.ndarray) -> np.ndarray:
    noise = np.random.default_rng(1).normal(size=(300, vectors.shape[1]))
    return unit(vectors[:300] + 0.2 * noise)


def recall(found: Nearest, right: Nearest) -> float:
    pairs = zip(found.ids, right.ids, strict=True)
    return float(np.mean([np.isin(b, a).mean() for a, b in pairs]))


def test_tuned_recall_holds_for_other_queries(vectors: np.ndarray, queries: np.ndarray) -> None:
    index, exact = ApproximateIndex.build(IDS, vectors), ExactIndex(vectors)
    index.probes = 1
    few = recall(index.search(queries[150:], 10), exact.search(queries[150:], 10))
    assert index.tune(queries[:150]) >= 0.99
    assert 1 < index.probes < 310  # four times the root of 6,000 lists
    many = recall(index.search(queries[150:], 10), exact.search(queries[150:], 10))
    assert few < many
    assert many >= 0.98


def test_a_filter_costs_no_recall(vectors: np.ndarray, queries: np.ndarray) -> None:
    index, exact = ApproximateIndex.build(IDS, vectors), ExactIndex(vectors)
    index.tune(queries[:150])
    allowed = np.random.default_rng(2).random(COUNT) < 0.06
    found = index.search(queries[150:], 10, allowed)
    assert allowed[found.ids].all()
    assert recall(found, exact.search(queries[150:], 10, allowed)) >= 0.98


def test_changes_count_at_once_and_folding_changes_no_answer(
    vectors: np.ndarray, queries: np.ndarray
) -> None:
    index = ApproximateIndex.build(IDS, vectors)
    index.probes = 400
    moved, gone, new = IDS[:50], IDS[50:90], np.arange(10_000, 10_030)
    index.update(moved, -vectors[moved])
    index.remove(gone)
    index.add(new, vectors[gone[:30]])
    assert index.loose == 50 + 90 + 30
    before = index.search(queries, 10)
    assert not np.isin(before.ids, gone).any()
    assert before.ids[60, 0] == new[10]
    assert recall(index.search(unit(-vectors[:50]), 1), Nearest(moved[:, None], moved)) == 1.0
    centroids = index._lists.quantizer.reconstruct_n(0, 5)  # type: ignore[union-attr]
    index.fold()
    assert index.loose == 0
    assert index.size == COUNT - 40 + 30
    assert recall(index.search(queries, 10), before) > 0.995
    after = index._lists.quantizer.reconstruct_n(0, 5)  # type: ignore[union-attr]
    assert np.array_equal(centroids, after), "a few changes are no reason to learn lists again"


def test_lists_are_learnt_again_when_the_index_has_outgrown_them(vectors: np.ndarray) -> None:
    index = ApproximateIndex.build(IDS[:500], vectors[:500], IndexSettings(least=100))
    assert index._lists is not None
    small = index._lists.nlist
    index.add(IDS[500:], vectors[500:])
    index.fold()
    assert index._lists.nlist > 2 * small
    index.remove(IDS[60:])
    index.fold()
    assert index._lists is None, "so few entries are all compared"
    assert index.size == 60


def test_lists_on_disk_are_not_written_again(vectors: np.ndarray, tmp_path: Path) -> None:
    folder = tmp_path
    index = ApproximateIndex.build(IDS, vectors)
    index.save(folder)
    (lists,) = folder.glob("*.lists.faiss")
    index.remove(IDS[:10])
    index.save(folder, {"names.npy": np.array(["a", "b"])})
    assert list(folder.glob("*.lists.faiss")) == [lists]
    again = ApproximateIndex.load(folder)
    assert again.size == COUNT - 10
    assert again.beside["names.npy"].tolist() == ["a", "b"]
    again.fold()
    again.save(folder)
    (other,) = folder.glob("*.lists.faiss")
    assert other != lists
    assert len(list(folder.iterdir())) == 5, "four files and the one that names them"


def test_without_lists_nothing_is_missed() -> None:
    index = ApproximateIndex.build(IDS[:40], clusters(40))
    assert index.tune(clusters(5)) == 1.0
    assert index.loose == 40


@pytest.mark.parametrize("wrong", [{"lists": -1}, {"probes": 0}, {"least": -1}])
def test_settings_that_make_no_index_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueRejected, match="lists and least from 0, probes from 1"):
        IndexSettings(**wrong)
