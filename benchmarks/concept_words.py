"""How well concept words stand for a picture: does a picture's own caption rank among its top 5?

Run from the repository root: python benchmarks/concept_words.py
Reads the pictures and machine captions of MNRE's train and val split from ../shared/data/mnre.
For each picture the concept words are embedded with the packaged MiniLM and compared by cosine
with the captions of all pictures; recall@k is the share of pictures whose own caption is among
the k nearest. With few pictures one picture is several points: read differences with care.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from roc_core.datasets.pictures import open_picture
from roc_core.encoders.concepts import ConceptWordEncoder
from roc_core.encoders.text import packaged_minilm
from roc_core.encoders.vision import PictureEvidence, _softmax

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "mnre"
CAPTIONERS = ("llavanext", "minicpm", "blip")

Weigh = Callable[[np.ndarray], np.ndarray]
"""Cell logits (P, C) to concept weights (C,)."""

AGGREGATIONS: dict[str, Weigh] = {
    "pooled": lambda z: _softmax(z.mean(0)),
    "cells": lambda z: _softmax(z).mean(0),
    "strongest cell": lambda z: _softmax(z).max(0),
    "pooled + cells (used)": lambda z: (_softmax(z.mean(0)) + _softmax(z).mean(0)) / 2,
}


def captions() -> dict[str, dict[str, str]]:
    """Machine captions of every train and val image, by image file name."""
    found = {}
    for split in ("train", "val"):
        for line in (DATA / "captions" / f"{split}.jsonl").read_text("utf-8").splitlines():
            row = json.loads(line)
            found[row["img_id"]] = row
    return found


def recall(queries: np.ndarray, targets: np.ndarray, at: int) -> float:
    """Share of rows whose own target is among the ``at`` nearest; (N, D) and (N, D) unit rows."""
    scores = queries @ targets.T
    own = np.diag(scores)[:, None]
    return float(((scores > own).sum(axis=1) < at).mean())


def queries(
    seen: list[PictureEvidence], weigh: Weigh, top: int, words: tuple[str, ...], table: np.ndarray
) -> tuple[list[str], np.ndarray]:
    """The top words joined by commas, and the weighted mean of their vectors, (N, D)."""
    joined, means = [], []
    for evidence in seen:
        assert evidence.scores is not None
        weights = weigh(evidence.scores.logits)
        best = np.argsort(-weights, kind="stable")[:top]
        joined.append(", ".join(words[c] for c in best))
        mean = weights[best] @ table[best]
        means.append(mean / np.linalg.norm(mean))
    return joined, np.stack(means)


def main() -> None:
    """Print recall for the aggregations tried, and the time a picture takes."""
    files = sorted(DATA.glob("img_org/*/*.jpg"))
    if not files:
        print(f"skipped: no pictures under {DATA.name}/img_org beside the repository")
        return
    text, rows = packaged_minilm(), captions()
    targets = {k: text.encode([rows[f.name].get(k) or "" for f in files]) for k in CAPTIONERS}
    pictures = [open_picture(f) for f in files]
    encoder = ConceptWordEncoder()
    tables = {
        "names": text.encode(encoder.concept_names()),
        "names with synonyms": text.encode(encoder.concept_phrases()),
    }
    encoder.see(pictures[0])
    times = []
    seen = []
    for picture in pictures:
        start = time.perf_counter()
        seen.append(encoder.see(picture))
        times.append(time.perf_counter() - start)
    print(
        f"{len(files)} pictures, {encoder.identity}, median {np.median(times) * 1000:.0f} ms each"
    )
    print("recall@5 / recall@1 of the own caption among all, by captioner")
    for name, weigh in AGGREGATIONS.items():
        for top in (5, 8, 12):
            joined, _ = queries(seen, weigh, top, encoder.concept_names(), tables["names"])
            report(f"{name}, top {top}, joined", text.encode(joined), targets)
            for table in tables:
                _, mean = queries(seen, weigh, top, encoder.concept_names(), tables[table])
                report(f"{name}, top {top}, weighted {table}", mean, targets)


def report(title: str, found: np.ndarray, targets: dict[str, np.ndarray]) -> None:
    """One printed line."""
    parts = [f"{k} {recall(found, t, 5):.2f}/{recall(found, t, 1):.2f}" for k, t in targets.items()]
    print(f"{title:62s} {'  '.join(parts)}")


if __name__ == "__main__":
    main()
