"""Whether the explainers say something about the model: removal, completeness, random weights.

Removal: hiding the three largest parts together must lose more score than hiding three drawn
ones. Completeness: shares should add up to the score's difference from an empty input. Random
weights: with the trained parts drawn anew the explanation must change (Adebayo et al. 2018,
"Sanity Checks for Saliency Maps").
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from roc_core.explanation.agreement import spearman
from roc_core.explanation.gradients import SMALLEST, gradient_shares
from roc_core.explanation.leave_one_out import LeftOut, leave_out, losses
from roc_core.explanation.parts import Part, parts_of, together
from roc_core.explanation.scoring import aim, score_table
from roc_core.model.network import RetrievalNetwork
from roc_core.model.reader import PairReader
from roc_core.model.tagger import TypeTagger
from roc_core.retrieval import RelationRetriever
from roc_core.schema import Example, Label, SanityReport, SanityRow

TOP = 3
DRAWS = 20
LEAVE_ONE_OUT, GRADIENTS, WHY_NOT = "leave-one-out", "integrated gradients", "why A and not B"


@dataclass(frozen=True, slots=True, eq=False)
class _Shares:
    """Shares (Q,) of the parts of one example, and what they miss of the difference."""

    shares: np.ndarray
    gap: float


@dataclass(frozen=True, slots=True)
class _Found:
    """One explainer on one pair."""

    top: float
    drawn: float
    gap: float
    correlation: float | None
    size_correlation: float | None


def check_explainers(
    retriever: RelationRetriever,
    examples: Sequence[Example],
    seed: int = 0,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> SanityReport:
    """Every explainer that gives shares, on the best relation of each example and, for the
    difference, the second best.

    Cells are left out: they show the picture that concept words show already. Raises nothing of
    its own; the same seed gives the same report.
    """
    other, rng = reinitialised(retriever, seed), np.random.default_rng(seed)
    found: dict[str, list[_Found]] = {LEAVE_ONE_OUT: [], GRADIENTS: [], WHY_NOT: []}
    for done, example in enumerate(examples):
        for name, one in _check(retriever, other, example, rng).items():
            found[name].append(one)
        progress(done + 1, len(examples))
    rows = tuple(_row(name, every) for name, every in found.items())
    return SanityReport(len(examples), seed, retriever.version.id, rows)


def _check(
    retriever: RelationRetriever,
    other: RelationRetriever,
    example: Example,
    rng: np.random.Generator,
) -> dict[str, _Found]:
    parts = [p for p in parts_of(retriever, example) if p.kind != "cell"]
    first, second = retriever.predict([example])[0].ranked[:2]
    chosen = Label(first.relation, first.direction)
    weights = aim(retriever, chosen)
    against = aim(retriever, chosen, Label(second.relation, second.direction))
    here = _explained(retriever, example, parts, weights, against)
    there = _explained(other, example, parts, weights, against)
    size = min(TOP, len(parts))
    drawn = [rng.choice(len(parts), size, replace=False) for _ in range(DRAWS)]
    tops = [np.argsort(-shares.shares, kind="stable")[:size] for shares in here.values()]
    hides = [together(parts[i] for i in rows) for rows in (*tops, *drawn)]
    table = score_table(retriever, example, hides)
    found = {}
    for number, (name, shares) in enumerate(here.items()):
        scores = table @ (against if name == WHY_NOT else weights)
        lost = scores[0] - scores[1:]
        new = there[name].shares
        found[name] = _Found(
            float(lost[number]),
            float(lost[len(tops) :].mean()),
            shares.gap,
            spearman(shares.shares, new),
            spearman(abs(shares.shares), abs(new)),
        )
    return found


def _explained(
    retriever: RelationRetriever,
    example: Example,
    parts: Sequence[Part],
    weights: np.ndarray,
    against: np.ndarray,
) -> dict[str, _Shares]:
    """Shares of all explainers; ``weights`` pick the score, ``against`` the difference."""
    left = leave_out(retriever, example, parts)
    return {
        LEAVE_ONE_OUT: _lost(left, weights),
        GRADIENTS: _gradients(retriever, example, parts, weights),
        WHY_NOT: _lost(left, against),
    }


def _lost(left: LeftOut, weights: np.ndarray) -> _Shares:
    found = losses(left, weights)
    gap = abs(found.remainder) / max(abs(found.full - found.empty), SMALLEST)
    return _Shares(np.array([s.share for s in found.shares]), gap)


def _gradients(
    retriever: RelationRetriever, example: Example, parts: Sequence[Part], weights: np.ndarray
) -> _Shares:
    kept, values, found = gradient_shares(retriever, example, parts, weights)
    shares = dict(zip(kept, values, strict=True))
    difference = found.end - found.start
    # Of the shares, not of the attributions: parts must not lose any of them.
    gap = abs(values.sum() - difference) / max(abs(difference), SMALLEST)
    return _Shares(np.array([shares.get(p, 0.0) for p in parts]), float(gap))


def _row(name: str, found: Sequence[_Found]) -> SanityRow:
    gaps = [f.gap for f in found]
    return SanityRow(
        name,
        float(np.mean([f.top for f in found])),
        float(np.mean([f.drawn for f in found])),
        float(np.mean(gaps)),
        float(np.max(gaps)),
        _mean([f.correlation for f in found]),
        _mean([f.size_correlation for f in found]),
    )


def _mean(values: Sequence[float | None]) -> float:
    there = [v for v in values if v is not None]
    return float(np.mean(there)) if there else float("nan")


def reinitialised(retriever: RelationRetriever, seed: int) -> RelationRetriever:
    """The same encoders and catalogue with everything that training changed drawn anew."""
    import torch

    reader, version = retriever.reader, retriever.version
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = RetrievalNetwork(reader.text.model.encoder, reader.text.width, version.settings)
        tagger = version.tagger
        if tagger is not None:
            weight = torch.randn_like(tagger.weight) * tagger.weight.std()
            tagger = TypeTagger(weight, torch.zeros_like(tagger.bias))
    new = replace(version, network=network.eval(), tagger=tagger)
    own = PairReader(reader.text, reader.vision, version.settings)
    return RelationRetriever(own, new, retriever.catalogue)
