"""Pairs ranked by one relation, and how answers move them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from roc_core.errors import CatalogueInvalid, ValueRejected
from roc_core.relations import build_relation
from roc_core.retrieval import Candidates, RelationRetriever
from roc_core.schema import MemorySettings
from tests.tiny import tiny_text_encoder
from tests.training.made import LIVES, MEMBER, PEER, catalogue, records, untrained

USUAL = MemorySettings()
NEW = build_relation(
    "/per/org/plays_for", "plays for", "plays for", "person", "organization", False,
    {"definition": ("{head} played with the team {tail}",), "contrast": ("a city",)},
)  # fmt: skip


@pytest.fixture(scope="module")
def retriever() -> RelationRetriever:
    return untrained(tiny_text_encoder())


@pytest.fixture(scope="module")
def vectors(retriever: RelationRetriever) -> np.ndarray:
    return retriever.vectors([r.example for r in records()[:40]])


def anything(count: int) -> list[str]:
    return ["? – ?"] * count


def test_a_relation_of_the_catalogue_scores_as_in_a_prediction(
    retriever: RelationRetriever, vectors: np.ndarray
) -> None:
    import torch

    wanted = retriever.score(torch.from_numpy(vectors))
    lines = retriever.version.lines
    for id in (MEMBER, LIVES, PEER):
        relation = catalogue().get(id)
        found = Candidates(retriever, relation, vectors, anything(40)).ranked(USUAL, limit=40)
        assert sorted(p.row for p in found) == list(range(40))
        for place in found:
            column = retriever.column_of(id, place.direction)
            assert place.score == pytest.approx(wanted.relations[place.row, column], abs=1e-5)
            line = wanted.none[place.row] + lines.of(id)
            assert place.margin == pytest.approx(place.score - line, abs=1e-5)
        assert [p.margin for p in found] == sorted((p.margin for p in found), reverse=True)


def test_a_relation_outside_the_catalogue_is_ranked_and_the_catalogue_left_alone(
    retriever: RelationRetriever, vectors: np.ndarray
) -> None:
    before = retriever.catalogue
    found = Candidates(retriever, NEW, vectors, anything(40)).ranked(USUAL, limit=5)
    assert len(found) == 5
    assert retriever.catalogue is before
    assert NEW.id not in before


def test_fitting_types_come_first_and_choose_the_direction(
    retriever: RelationRetriever, vectors: np.ndarray
) -> None:
    types = ["location – person"] * 40
    types[3], types[7] = "person – organization", "organization – person"
    types[11], types[12] = "person – ?", "? – location"
    found = Candidates(retriever, NEW, vectors, types).ranked(USUAL, limit=40)
    assert {p.row for p in found[:3]} == {3, 7, 11}
    assert [p.fits for p in found] == [True] * 3 + [False] * 37
    turned = {p.row: p.direction for p in found}
    assert (turned[3], turned[7], turned[11]) == ("forward", "backward", "forward")


def test_accepted_pairs_lift_their_likes_and_rejected_ones_lower_them(
    retriever: RelationRetriever, vectors: np.ndarray
) -> None:
    twins = vectors.copy()
    twins[20], twins[30] = twins[5], twins[6]
    candidates = Candidates(retriever, NEW, twins, anything(40))
    plain = {p.row: p for p in candidates.ranked(USUAL, limit=40)}
    said = candidates.ranked(USUAL, {5: plain[5].direction}, [6], limit=40)
    after = {p.row: p for p in said}
    assert set(after) == set(range(40)) - {5, 6}
    assert after[20].margin > plain[20].margin
    assert after[30].margin < plain[30].margin
    assert after[20].score == plain[20].score, "answers move the margin, never the cosine"
    off = candidates.ranked(replace(USUAL, on=False), {5: plain[5].direction}, [6], limit=40)
    assert [p.margin for p in off] == [plain[p.row].margin for p in off]


def test_what_is_left_out_and_the_limit(retriever: RelationRetriever, vectors: np.ndarray) -> None:
    candidates = Candidates(retriever, NEW, vectors, anything(40))
    assert len(candidates) == 40
    assert len(candidates.ranked(USUAL, without=range(38))) == 2
    assert candidates.ranked(USUAL, limit=0) == ()
    assert candidates.ranked(USUAL, limit=-3) == ()
    none = Candidates(retriever, NEW, vectors[:0], [])
    assert none.ranked(USUAL) == ()


def test_an_impossible_direction_is_refused(
    retriever: RelationRetriever, vectors: np.ndarray
) -> None:
    candidates = Candidates(retriever, NEW, vectors, anything(40))
    with pytest.raises(ValueRejected) as raised:
        candidates.ranked(USUAL, {0: "both"})
    assert str(raised.value) == (
        "Expected a direction of relation '/per/org/plays_for', one of forward, backward. "
        "Found 'both'. Accept the item again."
    )


def test_a_relation_that_breaks_a_rule_and_a_classifier_are_refused(
    retriever: RelationRetriever, vectors: np.ndarray
) -> None:
    silent = build_relation("new", "new", "is new to", "person", "person", False, {})
    with pytest.raises(CatalogueInvalid, match="at least one description besides contrast"):
        Candidates(retriever, silent, vectors, anything(40))
    version = retriever.version
    head = replace(version, settings=replace(version.settings, classes=5))
    classifier = RelationRetriever(retriever.reader, head, catalogue())
    with pytest.raises(ValueRejected) as raised:
        Candidates(classifier, NEW, vectors, anything(40))
    assert str(raised.value) == (
        "Expected a model version that ranks relations by their descriptions. Found 'untrained', "
        "whose classification head knows its own relations alone. Put another version to use."
    )
