"""Orders of items by uncertainty and diversity."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roc_core.evaluation.sampling import (
    FEWEST,
    distance_to_change,
    most_informative,
    most_uncertain,
)

NUMBERS = st.floats(-1, 1, allow_nan=False, width=32)


def test_how_near_an_answer_is_to_another_one() -> None:
    margins = np.array([0.3, 0.1, -0.2, 0.0, -0.01])
    leads = np.array([0.05, 0.4, 0.0, 0.2, 0.3])
    # overtaken; falls below its line; comes up to its line, whatever leads; on its line; nearly
    assert distance_to_change(margins, leads) == pytest.approx([0.05, 0.1, 0.2, 0, 0.01])
    assert most_uncertain(margins, leads).tolist() == [3, 4, 0, 1, 2]


def made(groups: int, each: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Unit vectors of separate groups, and each row's group."""
    draw = np.random.default_rng(seed)
    centres = np.eye(groups, 32)
    vectors = np.repeat(centres, each, axis=0) + 0.02 * draw.normal(size=(groups * each, 32))
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.repeat(range(groups), each)


def test_alike_pairs_do_not_follow_each_other() -> None:
    vectors, group = made(groups=8, each=60)
    margins = np.where(group == 0, 0.001, 0.002 + 0.0001 * np.arange(len(group)))
    leads = np.ones(len(group))
    assert set(group[most_uncertain(margins, leads)[:8]]) == {0}
    rows = most_informative(vectors, margins, leads)
    assert len(rows) == len(group) // 3
    reached = set(group[most_uncertain(margins, leads)[: len(rows)]])
    assert len(reached) >= 3
    assert set(group[rows[:50]]) == reached
    assert group[rows[0]] == 0


def test_the_seed_decides_the_groups_and_nothing_else() -> None:
    vectors, _ = made(groups=6, each=100)
    margins, leads = np.linspace(0, 1, 600), np.ones(600)
    first, again = (most_informative(vectors, margins, leads, seed=3) for _ in range(2))
    assert first.tolist() == again.tolist()
    other = most_informative(vectors, margins, leads, seed=4)
    assert set(other.tolist()) == set(first.tolist()) == set(range(200))


@settings(deadline=None, max_examples=25)
@given(st.lists(st.tuples(NUMBERS, NUMBERS), max_size=60))
def test_few_items_are_all_given_once(pairs: list[tuple[float, float]]) -> None:
    margins, leads = np.array(pairs, float).reshape(-1, 2).T
    vectors = np.random.default_rng(0).normal(size=(len(pairs), 8))
    assert len(pairs) < FEWEST
    rows = most_informative(vectors, margins, np.abs(leads))
    assert sorted(rows.tolist()) == list(range(len(pairs)))
