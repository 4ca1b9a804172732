"""Pair vectors → a plane on which near means similar: fit, placing, density, regions."""

from __future__ import annotations

from roc_core.projection.density import Hills, density, hills
from roc_core.projection.frame import SIDE, Frame, frame_of
from roc_core.projection.layout import MINIMUM, LayoutSettings, fit
from roc_core.projection.place import place
from roc_core.projection.regions import name_regions
from roc_core.projection.sample import stratified

__all__ = [
    "Frame",
    "Hills",
    "LayoutSettings",
    "MINIMUM",
    "SIDE",
    "density",
    "fit",
    "frame_of",
    "hills",
    "name_regions",
    "place",
    "stratified",
]
