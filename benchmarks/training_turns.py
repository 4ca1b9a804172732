"""What both sides of ``training_speed.py`` share: plan, figures and turns."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from roc_core.config import Preset
from roc_core.schema import Record

HUNG = 3600.0
"""Seconds after which the other side is taken to have stopped."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What both sides train on."""

    train: list[Record]
    dev: list[Record]
    preset: Preset
    turn: int
    rate: float
    with_f1: bool
    pictures: bool
    seed: int


@dataclass(slots=True)
class Speed:
    """Seconds spent before the first epoch and in each epoch, and F1 on dev (0..1)."""

    before: float = 0.0
    epochs: list[float] = field(default_factory=list)
    f1: float | None = None


@dataclass(slots=True)
class Turns:
    """One end of the baton: a side works while it holds it and gives it away every ``steps``
    steps. ``waited`` are the seconds spent without it since it was last set to 0."""

    mine: Any
    other: Any
    done: Any
    other_done: Any
    steps: int
    count: int = 0
    waited: float = 0.0

    def step(self) -> None:
        """One step was made."""
        self.count += 1
        if self.count % self.steps == 0:
            self.give()

    def give(self) -> None:
        """Let the other side work, and wait for the next turn."""
        if not self.other_done.is_set():
            self.other.release()
            self.take()

    def take(self) -> None:
        """Wait for a turn."""
        begun = time.perf_counter()
        if not self.mine.acquire(timeout=HUNG):
            raise TimeoutError("The other side did not give the turn back.")
        self.waited += time.perf_counter() - begun

    def finish(self) -> None:
        """Give the baton away for good."""
        self.done.set()
        self.other.release()
