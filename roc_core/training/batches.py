"""Training pairs with their picture evidence, and the order they are read in."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from roc_core.config import TrainSettings
from roc_core.model.inputs import CONCEPT, PICTURE_TEXT, PairInput

if TYPE_CHECKING:
    import torch

UNKNOWN = -1
"""Gold number of a pair without a label."""

POOL = 40
"""Batches drawn together and sorted by length, so that little is padding."""


@dataclass(frozen=True, slots=True, eq=False)
class TrainingPair:
    """A pair read without its picture, what stands for the picture, and its gold.

    ``concepts`` (C, D) lower-layer states of concept words simulated from picture text and
    ``weights`` (C,) theirs; ``gold`` the number of its relation-direction, N for ``None``, UNKNOWN
    without a label.
    ``seen`` is the same pair read with its real picture, which then takes the place of simulated
    words; None for a pair known by its texts alone. ``taught`` (N + 1,) are a teacher's logits.
    ``masked`` is the pair read with the words of both mentions masked.
    """

    pair: PairInput
    concepts: torch.Tensor
    weights: torch.Tensor
    gold: int
    seen: PairInput | None = None
    taught: torch.Tensor | None = None
    masked: PairInput | None = None


def drawn(item: TrainingPair, settings: TrainSettings, rng: random.Random) -> PairInput:
    """One draw of a training pair: with probability ``picture_dropout`` nothing of the picture,
    else half of the time its text, a quarter the picture itself (as it was seen, else its
    simulated concept words), a quarter both, or what there is of the two; with probability
    ``mention_dropout`` masked mentions, with probability ``type_dropout`` unknown types."""
    import torch

    types = item.pair.types
    if rng.random() < settings.type_dropout:
        types = torch.zeros_like(types)
    what = "none" if rng.random() < settings.picture_dropout else "text"
    if what == "text":
        what = rng.choice(["text", "text", "picture", "both"])
    if what in ("picture", "both") and item.seen is None and not len(item.concepts):
        what = "text"
    if what == "text" and item.seen is not None and not len(item.pair.evidence):
        what = "picture"
    if item.seen is not None and what in ("picture", "both"):
        shown = item.seen if what == "both" else _without_text(item.seen)
    else:
        shown = _simulated(item, what)
    if item.masked is not None and rng.random() < settings.mention_dropout:
        spans = shown.boxes[:, 4:] == 0  # what a box shows is no name
        mentions = torch.where(spans, item.masked.mentions, shown.mentions)
        shown = replace(shown, states=item.masked.states, mentions=mentions)
    return replace(shown, types=types)


def _without_text(pair: PairInput) -> PairInput:
    kept = pair.kinds != PICTURE_TEXT
    return replace(
        pair, evidence=pair.evidence[kept], places=pair.places[kept], kinds=pair.kinds[kept]
    )


def _simulated(item: TrainingPair, what: str) -> PairInput:
    """The pair with its picture text, with simulated concept words, with both or with neither."""
    import torch

    pair = item.pair
    evidence, places, kinds = pair.evidence, pair.places, pair.kinds
    if what in ("none", "picture"):
        evidence, places, kinds = evidence[:0], places[:0], kinds[:0]
    if what in ("picture", "both"):
        where = torch.zeros(len(item.concepts), 5)
        where[:, 4] = item.weights
        evidence = torch.cat([item.concepts, evidence])
        places = torch.cat([where, places])
        kinds = torch.cat([torch.full((len(item.concepts),), CONCEPT), kinds])
    return replace(pair, evidence=evidence, places=places, kinds=kinds)


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """B drawn pairs, their gold numbers, and the teacher's logits (B, N + 1) if there is one."""

    inputs: list[PairInput]
    gold: list[int]
    taught: torch.Tensor | None = None

    def __len__(self) -> int:
        return len(self.gold)


def epoch_size(pairs: Sequence[TrainingPair], settings: TrainSettings, none: int) -> int:
    """Pairs that one epoch reads; ``none`` is the gold number of ``None``."""
    empty = sum(p.gold == none for p in pairs)
    return len(pairs) - empty + round(settings.none_share * empty)


def epoch(
    pairs: Sequence[TrainingPair], settings: TrainSettings, rng: random.Random, none: int
) -> Iterator[Batch]:
    """Batches of one epoch: all pairs with a relation or without a label and a share of the
    ``None`` pairs, shuffled, then sorted by length within pools of POOL batches."""
    order = [i for i, p in enumerate(pairs) if p.gold != none]
    empty = [i for i, p in enumerate(pairs) if p.gold == none]
    order += rng.sample(empty, epoch_size(pairs, settings, none) - len(order))
    rng.shuffle(order)
    batches: list[list[tuple[PairInput, int]]] = []
    for start in range(0, len(order), settings.batch * POOL):
        pool = [
            (drawn(pairs[i], settings, rng), i)
            for i in order[start : start + settings.batch * POOL]
        ]
        pool.sort(key=lambda p: len(p[0]))
        batches += [pool[i : i + settings.batch] for i in range(0, len(pool), settings.batch)]
    rng.shuffle(batches)
    for batch in batches:
        yield _batch([p for p, _ in batch], [pairs[i] for _, i in batch], settings)


def _batch(
    inputs: list[PairInput], items: Sequence[TrainingPair], settings: TrainSettings
) -> Batch:
    import torch

    taught = [
        torch.full_like(item.taught, torch.nan)
        if len(pair.evidence) and item.gold != UNKNOWN and not settings.taught_with_evidence
        else item.taught
        for pair, item in zip(inputs, items, strict=True)
        if item.taught is not None
    ]
    return Batch(inputs, [p.gold for p in items], torch.stack(taught) if taught else None)
