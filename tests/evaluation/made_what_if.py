"""Small catalogues of vectors made on the spot, and the plain way to count what they answer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from roc_core.evaluation.what_if import NOBODY, OUTSIDE, UNLABELLED, Described, compared

WIDTH = 8


def unit(vectors: np.ndarray) -> np.ndarray:
    return (vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)).astype(np.float32)


def made(relations: int, seed: int, pairs: int = 40) -> tuple[Described, np.ndarray, np.ndarray]:
    """A catalogue with one or two directions a relation and one to three readings of each; pair
    vectors; labels of all kinds."""
    draw = np.random.default_rng(seed)
    owners, turns, groups, readings = [], [], [], 0
    for number in range(relations):
        both = draw.random() < 0.4
        count = int(draw.integers(1, 4))
        for turn in (2,) if both else (0, 1):
            owners.append(number)
            turns.append(turn)
            groups.append([*range(readings, readings + count), *[-1] * (3 - count)])
            readings += count
    described = Described(
        vectors=unit(draw.normal(size=(readings, WIDTH))),
        groups=np.array(groups),
        owners=np.array(owners),
        turns=np.array(turns, np.uint8),
        lines=draw.normal(0, 0.1, relations).astype(np.float32),
        none=unit(draw.normal(size=(2, WIDTH))),
        sharpness=5.0,
    )
    gold = draw.integers(UNLABELLED, relations, pairs)
    return described, unit(draw.normal(size=(pairs, WIDTH))), gold


@dataclass(frozen=True)
class Plain:
    """Everything counted from the whole table of margins."""

    answers: np.ndarray
    f1: float
    hit3: float


def plainly(margins: np.ndarray, gold: np.ndarray) -> Plain:
    """Counted pair by pair from margins (N, R)."""
    answers, right, said, held, hits = [], 0, 0, 0, 0
    for row, label in zip(margins, gold.tolist(), strict=True):
        best = int(row.argmax())
        answer = best if row[best] >= 0 else NOBODY
        answers.append(answer)
        if label == UNLABELLED:
            continue
        said += answer != NOBODY
        if label == NOBODY:
            continue
        held += 1
        right += answer == label
        hits += label != OUTSIDE and row[label] > -np.inf and (row >= row[label]).sum() <= 3
    f1 = 2 * right / (said + held) if right else 0.0
    return Plain(np.array(answers), f1, hits / held if held else 0.0)


def margins_of(described: Described, pairs: np.ndarray) -> np.ndarray:
    return compared(pairs, described).margins
