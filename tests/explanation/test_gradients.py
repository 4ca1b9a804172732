"""Integrated gradients on the small model: they add up, reach every part, and follow the model."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from roc_core.errors import RelationUnknown, ValueRejected
from roc_core.explanation import explain, second_opinion
from roc_core.explanation.gradients import attribute, gradient_shares, masked
from roc_core.explanation.parts import parts_of
from roc_core.explanation.scoring import aim
from roc_core.model.inputs import collate
from roc_core.model.reader import NOTHING, PairReader
from roc_core.retrieval import RelationRetriever
from roc_core.schema import Box, Example, Label, Mention, SecondOpinion, Span
from tests.fakes_vision import FakePatchEncoder
from tests.model.small import (
    SENTENCE,
    SETTINGS,
    small_catalogue,
    small_network,
    small_version,
    two_colours,
)
from tests.tiny import tiny_text_encoder

MEMBER = "/per/org/member"


@pytest.fixture(scope="module")
def opinion(retriever: RelationRetriever, full: Example) -> SecondOpinion:
    return second_opinion(retriever, full, MEMBER, "backward")


@pytest.fixture(scope="module")
def patched() -> RelationRetriever:
    """A small model of patches that knows where boxes lie."""
    settings = replace(SETTINGS, patch_width=3, box_geometry=True)
    reader = PairReader(tiny_text_encoder(), FakePatchEncoder(), settings)
    version = replace(small_version(), settings=settings, network=small_network(settings=settings))
    return RelationRetriever(reader, version, small_catalogue())


def test_shares_add_up_to_the_difference(opinion: SecondOpinion) -> None:
    added = sum(s.share for s in opinion.explanation.shares)
    assert added == pytest.approx(opinion.difference, rel=0.011)
    assert opinion.explanation.remainder == pytest.approx(opinion.difference - added)
    assert opinion.gap <= 0.01
    assert abs(opinion.difference) > 1e-3
    assert max(abs(s.share) for s in opinion.explanation.shares) > 1e-3


def test_the_ends_of_the_path_are_scores_of_the_model(
    retriever: RelationRetriever, full: Example, opinion: SecondOpinion
) -> None:
    (whole,) = retriever.scores_of(full, [NOTHING], MEMBER, "backward")
    assert opinion.explanation.score == pytest.approx(float(whole), abs=1e-5)
    (pair,) = retriever.reader.read([full])
    with torch.no_grad():
        vector = retriever.version.network.pair(collate([masked(retriever, pair)]))
    column = int(aim(retriever, Label(MEMBER, "backward")).argmax())
    empty = float(retriever.score(vector).relations[0, column])
    assert opinion.difference == pytest.approx(float(whole) - empty, abs=1e-5)


def test_a_masked_pair_keeps_where_things_stand_and_nothing_else(
    retriever: RelationRetriever, full: Example
) -> None:
    (pair,) = retriever.reader.read([full])
    start = masked(retriever, pair)
    for field in ("marks", "boxes", "places", "kinds", "hidden"):
        assert torch.equal(getattr(start, field), getattr(pair, field)), field
    assert torch.equal(start.states[0], pair.states[0])
    assert not start.types.any()
    other = replace(
        full, sentence=full.sentence.replace("city", "tour"), picture_text="a the in at"
    )
    (twin,) = retriever.reader.read([other])
    assert torch.equal(masked(retriever, twin).states[1:-1], start.states[1:-1])
    assert torch.equal(masked(retriever, twin).evidence[3:], start.evidence[3:])


def test_every_part_that_the_model_reads_has_a_share(
    retriever: RelationRetriever, full: Example, opinion: SecondOpinion
) -> None:
    parts = [p for p in parts_of(retriever, full) if p.kind != "cell"]
    shares = opinion.explanation.shares
    assert [(s.kind, s.name, s.place) for s in shares] == [(p.kind, p.name, p.place) for p in parts]
    assert all(s.share != 0 for s in shares)
    assert opinion.explanation.method == "integrated gradients"


def test_a_linear_score_is_attributed_exactly(retriever: RelationRetriever, full: Example) -> None:
    """For a linear model integrated gradients are weight times change (Sundararajan et al.)."""
    weights = torch.linspace(-1, 1, 4)

    class Linear(torch.nn.Module):
        def pair(self, batch: object) -> torch.Tensor:
            return batch.types @ weights  # type: ignore[attr-defined]

        def combine(self, cosines: torch.Tensor, pairs: torch.Tensor, groups: object) -> object:
            class Found:
                relations = pairs.sum(1, keepdim=True)

            return Found

    changed = RelationRetriever.__new__(RelationRetriever)
    changed.__dict__.update(retriever.__dict__)
    changed.index = type("I", (), {"vectors": np.ones((1, 2), np.float32)})()  # type: ignore[assignment]
    changed.version = replace(retriever.version, network=Linear())  # type: ignore[arg-type]
    (pair,) = retriever.reader.read([full])
    found = attribute(changed, pair, np.ones(1, np.float32))
    assert found.values["types"] == pytest.approx((pair.types @ weights).numpy(), abs=1e-6)
    assert not found.values["states"].any()
    assert found.steps == 8


def test_a_piece_in_two_parts_counts_once(retriever: RelationRetriever) -> None:
    for example in (
        Example("team Ana band", (Mention(Span(0, 8)), Mention(Span(5, 13)))),
        Example("teams band", (Mention(Span(0, 2)), Mention(Span(6, 10)))),
    ):
        parts = parts_of(retriever, example)
        weights = aim(retriever, Label(MEMBER, "forward"))
        _, values, found = gradient_shares(retriever, example, parts, weights)
        total = sum(float(v.sum()) for v in found.values.values())
        assert values.sum() == pytest.approx(total, abs=1e-6)


def test_agreement_is_with_the_first_opinion(retriever: RelationRetriever, full: Example) -> None:
    first = explain(retriever, full, MEMBER, "backward")
    same = second_opinion(retriever, full, MEMBER, "backward", first)
    assert same.agreement is not None
    assert -1 <= same.agreement <= 1
    turned = replace(first, shares=tuple(replace(s, share=-s.share) for s in first.shares))
    other = second_opinion(retriever, full, MEMBER, "backward", turned)
    assert other.agreement == pytest.approx(-same.agreement)
    itself = second_opinion(retriever, full, MEMBER, "backward", same.explanation)
    assert itself.agreement == pytest.approx(1.0)


def test_explaining_leaves_no_gradient_behind(retriever: RelationRetriever, full: Example) -> None:
    second_opinion(retriever, full, MEMBER, "forward")
    assert all(p.grad is None for p in retriever.version.network.parameters())


def test_cells_and_boxes_have_shares_in_a_model_of_patches(
    patched: RelationRetriever, tmp_path: Path
) -> None:
    box = Box(0, 0, 20, 20)
    example = Example(SENTENCE, (Mention(Span(0, 3)), Mention(box)), two_colours(tmp_path))
    found = second_opinion(patched, example, MEMBER, "forward")
    kinds = {s.kind for s in found.explanation.shares}
    assert kinds == {"word", "mention", "cell"}
    assert len([s for s in found.explanation.shares if s.kind == "cell"]) == 16
    assert found.gap <= 0.02
    (boxed,) = [s for s in found.explanation.shares if s.place == box]
    assert boxed.share != 0


def test_only_relations_and_directions_that_exist(
    retriever: RelationRetriever, full: Example
) -> None:
    with pytest.raises(RelationUnknown, match="Expected a relation id of catalogue 'small'"):
        second_opinion(retriever, full, "/no", "forward")
    with pytest.raises(ValueRejected, match=r"one of forward, backward\. Found 'both'"):
        second_opinion(retriever, full, MEMBER, "both")
