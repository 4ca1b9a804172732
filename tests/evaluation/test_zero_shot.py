"""Folds, what leaves training with a held-out relation, and ranks by score alone."""

from __future__ import annotations

import numpy as np
import pytest

from roc_core.errors import ValueRejected
from roc_core.evaluation.zero_shot import (
    folds,
    hits,
    only,
    score_ranks,
    trained_catalogue,
    without,
)
from roc_core.relations import load_catalogue
from roc_core.retrieval import PairScores, readings
from roc_core.schema import NONE
from tests.training.made import LIVES, MEMBER, PEER, catalogue, records


def test_three_folds_by_sorted_name_modulo_three() -> None:
    mnre = load_catalogue("mnre")
    found = folds(mnre)
    assert [len(f) for f in found] == [8, 7, 7]
    names = sorted(mnre.ids)
    assert [found[i % 3][i // 3] for i in range(22)] == names


def test_a_catalogue_too_small_for_folds_is_refused() -> None:
    with pytest.raises(ValueRejected) as raised:
        folds(catalogue())
    assert str(raised.value) == (
        "Expected a catalogue of at least 6 relations. Found 3. "
        "Zero-shot folds need a larger catalogue."
    )


def test_held_out_positives_leave_training_and_do_not_become_none() -> None:
    kept, held = without(records(), (MEMBER,)), only(records(), (MEMBER,))
    assert len(kept) + len(held) == len(records())
    labels = [r.label.relation for r in kept if r.label]
    assert MEMBER not in labels
    before = [r.label.relation for r in records() if r.label]
    assert labels.count(NONE) == before.count(NONE)
    assert {r.label.relation for r in held if r.label} == {MEMBER}


def test_no_description_of_a_held_out_relation_is_trained_with() -> None:
    left = trained_catalogue(catalogue(), (MEMBER, PEER))
    assert left.ids == (LIVES,)
    assert {d.relation for d in left.descriptions(scored_only=False)} == {LIVES}


def test_ranks_are_by_the_better_directions_score_whatever_the_none_score() -> None:
    every = readings(catalogue())  # member forward, backward, lives forward, backward, peer
    rows = np.array([[0.1, 0.5, 0.4, 0.2, 0.3], [0.1, 0.2, 0.3, 0.4, 0.5]], np.float32)
    scores = PairScores(np.zeros((2, len(every.all))), rows, np.array([0.9, -0.9]))
    assert score_ranks(every, scores, [LIVES, LIVES]).tolist() == [2, 2]
    assert score_ranks(every, scores, [MEMBER, MEMBER]).tolist() == [1, 3]


def test_hits_are_over_pairs_and_macro_over_relations() -> None:
    found = hits(["a", "a", "a", "b"], np.array([1, 4, 5, 2]), 22)
    assert (found.pairs, found.among) == (4, 22)
    assert found.hit1 == pytest.approx(1 / 4)
    assert found.macro_hit3 == pytest.approx((1 / 3 + 1) / 2)
    assert found.per_relation["b"].pairs == 1
