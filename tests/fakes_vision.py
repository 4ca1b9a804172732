"""Deterministic vision encoders for tests: no weights, no network, unreachable from the app."""

from __future__ import annotations

from typing import Literal

import numpy as np
from PIL import Image

from roc_core.encoders.vision import CellScores, PictureEvidence, concept_evidence, patch_evidence

COLOURS: dict[str, tuple[int, int, int]] = {
    "red": (255, 0, 0),
    "green": (0, 255, 0),
    "blue": (0, 0, 255),
    "white": (255, 255, 255),
    "black": (0, 0, 0),
}
GRID = (4, 6)


def _cells(picture: Image.Image) -> np.ndarray:
    """Mean colour of each cell of the grid, (P, 3) in 0..255."""
    rows, cols = GRID
    return np.asarray(
        picture.convert("RGB").resize((cols, rows), Image.Resampling.BOX), np.float32
    ).reshape(-1, 3)


class FakeConceptEncoder:
    """Names colours: a cell's score for a colour falls with the distance to it."""

    kind: Literal["concepts", "patches"] = "concepts"
    identity = "fake-concepts:0"
    width = len(COLOURS)

    def __init__(self, top: int = 3) -> None:
        self._top = top

    def see(self, picture: Image.Image) -> PictureEvidence:
        """Concepts are the colours of the picture."""
        palette = np.array(list(COLOURS.values()), np.float32)
        gaps = np.linalg.norm(_cells(picture)[:, None] - palette[None], axis=2)  # P,C
        scores = CellScores((-gaps / 40).astype(np.float32), tuple(COLOURS), self._top)
        return concept_evidence(picture.size, GRID, scores)


class FakePatchEncoder:
    """Patches are mean colours in 0..1."""

    kind: Literal["concepts", "patches"] = "patches"
    identity = "fake-patches:0"
    width = 3

    def see(self, picture: Image.Image) -> PictureEvidence:
        """One mean colour a cell."""
        return patch_evidence(picture.size, GRID, _cells(picture) / 255)
