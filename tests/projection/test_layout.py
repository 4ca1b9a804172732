"""The fit with the real UMAP, and placing among what was fitted."""

from __future__ import annotations

from io import StringIO
from threading import Thread

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tqdm import tqdm

from roc_core.errors import ValueRejected
from roc_core.projection import LayoutSettings, fit, place
from roc_core.projection.layout import unit_length


def groups(seed: int = 0, each: int = 40, width: int = 16) -> tuple[np.ndarray, np.ndarray]:
    """Three groups of vectors, and the number of each vector's group."""
    chance = np.random.default_rng(seed)
    middles = np.eye(width)[:3]
    own = np.repeat(np.arange(3), each)
    return unit_length(middles[own] + 0.08 * chance.normal(size=(len(own), width))), own


Fitted = tuple[np.ndarray, np.ndarray, np.ndarray, list[tuple[int, int]]]


@pytest.fixture(scope="module")
def fitted() -> Fitted:
    vectors, own = groups()
    told: list[tuple[int, int]] = []
    places = fit(vectors.astype(np.float16), progress=lambda *t: told.append(t))
    return vectors, own, places, told


def test_near_means_similar(fitted: Fitted) -> None:
    vectors, own, places, told = fitted
    assert places.shape == (len(vectors), 2)
    far = np.linalg.norm(places[:, None] - places, axis=2)
    np.fill_diagonal(far, np.inf)
    assert (own[far.argmin(axis=1)] == own).all()
    done, total = told[-1]
    assert done == total > 0


def test_the_same_vectors_give_the_same_map(fitted: Fitted) -> None:
    vectors, _, places, _ = fitted
    assert (fit(vectors.astype(np.float16)) == places).all()
    assert (fit(vectors.astype(np.float16), LayoutSettings(seed=1)) != places).any()


def test_what_the_progress_raises_ends_the_fit() -> None:
    class Enough(BaseException):
        pass

    def stop(done: int, total: int) -> None:
        raise Enough

    with pytest.raises(Enough):
        fit(groups()[0], progress=stop)
    # A bar of another thread must not wait for the one that was ended.
    other = Thread(target=lambda: list(tqdm(range(3), file=StringIO())), daemon=True)
    other.start()
    other.join(20)
    assert not other.is_alive()


def test_ten_pairs_are_enough() -> None:
    assert np.isfinite(fit(groups(each=4)[0][:10])).all()


@pytest.mark.parametrize(
    ("vectors", "said"),
    [
        (np.eye(9), "Expected at least 10 items to draw a map of. Found 9. Add some items first."),
        (np.ones((20, 4)), "Expected items that differ to draw a map of. Found the same vector"),
        (np.zeros((20, 4)), "Expected finite pair vectors that are not zero. Found a zero or"),
        (np.full((20, 4), np.nan), "Expected finite pair vectors that are not zero."),
    ],
)
def test_too_little_to_draw(vectors: np.ndarray, said: str) -> None:
    with pytest.raises(ValueRejected) as caught:
        fit(vectors)
    assert str(caught.value).startswith(said)


@pytest.mark.parametrize("wrong", [{"neighbours": 1}, {"least_distance": 2.0}, {"seed": -1}])
def test_settings_are_checked(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueRejected, match="Expected 2 to 200 neighbours"):
        LayoutSettings(**wrong)  # type: ignore[arg-type]


def test_a_fitted_vector_lies_where_it_was(fitted: Fitted) -> None:
    vectors, _, places, _ = fitted
    assert np.allclose(place(vectors, vectors, places, batch=7), places, atol=1e-5)


def test_new_vectors_lie_in_their_group(fitted: Fitted) -> None:
    vectors, own, places, _ = fitted
    new, groups_of = groups(seed=5, each=10)
    found = place(new, vectors, places)
    far = np.linalg.norm(found[:, None] - places, axis=2)
    assert (own[far.argmin(axis=1)] == groups_of).all()


@given(st.integers(0, 1000), st.integers(1, 20), st.integers(1, 30))
def test_places_stay_within_the_map(seed: int, new: int, k: int) -> None:
    chance = np.random.default_rng(seed)
    known, places = chance.normal(size=(12, 5)), chance.normal(size=(12, 2))
    found = place(chance.normal(size=(new, 5)), known, places, k=k)
    assert (found >= places.min(axis=0) - 1e-5).all()
    assert (found <= places.max(axis=0) + 1e-5).all()
