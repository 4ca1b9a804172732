"""What a picture adds to the pair encoder beside words: patches, and where things lie.

Letters of the shape comments: B batch, P patches, C width of the patches, D encoder width.
"""

from __future__ import annotations

import math

import torch
from torch import nn

WAVES = 4
"""Wave lengths of the fine places: 2, 1, 1/2 and 1/4 of the picture's side."""
STATE_SIZE = 0.5
"""Start of a projected patch's standard deviation: that of an all-MiniLM-L6-v2 state after its
third layer (0.58 over the tokens of a sentence, 0.47 within one dimension)."""
STEEP = 8.0
"""How sharply the signs of left of, above and larger than rise: 0.96 at a quarter of the side."""


class PatchReader(nn.Module):
    """Patches of a vision encoder → tokens in the text encoder's space: linear, then LayerNorm."""

    def __init__(self, patch_width: int, width: int) -> None:
        super().__init__()
        self.linear = nn.Linear(patch_width, width)
        self.norm = nn.LayerNorm(width)
        nn.init.constant_(self.norm.weight, STATE_SIZE)

    def forward(self, patches: torch.Tensor) -> torch.Tensor:
        """(B, P, C) → (B, P, D); a patch of nothing but zeros (none is there) stays zero."""
        there = (patches != 0).any(-1, keepdim=True)
        read: torch.Tensor = self.norm(self.linear(patches)) * there
        return read


class Geometry(nn.Module):
    """Places finer than a linear map can tell, and how two boxes lie to each other.

    A place is ``inputs.PairInput.boxes``' or ``places``': centre-x, centre-y, width, height as
    shares of the picture, and a weight; a width of zero means no place.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.fine = nn.Linear(4 * WAVES, width, bias=False)
        self.boxes = nn.Linear(10 + 7, width, bias=False)
        nn.init.normal_(self.fine.weight, std=0.05)
        nn.init.normal_(self.boxes.weight, std=0.05)

    def forward(self, places: torch.Tensor) -> torch.Tensor:
        """(B, N, 5) places → (B, N, D); zeros where there is no place."""
        found: torch.Tensor = self.fine(waves(places[..., :2])) * (places[..., 2:3] > 0)
        return found

    def relate(self, boxes: torch.Tensor) -> torch.Tensor:
        """(B, 2, 5) boxes of both mentions → (B, 2, D), what is added to each mention's marker."""
        other = boxes.flip(1)
        seen = torch.cat([boxes, other, relations(boxes, other)], dim=-1)  # B,2,17
        return self(boxes) + self.boxes(seen)


def waves(points: torch.Tensor) -> torch.Tensor:
    """Sines and cosines of (…, 2) points in 0..1 at WAVES wave lengths, (…, 4 * WAVES).

    As the positions of Vaswani et al. 2017, "Attention Is All You Need", in two dimensions.
    """
    steps = math.pi * 2.0 ** torch.arange(WAVES, device=points.device)
    angles = (points[..., None] * steps).flatten(-2)
    return torch.cat([angles.sin(), angles.cos()], dim=-1)


def relations(box: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    """How ``box`` lies to ``other``, both (…, 5) → (…, 7): distance across and down, their signs
    softened, sign of the difference of areas, share of each that the other covers; zeros unless
    both are boxes."""
    apart = box[..., :2] - other[..., :2]  # …,2
    area, other_area = box[..., 2:4].prod(-1), other[..., 2:4].prod(-1)
    low = torch.maximum(box[..., :2] - box[..., 2:4] / 2, other[..., :2] - other[..., 2:4] / 2)
    high = torch.minimum(box[..., :2] + box[..., 2:4] / 2, other[..., :2] + other[..., 2:4] / 2)
    common = (high - low).clamp(min=0).prod(-1)
    larger = torch.tanh(torch.log(area.clamp(min=1e-6) / other_area.clamp(min=1e-6)))
    shares = [common / area.clamp(min=1e-6), common / other_area.clamp(min=1e-6)]
    found = torch.cat(
        [apart, torch.tanh(STEEP * apart), torch.stack([larger, *shares], dim=-1)], dim=-1
    )
    return found * ((area > 0) & (other_area > 0))[..., None]
