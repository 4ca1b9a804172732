"""The numbers of the contract: the weight formula, and hiding as a property."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image

from roc_core.encoders.vision import CellScores, concept_evidence, patch_evidence, rank_concepts
from roc_core.schema import Box
from tests.fakes_vision import FakeConceptEncoder

GRID = (2, 3)
LOGITS = hnp.arrays(np.float32, (6, 5), elements=st.floats(-30, 30, width=32, allow_nan=False))
CELLS = st.sets(st.tuples(st.integers(0, 1), st.integers(0, 2)))
WORDS = ("a", "b", "c", "d", "e")


def test_weights_follow_the_stated_formula() -> None:
    logits = np.log(np.array([[0.5, 0.5], [0.8, 0.2]], np.float32))
    scores = CellScores(logits, ("left", "right"), top=2)
    found = rank_concepts(scores, np.ones(2, np.float32), (1, 2))
    pooled = np.sqrt([0.5 * 0.8, 0.5 * 0.2])
    expected = (pooled / pooled.sum() + np.array([0.65, 0.35])) / 2
    assert [c.word for c in found] == ["left", "right"]
    assert [c.weight for c in found] == pytest.approx(list(expected))
    assert found[0].cells == ((0, 1, pytest.approx(0.8)), (0, 0, pytest.approx(0.5)))
    assert found[1].cells == ((0, 0, pytest.approx(0.5)),)  # 0.2 is less than half of 0.5


def test_equal_weights_keep_the_order_of_the_vocabulary() -> None:
    scores = CellScores(np.zeros((6, 5), np.float32), WORDS, top=3)
    assert [c.word for c in concept_evidence((9, 9), GRID, scores).concepts] == ["a", "b", "c"]


@given(LOGITS, CELLS)
def test_hidden_cells_have_no_influence(logits: np.ndarray, hidden: set[tuple[int, int]]) -> None:
    other = logits.copy()
    for row, col in hidden:
        other[row * 3 + col] = 25.0 - other[row * 3 + col]
    first, second = (
        concept_evidence((30, 20), GRID, CellScores(x, WORDS)).without(hidden)
        for x in (logits, other)
    )
    assert first.concepts == second.concepts
    assert (first.concepts == ()) == (len(hidden) == 6)


@given(LOGITS)
def test_all_weights_add_up_to_one(logits: np.ndarray) -> None:
    concepts = concept_evidence((30, 20), GRID, CellScores(logits, WORDS)).concepts
    assert sum(c.weight for c in concepts) == pytest.approx(1, abs=1e-4)


@given(
    st.tuples(st.floats(0, 29), st.floats(0, 19), st.floats(0.5, 40), st.floats(0.5, 40)),
)
def test_a_box_shows_cells_in_proportion_to_overlap(corner: tuple[float, ...]) -> None:
    left, top, width, height = corner
    box = Box(left, top, left + width, top + height)
    evidence = patch_evidence((30, 20), GRID, np.ones((6, 4)))
    found = evidence.within(box).shown
    overlap = np.array([_overlap(box, evidence.cell_box(r, c)) for r in range(2) for c in range(3)])
    assert found == pytest.approx(overlap / overlap.max(), abs=1e-4)


def _overlap(first: Box, second: Box) -> float:
    across = min(first.right, second.right) - max(first.left, second.left)
    down = min(first.bottom, second.bottom) - max(first.top, second.top)
    return max(0.0, across) * max(0.0, down)


def test_the_fake_names_the_colour_where_it_is() -> None:
    picture = Image.new("RGB", (60, 40), "red")
    picture.paste("blue", (30, 0, 60, 40))
    evidence = FakeConceptEncoder().see(picture)
    assert {c.word for c in evidence.concepts[:2]} == {"red", "blue"}
    assert evidence.within(Box(0, 0, 30, 40)).concepts[0].word == "red"
    assert evidence.within(Box(30, 0, 60, 40)).concepts[0].word == "blue"
