"""What every index keeps to: against a plain dict of vectors, through any order of changes."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roc_core.errors import ValueRejected
from roc_core.index import ApproximateIndex, DescriptionIndex
from tests.index.made import BUILDERS, WIDTH, Build, clusters, load, unit

CHANGES = ("add", "remove", "update", "save", "fold")


@pytest.fixture(params=sorted(BUILDERS))
def build(request: pytest.FixtureRequest) -> Build:
    return BUILDERS[request.param]


def agrees(
    index: DescriptionIndex, known: dict[int, np.ndarray], allowed: np.ndarray | None = None
) -> None:
    """The index holds and finds what a plain comparison with every vector does."""
    assert index.size == len(known)
    assert sorted(index.ids().tolist()) == sorted(known)
    names = np.array(sorted(known), np.int64)
    if len(names):
        vectors = np.stack([known[n] for n in names.tolist()])
        assert np.abs(index.vectors_of(names) - vectors).max() < 1e-3
    among = [n for n in known if allowed is None or (n < len(allowed) and allowed[n])]
    queries = clusters(5, seed=99)
    found = index.search(queries, 4, allowed)
    assert found.ids.shape == found.scores.shape == (5, min(4, len(among)))
    for query, ids, scores in zip(queries, found.ids.tolist(), found.scores, strict=True):
        best = sorted((float(known[n] @ query) for n in among), reverse=True)[:4]
        assert scores.tolist() == pytest.approx(best, abs=2e-3)
        assert [float(known[n] @ query) for n in ids] == pytest.approx(best, abs=2e-3)
        assert len(set(ids)) == len(ids)


@given(
    st.sampled_from(sorted(BUILDERS)),
    st.integers(0, 999),
    st.lists(st.tuples(st.sampled_from(CHANGES), st.integers(1, 12)), max_size=6),
)
@settings(deadline=None, max_examples=60)
def test_any_order_of_changes(name: str, seed: int, steps: list[tuple[str, int]]) -> None:
    random = np.random.default_rng(seed)
    ids, vectors = random.permutation(200)[:50].astype(np.int64), clusters(50, seed)
    index = BUILDERS[name](ids, vectors)
    known = dict(zip(ids.tolist(), vectors, strict=True))
    for number, (change, count) in enumerate(steps):
        some = np.array(random.permutation(sorted(known))[:count], np.int64)
        fresh = clusters(count, seed + number + 1)
        if change == "add":
            new = np.setdiff1d(random.integers(0, 400, count), sorted(known))
            index.add(new, 3 * fresh[: len(new)])
            known |= dict(zip(new.tolist(), fresh, strict=False))
        elif change == "remove":
            index.remove(some)
            known = {n: v for n, v in known.items() if n not in set(some.tolist())}
        elif change == "update":
            index.update(some, fresh[: len(some)])
            known |= dict(zip(some.tolist(), fresh, strict=False))
        elif change == "save":
            with TemporaryDirectory() as folder:
                index.save(Path(folder))
                index = load(index, Path(folder))
        elif isinstance(index, ApproximateIndex):
            index.fold()
            assert index.loose == (index.size if index.size <= 20 else 0)
    agrees(index, known)
    agrees(index, known, random.random(300) < 0.3)


def test_only_what_is_allowed_is_ranked(build: Build) -> None:
    ids, vectors = np.arange(60), clusters(60)
    index, known = build(ids, vectors), dict(enumerate(vectors))
    for allowed in (ids % 7 == 3, ids < 2, ids < 0, np.zeros(0, bool), np.ones(500, bool)):
        agrees(index, known, allowed)


def test_an_index_may_become_empty_and_grow_again(build: Build) -> None:
    vectors = clusters(40)
    index = build(np.arange(40), vectors)
    index.remove(np.arange(40))
    agrees(index, {})
    index.add(np.array([7]), vectors[:1])
    agrees(index, {7: vectors[0]})


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (
            lambda i: i.add(np.array([90, 3]), clusters(2)),
            "Expected ids of new entries. Found 3, which is there. Update it.",
        ),
        (
            lambda i: i.remove(np.array([3, 90])),
            "Expected ids of entries that are there. Found 90, which is not. Add it first.",
        ),
        (
            lambda i: i.update(np.array([90]), clusters(1)),
            "Expected ids of entries that are there. Found 90, which is not. Add it first.",
        ),
        (
            lambda i: i.vectors_of(np.array([90])),
            "Expected ids of entries that are there. Found 90, which is not. Add it first.",
        ),
        (
            lambda i: i.add(np.array([90, 90]), clusters(2)),
            "Expected each id once. Found one given twice. Leave the second one out.",
        ),
        (
            lambda i: i.add(np.array([-1]), clusters(1)),
            "Expected ids, whole numbers from 0. Found array([-1]). Number the entries.",
        ),
        (
            lambda i: i.add(np.array([90]), clusters(2)),
            "Expected a vector for each of 1 ids. Found 2. Give one for each.",
        ),
        (
            lambda i: i.add(np.array([90]), np.ones((1, 3))),
            "Expected vectors of width 16. Found an array of shape (1, 3). "
            "Encode the descriptions with one model version.",
        ),
        (
            lambda i: i.update(np.array([3]), np.full((1, WIDTH), np.nan)),
            "Expected finite description vectors that are not zero. Found a zero or infinite one. "
            "Encode the descriptions again.",
        ),
        (
            lambda i: i.search(np.ones((1, 3), np.float32), 2),
            "Expected pair vectors of width 16. Found an array of shape (1, 3). "
            "Read the pairs with the model version that encoded the descriptions.",
        ),
    ],
)
def test_what_is_refused_changes_nothing(build: Build, change: object, text: str) -> None:
    vectors = clusters(40)
    index = build(np.arange(40), vectors)
    with pytest.raises(ValueRejected) as caught:
        change(index)  # type: ignore[operator]
    assert str(caught.value) == text
    agrees(index, dict(enumerate(vectors)))


def test_a_saved_index_can_be_changed_and_saved_over_itself(build: Build, tmp_path: Path) -> None:
    vectors = clusters(60)
    build(np.arange(60), vectors).save(tmp_path)
    for turn in range(3):
        index = load(build(np.arange(1), vectors[:1]), tmp_path)
        index.remove(np.array([turn]))
        index.update(np.array([50 + turn]), unit(-vectors[turn : turn + 1]))
        index.save(tmp_path)
    known = {n: v for n, v in enumerate(vectors) if n > 2}
    agrees(index, known | {50 + t: -vectors[t] for t in range(3)})
    agrees(load(index, tmp_path), known | {50 + t: -vectors[t] for t in range(3)})
