"""Zero-shot retrieval: three trainings, each without a third of the relations."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from roc_core.config import Preset, load_preset, with_settings
from roc_core.encoders.named import concept_names, vision_identity
from roc_core.errors import ModelVersionInvalid
from roc_core.relations import Catalogue, load_catalogue
from roc_core.schema import Record
from roc_core.workspace.comparing import Progress
from roc_core.workspace.evaluating import hidden_by, read_split, shown
from roc_core.workspace.models import load_retriever, text_encoder, vision_encoder

if TYPE_CHECKING:
    from roc_core.evaluation.zero_shot import ZeroShotReport


@dataclass(frozen=True, slots=True)
class ZeroShotPlan:
    """What to train on, where the folds' versions go, and with which settings; ``preset`` and
    ``settings`` as in a TrainPlan."""

    format: str
    data: Path
    out: Path
    preset: str = "mini"
    seed: int = 0
    catalogue: str = "mnre"
    settings: tuple[str, ...] = ()

    @property
    def settled(self) -> Preset:
        """The preset with its single changes."""
        return with_settings(load_preset(self.preset), self.settings)


def zero_shot(
    plan: ZeroShotPlan, progress: Progress = lambda done, total, what: None
) -> ZeroShotReport:
    """Train a version for each fold into ``plan.out/fold-N`` and score its held-out relations.

    A fold whose version is there already is not trained again, and one that was killed is taken up
    where it was. The sentence alone is scored. Val
    and test are not read. Raises ModelVersionInvalid for a fold trained with other settings.
    """
    from roc_core.evaluation.zero_shot import ZeroShotReport, folds, hits, only

    catalogue = load_catalogue(plan.catalogue)
    train, dev = (read_split(plan.format, plan.data, s) for s in ("train", "dev"))
    found = []
    for number, held in enumerate(folds(catalogue)):
        folder = plan.out / f"fold-{number}"
        if (folder / "config.json").is_file():
            _check(folder, _card(plan, number, held, catalogue))
        else:
            _train(plan, number, held, catalogue, train, dev, progress)
        found.append(_fold(folder, number, only([*train, *dev], held), catalogue, progress))
    gold, rank = [g for f in found for g in f[0]], np.concatenate([f[1] for f in found])
    return ZeroShotReport(
        tuple(hits(g, r, len(catalogue)) for g, r in found), hits(gold, rank, len(catalogue))
    )


def _fold(
    folder: Path, number: int, asked: list[Record], catalogue: Catalogue, progress: Progress
) -> tuple[list[str], np.ndarray]:
    """Gold relations of held-out records and their ranks among the whole catalogue."""
    from roc_core.evaluation.report import gold_of, score_records
    from roc_core.evaluation.zero_shot import score_ranks

    gold = gold_of(asked)
    if not asked:
        return gold, np.array([], int)
    retriever = load_retriever(folder, catalogue)
    what = f"fold {number}: held-out relations"
    scores = score_records(
        retriever,
        asked,
        progress=lambda done, total: progress(done, total, what),
        hide=hidden_by("none"),
    )
    return gold, score_ranks(retriever.readings, scores, gold)


def _train(
    plan: ZeroShotPlan,
    number: int,
    held: tuple[str, ...],
    catalogue: Catalogue,
    train: list[Record],
    dev: list[Record],
    progress: Progress,
) -> None:
    """Train one fold as ``train`` does, but for the held-out relations, and save its version."""
    from roc_core.evaluation.zero_shot import trained_catalogue, without
    from roc_core.model.version import save_version
    from roc_core.training.checkpoint import move_logs, training_folder
    from roc_core.training.trainer import train_version

    preset, folder = plan.settled, plan.out / f"fold-{number}"
    text = text_encoder(preset.model.text_encoder)
    vision = vision_encoder(preset.model.vision_encoder)
    done = train_version(
        [shown(r, None, r.example.picture_text) for r in without(train, held)],
        [shown(r, None, "") for r in without(dev, held)],
        text,
        trained_catalogue(catalogue, held),
        preset,
        name=folder.name,
        seed=plan.seed,
        concept_names=concept_names(vision),
        card=_card(plan, number, held, catalogue),
        watch=lambda step: progress(step.done, step.total, f"fold {number}: {step.stage}"),
        folder=training_folder(folder),
    )
    save_version(folder, done.version, text.identity, vision_identity(vision))
    move_logs(training_folder(folder), folder)


def _card(
    plan: ZeroShotPlan, number: int, held: tuple[str, ...], catalogue: Catalogue
) -> dict[str, Any]:
    changes = "".join(f" --set {s}" for s in plan.settings)
    return {
        "title": f"Zero-shot fold {number}: trained without {len(held)} relations",
        "row": f"zero-shot fold {number}",
        "data": f"{plan.format}, split train without dev and without the held-out relations",
        "protocol": "honest",
        "seed": plan.seed,
        "preset": plan.settled.as_dict(),
        "catalogue": {"name": plan.catalogue, "digest": catalogue.digest},
        "held_out": list(held),
        "command": f"python -m roc_core zero-shot {plan.format} <data> --seed {plan.seed} "
        f"--preset {Path(plan.preset).name}{changes} --out <folder>",
        "parent": None,
    }


def _check(folder: Path, wanted: dict[str, Any]) -> None:
    """That a fold trained before was trained as asked now."""
    try:
        card = json.loads((folder / "card.json").read_text("utf-8"))
    except (OSError, ValueError):
        card = {}
    for field in ("data", "seed", "preset", "catalogue", "held_out"):
        if card.get(field) != wanted[field]:
            raise ModelVersionInvalid(
                f"a fold trained with the {field} asked for now in {folder}",
                "one trained with another",
                "Choose another folder with --out, or remove that one.",
            )
