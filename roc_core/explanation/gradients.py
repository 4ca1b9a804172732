"""Integrated gradients: a second opinion that adds up.

Sundararajan, Taly, Yan 2017, "Axiomatic Attribution for Deep Networks". The path leads from a
masked input to the real one: the states of the sentence (but [CLS] and [SEP], which belong to no
part), of both mentions and of the picture's words start as those of mask tokens, types as
unknown, patches as dark. Along it the gradient of the score is integrated by Gauss-Legendre
quadrature, until the attributions add up to the score's difference between both ends.

Letters of the shape comments: S steps, T sentence tokens, E evidence tokens, Q parts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from roc_core.explanation.agreement import agreement
from roc_core.explanation.parts import Part, parts_of
from roc_core.explanation.scoring import aim
from roc_core.model.inputs import PICTURE_TEXT, PairBatch, PairInput, collate
from roc_core.retrieval import RelationRetriever
from roc_core.schema import Direction, Example, Explanation, Label, SecondOpinion

FIELDS = ("states", "mentions", "types", "evidence", "patches", "box_patches")
"""What of a PairInput changes along the path."""
STEPS = (8, 16, 32, 64, 128)
"""Points of the path; more are taken while the gap is larger than ENOUGH."""
ENOUGH = 0.01
SMALLEST = 0.01
"""Differences below this many cosine points count as this many when a gap is judged."""
TOGETHER = 16
"""Points of the path read at once, which bounds memory."""
DARK = 1e-6
"""What patches are multiplied by at the start: the model takes exact zeros for "no patch"."""


@dataclass(frozen=True, slots=True, eq=False)
class Attributions:
    """One number an entry of each field: ``values[field]`` is (T,), (2,), (E,) or (patches,);
    ``start`` and ``end`` are the scores at the path's ends."""

    values: dict[str, np.ndarray]
    start: float
    end: float
    steps: int

    @property
    def gap(self) -> float:
        """What the attributions miss of ``end - start``, as a share of it."""
        added = sum(float(v.sum()) for v in self.values.values())
        difference = self.end - self.start
        return abs(added - difference) / max(abs(difference), SMALLEST)


def second_opinion(
    retriever: RelationRetriever,
    example: Example,
    relation: str,
    direction: Direction,
    first: Explanation | None = None,
) -> SecondOpinion:
    """Integrated gradients of a score; ``first`` is the leave-one-out explanation to agree with.

    Its remainder is what the quadrature misses. A picture counts through its concept words or, for
    a model of patches, its cells. Raises RelationUnknown, and ValueRejected for a direction the
    relation cannot hold in.
    """
    parts = parts_of(retriever, example)
    kept, values, found = gradient_shares(
        retriever, example, parts, aim(retriever, Label(relation, direction))
    )
    shares = tuple(p.share(float(v)) for p, v in zip(kept, values, strict=True))
    difference = found.end - found.start
    remainder = difference - sum(s.share for s in shares)
    explanation = Explanation(
        relation, direction, found.end, shares, remainder, "integrated gradients"
    )
    agreed = None if first is None else agreement(first.shares, shares)
    return SecondOpinion(explanation, difference, found.gap, found.steps, agreed)


def gradient_shares(
    retriever: RelationRetriever, example: Example, parts: Sequence[Part], weights: np.ndarray
) -> tuple[tuple[Part, ...], np.ndarray, Attributions]:
    """The parts that gradients reach, their shares (Q,), and the attributions they come from.

    ``weights`` (N,) pick the score, see ``scoring.aim``. Cells are reached in models of patches,
    concept words where the model reads them.
    """
    (pair,) = retriever.reader.read([example])
    found = attribute(retriever, pair, weights)
    owned = {field: np.zeros((len(parts), len(v))) for field, v in found.values.items()}
    _own_words(retriever, example, parts, owned["states"])
    concepts = _concept_names(retriever, example)
    visible = _visible_cells(retriever, example)
    for row, part in enumerate(parts):
        for i in (0, 1):
            if part.hide.mentions[i]:
                owned["states"][row] += pair.marks[i].numpy()
                owned["mentions"][row, i] = owned["box_patches"][row, i] = 1.0
            owned["types"][row, i] = float(part.hide.types[i])
        for at, kind in enumerate(pair.kinds.tolist()):
            caption = kind == PICTURE_TEXT
            owned["evidence"][row, at] = float(
                part.hide.picture_text if caption else concepts[at] in part.hide.concepts
            )
        if owned["patches"].shape[1]:
            owned["patches"][row] = [float(cell in part.hide.cells) for cell in visible]
    shares = np.zeros(len(parts))
    reached = np.zeros(len(parts), bool)
    for field, own in owned.items():
        # A word piece that reaches into two parts counts half for each.
        shares += own / np.maximum(own.sum(0), 1.0) @ found.values[field]
        reached |= own.any(1)
    kept = tuple(p for p, there in zip(parts, reached, strict=True) if there)
    return kept, shares[reached], found


def _own_words(
    retriever: RelationRetriever, example: Example, parts: Sequence[Part], owned: np.ndarray
) -> None:
    """Mark in ``owned`` (Q, T) which word pieces each part hides."""
    rows = [row for row, p in enumerate(parts) if p.hide.words]
    pairs = retriever.reader.read([example] * len(rows), [parts[r].hide for r in rows])
    for row, pair in zip(rows, pairs, strict=True):
        owned[row] = pair.hidden.numpy()


def _concept_names(retriever: RelationRetriever, example: Example) -> list[str]:
    """Words of the concepts the model reads, in the order of its evidence."""
    seen = retriever.reader.picture_evidence(example)
    return [c.word for c in seen.concepts[: retriever.version.settings.concepts]] if seen else []


def _visible_cells(retriever: RelationRetriever, example: Example) -> list[tuple[int, int]]:
    """Cells of the visible patches, in the order of the model's patches."""
    seen = retriever.reader.picture_evidence(example)
    if seen is None:
        return []
    return [divmod(int(at), seen.grid[1]) for at in np.flatnonzero(seen.shown > 0)]


def attribute(retriever: RelationRetriever, pair: PairInput, weights: np.ndarray) -> Attributions:
    """Attributions of every entry of FIELDS, with as many steps as they need (see STEPS)."""
    start, end = collate([masked(retriever, pair)]), collate([pair])
    score = _Score(retriever, weights)
    with torch.no_grad():
        ends = float(score(start)[0]), float(score(end)[0])
    found = Attributions({}, *ends, 0)
    for steps in STEPS:
        found = Attributions(_integrate(score, start, end, steps), *ends, steps)
        if found.gap <= ENOUGH:
            break
    return found


class _Score:
    """The score that ``weights`` (N,) pick, differentiable: PairBatch → (S,)."""

    def __init__(self, retriever: RelationRetriever, weights: np.ndarray) -> None:
        self._network = retriever.version.network
        self._described = torch.from_numpy(np.array(retriever.description_vectors))
        self._groups = torch.from_numpy(retriever.readings.groups)
        self._weights = torch.from_numpy(weights)

    def __call__(self, batch: PairBatch) -> torch.Tensor:
        pairs = self._network.pair(batch)
        found = self._network.combine(pairs @ self._described.T, pairs, self._groups)
        return found.relations @ self._weights


def _integrate(
    score: _Score, start: PairBatch, end: PairBatch, steps: int
) -> dict[str, np.ndarray]:
    """(end - start) times the gradient's mean along the path, summed over each entry's width."""
    nodes, weights = np.polynomial.legendre.leggauss(steps)
    at, weight = torch.tensor((nodes + 1) / 2).float(), torch.tensor(weights / 2).float()
    added = {f: torch.zeros_like(getattr(end, f)) for f in FIELDS}  # 1,n,width
    for first in range(0, steps, TOGETHER):
        part = slice(first, first + TOGETHER)
        moving = {f: _between(getattr(start, f), getattr(end, f), at[part]) for f in FIELDS}
        batch = replace(_repeated(end, len(at[part])), **moving)
        total = (score(batch) * weight[part]).sum()
        slopes = torch.autograd.grad(total, list(moving.values()), allow_unused=True)
        for field, slope in zip(moving, slopes, strict=True):
            if slope is not None:
                added[field] += slope.sum(0, keepdim=True)
    return {
        f: ((getattr(end, f) - getattr(start, f)) * slope).sum(-1)[0].double().numpy()
        for f, slope in added.items()
    }


def _between(start: torch.Tensor, end: torch.Tensor, at: torch.Tensor) -> torch.Tensor:
    """Points (S, n, width) of the line from ``start`` to ``end``, both (1, n, width)."""
    return (start + at[:, None, None] * (end - start)).detach().requires_grad_(True)


def _repeated(batch: PairBatch, times: int) -> PairBatch:
    """A batch of one pair, ``times`` over."""
    fields = {f: getattr(batch, f) for f in batch.__slots__}
    return PairBatch(**{f: v.expand(times, *v.shape[1:]) for f, v in fields.items()})


def masked(retriever: RelationRetriever, pair: PairInput) -> PairInput:
    """The start of the path: the same pair with nothing in it."""
    words = _mask_states(retriever, len(pair.states) - 2)
    words[0], words[-1] = pair.states[0], pair.states[-1]
    count = pair.marks.sum(1, keepdim=True)
    return replace(
        pair,
        states=words,
        mentions=pair.marks @ words / count.clamp(min=1.0),  # zeros for a box
        types=torch.zeros_like(pair.types),
        evidence=_mask_states(retriever, len(pair.evidence))[1:-1],
        patches=pair.patches * DARK,
        box_patches=pair.box_patches * DARK,
    )


def _mask_states(retriever: RelationRetriever, length: int) -> torch.Tensor:
    """Lower-layer states (length + 2, D) of a sentence of mask tokens."""
    text = retriever.reader.text
    layers = retriever.version.settings.shared_layers
    return text.read([[text.mask_id] * length], layers)[0].clone()
