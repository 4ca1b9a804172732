"""Training as the command line calls it: data set files in, a version out."""

from __future__ import annotations

import hashlib
import os
import random
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from roc_core.config import Preset, load_preset, trained_with, with_settings
from roc_core.encoders.named import concept_names, vision_identity
from roc_core.errors import ValueRejected
from roc_core.relations import Catalogue, load_catalogue
from roc_core.schema import Box, Record
from roc_core.workspace.evaluating import read_split, shown
from roc_core.workspace.models import load_retriever, text_encoder, vision_encoder

if TYPE_CHECKING:
    from torch import Tensor

    from roc_core.training.log import Step
    from roc_core.training.trainer import Trained


MNRE_LICENCE = (
    "MNRE carries no licence. Whoever redistributes these weights must decide for themselves "
    "whether they may."
)


@dataclass(frozen=True, slots=True)
class TrainPlan:
    """What to train, from what, to where.

    ``preset`` is a name or the path of a TOML file, ``settings`` are single changes to it as
    ``key=value``; ``protocol`` is one of ``evaluation.protocols.PROTOCOLS``; ``teachers`` are
    model versions whose mean scores of the training pairs are learned as well; ``start`` is a
    version of the same shape whose weights are gone on from, whatever protocol it was trained for.
    """

    format: str
    data: Path
    out: Path
    preset: str = "mini"
    seed: int = 0
    catalogue: str = "mnre"
    protocol: str = "honest"
    settings: tuple[str, ...] = ()
    teachers: tuple[Path, ...] = ()
    start: Path | None = None


def is_first_process() -> bool:
    """Whether this process prints, of several that train together; true where there is one."""
    from roc_core.training.processes import is_first

    return is_first()


def train(plan: TrainPlan, watch: Callable[[Step], None]) -> Trained:
    """Train a model version and save it in ``plan.out`` with its logs; val and test are not read.

    Pictures are looked at where they are there, see ``_parts``. A training that was killed is taken
    up again by the same plan: its state lies beside ``plan.out`` until the version is saved. Raises
    ValueRejected when ``plan.out`` is something else than a model version, and what
    ``train_version`` and ``read_split`` raise.
    """
    from roc_core.model.version import save_version
    from roc_core.training.checkpoint import move_logs, training_folder
    from roc_core.training.processes import is_first
    from roc_core.training.trainer import train_version

    _check_place(plan.out)
    preset = with_settings(load_preset(plan.preset), plan.settings)
    catalogue = load_catalogue(plan.catalogue)
    learnt, dev = _parts(plan, catalogue)
    copies = _copies(plan, preset, learnt, catalogue)
    text = text_encoder(preset.model.text_encoder)
    vision = vision_encoder(preset.model.vision_encoder)
    done = train_version(
        learnt,
        dev,
        text,
        catalogue,
        preset,
        name=plan.out.name,
        seed=plan.seed,
        concept_names=concept_names(vision),
        card=_card(plan, preset, learnt, dev, catalogue.digest),
        watch=watch,
        folder=training_folder(plan.out),
        protocol=plan.protocol,
        vision=vision,
        taught=_taught(plan, [*learnt, *copies], catalogue),
        copies=copies,
        start=_start(plan, preset, text, vision_identity(vision)),
    )
    done.version.card["dev"] = {k: v for k, v in done.dev.as_dict().items() if k != "per_relation"}
    done.version.card["log"] = [
        {"epoch": e, "loss": loss, "dev_f1": f1, "seconds": round(s)} for e, loss, f1, s in done.log
    ]
    if is_first():
        save_version(plan.out, done.version, text.identity, vision_identity(vision))
        move_logs(training_folder(plan.out), plan.out)
    return done


def _check_place(out: Path) -> None:
    """Refuse, before hours of training, a place where saving would destroy something else."""
    other = out.is_dir() and any(out.iterdir()) and not (out / "config.json").is_file()
    if not out.name or other or (out.exists() and not out.is_dir()):
        raise ValueRejected(
            f"a new folder, or an older model version to replace, at {out}",
            "something else" if out.name else "no name of a folder",
            "Choose another place.",
        )


def _parts(plan: TrainPlan, catalogue: Catalogue) -> tuple[list[Record], list[Record]]:
    """Training and dev records as the protocol shows them.

    Where most dev records have their picture, all is kept. Where pictures are rare (hardly any copy
    of MNRE has them), training knows them by their texts and ``dev`` is shown without either.
    """
    from roc_core.evaluation.protocols import prepare

    learnt, dev = (
        prepare(read_split(plan.format, plan.data, s), catalogue, plan.protocol)
        for s in ("train", "dev")
    )
    if 2 * sum(r.example.picture is not None for r in dev) > len(dev):
        return learnt, dev
    return (
        [shown(r, None, r.example.picture_text) for r in learnt],
        [shown(r, None, "") for r in dev],
    )


def _start(plan: TrainPlan, preset: Preset, text: Any, vision: str) -> dict[str, Tensor] | None:
    """The trained tensors of the version to go on from. Raises ValueRejected when it has another
    shape than the preset, and what ``load_version`` raises."""
    if plan.start is None:
        return None
    from roc_core.model.version import load_version

    version = load_version(plan.start, text, vision)
    own, wanted = asdict(version.settings), asdict(preset.model)
    other = [f"{k} {own[k]}, not {wanted[k]}" for k in own if own[k] != wanted[k]]
    if other:
        raise ValueRejected(
            f"a version to start from with the model settings of preset {preset.name}",
            "; ".join(other),
            "Start from another version, or change the settings with --set.",
        )
    return version.network.trained_state()


def _copies(
    plan: TrainPlan, preset: Preset, learnt: Sequence[Record], catalogue: Catalogue
) -> list[Record]:
    """Copies of a share of the records with names exchanged, see ``training.swapped``.

    Types are those of the first teacher's tagger. Raises ValueRejected when there is no teacher to
    answer the copies.
    """
    if not preset.train.swapped:
        return []
    if not plan.teachers:
        raise ValueRejected(
            "a teacher to answer pairs whose names were exchanged",
            f"swapped = {preset.train.swapped} and no teacher",
            "Name one with --teacher, or set swapped to 0.",
        )
    from roc_core.training.swapped import swap_names

    reader = load_retriever(plan.teachers[0], catalogue).reader
    types = [
        pair.likeliest_types()
        for start in range(0, len(learnt), 512)
        for pair in reader.read([r.example for r in learnt[start : start + 512]])
    ]
    copies = swap_names(learnt, types, plan.seed)
    share = round(preset.train.swapped * len(copies))
    return random.Random(plan.seed).sample(copies, share)


def _taught(plan: TrainPlan, learnt: Sequence[Record], catalogue: Catalogue) -> Tensor | None:
    """The mean of the teachers' logits (records, N + 1), from sentences and real pictures alone."""
    if not plan.teachers:
        return None
    import torch

    bare = [shown(r, r.example.picture, "") for r in learnt]
    return torch.stack([_logits(t, bare, catalogue) for t in plan.teachers]).mean(dim=0)


def _logits(teacher: Path, records: Sequence[Record], catalogue: Catalogue) -> Tensor:
    """One teacher's logits, kept in the cache folder, because a large one reads for minutes."""
    import torch
    from safetensors.torch import load_file, save_file

    from roc_core.encoders.mpnet import cache_folder
    from roc_core.evaluation.report import score_records
    from roc_core.training.checkpoint import digest

    weights = hashlib.sha256((teacher / "trained.safetensors").read_bytes()).hexdigest()
    key = hashlib.sha256(f"{weights} {digest(records)} {catalogue.digest}".encode()).hexdigest()
    kept = cache_folder() / "taught" / f"{key[:32]}.safetensors"
    if not kept.is_file():
        retriever = load_retriever(teacher, catalogue)
        # As it was trained: what a student learns from is no finer than that.
        with torch.autocast("cpu", torch.bfloat16, enabled=_half(retriever.version.card)):
            scores = score_records(retriever, records)
        both = np.concatenate([scores.relations, scores.none[:, None]], axis=1)
        logits = torch.from_numpy(both).float() * retriever.version.network.scale.detach()
        kept.parent.mkdir(parents=True, exist_ok=True)
        draft = kept.with_suffix(f".{os.getpid()}")
        save_file({"logits": logits}, draft)
        os.replace(draft, kept)
    return load_file(kept)["logits"]


def _half(card: dict[str, Any]) -> bool:
    """Whether a version was trained in half precision."""
    return trained_with(card).get("precision") == "bfloat16"


def _command(plan: TrainPlan) -> str:
    changes = "".join(f" --set {s}" for s in plan.settings)
    teacher = "".join(f" --teacher <folder>/{t.name}" for t in plan.teachers)
    start = f" --start <folder>/{plan.start.name}" if plan.start else ""
    preset = Path(plan.preset).name
    return (
        f"python -m roc_core train {plan.format} <data> --preset {preset} --seed {plan.seed} "
        f"--catalogue {plan.catalogue} --protocol {plan.protocol}{changes}{teacher}{start} "
        f"--out <folder>/{plan.out.name}"
    )


def _card(
    plan: TrainPlan, preset: Preset, learnt: Sequence[Record], dev: Sequence[Record], digest: str
) -> dict[str, Any]:
    every = [r.example for r in learnt]
    boxes = any(isinstance(m.place, Box) for e in every for m in e.mentions)
    pictures = any(e.picture is not None for e in every)
    card = {
        "title": preset.title,
        "data": f"{plan.format}, split train without dev: {len(learnt)} pairs; "
        f"dev: {len(dev)} pairs",
        "protocol": plan.protocol,
        "seed": plan.seed,
        "preset": preset.as_dict(),
        "catalogue": {"name": plan.catalogue, "digest": digest},
        "command": _command(plan),
        "teacher": ", ".join(t.name for t in plan.teachers) or None,
        "parent": None,
        "start": plan.start.name if plan.start else None,
        "boxes": boxes,
        "limits": [*_limits(boxes, pictures), "Only as good as its data: their language and kind."],
    }
    if plan.format == "mnre":
        card["licence"] = MNRE_LICENCE
    return card


def _limits(boxes: bool, pictures: bool) -> list[str]:
    found = []
    if not pictures:
        found.append(
            "Trained on captions and on concept words simulated from them; how well the concept "
            "words of real pictures serve could not be measured on labelled pairs."
        )
    if not boxes:
        found.append(
            "No box was in the training data: a box is read through what is seen inside it."
        )
    return found
