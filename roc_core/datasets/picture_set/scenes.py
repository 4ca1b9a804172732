"""The pictures: one deciding thing over a photograph, or four of them in a square with boxes."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from roc_core.datasets.picture_set.patterns import Drawn, cloth, draw, view
from roc_core.datasets.picture_set.photographs import cut
from roc_core.schema import Box

SIDE = 288
"""Pixels of a picture's side; all are alike, so that a box fits every picture."""
EDGE, GAP = 6, 8
"""Pixels around and between the four parts of a picture with boxes."""
PART = (SIDE - 2 * EDGE - GAP) // 2

Photographs = Sequence[tuple[str, Image.Image]]


@dataclass(frozen=True, slots=True)
class Scene:
    """A picture, (SIDE, SIDE, 3) uint8, with what it was made of: names of photographs and the
    drawn parameters. ``boxes`` has one entry a part, empty when the whole picture counts."""

    pixels: np.ndarray
    photographs: tuple[str, ...]
    drawn: tuple[Drawn, ...]
    boxes: tuple[Box, ...] = ()


def whole(split: str, family: str, kind: str, photographs: Photographs, seed: str) -> Scene:
    """A picture that shows one kind: a cloth lying on a photograph, or a photograph seen so."""
    rng = random.Random(seed)
    drawn, (name, photograph) = draw(split, rng), rng.choice(photographs)
    pixels = cut(photograph, SIDE, rng)
    if family == "view":
        return Scene(_ready(view(kind, pixels, drawn)), (name,), (drawn,))
    side = round(SIDE * rng.uniform(0.8, 0.95))
    left, top = (rng.randint(0, SIDE - side) for _ in range(2))
    pixels[top : top + side, left : left + side] = cloth(kind, side, drawn)
    return Scene(_ready(pixels), (name,), (drawn,))


def four(
    split: str, family: str, kinds: Sequence[str], photographs: Photographs, seed: str
) -> Scene:
    """A picture of four parts that show ``kinds`` in reading order, with their boxes."""
    rng = random.Random(seed)
    name, under = rng.choice(photographs)
    pixels, used, found = cut(under, SIDE, rng), [name], []
    for kind, (left, top) in zip(kinds, _corners(), strict=True):
        drawn = draw(split, rng)
        found.append(drawn)
        if family == "view":
            name, photograph = rng.choice(photographs)
            used.append(name)
            part = view(kind, cut(photograph, PART, rng), drawn)
        else:
            part = cloth(kind, PART, drawn)
        pixels[top : top + PART, left : left + PART] = part
    boxes = tuple(Box(x, y, x + PART, y + PART) for x, y in _corners())
    return Scene(_ready(pixels), tuple(used), tuple(found), boxes)


def _corners() -> list[tuple[int, int]]:
    """Left and top of the four parts in reading order."""
    near, far = EDGE, EDGE + PART + GAP
    return [(near, near), (far, near), (near, far), (far, far)]


def _ready(pixels: np.ndarray) -> np.ndarray:
    return pixels.clip(0, 255).astype(np.uint8)
