"""The steps of a training: batches, gradients, the check on dev after an epoch, early stopping."""

from __future__ import annotations

import hashlib
import math
import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from itertools import islice
from typing import Any

import torch
from torch import nn

from roc_core.alignment import (
    alignment_loss,
    batch_contrast,
    class_weights,
    distillation_loss,
    hard_negatives,
)
from roc_core.config import Preset, TrainSettings
from roc_core.errors import ValueRejected
from roc_core.model.inputs import PairBatch, collate
from roc_core.model.network import DIRECTIONS, RetrievalNetwork, Scores
from roc_core.retrieval import Readings
from roc_core.training.batches import UNKNOWN, Batch, TrainingPair, epoch, epoch_size
from roc_core.training.checkpoint import Checkpoints
from roc_core.training.log import Row, Step, TrainLog, Watch
from roc_core.training.processes import Processes

Tensors = dict[str, torch.Tensor]


class Objective(nn.Module):
    """Batch and gold → loss, as one module, so that processes can average its gradients."""

    vectors: torch.Tensor
    directions: torch.Tensor
    groups: torch.Tensor
    owners: torch.Tensor
    hardness: torch.Tensor
    weights: torch.Tensor

    def __init__(
        self,
        network: RetrievalNetwork,
        every: Readings,
        vectors: torch.Tensor,
        settings: TrainSettings,
        golds: Sequence[int] = (),
    ) -> None:
        """``golds`` are the gold numbers of all training pairs, by which rare ones are told."""
        super().__init__()
        self.network, self.settings, self.none = network, settings, len(every.pairs)
        found = [g for g in golds if 0 <= g < self.none]
        counts = torch.bincount(torch.tensor(found, dtype=torch.long), minlength=self.none)
        fixed = {
            "vectors": vectors,
            "directions": torch.tensor([DIRECTIONS.index(r.direction) for r in every.all]),
            "groups": torch.from_numpy(every.groups),
            "owners": torch.from_numpy(every.owners),
            "hardness": hard_negatives(
                [r.types(d) for r, d in every.pairs], settings.hard_negatives
            ),
            "weights": class_weights(counts, settings.class_balance),
        }
        for name, value in fixed.items():
            self.register_buffer(name, value, persistent=False)

    def forward(
        self, batch: PairBatch, gold: torch.Tensor, taught: torch.Tensor | None = None
    ) -> torch.Tensor:
        """The loss, a scalar; ``gold`` (B,) as ``alignment_loss`` takes it, UNKNOWN for a pair
        that only a teacher answers, ``taught`` (B, N + 1) as ``distillation_loss`` takes it,
        not-a-number for a pair that it does not answer.

        Each part is weighted by the share of the batch that it is made of.
        """
        pairs, scores = self.scored(batch)
        loss, labelled = pairs.sum() * 0.0, gold != UNKNOWN
        if bool(labelled.any()):
            loss = loss + labelled.float().mean() * self._labelled(
                pairs[labelled], scores.rows(labelled), gold[labelled]
            )
        if taught is not None and bool((kept := taught.isfinite().all(dim=1)).any()):
            share = kept.float().mean() * self.settings.distillation
            loss = loss + share * distillation_loss(
                scores.rows(kept), taught[kept], self.network.scale,
                self.settings.distillation_temperature,
            )  # fmt: skip
        return loss

    def _labelled(self, pairs: torch.Tensor, scores: Scores, gold: torch.Tensor) -> torch.Tensor:
        loss = self.aligned(scores, gold)
        if self.settings.contrast_loss:
            loss = loss + self.settings.contrast_loss * batch_contrast(pairs, gold, self.none)
        return loss

    def scored(self, batch: PairBatch) -> tuple[torch.Tensor, Scores]:
        """Unit pair vectors of a batch, (B, W), and their scores."""
        half = self.settings.precision == "bfloat16"
        with torch.autocast(batch.states.device.type, torch.bfloat16, enabled=half):
            pairs = self.network.pair(batch)
        pairs = pairs.float()
        described = self.network.relation(self.vectors, self.directions)
        return pairs, self.network.score(pairs, described, self.groups)

    def aligned(self, scores: Scores, gold: torch.Tensor) -> torch.Tensor:
        """The alignment loss with this training's settings, a scalar."""
        return alignment_loss(
            scores,
            gold,
            self.owners,
            self.network.scale,
            self.settings.description_loss,
            self.settings.label_smoothing,
            self.hardness if self.settings.hard_negatives > 1 else None,
            self.weights,
        )


@dataclass(slots=True)
class Position:
    """How far a training is. ``batch`` batches of ``epoch`` are done, ``step`` in all; ``loss`` and
    ``seconds`` are sums over the epoch so far, ``pairs`` what it has read."""

    epoch: int = 1
    batch: int = 0
    step: int = 0
    loss: float = 0.0
    pairs: int = 0
    seconds: float = 0.0
    best: float = -1.0
    best_epoch: int = 0
    rows: list[Row] = field(default_factory=list)

    @property
    def mean_loss(self) -> float:
        """Mean loss of the epoch's steps so far."""
        return self.loss / max(1, self.batch)

    @property
    def speed(self) -> float:
        """Training pairs a second in this epoch, checks on dev left out."""
        return self.pairs / self.seconds if self.seconds else 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Around:
    """What surrounds the steps: the processes, the state on disk, the log and who watches."""

    processes: Processes
    checkpoints: Checkpoints
    log: TrainLog
    watch: Watch


class Loop:
    """One training of a network in place. With ``last`` it ends with the weights of its last
    epoch, and what is measured after an epoch chooses nothing.

    Everything random comes from (seed, epoch) or (seed, step, process), so a training that was
    killed and taken up again ends with the very tensors of one that was not.
    """

    def __init__(
        self,
        objective: Objective,
        pairs: Sequence[TrainingPair],
        preset: Preset,
        seed: int,
        around: Around,
        last: bool = False,
    ) -> None:
        self.network, self.pairs, self.seed, self.around = objective.network, pairs, seed, around
        self.last = last
        self.settings = preset.train
        self.total = self.settings.epochs * math.ceil(
            epoch_size(pairs, self.settings, objective.none) / self.settings.batch
        )
        self.none = objective.none
        self.objective = around.processes.joined(objective)
        self.optimizer, self.schedule = optimizer_of(self.network, self.settings, self.total)
        self.at, self.kept = Position(), copied(self.network)
        self._saved, self._started, self._first_step = time.monotonic(), time.monotonic(), 0

    def run(self, dev_f1: Callable[[], float]) -> list[Row]:
        """Train; the network ends with the weights of the epoch with the best ``dev_f1``, or with
        those of the last one.

        Returns a row for each epoch. Raises ValueRejected when the loss is no longer a number, and
        what ``Checkpoints`` raises.
        """
        self._take_up()
        with deterministic():
            while self.at.epoch <= self.settings.epochs and not self._stalled():
                self._epoch()
                self._check(dev_f1)
                self._save()
        if self._stalled() and self.at.epoch <= self.settings.epochs:
            self._say(f"stopped: no better on dev for {self.settings.patience} epochs")
        kept = "last" if self.last else "best"
        self._say(f"{kept} epoch {self.at.best_epoch}, dev F1 {self.at.best:.4f}")
        self.network.load_trained(self.kept)
        return self.at.rows

    def _stalled(self) -> bool:
        worse = self.at.epoch - 1 - self.at.best_epoch
        return bool(self.settings.patience) and worse >= self.settings.patience

    def _epoch(self) -> None:
        at, rng = self.at, random.Random(f"{self.seed}/{self.at.epoch}")
        self.network.train()
        begun = time.monotonic()
        batches = epoch(self.pairs, self.settings, rng, self.none)
        for batch in islice(batches, at.batch, None):
            at.loss += self._step(batch)
            at.batch, at.step, at.pairs = at.batch + 1, at.step + 1, at.pairs + len(batch)
            at.seconds += time.monotonic() - begun
            begun = time.monotonic()
            self._tell("training")
            if self._due():
                self._save()

    def _step(self, given: Batch) -> float:
        processes = self.around.processes
        torch.manual_seed(seed_of(self.seed, self.at.step, processes.number))
        batch = processes.here(collate(processes.share(given.inputs)))
        target = torch.tensor(processes.share(given.gold), device=processes.device)
        taught = given.taught
        if taught is not None:
            taught = torch.stack(processes.share(list(taught))).to(processes.device)
        loss = self.objective(batch, target, taught)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimizer.step()
        self.schedule.step()
        value = processes.mean(loss)
        if not math.isfinite(value):
            raise ValueRejected(
                "a loss that is a number",
                f"{value} at step {self.at.step + 1}",
                "Lower encoder_rate and head_rate.",
            )
        return value

    def _check(self, dev_f1: Callable[[], float]) -> None:
        """Score dev in the first process; keep the weights when they are the best so far."""
        self.network.eval()
        f1, at = self.around.processes.from_first(dev_f1), self.at
        at.rows.append(Row(at.epoch, at.step, at.mean_loss, f1, at.speed, at.seconds))
        self._tell("checked on dev", f1)
        self._say(
            f"epoch {at.epoch} of {self.settings.epochs}: loss {at.mean_loss:.4f}, dev F1 {f1:.4f},"
            f" {at.speed:.0f} examples a second, {at.seconds:.0f} seconds"
        )
        if self.around.processes.first:
            self.around.log.table(at.rows)
        if self.last or f1 > at.best:
            at.best, at.best_epoch, self.kept = f1, at.epoch, copied(self.network)
        at.epoch, at.batch, at.loss, at.pairs, at.seconds = at.epoch + 1, 0, 0.0, 0, 0.0

    # --- the state on disk -----------------------------------------------------------------

    def _due(self) -> bool:
        minutes = self.settings.checkpoint_minutes
        return bool(minutes) and time.monotonic() - self._saved >= 60 * minutes

    def _save(self) -> None:
        self._saved = time.monotonic()
        if self.around.processes.first:
            self.around.checkpoints.save(
                {
                    "position": asdict(self.at),
                    "network": self.network.trained_state(),
                    "best": self.kept,
                    "optimizer": self.optimizer.state_dict(),
                    "schedule": self.schedule.state_dict(),
                }
            )

    def _take_up(self) -> None:
        """Go on where a saved state stopped, if there is one."""
        state = self.around.checkpoints.load()
        if state is not None:
            position = state["position"]
            rows = [Row(**r) for r in position.pop("rows")]
            self.at = replace(Position(**position), rows=rows)
            self.network.load_trained(state["network"])
            self.kept = state["best"]
            self.optimizer.load_state_dict(state["optimizer"])
            self.schedule.load_state_dict(state["schedule"])
            self._say(f"taken up in epoch {self.at.epoch} after step {self.at.step}")
        self._started, self._first_step = time.monotonic(), self.at.step

    # --- telling ---------------------------------------------------------------------------

    def _tell(self, stage: str, f1: float | None = None) -> None:
        at, done = self.at, self.at.step - self._first_step
        spent = time.monotonic() - self._started
        left = spent / done * (self.total - at.step) if done else None
        self.around.watch(
            Step(stage, at.step, self.total, at.epoch, at.mean_loss, f1, left, at.speed)
        )

    def _say(self, text: str) -> None:
        if self.around.processes.first:
            self.around.log.say(text)


@contextmanager
def deterministic() -> Iterator[None]:
    """Sums in one order whatever the threads do; what was set before is set again afterwards.

    Several threads would otherwise add up the gradients of descriptions in any order.
    """
    before = torch.get_deterministic_debug_mode()
    memory: Any = torch.utils.deterministic
    fill = memory.fill_uninitialized_memory
    torch.use_deterministic_algorithms(True, warn_only=True)
    memory.fill_uninitialized_memory = False  # only costs time here
    try:
        yield
    finally:
        torch.set_deterministic_debug_mode(before)
        memory.fill_uninitialized_memory = fill


def copied(network: RetrievalNetwork) -> Tensors:
    """The trained tensors as copies on the CPU."""
    return {k: v.detach().cpu().clone() for k, v in network.trained_state().items()}


def seed_of(*parts: int) -> int:
    """A seed that is as good as unrelated to that of any other numbers."""
    text = "/".join(map(str, parts)).encode()
    return int.from_bytes(hashlib.sha256(text).digest()[:7], "big")


def optimizer_of(network: RetrievalNetwork, settings: TrainSettings, total: int) -> tuple[Any, Any]:
    """AdamW with its two rates, and a schedule: linear warm-up, then linearly to 0."""
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
