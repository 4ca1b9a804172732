"""The frame of a map: places as whole numbers of 16 bits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

SIDE = 65535
"""Largest number on either axis."""


@dataclass(frozen=True, slots=True)
class Frame:
    """Left and bottom edge, width and height of a map on the fitted plane."""

    left: float
    bottom: float
    width: float
    height: float

    @property
    def aspect(self) -> float:
        """Width over height."""
        return self.width / self.height

    def numbers(self, places: np.ndarray) -> np.ndarray:
        """Places (N, 2) → (N, 2) uint16, 0..SIDE over width and height; what lies outside is put
        on the edge."""
        scaled = (places - [self.left, self.bottom]) / [self.width, self.height] * SIDE
        return np.asarray(np.clip(np.rint(scaled), 0, SIDE), np.uint16)

    def places(self, numbers: np.ndarray) -> np.ndarray:
        """The opposite of ``numbers``, within a 131,070th of width and height."""
        corner = np.array([self.left, self.bottom])
        spread = numbers.astype(np.float64) / SIDE * [self.width, self.height]
        return np.asarray(spread + corner, np.float32)


def frame_of(places: np.ndarray, margin: float = 0.03) -> Frame:
    """The frame around places (N, 2), wider by ``margin`` of each side's length on every side."""
    low, high = places.min(axis=0), places.max(axis=0)
    length = np.maximum(high - low, 1e-3)
    left, bottom = (float(v) for v in low - margin * length)
    width, height = (float(v) for v in length * (1 + 2 * margin))
    return Frame(left, bottom, width, height)
