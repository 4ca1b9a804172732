"""What a vision encoder gives: evidence from a picture, cell by cell.

One contract for every implementation (concept words, convolution grids, transformer patches), so
that fusion, explanation and the overlay treat them alike. Pure numpy: no model lives here.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np

from roc_core.errors import ValueRejected
from roc_core.schema import Box, SeenConcept

if TYPE_CHECKING:
    from PIL import Image

TOP = 8
"""How many concepts a picture gives by default (chosen with ``benchmarks/concept_words.py``)."""
SEEN_SHARE = 0.5
"""A concept is seen in the cells that reach this share of its strongest cell."""


@dataclass(frozen=True, slots=True)
class Concept:
    """A concept word seen in a picture.

    ``weight`` is 0..1; all concepts of the vocabulary add up to 1 (see ``rank_concepts``).
    ``cells`` are (row, column, weight 0..1), strongest first: the cells that name the concept
    at least half as surely as its best cell does. A cell's receptive field is wider than the cell.
    """

    word: str
    weight: float
    cells: tuple[tuple[int, int, float], ...]


@dataclass(frozen=True, eq=False)
class CellScores:
    """Class scores of every cell, from which concepts can be ranked again when cells are hidden.

    ``logits`` (P, C) float32, row-major over the grid; ``words`` the C concept words; ``top`` how
    many concepts to name.
    """

    logits: np.ndarray
    words: tuple[str, ...]
    top: int = TOP


@dataclass(frozen=True, eq=False)
class PictureEvidence:
    """What a vision encoder saw; build it with ``concept_evidence`` or ``patch_evidence``.

    ``size`` is width, height in source pixels; ``grid`` is rows, columns, P = rows * columns;
    ``concepts`` strongest first, empty for patch encoders and when nothing is visible;
    ``patches`` (P, D) float32, row-major, already multiplied by ``shown``, None for concept words;
    ``shown`` (P,) float32 0..1: how much of each cell is visible; ``scores`` None for patches.
    """

    size: tuple[int, int]
    grid: tuple[int, int]
    concepts: tuple[Concept, ...]
    patches: np.ndarray | None
    shown: np.ndarray
    scores: CellScores | None = None

    def cell_box(self, row: int, col: int) -> Box:
        """The cell's rectangle in source pixels; all cells together tile the picture."""
        (width, height), (rows, cols) = self.size, self.grid
        self._check_cell(row, col)
        return Box(
            width * col / cols,
            height * row / rows,
            width * (col + 1) / cols,
            height * (row + 1) / rows,
        )

    def without(self, cells: Collection[tuple[int, int]]) -> PictureEvidence:
        """The same picture with these (row, column) cells hidden.

        Concepts are ranked again from the scores of the cells that stay, patches become zero. The
        network is not run again, so a neighbour may still carry a trace of a hidden cell.
        Raises ValueRejected for a cell outside the grid.
        """
        factor = np.ones(self.grid, np.float32)
        for row, col in cells:
            self._check_cell(row, col)
            factor[row, col] = 0.0
        return self._dimmed(factor.reshape(-1))

    def within(self, box: Box) -> PictureEvidence:
        """Only what lies in a box of source pixels.

        Each cell counts by the share of it the box covers, relative to the best covered cell, so
        a box inside one cell is served by that cell in full. Raises ValueRejected for a box that
        does not touch the picture.
        """
        (width, height), (rows, cols) = self.size, self.grid
        down = _coverage(box.top, box.bottom, height, rows)
        across = _coverage(box.left, box.right, width, cols)
        factor = np.outer(down, across)
        if not factor.max() > 0:
            raise ValueRejected(
                f"a box that touches the picture of {width} × {height} pixels",
                f"left {box.left}, top {box.top}, right {box.right}, bottom {box.bottom}",
                "Draw the box inside the picture.",
            )
        return self._dimmed((factor / factor.max()).astype(np.float32).reshape(-1))

    def seen(self) -> tuple[SeenConcept, ...]:
        """The concepts as answers show them: word, weight, boxes in source pixels."""
        return tuple(
            SeenConcept(c.word, c.weight, tuple(self.cell_box(r, k) for r, k, _ in c.cells))
            for c in self.concepts
        )

    def _check_cell(self, row: int, col: int) -> None:
        rows, cols = self.grid
        if not (0 <= row < rows and 0 <= col < cols):
            raise ValueRejected(
                f"a cell of the grid of {rows} rows and {cols} columns, counted from 0",
                f"row {row}, column {col}",
                "Use the grid of this picture's evidence.",
            )

    def _dimmed(self, factor: np.ndarray) -> PictureEvidence:
        """Every cell's visibility multiplied by ``factor`` (P,)."""
        shown = _frozen(self.shown * factor)
        patches = None if self.patches is None else _frozen(self.patches * factor[:, None])
        concepts = () if self.scores is None else rank_concepts(self.scores, shown, self.grid)
        return replace(self, shown=shown, patches=patches, concepts=concepts)


class VisionEncoder(Protocol):
    """What every vision encoder offers (contract: ``tests/encoders/test_vision_contract.py``).

    ``identity`` is the name and a digest of the weights; ``width`` is D for patches and the size
    of the vocabulary for concepts. ``see`` is deterministic and may be called from any thread.
    """

    @property
    def identity(self) -> str: ...
    @property
    def kind(self) -> Literal["concepts", "patches"]: ...
    @property
    def width(self) -> int: ...

    def see(self, picture: Image.Image) -> PictureEvidence:
        """Evidence of one picture of any mode and size (see ``datasets.pictures.open_picture``)."""
        ...


def concept_evidence(
    size: tuple[int, int], grid: tuple[int, int], scores: CellScores
) -> PictureEvidence:
    """Evidence of a concept-word encoder with every cell visible."""
    shown = _frozen(np.ones(grid[0] * grid[1], np.float32))
    return PictureEvidence(size, grid, rank_concepts(scores, shown, grid), None, shown, scores)


def patch_evidence(
    size: tuple[int, int], grid: tuple[int, int], patches: np.ndarray
) -> PictureEvidence:
    """Evidence of a patch encoder, ``patches`` (P, D), with every cell visible."""
    shown = _frozen(np.ones(grid[0] * grid[1], np.float32))
    return PictureEvidence(size, grid, (), _frozen(patches.astype(np.float32)), shown)


def rank_concepts(
    scores: CellScores, shown: np.ndarray, grid: tuple[int, int]
) -> tuple[Concept, ...]:
    """The ``top`` concepts of the visible cells, strongest first.

    weight(c) = ½ softmax(mean of z)(c) + ½ mean of softmax(z)(c), both means over cells weighted
    by ``shown``, z a cell's logits. The first term is the network's own answer for the visible
    part (its classifier is linear, so pooling logits equals pooling features); the second keeps
    small things that only a few cells name. The formula is ours: on the pictures of
    ``benchmarks/concept_words.py`` it serves as well as either term alone and better than the
    maximum over cells. No visible cell, no concepts.
    """
    total = float(shown.sum())
    if not total > 0:
        return ()
    part = shown / total
    by_cell = _softmax(scores.logits)  # P,C
    weights = (_softmax(part @ scores.logits) + part @ by_cell) / 2  # C
    best = np.argsort(-weights, kind="stable")[: scores.top]
    return tuple(
        Concept(scores.words[c], float(weights[c].clip(0, 1)), _cells(by_cell[:, c] * shown, grid))
        for c in best
    )


def _cells(strength: np.ndarray, grid: tuple[int, int]) -> tuple[tuple[int, int, float], ...]:
    """(row, column, strength) of the cells near the strongest one, strongest first."""
    order = np.argsort(-strength, kind="stable")
    least = strength[order[0]] * SEEN_SHARE
    kept = [int(i) for i in order if strength[i] >= least and strength[i] > 0]
    return tuple((i // grid[1], i % grid[1], float(min(strength[i], 1.0))) for i in kept)


def _coverage(low: float, high: float, length: int, parts: int) -> np.ndarray:
    """Share of each of ``parts`` equal stretches of 0..length that low..high covers, (parts,)."""
    edges = np.arange(parts + 1) * (length / parts)
    inside = np.minimum(edges[1:], high) - np.maximum(edges[:-1], low)
    return inside.clip(0) * (parts / length)


def _softmax(logits: np.ndarray) -> np.ndarray:
    """Softmax over the last axis."""
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def _frozen(array: np.ndarray) -> np.ndarray:
    """A contiguous array nobody can write to."""
    out = np.ascontiguousarray(array)
    out.setflags(write=False)
    return out
