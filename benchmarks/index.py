"""A million descriptions: what the approximate index finds, and what it costs.

Run from the repository's root: ``python benchmarks/index.py --keep vectors``. It encodes the
descriptions of 10,000 made relations in both directions with the default model version (100,000
texts; ten minutes or more, once, kept in the folder given), draws vectors around them, at the
cosine that descriptions of one relation have in the mean, until there are a million, and asks for
the ten nearest to pair vectors of real posts: MNRE val from ``../shared/data`` when it is there,
else the starter set. One half of the pairs tunes the index, the other half is measured. It prints

1. time to build, memory, size on disk, time to save and to load by memory map;
2. recall@10 against the exact index, median and 95th percentile of one query's time, and the ratio
   to bare faiss asked for the same: the same lists, the same number of them read, in turns;
3. the same when types leave one entry in sixteen;
4. time to add, change and remove 1,000 entries, what a query costs then, and time to fold them in.

``--vectors 50000`` is a quick run. ``--threads`` are those of faiss; one query uses one.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from roc_core.datasets import read
from roc_core.index import ApproximateIndex, ExactIndex, lists
from roc_core.relations import load_catalogue
from roc_core.relations.plausible import DESCRIPTIONS, plausible_catalogue
from roc_core.retrieval import KeptReadings, RelationRetriever, readings
from roc_core.schema import Record, Span
from roc_core.workspace.models import default_model, load_retriever

ROOT = Path(__file__).resolve().parents[1]
MNRE = ROOT / "../shared/data/mnre"
STARTER = ROOT / "assets/starter/starter.jsonl"
PAIRS = 1_000
NEAREST = 10
CHANGED = 1_000
KINDS = 16
PART = 50_000


def main() -> None:
    """Print the table."""
    given = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    given.add_argument("--vectors", type=int, default=1_000_000)
    given.add_argument("--relations", type=int, default=10_000)
    given.add_argument("--threads", type=int, default=2)
    given.add_argument("--seed", type=int, default=0)
    given.add_argument("--keep", type=Path, help="folder for the vectors of made descriptions")
    options = given.parse_args()
    import faiss

    faiss.omp_set_num_threads(options.threads)
    retriever = load_retriever(default_model(), load_catalogue("mnre"))
    centres = described(retriever, options.relations, options.keep)
    near = cosine_within(centres)
    data, queries = pairs_of(retriever)
    vectors = drawn(centres, options.vectors, near, options.seed)
    print(
        f"{len(vectors):,} vectors of {vectors.shape[1]} dimensions around {len(centres):,} made "
        f"descriptions, cosine {near:.2f} to their own; {len(queries)} pairs of {data}; "
        f"{options.threads} threads, seed {options.seed}",
        flush=True,
    )
    tuning, asked = queries[::2], queries[1::2]
    index = built(vectors, options.threads)
    tuned(index, tuning)
    exact = ExactIndex(vectors)
    measured("search", index, exact, asked)
    kinds = np.random.default_rng(options.seed).integers(0, KINDS, len(vectors))
    measured(f"types leave 1 in {KINDS}", index, exact, asked, kinds == 0)
    changed(index, exact, vectors, asked, options.seed)
    filed(index, asked)


def row(what: str, said: str) -> None:
    print(f"  {what:<34} {said}", flush=True)


def timed(run: Callable[[], object]) -> float:
    """Seconds one call takes."""
    begun = time.perf_counter()
    run()
    return time.perf_counter() - begun


def described(retriever: RelationRetriever, relations: int, keep: Path | None) -> np.ndarray:
    """Unit vectors (M, W) of all readings of made relations."""
    every = readings(plausible_catalogue(relations)).all
    with tempfile.TemporaryDirectory() as folder:
        kept = KeptReadings(keep or Path(folder), retriever.version.settings.pair_width)
        return kept.vectors(
            every, retriever.describe, lambda done, total: print(f"  {done}/{total} texts encoded")
        )


def cosine_within(centres: np.ndarray) -> float:
    """Mean cosine between descriptions of one relation, read in one direction."""
    groups = centres[: 2_000 * DESCRIPTIONS].reshape(-1, DESCRIPTIONS, centres.shape[1])
    cosines = groups @ groups.transpose(0, 2, 1)
    return float(cosines[:, ~np.eye(DESCRIPTIONS, dtype=bool)].mean())


def pairs_of(retriever: RelationRetriever) -> tuple[str, np.ndarray]:
    """Name of the data, and unit vectors (B, W) of its text pairs, sentences alone."""
    name, found = "the starter set", read("jsonl", STARTER)
    if (MNRE / "txt").is_dir():
        name, found = "MNRE val", read("mnre", MNRE)
    records = [r for r in found if isinstance(r, Record)]
    if name == "MNRE val":
        records = [r for r in records if r.provenance.split == "val"]
    texts = [
        r.example for r in records if all(isinstance(m.place, Span) for m in r.example.mentions)
    ]
    some = [replace(e, picture=None, picture_text="") for e in texts[:PAIRS]]
    return name, retriever.vectors(some)


def drawn(centres: np.ndarray, count: int, cosine: float, seed: int) -> np.ndarray:
    """Unit vectors (count, W): the centres themselves, and more around each of them."""
    random = np.random.default_rng(seed)
    out = np.empty((count, centres.shape[1]), np.float32)
    out[: len(centres)] = centres[:count]
    spread = (1 / cosine**2 - 1) ** 0.5 / centres.shape[1] ** 0.5
    for start in range(len(centres), count, PART):
        stop = min(start + PART, count)
        at = centres[random.integers(0, len(centres), stop - start)]
        noise = random.standard_normal((stop - start, centres.shape[1]), dtype=np.float32)
        found = at + spread * noise
        out[start:stop] = found / np.linalg.norm(found, axis=1, keepdims=True)
    return out


def resident() -> float:
    """Memory of this process in use, MB."""
    pages = Path("/proc/self/statm").read_text("ascii").split()[1]
    return int(pages) * 4096 / 1e6


def built(vectors: np.ndarray, threads: int) -> ApproximateIndex:
    before, begun = resident(), time.perf_counter()
    index = ApproximateIndex.build(np.arange(len(vectors)), vectors)
    took = time.perf_counter() - begun
    count = index._lists.nlist if index._lists is not None else 0
    row("build", f"{took:.0f} s with {threads} threads, {count} lists")
    row("memory", f"{resident() - before:.0f} MB ({vectors.nbytes / 1e6:.0f} MB of vectors given)")
    return index


def tuned(index: ApproximateIndex, queries: np.ndarray) -> None:
    """Tuned for a little more than is wanted: other queries find a little less."""
    begun = time.perf_counter()
    share = index.tune(queries, 0.993, NEAREST)
    took = time.perf_counter() - begun
    row("tune", f"{took:.0f} s: {index.probes} lists a query find {share:.4f}")


def measured(
    what: str,
    index: ApproximateIndex,
    exact: ExactIndex,
    queries: np.ndarray,
    allowed: np.ndarray | None = None,
) -> None:
    """Recall, times, and bare faiss in turns with ours."""
    shares = []
    for start in range(0, len(queries), 25):
        part = queries[start : start + 25]
        right = exact.search(part, NEAREST, allowed).ids
        found = index.search(part, NEAREST, allowed).ids
        shares += [np.isin(a, b).mean() for a, b in zip(right, found, strict=True)]
    made = index._lists
    assert made is not None
    probes, bits = index.probes, None
    if allowed is not None:
        probes = lists.probes_for(probes, made.nlist, float(allowed.mean()))
        bits = np.packbits(allowed, bitorder="little")
    ours, bare = [], []
    for query in queries:
        one = query[None]
        ours.append(1000 * timed(lambda q=one: index.search(q, NEAREST, allowed)))
        bare.append(1000 * timed(lambda q=one: lists.search(made, q, NEAREST, probes, bits)))
    ratio = statistics.median(a / b for a, b in zip(ours, bare, strict=True))
    row(
        what,
        f"recall@{NEAREST} {np.mean(shares):.4f}, median {statistics.median(ours):.2f} ms, 95th "
        f"percentile {np.percentile(ours, 95):.2f} ms, bare faiss {statistics.median(bare):.2f} ms,"
        f" ratio {ratio:.2f}",
    )


def changed(
    index: ApproximateIndex, exact: ExactIndex, vectors: np.ndarray, asked: np.ndarray, seed: int
) -> None:
    """Changes one after another, as many of each; then folded."""
    some = np.random.default_rng(seed).permutation(len(vectors))[: 3 * CHANGED]
    fresh = ExactIndex(vectors[some[:CHANGED]] + vectors[some[CHANGED : 2 * CHANGED]]).vectors
    new = np.arange(len(vectors), len(vectors) + CHANGED)
    moved, gone = some[CHANGED : 2 * CHANGED], some[2 * CHANGED :]
    for name, run in (
        ("add", lambda: index.add(new, fresh)),
        ("change", lambda: index.update(moved, fresh)),
        ("remove", lambda: index.remove(gone)),
    ):
        row(f"{name} {CHANGED:,}", f"{1000 * timed(run):.1f} ms")
    exact.add(new, fresh)
    exact.update(moved, fresh)
    exact.remove(gone)
    measured("search with changes beside", index, exact, asked)
    row("fold", f"{timed(index.fold):.1f} s")
    measured("search after folding", index, exact, asked)


def filed(index: ApproximateIndex, asked: np.ndarray) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        row("save", f"{timed(lambda: index.save(folder)):.1f} s")
        size = sum(f.stat().st_size for f in folder.iterdir()) / 1e6
        before, begun = resident(), time.perf_counter()
        loaded = ApproximateIndex.load(folder)
        took = time.perf_counter() - begun
        row("load", f"{took:.2f} s, {size:.0f} MB on disk, {resident() - before:.0f} MB in memory")
        times = [1000 * timed(lambda q=q: loaded.search(q[None], NEAREST)) for q in asked]
        row("search by memory map", f"median {statistics.median(times):.2f} ms")


if __name__ == "__main__":
    main()
