"""A version that goes on from its parent: corrections, with replay and distillation beside them.

Replay of labelled items and the parent's own scores keep what the parent knew (distillation as in
Hinton et al. 2015; against forgetting as in Li & Hoiem 2016, "Learning without Forgetting").
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import torch

from roc_core.config import Preset, TrainSettings, trained_with
from roc_core.encoders.named import concept_names
from roc_core.errors import ValueRejected
from roc_core.evaluation.report import report, score_records
from roc_core.model.inputs import PairBatch
from roc_core.model.network import RetrievalNetwork, Scores
from roc_core.model.version import Lines, ModelVersion
from roc_core.retrieval import Readings, RelationRetriever
from roc_core.schema import NONE, LearnMode, Record
from roc_core.training.batches import UNKNOWN, TrainingPair
from roc_core.training.checkpoint import Checkpoints
from roc_core.training.dev import measured
from roc_core.training.log import Row, Step, TrainLog, Watch
from roc_core.training.loop import Around, Loop, Objective, copied
from roc_core.training.prepare import prepare
from roc_core.training.processes import Processes
from roc_core.training.trainer import rounded

if TYPE_CHECKING:
    from pathlib import Path

WATCHED = 200
"""Most guard pairs that are scored after each epoch, to show how the training goes."""

LINES_FROM = 200
"""Dev pairs below which the parent's lines are kept: fewer would fit their noise."""

STEPS, EPOCHS = 120, (6, 30)
"""Steps of a training by its number of pairs, between a least and a most number of epochs."""

SETTINGS = TrainSettings(
    batch=16, warmup=0.1, picture_dropout=0.3, type_dropout=0.1, label_smoothing=0.0, patience=0,
    checkpoint_minutes=0.2,
)  # fmt: skip
"""What a training on corrections does its own way. Its rates go down to 0, so the last weights
are kept."""

RATES, MANY = 0.5, 2_000
"""Share of the rates the parent was trained with, for a training on fewer than ``MANY`` pairs. So
many outweigh what the parent knew, and are learnt at its full rates (F1 on MNRE dev after 2,000
labels on top of 1,041: 0.44 against 0.40)."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """What a version is learnt from.

    ``corrections`` and ``replay`` are labelled, an item with several labels comes once with each;
    ``unlabelled`` are answered as the parent answers them. ``watched`` is scored after each epoch
    and chooses nothing; ``dev`` may choose the lines. None of these two is trained on.
    """

    corrections: tuple[Record, ...]
    replay: tuple[Record, ...]
    unlabelled: tuple[Record, ...]
    watched: tuple[Record, ...]
    dev: tuple[Record, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Learnt:
    """A learnt version, a row an epoch, and how many pairs its lines were chosen on, 0 when they
    are its parent's."""

    version: ModelVersion
    log: tuple[Row, ...]
    lines_from: int


class FeedbackObjective(Objective):
    """Labels where there are some, the parent's scores where they are kept.

    ``lines`` (N,) of the relation-directions are part of what is learnt: an answer must reach its
    line above "none of these", as it must in use.
    """

    lines: torch.Tensor

    def __init__(
        self,
        network: RetrievalNetwork,
        every: Readings,
        vectors: torch.Tensor,
        settings: TrainSettings,
        lines: torch.Tensor,
    ) -> None:
        super().__init__(network, every, vectors, settings)
        self.register_buffer("lines", lines, persistent=False)

    def scored(self, batch: PairBatch) -> tuple[torch.Tensor, Scores]:
        """Unit pair vectors of a batch, (B, W), and their scores, those of relations less their
        lines."""
        pairs, found = super().scored(batch)
        return pairs, replace(found, relations=found.relations - self.lines)


def settings_for(card: Mapping[str, Any], pairs: int) -> TrainSettings:
    """The settings of a training on so many pairs: few pairs are read more often, and at lower
    rates. Rates and precision come from the ``preset`` in the parent's card, or are the usual ones
    where it has none."""
    given = trained_with(card)
    share = RATES if pairs < MANY else 1.0
    rates = {name: share * float(given.get(name, 1e-3)) for name in ("encoder_rate", "head_rate")}
    precision = str(given.get("precision", SETTINGS.precision))
    wanted = math.ceil(STEPS / max(1, math.ceil(pairs / SETTINGS.batch)))
    epochs = min(max(wanted, EPOCHS[0]), EPOCHS[1])
    return replace(SETTINGS, epochs=epochs, precision=precision, **rates)  # type: ignore[arg-type]


def learn_version(
    parent: RelationRetriever,
    lesson: Lesson,
    mode: LearnMode,
    *,
    name: str,
    seed: int,
    card: dict[str, Any],
    identity: Mapping[str, Any],
    watch: Watch = lambda step: None,
    folder: Path | None = None,
) -> Learnt:
    """Train ``parent``, whose layers are not merged, on a lesson, in place.

    Mode "fast" holds LoRA and trains fusion and heads, "full" trains all three; the type tagger
    stays. Deterministic for a seed on one machine; with a ``folder`` a training that was killed is
    taken up again, to the very same result, if its ``identity`` is the same.

    Raises ValueRejected when there is no correction or ``folder`` holds another training,
    ModelVersionInvalid for a damaged state, PictureMissing for a picture that is gone.
    """
    if not lesson.corrections:
        raise ValueRejected("corrections to learn from", "none", "Correct some items first.")
    records = [*lesson.corrections, *lesson.replay, *lesson.unlabelled]
    settings = settings_for(parent.version.card, len(records))
    version, network = parent.version, parent.version.network
    about = {"seed": seed, "mode": mode, "train": asdict(settings)} | dict(identity)
    checkpoints = Checkpoints(folder, about)
    checkpoints.make_folder()
    checkpoints.load()  # refused before anything is read, when it is of another training
    around = Around(Processes(), checkpoints, TrainLog(folder), watch)
    torch.manual_seed(seed)
    pairs = _pairs(parent, lesson, watch)
    for parameter in network.pair.layers.parameters() if mode == "fast" else ():
        parameter.requires_grad_(False)
    vectors = torch.from_numpy(_described(parent))
    objective = FeedbackObjective(network, parent.readings, vectors, settings, _line_of(parent))
    preset = Preset(name, card.get("title", name), version.settings, settings)

    def f1() -> float:
        parent.set_catalogue(parent.catalogue)  # the descriptions moved, too
        return _f1(parent, lesson.watched)

    rows = Loop(objective, pairs, preset, seed, around, last=True).run(f1)
    final = rounded(replace(version, id=name, card=card), copied(network))
    lines, chosen_on = _lines(parent, final, lesson.dev)
    return Learnt(replace(final, lines=lines), tuple(rows), chosen_on)


def _pairs(parent: RelationRetriever, lesson: Lesson, watch: Watch) -> list[TrainingPair]:
    """Training pairs in the order of the lesson, each with the scores to keep."""
    records = [*lesson.corrections, *lesson.replay, *lesson.unlabelled]
    # Concept words stand for a picture that is known by its text alone.
    told = any(r.example.picture_text.strip() and r.example.picture is None for r in records)
    words = concept_names(parent.reader.vision) if told else ()
    pairs, _ = prepare(
        records, parent.reader, parent.readings, parent.catalogue, parent.version.settings, words,
        lambda stage, done, total: watch(Step(stage, done, total)), tag=False,
    )  # fmt: skip
    asked = _asked(parent, records, watch)
    beside = _beside_mistakes(asked, pairs, len(lesson.corrections), len(lesson.unlabelled))
    none, last = len(parent.readings.pairs), len(records) - len(lesson.unlabelled)
    found = []
    for row, pair in enumerate(pairs):
        gold = pair.gold if row < last else UNKNOWN
        if row >= last and beside[row - last]:
            continue
        kept = torch.full((none + 1,), math.nan)
        # What the parent got wrong is no knowledge to keep.
        if row >= len(lesson.corrections) and gold in (UNKNOWN, asked.answer(row)):
            kept = asked.logits[row]
        found.append(replace(pair, gold=gold, taught=kept))
    return found


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    """The parent's unit pair vectors (N, W) and logits (N, R + 1) over relation-directions, less
    their lines, and "none of these"."""

    vectors: torch.Tensor
    logits: torch.Tensor

    def answer(self, row: int) -> int:
        """Number of the answer, as of a gold label."""
        return int(self.logits[row].argmax())


def _asked(parent: RelationRetriever, records: Sequence[Record], watch: Watch) -> _Asked:
    vectors, logits = [], []
    scale, lines = parent.version.network.scale.detach(), _line_of(parent)
    for start in range(0, len(records), 128):
        part = [r.example for r in records[start : start + 128]]
        found = parent.encode(parent.reader.read(part))
        scores = parent.score(found)
        relations = torch.from_numpy(scores.relations) - lines
        both = [relations, torch.from_numpy(scores.none)[:, None]]
        vectors.append(found)
        logits.append(torch.cat(both, dim=1).float() * scale)
        watch(Step("asking the parent", start + len(part), len(records)))
    return _Asked(torch.cat(vectors), torch.cat(logits))


def _beside_mistakes(
    asked: _Asked, pairs: Sequence[TrainingPair], corrections: int, unlabelled: int
) -> list[bool]:
    """For each unlabelled pair whether the labelled pair closest to it is a correction of a wrong
    answer: the parent's answer to a look-alike of its own mistake is not to be kept."""
    last = len(pairs) - unlabelled
    mistaken = torch.tensor(
        [row < corrections and asked.answer(row) != p.gold for row, p in enumerate(pairs[:last])]
    )
    nearest = (asked.vectors[last:] @ asked.vectors[:last].T).argmax(dim=1)
    return [bool(x) for x in mistaken[nearest]]


def _line_of(parent: RelationRetriever) -> torch.Tensor:
    """The line of each relation-direction, (N,), cosine points above "none of these"."""
    return torch.tensor([parent.version.lines.of(r.id) for r, _ in parent.readings.pairs])


def _described(parent: RelationRetriever) -> Any:
    from roc_core.model.version import describe

    texts = [r.text for r in parent.readings.all]
    return describe(parent.reader.text, texts, parent.version.described)


def _f1(retriever: RelationRetriever, records: Sequence[Record]) -> float:
    some = records[:WATCHED]
    return report(retriever, some, score_records(retriever, some)).f1 if some else 0.0


def _lines(
    parent: RelationRetriever, final: ModelVersion, dev: Sequence[Record]
) -> tuple[Lines, int]:
    """Lines chosen anew where there is enough to choose them on, else the parent's."""
    labels = [r.label.relation for r in dev if r.label]
    if len(labels) < LINES_FROM or not 0 < labels.count(NONE) < len(labels):
        return parent.version.lines, 0
    drawn = RelationRetriever(parent.reader, final, parent.catalogue)
    return measured(drawn, dev)[0], len(labels)
