"""A picture's evidence as the numbers of one marked pair: patches, places, boxes.

Letters of the shape comments: P patches, C width of the patches.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from roc_core.config import ModelSettings
from roc_core.errors import ValueRejected
from roc_core.schema import Box, Mention

if TYPE_CHECKING:
    import torch

    from roc_core.encoders.vision import PictureEvidence, VisionEncoder


def check_patches(vision: VisionEncoder | None, settings: ModelSettings) -> None:
    """Raises ValueRejected for a patch encoder whose width is not that of the settings."""
    if vision is not None and vision.kind == "patches" and vision.width != settings.patch_width:
        raise ValueRejected(
            f"setting patch_width {vision.width}, the width of {vision.identity}",
            str(settings.patch_width),
            "Change the setting, or choose another vision encoder.",
        )


def visible_patches(seen: PictureEvidence | None, width: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Vectors of the visible cells, (P, C), and their places, (P, 5): centre and size as shares
    of the picture, and how visible the cell is. P is 0 without a picture or without patches."""
    import numpy as np
    import torch

    if seen is None or seen.patches is None:
        return torch.zeros(0, width), torch.zeros(0, 5)
    rows, columns = seen.grid
    down, across = np.divmod(np.arange(rows * columns), columns)
    size = np.ones_like(seen.shown)
    centre = ((across + 0.5) / columns, (down + 0.5) / rows)
    places = np.stack([*centre, size / columns, size / rows, seen.shown], axis=1)
    there = seen.shown > 0
    return torch.from_numpy(seen.patches[there]), torch.from_numpy(places[there]).float()


def box_patch(mention: Mention, seen: PictureEvidence | None, width: int) -> torch.Tensor:
    """Mean of the patches inside a box, weighted by how much of each it covers, (C,).

    Zeros for a span, without a picture and when nothing inside the box is visible. Raises
    ValueRejected for a box that does not touch the picture.
    """
    import torch

    if not isinstance(mention.place, Box) or seen is None or seen.patches is None:
        return torch.zeros(width)
    inside = seen.within(mention.place)
    if inside.patches is None or not inside.shown.any():
        return torch.zeros(width)
    return torch.from_numpy(inside.patches.sum(0) / inside.shown.sum())


def box_geometry(mention: Mention, seen: PictureEvidence | None) -> tuple[float, ...]:
    """Centre, size and 1.0 for a box, as shares of the picture; zeros for a span."""
    if not isinstance(mention.place, Box) or seen is None:
        return (0.0,) * 5
    box, (width, height) = mention.place, seen.size
    return (
        (box.left + box.right) / 2 / width,
        (box.top + box.bottom) / 2 / height,
        (box.right - box.left) / width,
        (box.bottom - box.top) / height,
        1.0,
    )


def concept_place(
    seen: PictureEvidence, cells: Sequence[tuple[int, int, float]]
) -> tuple[float, float, float, float]:
    """Centre and size of the strongest cell, as shares of the picture."""
    if not cells:
        return (0.5, 0.5, 1.0, 1.0)
    row, column, _ = cells[0]
    rows, columns = seen.grid
    return ((column + 0.5) / columns, (row + 0.5) / rows, 1 / columns, 1 / rows)


def without_place(places: torch.Tensor) -> torch.Tensor:
    """(N, 5) places with the weight alone."""
    kept = places.clone()
    kept[:, :4] = 0.0
    return kept
