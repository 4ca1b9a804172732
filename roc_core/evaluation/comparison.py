"""Several evaluations side by side: versions as rows, seeds as mean and spread, ablations."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from roc_core.evaluation.ablations import Ablation
from roc_core.evaluation.full import Evaluation
from roc_core.metrics import mean_spread

FIGURES: tuple[tuple[str, str], ...] = (
    ("f1", "micro F1"),
    ("precision", "precision"),
    ("recall", "recall"),
    ("macro_f1", "macro F1"),
    ("hit1", "hit@1"),
    ("hit3", "hit@3"),
    ("macro_hit3", "macro hit@3"),
    ("mrr", "MRR"),
    ("none_kept", "None kept"),
    ("direction", "direction right"),
    ("accuracy", "accuracy"),
)
"""Fields of a Report, each 0..1, with the words a table heads them by."""


@dataclass(frozen=True, slots=True)
class SeedGroup:
    """Versions of one recipe trained with different seeds: (mean, sample standard deviation) of
    each of FIGURES."""

    row: str
    seeds: tuple[int, ...]
    figures: dict[str, tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What one ``evaluate`` measured. ``setting`` says on what and how, in plain values."""

    setting: dict[str, Any]
    versions: tuple[Evaluation, ...]
    ablations: tuple[Ablation, ...] = ()

    @property
    def seeds(self) -> tuple[SeedGroup, ...]:
        """Versions that differ in their seed alone, summarised."""
        return seed_groups(self.versions)

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "setting": self.setting,
            "versions": [v.as_dict() for v in self.versions],
            "seeds": [
                {"row": g.row, "seeds": list(g.seeds), "figures": g.figures} for g in self.seeds
            ],
            "ablations": [{"name": a.name, **a.report.as_dict()} for a in self.ablations],
        }


def recipe(card: dict[str, Any]) -> dict[str, Any]:
    """How a version was trained, from its card: ``seed``, ``protocol`` and ``recipe``, a digest of
    everything else that makes two trainings the same (empty when the card does not say)."""
    told = ("row", "data", "protocol", "preset", "catalogue", "held_out", "teacher", "start")
    parts = {k: card.get(k) for k in told}
    known = card.get("preset") is not None and card.get("seed") is not None
    digest = hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()
    return {
        "seed": card.get("seed"),
        "protocol": card.get("protocol", ""),
        "recipe": digest[:16] if known else "",
    }


def seed_groups(versions: Sequence[Evaluation]) -> tuple[SeedGroup, ...]:
    """A group for every recipe of which at least two different seeds are there."""
    groups: dict[str, dict[int, Evaluation]] = {}
    for version in versions:
        if version.trained.get("recipe"):
            groups.setdefault(version.trained["recipe"], {})[version.trained["seed"]] = version
    return tuple(
        SeedGroup(
            _common([v.row for v in some.values()]),
            tuple(sorted(some)),
            {f: mean_spread([getattr(v.report, f) for v in some.values()]) for f, _ in FIGURES},
        )
        for some in groups.values()
        if len(some) > 1
    )


def _common(rows: Sequence[str]) -> str:
    """What the names of one recipe's versions begin with: ``mini-seed0``, ``-seed1`` → ``mini``."""
    columns = takewhile(lambda letters: len(set(letters)) == 1, zip(*rows, strict=False))
    shared = "".join(letters[0] for letters in columns).rstrip("-_ ")
    return shared.removesuffix("seed").rstrip("-_ ") or rows[0]
