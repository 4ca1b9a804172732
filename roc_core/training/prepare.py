"""Records to training pairs: read once, given cross-fitted types, picture words and gold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import torch

from roc_core.config import ModelSettings
from roc_core.errors import ValueRejected
from roc_core.model.inputs import PairInput
from roc_core.model.reader import Hidden, PairReader
from roc_core.relations import Catalogue
from roc_core.retrieval import Readings
from roc_core.schema import NONE, Record
from roc_core.training.batches import UNKNOWN, TrainingPair
from roc_core.training.simulate import simulate_concepts
from roc_core.training.types import cross_fit


def prepare(
    train: Sequence[Record],
    reader: PairReader,
    every: Readings,
    catalogue: Catalogue,
    settings: ModelSettings,
    concept_names: Sequence[str],
    watch: Callable[[str, int, int], None],
    tag: bool = True,
    mask: bool = False,
) -> tuple[list[TrainingPair], Any]:
    """Training pairs in the order of ``train`` and the fitted tagger, whose cross-fitted types
    stand where an example states none; without ``tag`` no tagger and stated types alone.

    A record with a picture is read with it when ``reader`` has a vision encoder; for every other
    one concept words are simulated from its picture text. With ``mask`` every pair is also read
    with its mentions masked. Raises PictureMissing for a picture that is gone.
    """
    numbers = {(r.id, d): i for i, (r, d) in enumerate(every.pairs)}
    gold = [_gold(r, numbers, catalogue) for r in train]
    inputs = _read(train, reader, Hidden(picture=True), watch)
    pictures = _pictures(train, reader, watch)
    tagger, types_of = None, [p.types for p in inputs]
    if tag:
        watch("fitting the entity-type tagger", 0, 1)
        fitted = cross_fit(train, inputs, catalogue)
        tagger = fitted.tagger
        # Types that an example states are read as they are, in training as in use.
        types_of = [
            torch.where(stated.any(dim=1, keepdim=True), stated, read)
            for stated, read in zip(types_of, fitted.types, strict=True)
        ]
    watch("reading picture texts", 0, 1)
    texts = [r.example.picture_text for r in train]
    simulated = simulate_concepts(texts, concept_names, reader.text, settings.concepts)
    words = {w: i for i, w in enumerate(concept_names)}
    states = reader.words_of(concept_names) if concept_names else torch.zeros(0, reader.text.width)
    pairs = []
    for pair, types, found, text, g, seen in zip(
        inputs, types_of, simulated, texts, gold, pictures, strict=True
    ):
        rows = [words[w] for w in found.words] if text.strip() else []
        weights = torch.tensor(found.weights[: len(rows)])
        pairs.append(TrainingPair(replace(pair, types=types), states[rows], weights, g, seen))
    if mask:
        hide = Hidden(mentions=(True, True), picture=True, picture_text=True)
        masked = _read(train, reader, hide, watch)
        pairs = [replace(p, masked=m) for p, m in zip(pairs, masked, strict=True)]
    return pairs, tagger


def _read(
    train: Sequence[Record],
    reader: PairReader,
    hide: Hidden,
    watch: Callable[[str, int, int], None],
) -> list[PairInput]:
    """Each record read with the same parts hidden."""
    found: list[PairInput] = []
    for start in range(0, len(train), 512):
        part = [r.example for r in train[start : start + 512]]
        found += reader.read(part, [hide] * len(part))
        watch("reading sentences", len(found), len(train))
    return found


def _pictures(
    train: Sequence[Record], reader: PairReader, watch: Callable[[str, int, int], None]
) -> list[PairInput | None]:
    """Each record read with its real picture, None where there is none or nothing looks at it."""
    found: list[PairInput | None] = [None] * len(train)
    if reader.vision is None:
        return found
    rows = [i for i, r in enumerate(train) if r.example.picture is not None]
    for done, row in enumerate(rows, 1):
        found[row] = reader.read([train[row].example])[0]
        watch("looking at pictures", done, len(rows))
    return found


def _gold(record: Record, numbers: dict[tuple[str, Any], int], catalogue: Catalogue) -> int:
    label = record.label
    if label is None:
        return UNKNOWN
    if label.relation == NONE:
        return len(numbers)
    relation = catalogue.get(label.relation)
    if label.direction not in relation.directions:
        raise ValueRejected(
            f"direction {' or '.join(relation.directions)} for {relation.id}",
            f"{label.direction} at {record.example.sentence[:40]!r}",
            "Correct that label.",
        )
    return numbers[relation.id, label.direction]
