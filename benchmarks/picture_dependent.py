"""Does the picture decide? Accuracy on the picture-dependent set with, without and with another
picture, for the concept-word path (``mini``) and the patch path (``mini-patches``).

Run from the repository's root: ``python benchmarks/picture_dependent.py``. It composes the set in
a temporary folder (or reads the one that ``python -m roc_core picture-set FOLDER`` made, with
``--data FOLDER``), trains each preset on its 2,400 training items without dev, chooses the epoch
on dev, and answers the 400 test items once for each seed:

* ``with``: the item as it is;
* ``without``: nothing of the picture, no box place either (each sentence comes with four answers,
  so nothing can be right more often than by chance), with a 95 % Wilson interval;
* ``shuffled``: the picture of another item of the same form, at random.

Protocol: honest (no types given, canonical order); an answer is the best of the eight relations,
since every item has one ("none of these" is not among the gold answers). Chance is 0.25: the
sentence tells which four are open.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import sqrt
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from roc_core.config import Preset, load_preset, with_settings
from roc_core.datasets import read
from roc_core.datasets.picture_set import FILES, compose
from roc_core.encoders.vision import PictureEvidence, VisionEncoder
from roc_core.evaluation.protocols import split_dev
from roc_core.evaluation.report import answer, gold_of, score_records
from roc_core.model.reader import NOTHING, Hidden, PairReader
from roc_core.relations import load_catalogue
from roc_core.retrieval import RelationRetriever
from roc_core.schema import Record
from roc_core.training.log import Step
from roc_core.training.trainer import train_version
from roc_core.workspace.models import text_encoder, vision_encoder

SETTINGS = ("picture_dropout=0.15", "patience=0")
"""What differs from the presets: they are made for texts with few pictures."""
EPOCHS = {"mini": "epochs=8", "mini-patches": "epochs=2"}
"""Patches are learnt in two epochs (0.996 on dev after the first), concept words in eight."""


class Remembering:
    """A vision encoder that looks at each picture once, for all seeds."""

    def __init__(self, inner: VisionEncoder) -> None:
        self._inner, self._seen = inner, dict[str, PictureEvidence]()
        self.identity, self.kind, self.width = inner.identity, inner.kind, inner.width

    def see(self, picture: Image.Image) -> PictureEvidence:
        """What the encoder saw in this very picture, or sees now."""
        key = hashlib.sha256(picture.tobytes()).hexdigest()
        if key not in self._seen:
            self._seen[key] = self._inner.see(picture)
        return self._seen[key]


@dataclass(frozen=True, slots=True)
class Share:
    """``right`` of ``of`` answers."""

    right: int
    of: int

    def __str__(self) -> str:
        return f"{self.right / self.of:.3f}"

    def interval(self) -> tuple[float, float]:
        """95 % Wilson score interval (Wilson 1927)."""
        n, p, z = self.of, self.right / self.of, 1.959964
        middle, half = p + z * z / (2 * n), z * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        return (middle - half) / (1 + z * z / n), (middle + half) / (1 + z * z / n)


def part_of(record: Record) -> str:
    """Family and form of an item, as the set's file says them."""
    extra = dict(record.provenance.extra)
    return f"{extra['family']} {extra['form']}".replace('"', "")


def shuffled(records: Sequence[Record], seed: int) -> list[Record]:
    """Every item with the picture of another item of its family and form, boxes as they are."""
    found = list(records)
    for part in sorted({part_of(r) for r in records}):
        rows = [i for i, r in enumerate(records) if part_of(r) == part]
        others = rows.copy()
        random.Random(seed).shuffle(others)
        for row, other in zip(rows, others, strict=True):
            example = replace(records[row].example, picture=records[other].example.picture)
            found[row] = replace(records[row], example=example)
    return found


def right(retriever: RelationRetriever, records: Sequence[Record], hide: Hidden) -> np.ndarray:
    """Which answers are right, (N,) of bool."""
    gold = gold_of(records)
    best = answer(retriever, score_records(retriever, records, hide=hide), gold).best
    return np.array([b == g for b, g in zip(best, gold, strict=True)])


def measured(retriever: RelationRetriever, test: Sequence[Record], seed: int) -> None:
    """Print accuracy in the three conditions, overall and by family and form."""
    conditions = {
        "with": right(retriever, test, NOTHING),
        "without": right(retriever, test, Hidden(picture=True)),
        "shuffled": right(retriever, shuffled(test, seed), NOTHING),
    }
    parts = np.array([part_of(r) for r in test])
    for name, found in conditions.items():
        share = Share(int(found.sum()), len(found))
        low, high = share.interval()
        each = ", ".join(f"{p} {found[parts == p].mean():.3f}" for p in sorted(set(parts)))
        print(f"  {name:<9} {share}  (95 % {low:.3f} to {high:.3f})   {each}", flush=True)
    relations = np.array([g.rpartition("_")[2] for g in gold_of(test)])
    shown = conditions["with"]
    kinds = ", ".join(f"{k} {shown[relations == k].mean():.3f}" for k in sorted(set(relations)))
    print(f"  with, by kind: {kinds}", flush=True)


def run(preset: Preset, seeds: Sequence[int], folder: Path, verbose: bool) -> None:
    """Train and measure one preset for each seed."""
    catalogue = load_catalogue(folder / "catalogue.toml")
    parts = split_dev(_records(folder / FILES["train"]))
    test = _records(folder / FILES["test"])
    text = text_encoder(preset.model.text_encoder)
    vision = Remembering(vision_encoder(preset.model.vision_encoder))
    print(f"{preset.name}: {len(parts.train)} training, {len(parts.dev)} dev, {len(test)} test")
    for seed in seeds:
        begun = time.monotonic()
        done = train_version(
            parts.train, parts.dev, text, catalogue, preset,
            name=f"{preset.name}-{seed}", seed=seed, vision=vision, card={"boxes": True},
            watch=_said(verbose),
        )  # fmt: skip
        seconds = time.monotonic() - begun
        print(f" seed {seed}: dev accuracy {done.dev.accuracy:.3f}, {seconds:.0f} s of training")
        reader = PairReader(text, vision, preset.model, done.version.tagger)
        measured(RelationRetriever(reader, done.version, catalogue), test, seed)


def _records(path: Path) -> list[Record]:
    return [r for r in read("jsonl", path, strict=True) if isinstance(r, Record)]


def _said(verbose: bool) -> Callable[[Step], None]:
    def watch(step: Step) -> None:
        if verbose and step.dev_f1 is not None:
            print(
                f"   epoch {step.epoch}: loss {step.loss:.3f}, dev F1 {step.dev_f1:.3f}", flush=True
            )

    return watch


def main() -> None:
    """Parse the arguments, compose the set if none is given, run every preset."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, help="folder of a composed set")
    parser.add_argument("--presets", nargs="+", default=["mini", "mini-patches"])
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--set", nargs="*", default=[], help="further settings, key=value")
    parser.add_argument("--threads", type=int, default=0, help="0: as torch chooses")
    parser.add_argument("--verbose", action="store_true", help="a line an epoch")
    given = parser.parse_args()
    if given.threads:
        torch.set_num_threads(given.threads)
    with tempfile.TemporaryDirectory() as scratch:
        folder = given.data or Path(scratch) / "set"
        if given.data is None:
            compose(folder)
        for name in given.presets:
            changes = (*SETTINGS, *([EPOCHS[name]] if name in EPOCHS else ()), *given.set)
            run(with_settings(load_preset(name), changes), given.seeds, folder, given.verbose)


if __name__ == "__main__":
    main()
