"""A small canvas for the starter set's drawn pictures.

Coordinates are pixels of the finished picture; everything is painted at twice that size and
shrunk at the end, which gives smooth edges.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter, ImageFont

Colour = tuple[int, int, int] | tuple[int, int, int, int]
Point = tuple[float, float]
Paint = Callable[[ImageDraw.ImageDraw], object]
WIDTH = 640
SCALE = 2


@lru_cache(maxsize=64)
def font(name: str, size: int) -> ImageFont.FreeTypeFont:
    """A DejaVu font as packaged by matplotlib; ``size`` in painted pixels."""
    import matplotlib

    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    return ImageFont.truetype(str(folder / f"{name}.ttf"), size)


class Canvas:
    """A picture being painted."""

    def __init__(self, height: int = 420, top: Colour = (30, 34, 60), bottom: Colour | None = None):
        self.width, self.height = WIDTH, height
        self.random = random.Random(7)
        self.image = _gradient(WIDTH * SCALE, height * SCALE, top, bottom or top)

    def _on(self, paint: Paint, fill: Colour, blur: float = 0.0) -> None:
        # The layer starts in its own colour at no opacity: a blur then has no dark rim.
        layer = Image.new("RGBA", self.image.size, (*fill[:3], 0))
        paint(ImageDraw.Draw(layer))
        if blur:
            layer = layer.filter(ImageFilter.GaussianBlur(blur * SCALE))
        self.image = Image.alpha_composite(self.image, layer)

    def rect(
        self, left: float, top: float, right: float, bottom: float, fill: Colour, radius: float = 0
    ) -> None:
        """A filled rectangle, rounded by ``radius``."""
        box = _scaled((left, top, right, bottom))
        self._on(lambda d: d.rounded_rectangle(box, radius * SCALE, fill=fill), fill)

    def ellipse(
        self, x: float, y: float, rx: float, ry: float, fill: Colour, blur: float = 0
    ) -> None:
        """A filled ellipse around (x, y)."""
        box = _scaled((x - rx, y - ry, x + rx, y + ry))
        self._on(lambda d: d.ellipse(box, fill=fill), fill, blur)

    def ring(self, x: float, y: float, r: float, width: float, fill: Colour) -> None:
        """A circle's outline."""
        box = _scaled((x - r, y - r, x + r, y + r))
        self._on(lambda d: d.ellipse(box, outline=fill, width=int(width * SCALE)), fill)

    def polygon(self, points: Sequence[Point], fill: Colour, blur: float = 0) -> None:
        """A filled polygon."""
        flat = _scaled([v for point in points for v in point])
        self._on(lambda d: d.polygon(flat, fill=fill), fill, blur)

    def line(self, points: Sequence[Point], width: float, fill: Colour) -> None:
        """A thick line with round ends and joints."""
        flat = [(x * SCALE, y * SCALE) for x, y in points]
        r = width * SCALE / 2

        def paint(draw: ImageDraw.ImageDraw) -> None:
            draw.line(flat, fill=fill, width=int(width * SCALE), joint="curve")
            for x, y in flat:
                draw.ellipse((x - r, y - r, x + r, y + r), fill=fill)

        self._on(paint, fill)

    def text(
        self,
        x: float,
        y: float,
        words: str,
        size: float,
        fill: Colour,
        face: str = "DejaVuSans-Bold",
        anchor: str = "mm",
    ) -> None:
        """Words at (x, y), by default centred on it."""
        used = font(face, int(size * SCALE))
        at = (x * SCALE, y * SCALE)
        self._on(
            lambda d: d.multiline_text(
                at, words, fill=fill, font=used, anchor=anchor, align="center"
            ),
            fill,
        )

    def person(
        self,
        x: float,
        feet: float,
        tall: float,
        body: Colour,
        head: Colour,
        arms: str = "down",
        hair: Colour | None = None,
    ) -> None:
        """A standing figure; ``arms``: "down", "up", "left" or "right" (one arm stretched out).

        With ``hair`` the head gets a face; without, it stays a silhouette.
        """
        u = tall / 100
        hip, neck = feet - 46 * u, feet - 80 * u
        for side in (-1, 1):
            self.line([(x + side * 5 * u, hip), (x + side * 8 * u, feet - 4 * u)], 9 * u, body)
            hand = _hand(x, neck, u, side, arms)
            self.line([(x + side * 11 * u, neck + 5 * u), *hand], 6.5 * u, body)
        self.rect(x - 13 * u, neck, x + 13 * u, hip + 5 * u, body, radius=7 * u)
        if hair:
            self.ellipse(x, feet - 91.5 * u, 8.4 * u, 8.4 * u, hair)
        self.ellipse(x, feet - 88.5 * u, 7.2 * u, 8.4 * u, head)
        if hair:
            self._face(x, feet - 88.5 * u, u, hair)

    def _face(self, x: float, y: float, u: float, hair: Colour) -> None:
        self.polygon(
            [
                (x - 7 * u, y - 3 * u),
                (x - 5 * u, y - 8 * u),
                (x + 6 * u, y - 8 * u),
                (x + 7 * u, y - 2 * u),
                (x, y - 5 * u),
            ],
            hair,
        )
        for side in (-1, 1):
            self.ellipse(x + side * 2.7 * u, y - 0.3 * u, 0.9 * u, 1.2 * u, (30, 24, 28))
        smile = [(x - 2.6 * u, y + 3.8 * u), (x, y + 4.9 * u), (x + 2.6 * u, y + 3.8 * u)]
        self.line(smile, 0.8 * u, (140, 60, 56))

    def crowd(self, top: float, colour: Colour, count: int = 34) -> None:
        """Heads and raised hands along the lower edge."""
        for i in range(count):
            x = (i + self.random.random()) * self.width / count
            y, r = top + self.random.uniform(0, 22), self.random.uniform(11, 16)
            self.ellipse(x, y, r, r * 1.15, colour)
            self.rect(x - r * 1.7, y + r, x + r * 1.7, self.height + 40, colour, radius=r)
            if i % 4 == 0:
                self.line([(x + r * 1.4, y + r * 1.6), (x + r * 1.8, y - r * 2)], r * 0.7, colour)

    def dots(self, colours: Sequence[Colour], count: int, bottom: float, size: float = 4) -> None:
        """Confetti, stars or lights strewn above ``bottom``."""
        for i in range(count):
            x, y = self.random.uniform(0, self.width), self.random.uniform(0, bottom)
            r = self.random.uniform(size * 0.4, size)
            self.ellipse(x, y, r, r * self.random.uniform(0.5, 1), colours[i % len(colours)])

    def finish(self, grain: int = 5) -> Image.Image:
        """The finished RGB picture, with a little grain so that flat areas do not band."""
        picture = self.image.convert("RGB").resize(
            (self.width, self.height), Image.Resampling.LANCZOS
        )
        return _grained(picture, grain)


def _hand(x: float, neck: float, u: float, side: int, arms: str) -> list[Point]:
    if arms == "up":
        return [(x + side * 20 * u, neck - 8 * u), (x + side * 17 * u, neck - 28 * u)]
    if arms in ("left", "right") and side == (-1 if arms == "left" else 1):
        return [(x + side * 26 * u, neck + 12 * u), (x + side * 34 * u, neck + 2 * u)]
    return [(x + side * 17 * u, neck + 20 * u), (x + side * 15 * u, neck + 38 * u)]


def _scaled(values: Sequence[float]) -> list[float]:
    return [v * SCALE for v in values]


def _gradient(width: int, height: int, top: Colour, bottom: Colour) -> Image.Image:
    mask = Image.linear_gradient("L").resize((width, height))
    upper, lower = (Image.new("RGBA", (width, height), (*c[:3], 255)) for c in (top, bottom))
    return Image.composite(lower, upper, mask)


def _grained(picture: Image.Image, strength: int) -> Image.Image:
    import numpy as np

    noise = np.random.default_rng(7).integers(
        -strength, strength + 1, (picture.height, picture.width, 1)
    )
    values = np.asarray(picture).astype(int) + noise
    return Image.fromarray(values.clip(0, 255).astype("uint8"))
