"""A training in a process of its own: python -m tests.training.one_run FOLDER [KILL_AT_STEP].

Keeps its state in FOLDER and prints the SHA-256 of all trained tensors, the dev F1 and the losses
as JSON; with KILL_AT_STEP the process ends itself by SIGKILL in that step.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from roc_core.training.log import Step
from roc_core.training.processes import is_first
from roc_core.training.trainer import Trained, train_version
from tests.tiny import tiny_text_encoder
from tests.training.made import catalogue, parts, preset


def settings(**changes: float) -> dict[str, float]:
    """Dropout on, so that its random numbers count; the state is saved in every step."""
    return {"epochs": 3, "batch": 16, "checkpoint_minutes": 1e-9} | changes


def outcome(done: Trained) -> dict[str, Any]:
    """What a training ended with, as plain values that show the last bit."""
    found = hashlib.sha256()
    for name, value in sorted(done.version.network.trained_state().items()):
        found.update(name.encode() + value.numpy().tobytes())
    log = [(e, loss, f1) for e, loss, f1, _ in done.log]
    lines = {"all": done.version.lines.all, "own": dict(done.version.lines.own)}
    return {"tensors": found.hexdigest(), "f1": done.dev.f1, "log": log, "lines": lines}


def trained(folder: Path, kill_at: int = 0, **changes: float) -> Trained:
    """Train the tiny model with its state in ``folder``."""

    def watch(step: Step) -> None:
        if step.stage == "training" and step.done == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    train, dev = parts()
    made = preset(dropout=0.2, **settings(**changes))
    return train_version(train, dev, tiny_text_encoder(), catalogue(), made, name="made",
                         concept_names=("band", "team", "tour"), watch=watch,
                         folder=folder)  # fmt: skip


if __name__ == "__main__":
    result = outcome(trained(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0))
    if is_first():
        sys.stdout.write(json.dumps(result) + "\n")
