"""Sentences that occur, nearly alike, in two splits: answers to them may be remembered."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

NEAR = 0.9
"""Cosine of TF-IDF character 3- to 5-grams (within words) from which two sentences count as near
duplicates."""
SHOWN = 5
BLOCK = 256
_LINK = re.compile(r"https?\S*")
_GAP = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Twin:
    """An example of a later split, its nearest one of an earlier split, and their cosine."""

    later: str
    earlier: str
    cosine: float


@dataclass(frozen=True, slots=True)
class Overlap:
    """How many of the ``of_pairs`` examples (``of_sentences`` sentences) of split ``later`` have a
    near duplicate in ``earlier``; ``same`` counts the sentences equal but for case, links and
    punctuation."""

    earlier: str
    later: str
    sentences: int
    of_sentences: int
    same: int
    pairs: int
    of_pairs: int
    examples: tuple[Twin, ...]


def normalised(sentence: str) -> str:
    """Lower case, no links, words parted by single spaces; the sentence itself when that leaves
    nothing."""
    plain = _LINK.sub(" ", unicodedata.normalize("NFKC", sentence).casefold())
    return _GAP.sub(" ", plain).strip() or sentence


def near_duplicates(
    splits: Mapping[str, Sequence[tuple[str, str]]],
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> tuple[Overlap, ...]:
    """Every split against every one before it; a split is a list of (item, sentence)."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    grouped = {name: _grouped(rows) for name, rows in splits.items() if rows}
    names = list(grouped)
    jobs = [(a, b) for n, b in enumerate(names) for a in names[:n]]
    if not jobs:
        return ()
    vectorizer = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), dtype=np.float32)
    # With a word of its own the vocabulary is never empty, not even for sentences of blanks.
    vectorizer.fit(["word", *dict.fromkeys(s for g in grouped.values() for s in g)])
    vectors = {n: vectorizer.transform(list(g)).tocsr() for n, g in grouped.items()}
    found = []
    for done, (earlier, later) in enumerate(jobs, 1):
        best, cosines = _nearest(vectors[later], vectors[earlier])
        found.append(_overlap(earlier, later, grouped, best, cosines))
        progress(done, len(jobs))
    return tuple(found)


def _grouped(rows: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    """Items by normalised sentence."""
    grouped: dict[str, list[str]] = {}
    for item, sentence in rows:
        grouped.setdefault(normalised(sentence), []).append(item)
    return grouped


def _nearest(later: object, earlier: object) -> tuple[np.ndarray, np.ndarray]:
    """Row of ``earlier`` nearest to each row of ``later`` and the cosine, a block at a time."""
    best, cosines = [], []
    turned = earlier.T.tocsr()  # type: ignore[attr-defined]
    for start in range(0, later.shape[0], BLOCK):  # type: ignore[attr-defined]
        near = (later[start : start + BLOCK] @ turned).toarray()  # type: ignore[index]
        best.append(near.argmax(1))
        cosines.append(near.max(1))
    return np.concatenate(best), np.concatenate(cosines)


def _overlap(
    earlier: str,
    later: str,
    grouped: Mapping[str, Mapping[str, Sequence[str]]],
    best: np.ndarray,
    cosines: np.ndarray,
) -> Overlap:
    theirs, ours = list(grouped[earlier]), list(grouped[later])
    # A sentence without any n-gram has no vector, so equal ones are found by the text itself.
    same = {row for row, s in enumerate(ours) if s in grouped[earlier]}
    near = sorted(
        same | {int(r) for r in np.flatnonzero(cosines >= NEAR)}, key=lambda r: (-cosines[r], r)
    )
    twins = [
        Twin(
            grouped[later][ours[r]][0],
            grouped[earlier][ours[r] if r in same else theirs[best[r]]][0],
            1.0 if r in same else round(float(cosines[r]), 4),
        )
        for r in near[:SHOWN]
    ]
    pairs = sum(len(grouped[later][ours[r]]) for r in near)
    of_pairs = sum(map(len, grouped[later].values()))
    return Overlap(earlier, later, len(near), len(ours), len(same), pairs, of_pairs, tuple(twins))
