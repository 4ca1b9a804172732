"""What corrections are worth: a labelled split replayed as a stream of an annotator's labels.

A base version is trained on a share of ``train``; the rest comes into a workspace without labels.
Labels are given in an order, as an annotator would give them, and the workspace learns from them by
its own ways: the correction memory, training, the guard. Sentences alone are read, without pictures
and their texts. After each step micro F1 is taken on a split that no version has seen.
"""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import takewhile
from pathlib import Path
from typing import Any

from roc_core import datasets, metrics
from roc_core.datasets.base import replacing
from roc_core.errors import ValueRejected
from roc_core.schema import NONE, ItemFilter, Label, Provenance, Record
from roc_core.store import Store
from roc_core.workspace import feedback, pair_vectors
from roc_core.workspace.evaluating import read_split, with_pictures
from roc_core.workspace.learning import TrainPlan, train
from roc_core.workspace.simulation import ORDERS, Point, Simulation, SimulationPlan
from roc_core.workspace.workspace import Workspace

ANNOTATOR = "annotator"
BATCH = 128

Progress = Callable[[int, int, str], None]


def simulate(plan: SimulationPlan, progress: Progress) -> Simulation:
    """Replay a data set as the plan says. Killed at any moment, the same plan goes on where it was:
    a step that is done is not done again.

    Raises ValueRejected when ``plan.out`` holds another simulation or there are fewer labels than
    the last step asks for, and what ``read_split`` and ``train`` raise.
    """
    data = _data(plan)
    _same_plan(plan, data)
    base = _version(plan, "base", data.base, progress)
    runs = [(o, "") for o in plan.orders if "memory" in plan.ways]
    if set(plan.ways) - {"memory"}:
        # With the guard first: the run without it is the same until something is refused.
        runs += [(o, g) for o in plan.orders for g in sorted(plan.guards, reverse=True)]
    points: list[Point] = []
    first = 0.0
    for order, guard in runs:
        run = _Run(plan, order, guard, progress)
        beside = (
            [p for p in points if (p.order, p.guard) == (order, "on")] if guard == "off" else []
        )
        same = _until_refused(beside) if run.forked or all(p.passed for p in beside) else []
        points += [replace(p, guard=guard) for p in same]
        if beside and len(same) == len(beside):
            continue
        run.prepare(base, data.base, data.pool)
        first = run.start(data.judged)
        points += [run.step(labels, data.judged) for labels in plan.steps[len(same) :]]
    full = None
    if plan.full:
        every = _version(plan, "full", data.every, progress)
        full = _measured(plan, every, data.judged)
    sizes = len(data.base), len(data.pool), len(data.judged)
    return Simulation(plan, *sizes, first, full, tuple(points))


def _until_refused(points: Sequence[Point]) -> list[Point]:
    """The points before the first version that the guard refused."""
    return list(takewhile(lambda point: point.passed, points))


# --- preparing ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Data:
    """Labelled records: the base's, those to be labelled, those that judge, and all to train on."""

    base: list[Record]
    pool: list[Record]
    judged: list[Record]
    every: list[Record]


def _data(plan: SimulationPlan) -> _Data:
    learnt, dev, judged = (
        with_pictures(read_split(plan.format, plan.data, s), "none")
        for s in ("train", "dev", plan.split)
    )
    has, pool = _shared(learnt, plan.base_share, plan.seed)
    dev_has, dev_other = _shared(dev, plan.base_share, plan.seed)
    if plan.split == "dev":
        dev, judged = dev_has, dev_other
    if plan.steps[-1] > len(pool):
        raise ValueRejected(f"at most {len(pool)} labels", str(plan.steps[-1]), "Take fewer steps.")
    return _Data([*has, *dev_has], pool, judged, [*learnt, *dev])


def _same_plan(plan: SimulationPlan, data: _Data) -> None:
    """That the folder is free or holds the same simulation of the same data."""
    from roc_core.training.checkpoint import digest

    file = plan.out / "plan.json"
    about = plan.settled() | {"records": digest([*data.every, *data.judged])}
    wanted = json.dumps(about, sort_keys=True)
    if file.is_file():
        if file.read_text("utf-8") != wanted:
            raise ValueRejected(
                f"the same settings and data as those of the simulation in {plan.out}",
                "others",
                "Give the same, or choose another place.",
            )
        return
    with replacing(file) as handle:
        handle.write(wanted.encode())


def _shared(
    records: Sequence[Record], share: float, seed: int
) -> tuple[list[Record], list[Record]]:
    """Records of a seeded share of the sentences, at least one, and the others; of equal records
    the first one counts."""
    sentences = sorted({r.example.sentence for r in records})
    some = set(random.Random(seed).sample(sentences, max(1, round(share * len(sentences)))))
    own = list({(r.example.sentence, r.example.mentions): r for r in reversed(records)}.values())
    own.reverse()
    return (
        [r for r in own if r.example.sentence in some],
        [r for r in own if r.example.sentence not in some],
    )


def _version(
    plan: SimulationPlan, name: str, records: Sequence[Record], progress: Progress
) -> Path:
    """A version trained on records, dev among them; the one that is there if there is one."""
    out = plan.out / "models" / name
    if (out / "config.json").is_file():
        return out
    file = plan.out / f"{name}.jsonl"
    datasets.write("jsonl", [_origin(r, n) for n, r in enumerate(records, 1)], file)
    wanted = TrainPlan(
        "jsonl", file, out, plan.preset, plan.seed, plan.catalogue, settings=plan.settings
    )
    train(wanted, lambda step: progress(step.done, step.total, f"{name}: {step.stage}"))
    return out


def _origin(record: Record, line: int) -> Record:
    return replace(record, provenance=Provenance("simulated", "train", line))


# --- one run -----------------------------------------------------------------------------


class _Run:
    """Labels in one order into one workspace, which learns with or without a guard, or (guard "")
    does not train."""

    def __init__(self, plan: SimulationPlan, order: str, guard: str, progress: Progress) -> None:
        self.plan, self.order, self.guard = plan, order, guard
        self.name = f"{order}-{guard or 'untrained'}"
        self.folder = plan.out / "runs" / self.name
        self._report = progress

    def progress(self, done: int, total: int, stage: str) -> None:
        self._report(done, total, f"{self.name}: {stage}")

    # --- state ---------------------------------------------------------------------------

    def _kept(self, name: str) -> Any:
        file = self.folder / f"{name}.json"
        return json.loads(file.read_text("utf-8")) if file.is_file() else None

    def _keep(self, name: str, value: Any) -> None:
        with replacing(self.folder / f"{name}.json") as handle:
            handle.write(json.dumps(value).encode())

    def prepare(self, base: Path, has: Sequence[Record], pool: Sequence[Record]) -> None:
        """The workspace with the base's records, the others without labels, and the base."""
        if self._kept("pool") is None:
            shutil.rmtree(self.folder, ignore_errors=True)
            workspace = Workspace.create(self.folder / "workspace", starter=False)
            store = Store.open(workspace.path)
            labelled = [_origin(r, n) for n, r in enumerate(has, 1)]
            bare = [_origin(r, n) for n, r in enumerate(pool, len(has) + 1)]
            store.add_records((r, None) for r in labelled)
            store.add_records((replace(r, label=None), None) for r in bare)
            shutil.copytree(base, workspace.path / "models" / "base")
            store.set_setting("catalogue", self.plan.catalogue)
            workspace.use_model("base")
            known = {store.id_of(r, None): r.label for r in bare if r.label}
            self._keep("pool", {id: (x.relation, x.direction) for id, x in known.items()})
        self.workspace = Workspace.open(self.folder / "workspace")
        self.store = Store.open(self.workspace.path)
        self.truth = {id: Label(r, d) for id, (r, d) in self._kept("pool").items()}

    # --- steps ---------------------------------------------------------------------------

    def start(self, judged: Sequence[Record]) -> float:
        """F1 of the base, before any label."""
        found = self._kept("start")
        if found is None:
            self._keep("start", found := self._f1(judged, memory=False))
        return float(found)

    def step(self, labels: int, judged: Sequence[Record]) -> Point:
        """Give labels until there are so many, learn from all of them, and take F1."""
        found = self._kept(f"point-{labels}")
        if found is None:
            self._label(labels)
            name, passed = self._learn(labels) if self.guard else ("", False)
            if self.guard == "on" and not passed and "off" in self.plan.guards:
                self._fork()
            alone = self._f1(judged, memory=False)
            self._read_corrected()
            both = self._f1(judged, memory=True)
            used = self.workspace.model_version
            point = Point(self.order, self.guard, labels, alone, both, used, name, passed)
            self._keep(f"point-{labels}", found := asdict(point))
        return Point(**found)

    @property
    def forked(self) -> bool:
        """Whether this run went on from a copy of the one with the guard."""
        return self._kept("forked") is not None

    def _fork(self) -> None:
        """Copy this run, at its first refusal, for the run without the guard to go on from."""
        other = _Run(self.plan, self.order, "off", self._report)
        if other._kept("pool") is not None:
            return
        draft = other.folder.with_name(f"{other.name}.new")
        for folder in (draft, other.folder):
            shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.folder, draft)
        (draft / "forked.json").write_text("true", "utf-8")
        draft.rename(other.folder)

    def _label(self, labels: int) -> None:
        chosen = self._kept(f"chosen-{labels}")
        if chosen is None:
            have = self.workspace.items(ItemFilter(state="corrected"), limit=1).total
            self._keep(f"chosen-{labels}", chosen := self._next(labels - have))
        for at, item in enumerate(chosen):
            self.workspace.annotation.save(item, self.truth[item], ANNOTATOR, token=f"{item} label")
            if at % 50 == 0:
                self.progress(at, len(chosen), "labelling")

    def _next(self, count: int) -> list[str]:
        """The next items to label, by the version in use."""
        kind = ORDERS[self.order]
        if kind != "unlabelled":
            key = self.workspace.vector_key()
            used = self.workspace.model_version
            pair_vectors.compute(
                self.store, key, lambda: self.workspace.retriever_of(used), self.progress
            )
        found: dict[str, None] = {}
        for one in dict.fromkeys((kind, "uncertain") if kind == "informative" else (kind,)):
            queue = self.workspace.annotation.queue(
                one, ANNOTATOR, seed=self.plan.seed + 1, renew=True
            )
            found |= dict.fromkeys(i for i in queue.items if i not in queue.finished)
        return [i for i in found if i in self.truth][:count]

    def _learn(self, labels: int) -> tuple[str, bool]:
        """Learn a version of all labels; it is put to use if it passed or there is no guard."""
        name = self._kept(f"learning-{labels}")
        if name is None:
            given = {"mode": self.plan.mode, "seed": self.plan.seed + labels}
            name = str(self.workspace.learning.settled(given)["name"])
            self._keep(f"learning-{labels}", name)
        info = self.workspace.learning.version(name)
        if info.state == "unfinished":
            rows = {r.name: r.request for r in self.store.versions.rows()}
            request = rows[name]
            assert request is not None
            feedback.learn(
                self.store,
                self.workspace,
                request,
                name,
                lambda step: self.progress(step.done, step.total, f"{name}: {step.stage}"),
            )
            info = self.workspace.learning.version(name)
        passed = info.guard is not None and info.guard.passed
        if (passed or self.guard == "off") and not info.in_use:
            self.workspace.use_model(name)
        return name, passed

    # --- measuring -----------------------------------------------------------------------

    def _read_corrected(self) -> None:
        """Read all corrected pairs now, so that each of them votes."""
        ids = self.workspace.items(ItemFilter(state="corrected"), 0, len(self.truth)).items
        key = self.workspace.vector_key()
        known = self.store.remembered.vectors(key, tuple(i.id for i in ids))
        missing = [i for i in ids if i.id not in known]
        if not missing:
            return
        retriever = self.workspace.retriever_of(self.workspace.model_version)
        for start in range(0, len(missing), BATCH):
            part, _ = pair_vectors.read_items(retriever, missing[start : start + BATCH])
            self.store.vectors.put(key, part)
            self.progress(start, len(missing), "reading what was labelled")

    def _f1(self, judged: Sequence[Record], memory: bool) -> float:
        self.workspace.memory.set(on=memory)
        said = self.workspace.predict_many(
            [r.example for r in judged],
            lambda done, total: self.progress(done, total, "answering"),
        )
        return _micro(judged, [p.label.relation for p in said])


def _measured(plan: SimulationPlan, version: Path, judged: Sequence[Record]) -> float:
    """F1 of a version in no workspace."""
    from roc_core.evaluation.report import answer, gold_of, score_records
    from roc_core.relations import load_catalogue
    from roc_core.workspace.models import load_retriever

    retriever = load_retriever(version, load_catalogue(plan.catalogue))
    scores = score_records(retriever, judged)
    return _micro(judged, answer(retriever, scores, gold_of(judged)).relations)


def _micro(judged: Sequence[Record], said: Sequence[str]) -> float:
    gold = [r.label.relation if r.label else NONE for r in judged]
    return metrics.micro(gold, said).f1
