"""What decides: cloths drawn in four patterns, and four ways of looking at a photograph.

Colours, sizes and angles come from ``PARAMETERS``, and no value of one split is in the other.
"""

from __future__ import annotations

import colorsys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import random


@dataclass(frozen=True, slots=True)
class Parameters:
    """What a split may draw with: hues (shares of the colour circle), periods of a pattern in
    pixels, its angles in degrees, and numbers of rays."""

    hues: tuple[float, ...]
    periods: tuple[int, ...]
    angles: tuple[int, ...]
    rays: tuple[int, ...]


PARAMETERS: dict[str, Parameters] = {
    "train": Parameters(
        (0.0, 0.03, 0.1, 0.15, 0.25, 0.3, 0.36, 0.45, 0.5, 0.54, 0.62, 0.68, 0.8, 0.87),
        (18, 20, 22, 26, 28, 31, 36, 40, 42, 47, 50),
        (0, 10, 30, 45, 60, 80, 90, 100, 120, 135, 150, 170),
        (7, 8, 10, 11, 13, 14, 18),
    ),
    "test": Parameters(
        (0.06, 0.2, 0.4, 0.58, 0.75, 0.93), (24, 33, 44), (20, 70, 110, 160), (9, 12, 16)
    ),
}


@dataclass(frozen=True, slots=True)
class Drawn:
    """One draw of parameters. ``light`` and ``dark`` are RGB 0..255; ``shift`` moves the pattern by
    these shares of the side."""

    hues: tuple[float, float]
    light: tuple[float, ...]
    dark: tuple[float, ...]
    period: int
    angle: int
    rays: int
    shift: tuple[float, float]


def draw(split: str, rng: random.Random) -> Drawn:
    """Parameters of a split at random; the two colours differ in hue and in lightness."""
    given = PARAMETERS[split]
    first, second = rng.sample(given.hues, 2)
    light = colorsys.hsv_to_rgb(first, rng.uniform(0.1, 0.5), rng.uniform(0.85, 1.0))
    dark = colorsys.hsv_to_rgb(second, rng.uniform(0.5, 0.95), rng.uniform(0.25, 0.6))
    return Drawn(
        (first, second),
        tuple(255 * c for c in light),
        tuple(255 * c for c in dark),
        rng.choice(given.periods),
        rng.choice(given.angles),
        rng.choice(given.rays),
        (rng.uniform(-0.1, 0.1), rng.uniform(-0.1, 0.1)),
    )


def _grid(side: int, drawn: Drawn) -> tuple[np.ndarray, np.ndarray]:
    """Pixel coordinates (side, side) across and down, 0 where the pattern has its middle."""
    middle = [side * (0.5 + s) for s in drawn.shift]
    down, across = np.mgrid[0:side, 0:side].astype(np.float64)
    return across - middle[0], down - middle[1]


def _turned(side: int, drawn: Drawn) -> tuple[np.ndarray, np.ndarray]:
    """The same, turned by the drawn angle."""
    x, y = _grid(side, drawn)
    angle = np.radians(drawn.angle)
    return x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)


def stripes(side: int, drawn: Drawn) -> np.ndarray:
    """Straight parallel bands; (side, side) true where the dark colour goes, as in all below."""
    return _turned(side, drawn)[0] / drawn.period % 1 < 0.5


def rings(side: int, drawn: Drawn) -> np.ndarray:
    """Circles about one middle."""
    return np.hypot(*_grid(side, drawn)) / drawn.period % 1 < 0.5


def honeycomb(side: int, drawn: Drawn) -> np.ndarray:
    """The walls of hexagonal cells, ``period`` from middle to middle."""
    u, v = _turned(side, drawn)
    root = 3**0.5
    first, second = (
        _from_middle(u / drawn.period + s, v / drawn.period / root + s) for s in (0.0, 0.5)
    )
    return np.minimum(first, second) > 0.42


def _from_middle(across: np.ndarray, down: np.ndarray) -> np.ndarray:
    """Hexagonal distance from the nearest point of a lattice of 1 by the root of 3."""
    dx, dy = np.abs(across - np.round(across)), np.abs(down - np.round(down)) * 3**0.5
    return np.maximum(dx, dx / 2 + dy * 3**0.5 / 2)


def rays(side: int, drawn: Drawn) -> np.ndarray:
    """Wedges that meet in one middle."""
    x, y = _grid(side, drawn)
    turn = np.arctan2(y, x) / (2 * np.pi) + drawn.angle / 360
    return turn * drawn.rays % 1 < 0.5


CLOTHS: dict[str, Callable[[int, Drawn], np.ndarray]] = {
    "stripes": stripes,
    "rings": rings,
    "honeycomb": honeycomb,
    "rays": rays,
}


def cloth(kind: str, side: int, drawn: Drawn) -> np.ndarray:
    """A square of patterned cloth, (side, side, 3) float 0..255."""
    dark = CLOTHS[kind](side, drawn)[..., None]
    return np.where(dark, np.array(drawn.dark), np.array(drawn.light))


def _blinds(pixels: np.ndarray, drawn: Drawn) -> np.ndarray:
    """Level slats that cover half of what lies behind them."""
    return _over(pixels, _grid(len(pixels), drawn)[1] / drawn.period % 1 < 0.5, drawn)


def _net(pixels: np.ndarray, drawn: Drawn) -> np.ndarray:
    """Wires crossing aslant."""
    x, y = _grid(len(pixels), drawn)
    mesh = drawn.period * 0.9
    return _over(pixels, ((x + y) / mesh % 1 < 0.16) | ((x - y) / mesh % 1 < 0.16), drawn)


def _porthole(pixels: np.ndarray, drawn: Drawn) -> np.ndarray:
    """A round opening in a wall; the longer the period, the wider."""
    radius = len(pixels) * (0.24 + drawn.period / 300)
    return _over(pixels, np.hypot(*_grid(len(pixels), drawn)) > radius, drawn)


def _blocks(pixels: np.ndarray, drawn: Drawn) -> np.ndarray:
    """Coarse squares, each of one colour, as through glass bricks."""
    from PIL import Image

    side, few = len(pixels), max(3, round(len(pixels) / (drawn.period * 0.6)))
    picture = Image.fromarray(pixels.clip(0, 255).astype(np.uint8))
    small = picture.resize((few, few), Image.Resampling.BOX)
    return np.asarray(small.resize((side, side), Image.Resampling.NEAREST), np.float64)


def _over(pixels: np.ndarray, covered: np.ndarray, drawn: Drawn) -> np.ndarray:
    return np.where(covered[..., None], np.array(drawn.dark), pixels)


VIEWS: dict[str, Callable[[np.ndarray, Drawn], np.ndarray]] = {
    "blinds": _blinds,
    "net": _net,
    "porthole": _porthole,
    "blocks": _blocks,
}


def view(kind: str, pixels: np.ndarray, drawn: Drawn) -> np.ndarray:
    """A square of a photograph, (side, side, 3) 0..255, as one sees it through something."""
    return VIEWS[kind](pixels, drawn)
