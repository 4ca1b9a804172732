"""What the pair encoder reads: one marked pair, and a padded batch of them.

Letters of the shape comments: B batch, T sentence tokens (with [CLS] and [SEP]), E evidence
tokens in words (concept words and picture text), P patches, D width of the text encoder, C width
of the patches (0 for a model without them).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from roc_core.schema import ENTITY_TYPES, EntityType

if TYPE_CHECKING:
    import torch

CONCEPT, PICTURE_TEXT, PATCH = 0, 1, 2
"""Kinds of picture evidence. Patches are kept apart from the other two: they are not yet in the
text encoder's space."""

MAX_DISTANCE = 31
"""Token distances beyond this share one embedding."""
UNTOLD = -1
"""A token distance that is hidden."""


@dataclass(frozen=True, slots=True, eq=False)
class PairInput:
    """One marked pair, ready for the upper layers.

    ``states`` (T, D) lower-layer states of the sentence; ``hidden`` (T,) true where no token may
    look; ``marks`` (2, T) 1.0 on the tokens of first and second mention (a row of zeros for a
    box); ``mentions`` (2, D) mean lower state of each mention; ``boxes`` (2, 5) centre, size as
    shares of the picture and 1.0, or zeros for a span; ``types`` (2, 4) probability of person,
    organization, location, thing, all zero when unknown; ``evidence`` (E, D) lower-layer states of
    what the picture shows; ``places`` (E, 5) centre-x, centre-y, width, height as shares of the
    picture, and weight 0..1; ``kinds`` (E,) CONCEPT or PICTURE_TEXT; ``patches`` (P, C) vectors of
    the visible cells of the picture and ``patch_places`` (P, 5) like ``places``; ``box_patches``
    (2, C) mean patch inside each box, zeros for a span; ``distance`` token distance between the
    mentions, or UNTOLD. ``notes`` are sentences for the user.
    """

    states: torch.Tensor
    hidden: torch.Tensor
    marks: torch.Tensor
    mentions: torch.Tensor
    boxes: torch.Tensor
    types: torch.Tensor
    evidence: torch.Tensor
    places: torch.Tensor
    kinds: torch.Tensor
    patches: torch.Tensor
    patch_places: torch.Tensor
    box_patches: torch.Tensor
    distance: int
    notes: tuple[str, ...] = ()

    def likeliest_types(self) -> tuple[EntityType | None, EntityType | None]:
        """The likeliest type of each mention as the model is given it, None for an unknown one."""
        first, second = (
            ENTITY_TYPES[int(row.argmax())] if float(row.sum()) > 0 else None for row in self.types
        )
        return first, second

    def __len__(self) -> int:
        """Tokens the upper layers will read."""
        return len(self.states) + len(self.evidence) + len(self.patches)


@dataclass(frozen=True, slots=True, eq=False)
class PairBatch:
    """B padded pairs; ``seen`` (B, T), ``evidence_seen`` (B, E) and ``patches_seen`` (B, P) are
    false on padding."""

    states: torch.Tensor
    seen: torch.Tensor
    marks: torch.Tensor
    mentions: torch.Tensor
    boxes: torch.Tensor
    types: torch.Tensor
    evidence: torch.Tensor
    evidence_seen: torch.Tensor
    places: torch.Tensor
    kinds: torch.Tensor
    patches: torch.Tensor
    patches_seen: torch.Tensor
    patch_places: torch.Tensor
    box_patches: torch.Tensor
    distance: torch.Tensor


def collate(pairs: Sequence[PairInput]) -> PairBatch:
    """Pad pairs to the longest sentence, the most evidence and the most patches among them."""
    import torch

    kinds, _ = _padded([p.kinds for p in pairs])
    evidence, evidence_seen = _padded([p.evidence for p in pairs])
    patches, patches_seen = _padded([p.patches for p in pairs])
    states, _ = _padded([p.states for p in pairs])
    return PairBatch(
        states,
        _padded([~p.hidden for p in pairs])[0],
        _padded([p.marks.T for p in pairs])[0].transpose(1, 2).contiguous(),
        torch.stack([p.mentions for p in pairs]),
        torch.stack([p.boxes for p in pairs]),
        torch.stack([p.types for p in pairs]),
        evidence,
        evidence_seen,
        _padded([p.places for p in pairs])[0],
        kinds,
        patches,
        patches_seen,
        _padded([p.patch_places for p in pairs])[0],
        torch.stack([p.box_patches for p in pairs]).float(),
        torch.tensor([min(p.distance, MAX_DISTANCE) for p in pairs]),
    )


def _padded(rows: Sequence[torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
    """Tensors (n, …) of B rows → (B, most n, …) filled with zeros, and (B, most n) true where
    there is something. Half precision becomes single."""
    import torch

    most, first = max(len(r) for r in rows), rows[0]
    kind = torch.float32 if first.is_floating_point() else first.dtype
    out = torch.zeros(len(rows), most, *first.shape[1:], dtype=kind)
    seen = torch.zeros(len(rows), most, dtype=torch.bool)
    for number, row in enumerate(rows):
        out[number, : len(row)] = row
        seen[number, : len(row)] = True
    return out, seen
