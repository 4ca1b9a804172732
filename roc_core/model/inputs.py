"""What the pair encoder reads: one marked pair, and a padded batch of them.

Letters of the shape comments: B batch, T sentence tokens (with [CLS] and [SEP]), E picture
evidence tokens, D width of the text encoder.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

CONCEPT, PICTURE_TEXT, PATCH = 0, 1, 2
"""Kinds of picture evidence."""

MAX_DISTANCE = 31
"""Token distances beyond this share one embedding."""


@dataclass(frozen=True, slots=True, eq=False)
class PairInput:
    """One marked pair, ready for the upper layers.

    ``states`` (T, D) lower-layer states of the sentence; ``hidden`` (T,) true where no token may
    look; ``marks`` (2, T) 1.0 on the tokens of first and second mention (a row of zeros for a
    box); ``mentions`` (2, D) mean lower state of each mention; ``boxes`` (2, 5) centre, size as
    shares of the picture and 1.0, or zeros for a span; ``types`` (2, 4) probability of person,
    organization, location, thing, all zero when unknown; ``evidence`` (E, D) lower-layer states of
    what the picture shows; ``places`` (E, 5) centre-x, centre-y, width, height as shares of the
    picture, and weight 0..1; ``kinds`` (E,) CONCEPT, PICTURE_TEXT or PATCH; ``distance`` token
    distance between the mentions. ``notes`` are sentences for the user.
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
    distance: int
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        """Tokens the upper layers will read."""
        return len(self.states) + len(self.evidence)


@dataclass(frozen=True, slots=True, eq=False)
class PairBatch:
    """B padded pairs; ``seen`` (B, T) and ``evidence_seen`` (B, E) are false on padding."""

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
    distance: torch.Tensor


def collate(pairs: Sequence[PairInput]) -> PairBatch:
    """Pad pairs to the longest sentence and the most evidence among them."""
    import torch

    b, width = len(pairs), pairs[0].states.shape[1]
    t, e = max(len(p.states) for p in pairs), max(len(p.evidence) for p in pairs)
    states = torch.zeros(b, t, width)
    seen = torch.zeros(b, t, dtype=torch.bool)
    marks = torch.zeros(b, 2, t)
    evidence = torch.zeros(b, e, width)
    evidence_seen = torch.zeros(b, e, dtype=torch.bool)
    places = torch.zeros(b, e, 5)
    kinds = torch.zeros(b, e, dtype=torch.long)
    for row, pair in enumerate(pairs):
        n, m = len(pair.states), len(pair.evidence)
        states[row, :n] = pair.states
        seen[row, :n] = ~pair.hidden
        marks[row, :, :n] = pair.marks
        evidence[row, :m] = pair.evidence
        evidence_seen[row, :m] = True
        places[row, :m] = pair.places
        kinds[row, :m] = pair.kinds
    return PairBatch(
        states,
        seen,
        marks,
        torch.stack([p.mentions for p in pairs]),
        torch.stack([p.boxes for p in pairs]),
        torch.stack([p.types for p in pairs]),
        evidence,
        evidence_seen,
        places,
        kinds,
        torch.tensor([min(p.distance, MAX_DISTANCE) for p in pairs]),
    )
