"""How dense the map is, and its hills."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from roc_core.projection.frame import SIDE

CELLS = 128
"""Cells of the density grid on each side."""


@dataclass(frozen=True, slots=True, eq=False)
class Hills:
    """The hills of a map, the one of most points first: ``peaks`` (H, 2) 0..SIDE, ``of`` (N,) the
    hill of each point or -1."""

    peaks: np.ndarray
    of: np.ndarray


def density(numbers: np.ndarray, cells: int = CELLS) -> np.ndarray:
    """Smoothed density (S, S) float32, 0..1, of points (N, 2) uint16; row 0 is the bottom.

    A Gaussian kernel whose width is a third of Scott's rule (spread × N^(-1/6) on the plane, Scott
    1992), at least one cell: that rule is for a single hill, and a map has many.
    """
    row, column = _cell(numbers, cells)
    grid = np.zeros((cells, cells))
    np.add.at(grid, (row, column), 1.0)
    spread = float(numbers.std(axis=0).mean()) / SIDE * cells
    width = max(1.0, spread * len(numbers) ** (-1 / 6) / 3)
    kernel = _kernel(width, cells)
    smooth = kernel @ grid @ kernel.T
    return np.asarray(smooth / smooth.max(), np.float32)


def _cell(numbers: np.ndarray, cells: int) -> tuple[np.ndarray, np.ndarray]:
    at = numbers.astype(np.int64) * cells // (SIDE + 1)
    return at[:, 1], at[:, 0]


def _kernel(width: float, cells: int) -> np.ndarray:
    """(S, S) matrix that smooths one axis; what falls over the edge is lost."""
    steps = np.arange(cells)
    return np.exp(-0.5 * ((steps[:, None] - steps) / width) ** 2)


def hills(grid: np.ndarray, numbers: np.ndarray, most: int = 20, share: float = 0.01) -> Hills:
    """The hills with the most points, at most ``most``, each with at least ``share`` of the points
    and never fewer than 5. A point belongs to the peak that the steepest way up leads to."""
    cells = len(grid)
    row, column = _cell(numbers, cells)
    top = _climb(grid)[row * cells + column]
    peaks, counts = np.unique(top, return_counts=True)
    order = np.argsort(-counts, kind="stable")
    kept = [i for i in order if counts[i] >= max(5, share * len(numbers))][:most]
    number = np.full(cells * cells, -1)
    number[peaks[kept]] = np.arange(len(kept))
    middle = (np.stack([peaks[kept] % cells, peaks[kept] // cells], axis=1) + 0.5) / cells
    return Hills(np.asarray(np.rint(middle * SIDE), np.uint16), number[top])


def _climb(grid: np.ndarray) -> np.ndarray:
    """For every cell (S·S,) the cell that the steepest way up from it ends at."""
    cells = len(grid)
    edged = np.pad(grid, 1, constant_values=-1.0)
    steps = [(r, c) for r in (-1, 0, 1) for c in (-1, 0, 1)]
    steps.sort(key=lambda s: s != (0, 0))  # where nothing is higher, stay
    around = np.stack([edged[1 + r : 1 + r + cells, 1 + c : 1 + c + cells] for r, c in steps])
    best = around.argmax(axis=0)
    row, column = np.indices(grid.shape)
    moves = np.array(steps)
    to = ((row + moves[best, 0]) * cells + column + moves[best, 1]).ravel()
    # each round doubles the way that is followed
    while (to != (further := to[to])).any():
        to = further
    return np.asarray(to)
