"""Training pairs with their picture evidence, and the order they are read in."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from roc_core.config import TrainSettings
from roc_core.model.inputs import CONCEPT, PairInput

if TYPE_CHECKING:
    import torch

POOL = 40
"""Batches drawn together and sorted by length, so that little is padding."""


@dataclass(frozen=True, slots=True, eq=False)
class TrainingPair:
    """A pair without picture concepts, the simulated concepts of its picture and its gold.

    ``concepts`` (C, D) lower-layer states, ``weights`` (C,); ``gold`` the number of its
    relation-direction, N for ``None``.
    """

    pair: PairInput
    concepts: torch.Tensor
    weights: torch.Tensor
    gold: int


def drawn(item: TrainingPair, settings: TrainSettings, rng: random.Random) -> PairInput:
    """One draw of a training pair: with probability ``picture_dropout`` nothing of the picture,
    else half of the time its text, a quarter its concept words, a quarter both; with probability
    ``type_dropout`` unknown types."""
    import torch

    pair = item.pair
    if rng.random() < settings.type_dropout:
        pair = replace(pair, types=torch.zeros_like(pair.types))
    what = "none" if rng.random() < settings.picture_dropout else "text"
    if what == "text":
        what = rng.choice(["text", "text", "concepts", "both"])
    if not len(item.concepts) and what in ("concepts", "both"):
        what = "text"
    evidence, places, kinds = pair.evidence, pair.places, pair.kinds
    if what in ("none", "concepts"):
        evidence, places, kinds = evidence[:0], places[:0], kinds[:0]
    if what in ("concepts", "both"):
        where = torch.zeros(len(item.concepts), 5)
        where[:, 4] = item.weights
        evidence = torch.cat([item.concepts, evidence])
        places = torch.cat([where, places])
        kinds = torch.cat([torch.full((len(item.concepts),), CONCEPT), kinds])
    return replace(pair, evidence=evidence, places=places, kinds=kinds)


def epoch(
    pairs: Sequence[TrainingPair], settings: TrainSettings, rng: random.Random
) -> Iterator[tuple[list[PairInput], list[int]]]:
    """Batches of one epoch: shuffled, then sorted by length within pools of POOL batches."""
    order = list(range(len(pairs)))
    rng.shuffle(order)
    batches: list[list[tuple[PairInput, int]]] = []
    for start in range(0, len(order), settings.batch * POOL):
        pool = [
            (drawn(pairs[i], settings, rng), pairs[i].gold)
            for i in order[start : start + settings.batch * POOL]
        ]
        pool.sort(key=lambda p: len(p[0]))
        batches += [pool[i : i + settings.batch] for i in range(0, len(pool), settings.batch)]
    rng.shuffle(batches)
    for batch in batches:
        yield [p for p, _ in batch], [g for _, g in batch]
