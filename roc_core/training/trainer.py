"""Train a model version: frozen lower layers read once, LoRA above them, both heads."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch

from roc_core.alignment import alignment_loss, batch_contrast
from roc_core.config import ModelSettings, Preset
from roc_core.encoders.text import TransformerTextEncoder
from roc_core.errors import ValueRejected
from roc_core.evaluation.calibration import calibrate
from roc_core.evaluation.report import Report, report, score_records
from roc_core.model.inputs import PairInput, collate
from roc_core.model.network import DIRECTIONS, RetrievalNetwork
from roc_core.model.reader import PairReader
from roc_core.model.version import Lines, ModelVersion, describe
from roc_core.relations import Catalogue
from roc_core.retrieval import Readings, RelationRetriever, readings
from roc_core.schema import NONE, Record
from roc_core.training.batches import TrainingPair, epoch
from roc_core.training.simulate import simulate_concepts
from roc_core.training.types import cross_fit


@dataclass(frozen=True, slots=True)
class Step:
    """Progress of a training: what to print or draw."""

    stage: str
    done: int
    total: int
    epoch: int = 0
    loss: float = 0.0
    dev_f1: float | None = None
    seconds_left: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Trained:
    """A trained version, its dev report and one row (epoch, loss, dev F1, seconds) an epoch."""

    version: ModelVersion
    dev: Report
    log: tuple[tuple[int, float, float, float], ...]


Watch = Callable[[Step], None]


def train_version(
    train: Sequence[Record],
    dev: Sequence[Record],
    text: TransformerTextEncoder,
    catalogue: Catalogue,
    preset: Preset,
    *,
    name: str,
    seed: int = 0,
    concept_names: Sequence[str] = (),
    card: dict[str, Any] | None = None,
    watch: Watch = lambda step: None,
) -> Trained:
    """Train on ``train``, choose epoch and lines on ``dev``.

    Deterministic for a seed on one machine. Raises ValueRejected when there is nothing to learn
    or a label has a direction its relation cannot have, RelationUnknown for a label of another
    catalogue.
    """
    if not dev or not any(r.label and r.label.relation in catalogue for r in train):
        raise ValueRejected(
            "labelled training pairs with relations of the catalogue, and dev pairs",
            f"{len(train)} training and {len(dev)} dev pairs",
            "Import more labelled items, or choose the catalogue they were labelled with.",
        )
    torch.manual_seed(seed)
    every = readings(catalogue)
    known: dict[str, np.ndarray] = {}
    vectors = torch.from_numpy(describe(text, [r.text for r in every.all], known))
    reader = PairReader(text, None, preset.model, cache=200_000)
    watch(Step("reading sentences", 0, len(train)))
    pairs, tagger = _prepare(train, reader, every, catalogue, preset.model, concept_names, watch)
    network = RetrievalNetwork(text.model.encoder, text.width, preset.model)
    version = ModelVersion(name, preset.model, network, tagger, Lines(), card or {}, known)
    retriever = RelationRetriever(reader, version, catalogue)
    log = _fit(network, pairs, every, vectors, preset, seed, retriever, dev, watch)
    # Rounded as it will be stored, so that a loaded version scores exactly as measured here.
    network.load_trained({k: v.half().float() for k, v in network.trained_state().items()})
    tagger = replace(tagger, weight=tagger.weight.half().float(), bias=tagger.bias.half().float())
    final = replace(version, tagger=tagger, network=network.eval())
    final, dev_report = _calibrated(final, reader, catalogue, dev)
    return Trained(final, dev_report, tuple(log))


def _prepare(
    train: Sequence[Record],
    reader: PairReader,
    every: Readings,
    catalogue: Catalogue,
    settings: ModelSettings,
    concept_names: Sequence[str],
    watch: Watch,
) -> tuple[list[TrainingPair], Any]:
    numbers = {(r.id, d): i for i, (r, d) in enumerate(every.pairs)}
    gold = [_gold(r, numbers, catalogue) for r in train]
    inputs: list[PairInput] = []
    for start in range(0, len(train), 512):
        inputs += reader.read([r.example for r in train[start : start + 512]])
        watch(Step("reading sentences", len(inputs), len(train)))
    watch(Step("fitting the entity-type tagger", 0, 1))
    fitted = cross_fit(train, inputs, catalogue)
    watch(Step("reading picture texts", 0, 1))
    texts = [r.example.picture_text for r in train]
    simulated = simulate_concepts(texts, concept_names, reader.text, settings.concepts)
    words = {w: i for i, w in enumerate(concept_names)}
    states = reader.words_of(concept_names) if concept_names else torch.zeros(0, reader.text.width)
    pairs = []
    for pair, types, seen, text, g in zip(
        inputs, fitted.types, simulated, texts, gold, strict=True
    ):
        rows = [words[w] for w in seen.words] if text.strip() else []
        weights = torch.tensor(seen.weights[: len(rows)])
        pairs.append(TrainingPair(replace(pair, types=types), states[rows], weights, g))
    return pairs, fitted.tagger


def _gold(record: Record, numbers: dict[tuple[str, Any], int], catalogue: Catalogue) -> int:
    label = record.label
    if label is None or label.relation == NONE:
        return len(numbers)
    relation = catalogue.get(label.relation)
    if label.direction not in relation.directions:
        raise ValueRejected(
            f"direction {' or '.join(relation.directions)} for {relation.id}",
            f"{label.direction} at {record.example.sentence[:40]!r}",
            "Correct that label.",
        )
    return numbers[relation.id, label.direction]


def _fit(
    network: RetrievalNetwork,
    pairs: Sequence[TrainingPair],
    every: Readings,
    vectors: torch.Tensor,
    preset: Preset,
    seed: int,
    retriever: RelationRetriever,
    dev: Sequence[Record],
    watch: Watch,
) -> list[tuple[int, float, float, float]]:
    """Train in place; the network ends with the weights of the best epoch on ``dev``."""
    settings, rng = preset.train, random.Random(seed)
    total = settings.epochs * math.ceil(len(pairs) / settings.batch)
    optimizer, schedule = _optimizer(network, preset, total)
    directions = torch.tensor([DIRECTIONS.index(r.direction) for r in every.all])
    groups, owners = torch.from_numpy(every.groups), torch.from_numpy(every.owners)
    best, kept, log, step, started = -1.0, network.trained_state(), [], 0, time.monotonic()
    for number in range(1, settings.epochs + 1):
        network.train()
        losses, begun = [], time.monotonic()
        for inputs, gold in epoch(pairs, settings, rng):
            encoded = network.pair(collate(inputs))
            scores = network.score(encoded, network.relation(vectors, directions), groups)
            target = torch.tensor(gold)
            loss = alignment_loss(
                scores,
                target,
                owners,
                network.scale,
                settings.description_loss,
                settings.label_smoothing,
            )
            if settings.contrast_loss:
                loss = loss + settings.contrast_loss * batch_contrast(
                    encoded, target, len(every.pairs)
                )
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            losses.append(loss.item())
            step += 1
            left = (time.monotonic() - started) / step * (total - step)
            watch(Step("training", step, total, number, float(np.mean(losses)), None, left))
        network.eval()
        retriever.set_catalogue(retriever.catalogue)
        f1 = _dev_f1(retriever, dev)
        log.append((number, float(np.mean(losses)), f1, time.monotonic() - begun))
        watch(Step("checked on dev", step, total, number, log[-1][1], f1, None))
        if f1 > best:
            best, kept = f1, {k: v.clone() for k, v in network.trained_state().items()}
    network.load_trained(kept)
    return log


def _optimizer(network: RetrievalNetwork, preset: Preset, total: int) -> tuple[Any, Any]:
    settings = preset.train
    layers = {id(p) for p in network.pair.layers.parameters()}
    trained = [p for p in network.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(
        [
            {"params": [p for p in trained if id(p) in layers], "lr": settings.encoder_rate},
            {"params": [p for p in trained if id(p) not in layers], "lr": settings.head_rate},
        ],
        weight_decay=settings.weight_decay,
        fused=True,
    )
    warm = max(1, int(settings.warmup * total))

    def rate(step: int) -> float:
        if step < warm:
            return (step + 1) / warm
        return max(0.0, 1 - (step - warm) / max(1, total - warm))

    return optimizer, torch.optim.lr_scheduler.LambdaLR(optimizer, rate)


def _dev_f1(retriever: RelationRetriever, dev: Sequence[Record]) -> float:
    """Micro F1 on ``dev`` with the best common line, the figure epochs are chosen by."""
    scores = score_records(retriever, dev)
    gold = [r.label.relation if r.label else NONE for r in dev]
    lines = Lines(calibrate(retriever.readings, scores, gold).all)
    version = replace(retriever.version, lines=lines)
    return report(_with(retriever, version), dev, scores).f1


def _with(retriever: RelationRetriever, version: ModelVersion) -> RelationRetriever:
    return RelationRetriever(retriever.reader, version, retriever.catalogue)


def _calibrated(
    version: ModelVersion, reader: PairReader, catalogue: Catalogue, dev: Sequence[Record]
) -> tuple[ModelVersion, Report]:
    retriever = RelationRetriever(reader, version, catalogue)
    scores = score_records(retriever, dev)
    gold = [r.label.relation if r.label else NONE for r in dev]
    version = replace(version, lines=calibrate(retriever.readings, scores, gold))
    return version, report(_with(retriever, version), dev, scores)
