"""Concept words simulated from picture text.

Training pictures may be known only by a caption, while use meets a real picture. So a caption is
turned into the words a vision encoder might have found: the concept names closest to it in the
text encoder's own space. What is learned from captions then serves the concept words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from roc_core.encoders.text import TransformerTextEncoder

SHARPNESS = 25.0
"""Softmax sharpness over cosines: gives the first of eight words a weight near 0.3 on captions."""


@dataclass(frozen=True, slots=True)
class Simulated:
    """Concept words for one caption with their weights (0..1), strongest first."""

    words: tuple[str, ...]
    weights: tuple[float, ...]


def simulate_concepts(
    captions: Sequence[str], names: Sequence[str], text: TransformerTextEncoder, top: int
) -> list[Simulated]:
    """For each caption its ``top`` closest concept names, weighted by a softmax over them.

    Without names, or with ``top`` 0, nothing is simulated.
    """
    if not names or not top:
        return [Simulated((), ())] * len(captions)
    known = text.encode(names)  # C,D
    distinct = list(dict.fromkeys(captions))
    at = {caption: row for row, caption in enumerate(distinct)}
    cosines = text.encode(distinct) @ known.T  # N,C
    best = np.argsort(-cosines, axis=1)[:, :top]
    found = []
    for row in range(len(distinct)):
        logits = cosines[row, best[row]] * SHARPNESS
        weights = np.exp(logits - logits.max())
        weights = weights / weights.sum()
        found.append(
            Simulated(tuple(names[i] for i in best[row]), tuple(float(w) for w in weights))
        )
    return [found[at[c]] for c in captions]
