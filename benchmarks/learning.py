"""How long a version takes that is learnt from 200 corrections, in both modes.

Run from the repository's root: ``python benchmarks/learning.py [path/to/mnre]``. It makes a
workspace of the starter set, with MNRE's train split imported if that is given, corrects 200 pairs
and starts job "learn" as the app does. Printed: seconds from the start to the judged version, and
what it was learnt from.
"""

from __future__ import annotations

import argparse
import random
import shutil
import tempfile
import time
from pathlib import Path

from roc_core.evaluation.guard import held_out
from roc_core.evaluation.protocols import is_dev
from roc_core.schema import LEARN_MODES, GuardRule, ItemFilter
from roc_core.workspace import Workspace

CORRECTIONS = 200
MOST = {"fast": 120.0, "full": 600.0}
"""Seconds that each mode may take."""


def correct(workspace: Workspace, count: int) -> None:
    """Correct labelled pairs that may be trained on, each with the label it has."""
    items = workspace.items(ItemFilter(state="imported"), limit=100_000).items
    free = [
        i for i in items
        if i.label and not held_out(i.example.sentence, GuardRule())
        and i.record.provenance.split in ("", "train")
        and not (i.record.provenance.split and is_dev(i.example.sentence))
    ]  # fmt: skip
    for item in random.Random(0).sample(free, count):
        assert item.label is not None
        workspace.correct(item.id, item.label, "annotator")


def learn(workspace: Workspace, mode: str) -> None:
    """Run one training as a job and print what it took."""
    begun = time.monotonic()
    id = workspace.start_job("learn", mode=mode)
    while not (job := workspace.job(id)).over:
        time.sleep(0.2)
    took = time.monotonic() - begun
    if job.state != "done":
        raise SystemExit(f"{mode}: {job.state}, {job.error}")
    counts = ", ".join(f"{job.result[k]} {k}" for k in ("learn", "replay", "unlabelled", "guard"))
    kept = "under" if took < MOST[mode] else "NOT under"
    print(f"{mode}: {took:.0f} s, {kept} {MOST[mode]:.0f}; pairs: {counts}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("mnre", type=Path, nargs="?", help="folder of MNRE, imported as well")
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp())
    try:
        workspace = Workspace.create(folder / "workspace")
        if given.mnre:
            workspace.import_data("mnre", given.mnre)
        correct(workspace, CORRECTIONS)
        for mode in LEARN_MODES:
            learn(workspace, mode)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
