"""Frame, density, hills, names and samples on the plane."""

from __future__ import annotations

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from roc_core.projection import SIDE, density, frame_of, hills, name_regions, stratified
from roc_core.projection.regions import typical, words_of

PLACES = arrays(
    np.float32,
    st.tuples(st.integers(1, 30), st.just(2)),
    elements=st.floats(-1000, 1000, width=32),
)
NUMBERS = arrays(np.uint16, st.tuples(st.integers(1, 60), st.just(2)))


@given(PLACES)
def test_numbers_give_the_places_back(places: np.ndarray) -> None:
    frame = frame_of(places)
    step = max(frame.width, frame.height) / SIDE
    assert np.allclose(frame.places(frame.numbers(places)), places, atol=step + 1e-3)
    assert frame.aspect > 0
    outside = np.array([[frame.left - 9, frame.bottom + 9e6]])
    assert frame.numbers(outside).tolist() == [[0, SIDE]]


@given(NUMBERS)
def test_density_is_highest_at_one(numbers: np.ndarray) -> None:
    grid = density(numbers, cells=16)
    assert grid.shape == (16, 16)
    assert grid.max() == 1
    assert grid.min() >= 0


@given(NUMBERS)
def test_every_point_has_one_hill_or_none(numbers: np.ndarray) -> None:
    found = hills(density(numbers, cells=16), numbers, most=3)
    counts = [int((found.of == n).sum()) for n in range(len(found.peaks))]
    assert len(found.peaks) <= 3
    assert counts == sorted(counts, reverse=True)
    assert all(c >= 5 for c in counts)
    assert sum(counts) + int((found.of == -1).sum()) == len(numbers)


def two_crowds() -> np.ndarray:
    chance = np.random.default_rng(0)
    left = chance.normal((10_000, 50_000), 1500, (60, 2))
    right = chance.normal((50_000, 10_000), 1500, (30, 2))
    return np.rint(np.concatenate([left, right])).astype(np.uint16)


def test_two_crowds_are_two_hills_the_larger_first() -> None:
    numbers = two_crowds()
    grid = density(numbers)
    found = hills(grid, numbers)
    assert found.of.tolist() == [0] * 60 + [1] * 30
    assert np.abs(found.peaks.astype(int) - [[10_000, 50_000], [50_000, 10_000]]).max() < 2500
    row, column = np.unravel_index(grid.argmax(), grid.shape)
    assert row > 64 > column, "row 0 is the bottom"


def test_regions_are_named_by_what_is_typical_of_them() -> None:
    numbers = two_crowds()
    relations = ["peer"] * 50 + ["member"] * 10 + ["member"] * 16 + ["None"] * 14
    sentences = ["The tour of two players"] * 60 + ["The band plays, RT http://t.co 2021"] * 30
    first, second = name_regions(hills(density(numbers), numbers), relations, sentences)
    assert (first.relation, first.points, round(first.share, 2)) == ("peer", 60, 0.83)
    assert first.words == ("players", "tour", "two")
    # "None" is rarer there than "member", but found nowhere else
    assert (second.relation, round(second.share, 2)) == ("None", 0.47)
    assert second.words == ("band", "plays")


def test_what_is_frequent_everywhere_is_not_typical() -> None:
    everywhere = Counter({"the": 100, "band": 11, "rare": 1})
    inside = Counter({"the": 10, "band": 8, "rare": 1})
    assert typical(inside, 10, everywhere, 100, 2) == ["band", "rare"]


@given(st.text())
def test_words_are_small_letters(sentence: str) -> None:
    for word in words_of(sentence):
        assert not any(c.isdecimal() or c.isupper() or c == "_" for c in word)
    assert words_of("At THE Café, 24 https") == {"café"}


@given(st.lists(st.sampled_from("abcde"), max_size=80), st.integers(1, 60), st.integers(0, 9))
def test_a_sample_keeps_the_shares(strata: list[str], limit: int, seed: int) -> None:
    rows = stratified(strata, limit, seed)
    assert len(rows) == min(limit, len(strata))
    assert (np.diff(rows) > 0).all()
    assert (rows == stratified(strata, limit, seed)).all()
    if len(strata) > limit:
        kept, all_of = Counter(strata[r] for r in rows), Counter(strata)
        for name, count in all_of.items():
            exact = count / len(strata) * limit
            assert kept[name] >= int(exact)
            assert kept[name] <= exact + 1
        if limit >= 2 * len(all_of):
            assert set(kept) == set(all_of)
