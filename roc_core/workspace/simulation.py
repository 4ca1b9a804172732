"""What a simulation is asked for, and what comes out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from roc_core.errors import ValueRejected
from roc_core.schema import LearnMode, QueueKind

ORDERS: Mapping[str, QueueKind] = {
    "random": "unlabelled", "uncertainty": "uncertain", "diversity": "informative",
}  # fmt: skip
"""The orders of labels and the queues they are taken from."""
WAYS = ("memory", "training", "both")
GUARDS = ("on", "off")
SPLITS = ("val", "dev")


@dataclass(frozen=True, slots=True)
class SimulationPlan:
    """What to replay. ``base_share`` (above 0, below 1) of the sentences of train and of dev are
    labelled from the start; ``steps`` are rising numbers of labels given since. With ``full`` a
    version is trained on all labels, to compare with. ``settings`` are changes to the preset as
    ``key=value``."""

    format: str
    data: Path
    out: Path
    base_share: float = 0.1
    steps: tuple[int, ...] = (200, 500, 1000, 2000, 4000)
    orders: tuple[str, ...] = tuple(ORDERS)
    ways: tuple[str, ...] = WAYS
    guards: tuple[str, ...] = GUARDS
    split: str = "val"
    mode: LearnMode = "full"
    preset: str = "mini"
    catalogue: str = "mnre"
    seed: int = 0
    full: bool = False
    settings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name, given, known in (
            ("orders", self.orders, tuple(ORDERS)), ("ways", self.ways, WAYS),
            ("guards", self.guards, GUARDS), ("a split", (self.split,), SPLITS),
        ):  # fmt: skip
            if not given or set(given) - set(known):
                raise ValueRejected(
                    f"{name}, of {', '.join(known)}", ", ".join(given) or "none", "Choose of them."
                )
        if not 0 < self.base_share < 1:
            raise ValueRejected("a base share between 0 and 1", str(self.base_share), "Correct it.")
        if not self.steps or list(self.steps) != sorted({*self.steps}) or self.steps[0] < 1:
            raise ValueRejected(
                "rising numbers of labels from 1", ", ".join(map(str, self.steps)), "Correct them."
            )

    def settled(self) -> dict[str, Any]:
        """What must be the same for a simulation to be gone on with, as plain values."""
        some = asdict(self)
        for free in ("out", "data", "steps", "orders", "ways", "guards", "full"):
            some.pop(free)
        return some


@dataclass(frozen=True, slots=True)
class Point:
    """One step of one run: F1 (0..1) of the version in use, alone and with the memory of all labels
    given. ``learnt`` is the version of this step, ``passed`` what its guard said."""

    order: str
    guard: str
    labels: int
    f1: float
    with_memory: float
    in_use: str
    learnt: str = ""
    passed: bool = False


@dataclass(frozen=True, slots=True)
class Simulation:
    """What came out: F1 of the base version and, if trained, of one that has all labels; ``points``
    of the runs, whose ``guard`` is "" where nothing was trained."""

    plan: SimulationPlan
    base_labels: int
    pool: int
    pairs: int
    base: float
    full: float | None
    points: tuple[Point, ...]

    def curves(self) -> dict[str, tuple[tuple[int, float], ...]]:
        """(labels, F1) of every way asked for, by order and, where it trains, guard."""
        found: dict[str, tuple[tuple[int, float], ...]] = {}
        for way in self.plan.ways:
            for order in self.plan.orders:
                for guard in self.plan.guards if way != "memory" else ("",):
                    name = f"{way}, {order}" + (f", guard {guard}" if guard else "")
                    own = [p for p in self.points if (p.order, p.guard) == (order, guard)]
                    alone = way == "training"
                    rows = [(p.labels, p.f1 if alone else p.with_memory) for p in own]
                    found[name] = ((0, self.base), *rows)
        return found

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON; paths are left out."""
        plan = asdict(self.plan) | {"data": self.plan.data.name}
        plan.pop("out")
        found = asdict(self) | {"plan": plan, "points": [asdict(p) for p in self.points]}
        return found | {"curves": self.curves()}
