"""Training and evaluation as the command line calls them: data set files in, versions out."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from roc_core import datasets
from roc_core.config import load_preset
from roc_core.datasets import mnre_files, more
from roc_core.errors import ModelVersionInvalid, ValueRejected
from roc_core.relations import load_catalogue
from roc_core.schema import Example, Record
from roc_core.workspace.models import load_retriever, text_encoder, vision_encoder

if TYPE_CHECKING:
    from roc_core.evaluation.report import Report
    from roc_core.training.trainer import Step, Trained

PictureUse = Literal["none", "given", "shuffled"]
SPLITS = ("train", "dev", "val", "test")


@dataclass(frozen=True, slots=True)
class TrainPlan:
    """What to train, from what, to where."""

    format: str
    data: Path
    out: Path
    preset: str = "mini"
    seed: int = 0
    catalogue: str = "mnre"


def read_split(format: str, path: Path, split: str) -> list[Record]:
    """Labelled records of one split; ``dev`` and ``train`` are the two parts of the file's train.

    Text files of other splits are not opened. Raises ValueRejected when the data set has none.
    """
    from roc_core.evaluation.protocols import split_dev

    if split not in SPLITS:
        raise ValueRejected(f"a split, one of {', '.join(SPLITS)}", split, "Choose one.")
    named = "train" if split in ("train", "dev") else split
    named = "valid" if (format, named) == ("more", "val") else named
    found = [
        r
        for file in _files(format, path, named)
        for r in datasets.read(format, file)
        if isinstance(r, Record) and r.label is not None and r.provenance.split == named
    ]
    if named == "train":
        parts = split_dev(found)
        found = list(parts.train if split == "train" else parts.dev)
    if not found:
        raise ValueRejected(
            f"labelled records of split {split} in {path}", "none", "Check path, format and split."
        )
    return found


def _files(format: str, path: Path, split: str) -> tuple[Path, ...]:
    """The files that may hold a split: for MNRE and MORE only the one that is named after it."""
    if format not in ("mnre", "more"):
        return (path,)
    found = mnre_files.text_files(path) if format == "mnre" else more.text_files(path)
    return tuple(f.path for f in found if f.split == split)


def with_pictures(records: Sequence[Record], use: PictureUse, seed: int = 0) -> list[Record]:
    """Records with pictures and picture texts as given, without any, or exchanged at random."""
    if use == "given":
        return list(records)
    if use == "none":
        return [_shown(r, None, "") for r in records]
    others = [r.example for r in records]
    random.Random(seed).shuffle(others)
    return [_shown(r, o.picture, o.picture_text) for r, o in zip(records, others, strict=True)]


def _shown(record: Record, picture: Path | None, text: str) -> Record:
    example: Example = replace(record.example, picture=picture, picture_text=text)
    return replace(record, example=example)


def train(plan: TrainPlan, watch: Callable[[Step], None]) -> Trained:
    """Train a model version and save it in ``plan.out``; val and test are not read.

    Training pictures are known by their picture text; ``dev`` is scored on the sentence alone.
    """
    from roc_core.model.version import save_version
    from roc_core.training.trainer import train_version

    preset, catalogue = load_preset(plan.preset), load_catalogue(plan.catalogue)
    parts = [
        [_shown(r, None, r.example.picture_text if s == "train" else "") for r in found]
        for s in ("train", "dev")
        if (found := read_split(plan.format, plan.data, s))
    ]
    text, vision = (
        text_encoder(preset.model.text_encoder),
        vision_encoder(preset.model.vision_encoder),
    )
    done = train_version(
        parts[0],
        parts[1],
        text,
        catalogue,
        preset,
        name=plan.out.name,
        seed=plan.seed,
        concept_names=vision.concept_names(),
        card=_card(plan, len(parts[0]), len(parts[1]), catalogue.digest),
        watch=watch,
    )
    done.version.card["dev"] = {k: v for k, v in done.dev.as_dict().items() if k != "per_relation"}
    done.version.card["log"] = [
        {"epoch": e, "loss": loss, "dev_f1": f1, "seconds": round(s)} for e, loss, f1, s in done.log
    ]
    save_version(plan.out, done.version, text.identity, vision.identity)
    return done


def _card(plan: TrainPlan, train: int, dev: int, digest: str) -> dict[str, Any]:
    return {
        "title": load_preset(plan.preset).title,
        "data": f"{plan.format}, split train without dev: {train} pairs; dev: {dev} pairs",
        "protocol": "honest",
        "seed": plan.seed,
        "preset": load_preset(plan.preset).as_dict(),
        "catalogue": {"name": plan.catalogue, "digest": digest},
        "command": f"python -m roc_core train {plan.format} <data> --preset {plan.preset} "
        f"--seed {plan.seed} --out <folder>/{plan.out.name}",
        "parent": None,
        "limits": [
            "Trained on captions and on concept words simulated from them; how well the concept "
            "words of real pictures serve could not be measured on labelled pairs.",
            "No box was in the training data: a box is read through its concept words.",
            "English posts only.",
        ],
        "licence": "MNRE carries no licence. Whoever redistributes these weights must decide for "
        "themselves whether they may.",
    }


def evaluate(
    format: str,
    data: Path,
    split: str,
    model: Path,
    pictures: PictureUse,
    seed: int = 0,
    catalogue: str = "mnre",
    progress: Callable[[int, int], None] | None = None,
) -> Report:
    """Score a model version on one split under the honest protocol.

    With ``pictures="given"`` a record that has a picture file is read with it; picture texts are
    used as they are. Raises ModelVersionInvalid for a folder that is none.
    """
    from roc_core.evaluation.report import report, score_records

    if not model.is_dir():
        raise ModelVersionInvalid(f"a model version folder at {model}", "none", "Check the path.")
    records = with_pictures(read_split(format, data, split), pictures, seed)
    retriever = load_retriever(model, load_catalogue(catalogue))
    return report(retriever, records, score_records(retriever, records, progress=progress))
