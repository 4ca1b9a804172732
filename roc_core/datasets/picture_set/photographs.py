"""Photographs that come inside installed packages; training and test never share one."""

from __future__ import annotations

import hashlib
import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from roc_core.datasets.pictures import open_picture
from roc_core.errors import PictureMissing

if TYPE_CHECKING:
    import random

    from PIL import Image


@dataclass(frozen=True, slots=True)
class Photograph:
    """A photograph by name: the package that brings it and its path inside that package."""

    name: str
    package: str
    path: str


_PIP = {"skimage": "scikit-image", "sklearn": "scikit-learn"}


def _from(package: str, *paths: str) -> tuple[Photograph, ...]:
    return tuple(Photograph(Path(p).stem, package, p) for p in paths)


PHOTOGRAPHS: dict[str, tuple[Photograph, ...]] = {
    "train": (
        *_from("skimage", "data/coffee.png", "data/camera.png", "data/chelsea.png"),
        *_from("skimage", "data/motorcycle_left.png", "data/coins.png", "data/gravel.png"),
        *_from("skimage", "data/moon.png", "data/ihc.png"),
        *_from("sklearn", "datasets/images/china.jpg"),
        *_from("matplotlib", "mpl-data/sample_data/grace_hopper.jpg"),
    ),
    "test": (
        *_from("skimage", "data/astronaut.png", "data/rocket.jpg", "data/retina.jpg"),
        *_from("skimage", "data/hubble_deep_field.jpg", "data/grass.png"),
        *_from("sklearn", "datasets/images/flower.jpg"),
    ),
}
"""Which photographs each split is made from. Two views of one scene (scikit-image's stereo pair)
would be one photograph, so only its left half is here."""


def located(photograph: Photograph) -> Path:
    """The photograph's file, without importing its package.

    Raises PictureMissing naming the package to install.
    """
    spec = importlib.util.find_spec(photograph.package)
    folders = list(spec.submodule_search_locations or ()) if spec else []
    found = [p for f in folders if (p := Path(f) / photograph.path).is_file()]
    if not found:
        pip = _PIP.get(photograph.package, photograph.package)
        raise PictureMissing(
            f"the photograph {photograph.path} of the pip package {pip}",
            "no such file" if folders else "the package is not installed",
            f"Run: pip install {pip}",
        )
    return found[0]


def digest(photograph: Photograph) -> str:
    """SHA-256 of the photograph's file."""
    return hashlib.sha256(located(photograph).read_bytes()).hexdigest()


def load(split: str) -> tuple[tuple[str, Image.Image], ...]:
    """(name, RGB picture) of every photograph of a split. Raises PictureMissing."""
    return tuple((p.name, open_picture(located(p)).convert("RGB")) for p in PHOTOGRAPHS[split])


def cut(photograph: Image.Image, side: int, rng: random.Random) -> np.ndarray:
    """A random square of a photograph, (side, side, 3) float32 0..255: cut out (at least three
    fifths of the shorter side), perhaps mirrored, lighter or darker, and of another colour cast."""
    from PIL import Image as Pillow

    short = min(photograph.size)
    edge = int(short * rng.uniform(0.6, 1.0))
    left, top = (rng.randint(0, s - edge) for s in photograph.size)
    part = photograph.resize(
        (side, side), Pillow.Resampling.BICUBIC, (left, top, left + edge, top + edge)
    )
    pixels = np.asarray(part, np.float32)
    if rng.random() < 0.5:
        pixels = pixels[:, ::-1]
    cast = np.array([rng.uniform(0.85, 1.15) for _ in range(3)], np.float32)
    return (pixels * cast * rng.uniform(0.8, 1.2)).clip(0, 255)
