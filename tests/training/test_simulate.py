"""Concept words stand in for captions: the closest ones, with weights that sum to 1."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roc_core.training.simulate import SHARPNESS, simulate_concepts
from tests.tiny import WORDS, tiny_text_encoder

NAMES = tuple(WORDS[:12])
CAPTIONS = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join)


@settings(max_examples=25)
@given(st.lists(CAPTIONS, min_size=1, max_size=4), st.integers(1, 15))
def test_weights_sum_to_one_and_the_strongest_comes_first(captions: list[str], top: int) -> None:
    for found in simulate_concepts(captions, NAMES, tiny_text_encoder(), top):
        assert len(found.words) == len(found.weights) == min(top, len(NAMES))
        assert len(set(found.words)) == len(found.words)
        assert sum(found.weights) == pytest.approx(1, abs=1e-5)
        assert list(found.weights) == sorted(found.weights, reverse=True)


def test_words_are_the_nearest_and_weights_a_softmax_of_cosines() -> None:
    text = tiny_text_encoder()
    (found,) = simulate_concepts(["the band on tour"], NAMES, text, 3)
    cosines = text.encode(NAMES) @ text.encode(["the band on tour"])[0]
    best = np.argsort(-cosines)[:3]
    assert found.words == tuple(NAMES[i] for i in best)
    expected = np.exp(SHARPNESS * cosines[best]) / np.exp(SHARPNESS * cosines[best]).sum()
    np.testing.assert_allclose(found.weights, expected, rtol=1e-3)


def test_a_caption_that_is_a_concept_name_finds_itself_first() -> None:
    (found,) = simulate_concepts(["city"], ("band", "city", "team"), tiny_text_encoder(), 2)
    assert found.words[0] == "city"


def test_captions_keep_their_order_and_equal_ones_are_equal() -> None:
    text = tiny_text_encoder()
    found = simulate_concepts(["band", "tour", "band"], NAMES, text, 4)
    assert found[0] == found[2] != found[1]
    (alone,) = simulate_concepts(["tour"], NAMES, text, 4)
    assert found[1].words == alone.words
    np.testing.assert_allclose(found[1].weights, alone.weights, atol=1e-4)


@pytest.mark.parametrize(("names", "top"), [((), 8), (NAMES, 0)])
def test_without_names_nothing_is_simulated(names: tuple[str, ...], top: int) -> None:
    found = simulate_concepts(["band", "tour"], names, tiny_text_encoder(), top)
    assert [(f.words, f.weights) for f in found] == [((), ()), ((), ())]
