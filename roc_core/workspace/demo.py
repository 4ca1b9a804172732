"""A workspace to show: the starter set, labelled further by three made annotators who err here and
there, a version learnt from them, its answers and maps."""

from __future__ import annotations

import json
import os
import random
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from roc_core import datasets
from roc_core.errors import ValueRejected
from roc_core.jobs import Progress
from roc_core.schema import NONE, Item, ItemFilter, Label, Prediction, Record
from roc_core.store import Store
from roc_core.workspace import feedback
from roc_core.workspace.doubting import doubts_job
from roc_core.workspace.mapping import map_job
from roc_core.workspace.workspace import STARTER, Workspace

WITHHELD = 0.3
"""Share of the sentences whose labels are left out of the import: what annotators find to do."""
OPEN = 0.4
"""Share of these items that nobody is assigned: they stay unlabelled."""
OVERLAP = 0.3
"""Share of the assigned items that two annotators get."""
LEFT = 6
"""Items each annotator has not come to yet."""
SLICE = "relations answered as None"


@dataclass(frozen=True, slots=True)
class Hand:
    """How a made annotator works: shares (0..1) of items where they take the model's first answer
    whatever it is, say None of a pair that has a relation, turn a direction, and skip; a ``blind``
    one does not see what the model says."""

    name: str
    follows: float
    misses: float
    turns: float
    skips: float
    blind: bool = False


HANDS: tuple[Hand, ...] = (
    Hand("annotator-a", 0.02, 0.02, 0.02, 0.01),
    Hand("annotator-b", 0.02, 0.12, 0.05, 0.03, blind=True),
    Hand("annotator-c", 0.15, 0.04, 0.08, 0.04),
)


@dataclass(frozen=True, slots=True)
class Demo:
    """What was made: numbers of items, those unlabelled, labels by annotators, items in dispute,
    and the learnt version with what its guard said."""

    items: int
    unlabelled: int
    labels: int
    disputes: int
    version: str
    passed: bool

    def as_dict(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def make_demo(folder: Path, report: Progress, seed: int = 0, data: Path = STARTER) -> Demo:
    """Make the workspace in ``folder``, which appears when all of it is there; the same seed makes
    the same labels.

    Raises ValueRejected when something is in ``folder`` already, or it cannot be written.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ValueRejected(f"nothing in {folder}", "something", "Choose another place.")
    part = folder.absolute().with_name(f".{folder.absolute().name}.part")
    try:
        shutil.rmtree(part, ignore_errors=True)  # what a killed one left
        part.parent.mkdir(parents=True, exist_ok=True)
        workspace, truth = _imported(part, seed, data)
        made = fill(workspace, truth, report, seed)
        os.replace(part, folder)
    except OSError as error:
        raise ValueRejected(
            f"to write {folder}", error.strerror or str(error), "Choose another place."
        ) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return made


def fill(workspace: Workspace, truth: Mapping[str, Label], report: Progress, seed: int = 0) -> Demo:
    """Label, learn, answer and draw. ``truth`` gives the right label of each item by its id.

    Annotators get what the version in use answers wrong, and most of what has no label. Raises
    ValueRejected when that is nothing.
    """
    items = [i for i in _all(workspace) if i.id in truth]
    answers = _answers(workspace, items, report)
    chosen = _to_do(items, answers, truth, seed)
    workspace.annotation.assign(chosen, [h.name for h in HANDS], OVERLAP, seed)
    for at, hand in enumerate(HANDS):
        report(at, len(HANDS), f"Labelling as {hand.name}")
        _label(workspace, hand, answers, truth, seed)
    _decide(workspace, truth)
    version, passed = _learnt(workspace, report, seed)
    for reading in (version, workspace.model_version):
        map_job(workspace.path, {"version": reading}, report)
        doubts_job(workspace.path, {"version": reading}, report)
    _slice(workspace, answers, truth)
    return _counted(workspace, version, passed)


# --- items -------------------------------------------------------------------------------


def _imported(folder: Path, seed: int, data: Path) -> tuple[Workspace, dict[str, Label]]:
    """A workspace with the data, some labels withheld, and all labels by item."""
    workspace = Workspace.create(folder, starter=False)
    source = folder / "import"
    try:
        workspace.import_data("jsonl", _withheld(data, source, seed), strict=True)
    finally:
        shutil.rmtree(source, ignore_errors=True)
    Store.open(folder).set_setting("starter", "1")  # it is here; init is not to bring the rest
    records = [r for r in datasets.read("jsonl", data, strict=True) if isinstance(r, Record)]
    labels = {r.provenance.line: r.label for r in records}
    found = {i.id: labels[i.record.provenance.line] for i in _all(workspace)}
    return workspace, {id: label for id, label in found.items() if label is not None}


def _withheld(data: Path, folder: Path, seed: int) -> Path:
    """A copy of a JSONL file and its pictures in which some sentences have no labels."""
    folder.mkdir(parents=True)
    if (data.parent / "pictures").is_dir():
        shutil.copytree(data.parent / "pictures", folder / "pictures")
    lines = [json.loads(line) for line in data.read_text("utf-8").splitlines()]
    sentences = sorted({line["sentence"] for line in lines})
    without = set(random.Random(seed).sample(sentences, round(WITHHELD * len(sentences))))
    for line in lines:
        if line["sentence"] in without:
            line.pop("relation", None)
            line.pop("direction", None)
    out = folder / data.name
    out.write_text("".join(json.dumps(x, ensure_ascii=False) + "\n" for x in lines), "utf-8")
    return out


def _all(workspace: Workspace) -> list[Item]:
    return list(workspace.items(ItemFilter(), 0, workspace.items(limit=1).total).items)


def _answers(
    workspace: Workspace, items: Sequence[Item], report: Progress
) -> dict[str, Prediction]:
    def progress(done: int, total: int) -> None:
        report(done, total, "Answering all items")

    found = workspace.predict_many([i.example for i in items], progress, batch=64)
    return {item.id: answer for item, answer in zip(items, found, strict=True)}


def _to_do(
    items: Sequence[Item], answers: Mapping[str, Prediction], truth: Mapping[str, Label], seed: int
) -> list[str]:
    """Items for the annotators in the order they get them."""
    draw = random.Random(seed)
    bare = [i.id for i in items if i.label is None]
    stay = set(draw.sample(bare, round(OPEN * len(bare))))
    wrong = {i.id for i in items if i.label and answers[i.id].label != truth[i.id]}
    found = [i.id for i in items if i.id in wrong | (set(bare) - stay)]
    if not found:
        raise ValueRejected(
            "items to label", "none", "Leave some labels out, or add wrong answers."
        )
    return draw.sample(found, len(found))


# --- annotators --------------------------------------------------------------------------


def _label(
    workspace: Workspace,
    hand: Hand,
    answers: Mapping[str, Prediction],
    truth: Mapping[str, Label],
    seed: int,
) -> None:
    """One annotator's work; the last ``LEFT`` items of the queue stay."""
    draw, work = random.Random(f"{seed} {hand.name}"), workspace.annotation
    symmetric = {r.id for r in workspace.catalogue if r.symmetric}
    for number, item in enumerate(work.queue("assigned", hand.name).items[:-LEFT]):
        answer, right = answers[item], truth[item]
        token = f"demo {hand.name} {number}"
        if draw.random() < hand.skips:
            work.save(item, None, hand.name, answer, not hand.blind, "skip", token=token)
            continue
        label = _said(hand, draw.random(), answer.label, right, symmetric)
        work.save(item, label, hand.name, answer, not hand.blind, token=token)
        if label != right and draw.random() < 0.5:
            work.save(item, None, hand.name, action="flag", text="Not sure about this one.")


def _said(hand: Hand, chance: float, answer: Label, right: Label, symmetric: set[str]) -> Label:
    """What an annotator says of an item, by a chance in 0..1."""
    if chance < hand.follows:
        return answer
    if right.relation == NONE:
        return right
    if chance < hand.follows + hand.misses:
        return Label(NONE)
    if chance < hand.follows + hand.misses + hand.turns and right.relation not in symmetric:
        return Label(right.relation, "backward" if right.direction == "forward" else "forward")
    return right


def _decide(workspace: Workspace, truth: Mapping[str, Label]) -> None:
    """The first annotator decides every other dispute."""
    for number, dispute in enumerate(workspace.annotation.disputes()):
        if number % 2 == 0:
            workspace.annotation.adjudicate(dispute.item, truth[dispute.item], HANDS[0].name)


# --- the model ---------------------------------------------------------------------------


def _learnt(workspace: Workspace, report: Progress, seed: int) -> tuple[str, bool]:
    """Learn a version of what is not in dispute; its name and whether it passed the guard."""
    given = workspace.learning.settled({"mode": "fast", "agreed": True, "seed": seed})
    result = feedback.learn_job(workspace.path, given, report)
    return str(result["version"]), bool(result["passed"])


def _slice(
    workspace: Workspace, answers: Mapping[str, Prediction], truth: Mapping[str, Label]
) -> None:
    """Keep what the version in use took for None as a slice."""
    none = [id for id, answer in answers.items() if answer.label.relation == NONE]
    missed = [id for id in none if truth[id].relation != NONE]
    if missed:
        workspace.keep_selection(missed, SLICE, HANDS[0].name)


def _counted(workspace: Workspace, version: str, passed: bool) -> Demo:
    work, items = workspace.annotation, workspace.items(limit=1).total
    bare = workspace.items(ItemFilter(state="unlabelled"), limit=1).total
    return Demo(items, bare, len(work.own_labels()), len(work.disputes()), version, passed)
