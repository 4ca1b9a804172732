"""Train a model version: frozen lower layers read once, LoRA above them, both heads."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from roc_core.config import Preset
from roc_core.encoders.text import TransformerTextEncoder
from roc_core.errors import ValueRejected
from roc_core.evaluation.protocols import HONEST
from roc_core.evaluation.report import Report
from roc_core.model.network import RetrievalNetwork
from roc_core.model.reader import PairReader
from roc_core.model.tagger import TypeTagger
from roc_core.model.version import Lines, ModelVersion, describe
from roc_core.relations import Catalogue
from roc_core.retrieval import Readings, RelationRetriever, readings
from roc_core.schema import Record
from roc_core.training.batches import TrainingPair
from roc_core.training.checkpoint import Checkpoints, digest
from roc_core.training.dev import measured
from roc_core.training.log import Step, TrainLog, Watch
from roc_core.training.loop import Around, Loop, Objective, copied
from roc_core.training.prepare import prepare
from roc_core.training.processes import Processes

if TYPE_CHECKING:
    from roc_core.encoders.vision import VisionEncoder


@dataclass(frozen=True, slots=True, eq=False)
class Trained:
    """A trained version, its dev report and one row (epoch, loss, dev F1, seconds) an epoch."""

    version: ModelVersion
    dev: Report
    log: tuple[tuple[int, float, float, float], ...]


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
    folder: Path | None = None,
    protocol: str = HONEST,
    vision: VisionEncoder | None = None,
    taught: torch.Tensor | None = None,
    copies: Sequence[Record] = (),
    start: dict[str, torch.Tensor] | None = None,
) -> Trained:
    """Train on ``train``, choose epoch and lines on ``dev``.

    Deterministic for a seed on one machine. With a ``folder`` the state is kept there and a
    training that was killed is taken up again, to the very same result; the caller removes the
    folder. ``protocol`` names the one the records were prepared for: unless it is honest, no
    entity-type tagger is fitted and types are what the examples give. ``taught`` (records,
    N + 1) are a teacher's logits over relation-directions and "none of these". ``copies`` are
    records without a label that only the teacher answers; ``taught`` then has their rows behind
    those of ``train``. ``start`` are the trained tensors of a version of the same shape to go on
    from.

    Raises ValueRejected when there is nothing to learn, a label has a direction its relation
    cannot have or ``folder`` holds another training, RelationUnknown for a label of another
    catalogue, ModelVersionInvalid for a damaged state.
    """
    _check_records(train, dev, catalogue)
    processes = Processes()
    every_pair = [*train, *copies]
    about = _about(text, vision, every_pair, dev, taught, start) | {
        "seed": seed,
        "catalogue": catalogue.digest,
        "concept words": len(concept_names),
        "protocol": protocol,
        "processes": processes.count,
    }
    around = _around(folder, about | _settings(preset), processes, watch)
    torch.manual_seed(seed)
    every = readings(catalogue)
    known: dict[str, np.ndarray] = {}
    vectors = torch.from_numpy(describe(text, [r.text for r in every.all], known))
    reader = PairReader(text, vision, preset.model, cache=200_000)
    pairs, tagger = _prepared(
        every_pair, reader, every, catalogue, preset, concept_names, watch, protocol == HONEST
    )
    # Read anew for scoring, as a loaded version reads.
    reader = PairReader(text, vision, preset.model, cache=20_000)
    if taught is not None:
        pairs = [replace(p, taught=row) for p, row in zip(pairs, taught, strict=True)]
    network = RetrievalNetwork(text.model.encoder, text.width, preset.model)
    if start is not None:
        network.load_trained(start)
    # Scored on the CPU, beside the frozen encoder, wherever the training itself runs.
    scored = network if processes.device.type == "cpu" else copy.deepcopy(network)
    version = ModelVersion(name, preset.model, scored, tagger, Lines(), card or {}, known)
    retriever = RelationRetriever(reader, version, catalogue)

    def dev_f1() -> float:
        if scored is not network:
            scored.load_trained(copied(network))
        scored.eval()
        retriever.set_catalogue(retriever.catalogue)
        return measured(retriever, dev, protocol, common=True)[1].f1

    objective = Objective(network, every, vectors, preset.train, [p.gold for p in pairs])
    loop = Loop(objective, pairs, preset, seed, around)
    rows = loop.run(dev_f1)
    final = rounded(version, copied(network))
    drawn = RelationRetriever(reader, final, catalogue)
    lines, dev_report = processes.from_first(lambda: measured(drawn, dev, protocol))
    log = tuple((r.epoch, r.loss, r.dev_f1, r.seconds) for r in rows)
    return Trained(replace(final, lines=lines), dev_report, log)


def _about(
    text: TransformerTextEncoder,
    vision: VisionEncoder | None,
    train: Sequence[Record],
    dev: Sequence[Record],
    taught: torch.Tensor | None,
    start: Mapping[str, torch.Tensor] | None,
) -> dict[str, Any]:
    """What a training that is taken up again must have in common with the one that was killed:
    data, encoders, teacher and first weights."""
    return {
        "training data": digest(train),
        "dev data": digest(dev),
        "text encoder": text.identity,
        "vision encoder": vision.identity if vision else "none",
        "teacher": _digest_of({"": taught} if taught is not None else {}),
        "start": _digest_of(start or {}),
    }


def _digest_of(tensors: Mapping[str, torch.Tensor]) -> str:
    found = hashlib.sha256()
    for name, value in sorted(tensors.items()):
        found.update(name.encode() + value.detach().cpu().numpy().tobytes())
    return found.hexdigest() if tensors else ""


def _check_records(train: Sequence[Record], dev: Sequence[Record], catalogue: Catalogue) -> None:
    if not dev or not any(r.label and r.label.relation in catalogue for r in train):
        raise ValueRejected(
            "labelled training pairs with relations of the catalogue, and dev pairs",
            f"{len(train)} training and {len(dev)} dev pairs",
            "Import more labelled items, or choose the catalogue they were labelled with.",
        )


def _prepared(
    train: Sequence[Record],
    reader: PairReader,
    every: Readings,
    catalogue: Catalogue,
    preset: Preset,
    concept_names: Sequence[str],
    watch: Watch,
    tag: bool,
) -> tuple[list[TrainingPair], TypeTagger | None]:
    def told(stage: str, done: int, total: int) -> None:
        watch(Step(stage, done, total))

    told("reading sentences", 0, len(train))
    with torch.autocast("cpu", torch.bfloat16, enabled=preset.train.precision == "bfloat16"):
        mask = preset.train.mention_dropout > 0
        return prepare(
            train, reader, every, catalogue, preset.model, concept_names, told, tag, mask
        )


def _settings(preset: Preset) -> dict[str, Any]:
    """The settings that decide what a training ends with."""
    values = {k: v for k, v in preset.as_dict().items() if k in ("model", "train")}
    del values["train"]["checkpoint_minutes"]
    return values


def _around(
    folder: Path | None, identity: dict[str, Any], processes: Processes, watch: Watch
) -> Around:
    checkpoints = Checkpoints(folder, identity)
    if processes.first:
        checkpoints.make_folder()
    checkpoints.load()  # refused before anything is read, when it is of another training
    log = TrainLog(folder)
    if processes.first:
        named = ("seed", "text encoder", "processes")
        log.say(f"training: {', '.join(f'{k} {identity[k]}' for k in named)}")
    return Around(processes, checkpoints, log, watch)


def rounded(version: ModelVersion, state: dict[str, torch.Tensor]) -> ModelVersion:
    """The version as it will be stored, so that a loaded one scores exactly as measured here."""
    version.network.load_trained({k: v.half().float() for k, v in state.items()})
    tagger = version.tagger
    if tagger is not None:
        weight, bias = tagger.weight.half().float(), tagger.bias.half().float()
        tagger = replace(tagger, weight=weight, bias=bias)
    return replace(version, tagger=tagger, network=version.network.eval())
