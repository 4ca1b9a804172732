"""Hiding relations among made ones: margins against the retriever, and figures counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from roc_core.evaluation import distractors
from roc_core.evaluation.distractors import Margins, fits, margins_of, measure
from roc_core.evaluation.report import answer
from roc_core.relations import Catalogue
from roc_core.relations.plausible import plausible_catalogue, plausible_relations
from roc_core.retrieval import RelationRetriever, readings
from roc_core.schema import NONE
from tests.model.small import marked, small_catalogue, small_retriever

EXAMPLES = [marked("Ana", "band"), marked("band", "city"), marked("Ana", "team")]
POOL = readings(plausible_catalogue(30))


@pytest.fixture(scope="module")
def retriever() -> RelationRetriever:
    return small_retriever()


def test_margins_are_those_of_one_large_catalogue(
    retriever: RelationRetriever, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(distractors, "PART", 7)
    pairs = retriever.vectors(EXAMPLES)
    found = margins_of(retriever, POOL, retriever.describe(POOL.all), pairs)
    assert found.own.shape == (3, 3)
    assert found.made.shape == (3, 30)
    every = Catalogue("all", "All", (*small_catalogue(), *plausible_relations(30)))
    whole = RelationRetriever(retriever.reader, retriever.version, every)
    scores = whole.score(whole.encode(whole.reader.read(EXAMPLES)))
    gold = ["/per/per/peer", "/org/loc/in", NONE]
    right = answer(whole, scores, gold)
    (row,) = measure(found, gold, [30], [0])
    assert row.draws == 1, "the whole pool can be drawn in one way only"
    best = np.concatenate([found.own, found.made], axis=1).max(axis=1)
    assert best == pytest.approx(right.margins, abs=1e-5)
    assert row.hit1 == np.mean(right.ranks[:2] <= 1)
    assert row.made == sum(r.startswith("/") and "made" in r for r in right.relations)


def test_types_leave_out_what_does_not_fit(retriever: RelationRetriever) -> None:
    pairs = retriever.vectors(EXAMPLES)
    types = [("person", "organization"), ("location", None), (None, None)]
    found = margins_of(retriever, POOL, retriever.describe(POOL.all), pairs, types)
    assert found.names == small_catalogue().ids
    assert np.isfinite(found.own).tolist() == [
        [True, False, False],
        [False, False, True],  # a location first: "in", from its tail
        [True, True, True],
    ]
    for row, (first, second) in enumerate(types):
        for column, relation in enumerate(plausible_catalogue(30)):
            ways = [(relation.head, relation.tail), (relation.tail, relation.head)]
            fit = any(first in (None, a) and second in (None, b) for a, b in ways)
            assert np.isfinite(found.made[row, column]) == fit


def test_fits_takes_directions_for_what_they_are() -> None:
    pairs = readings(small_catalogue()).pairs
    found = fits(pairs, [("person", "organization"), ("organization", "person")])
    named = [(r.id, d) for r, d in pairs]
    assert [named[n] for n in np.flatnonzero(found[0])] == [("/per/org/member", "forward")]
    assert [named[n] for n in np.flatnonzero(found[1])] == [("/per/org/member", "backward")]


MADE_BY_HAND = Margins(
    ("a", "b"),
    np.array([[0.3, 0.1], [0.2, 0.4], [-0.1, -0.2], [0.1, 0.0]], np.float32),
    np.array([[0.2, 0.0], [0.5, 0.0], [0.05, 0.0], [-0.3, 0.0]], np.float32),
)
GOLD = ["a", "b", NONE, "b"]


def test_figures_counted_by_hand() -> None:
    alone, hidden = measure(MADE_BY_HAND, GOLD, [0, 2], [0, 1, 2])
    # Alone: a, b, None, a. Hidden: a, made, made, a.
    assert (alone.precision, alone.recall, alone.made) == (pytest.approx(2 / 3), 2 / 3, 0)
    assert (hidden.precision, hidden.recall, hidden.made) == (pytest.approx(1 / 4), 1 / 3, 2)
    assert alone.f1 == pytest.approx(2 / 3)
    assert hidden.f1 == pytest.approx(2 / 7)
    assert (alone.hit1, hidden.hit1) == (pytest.approx(2 / 3), pytest.approx(1 / 3))
    assert alone.hit3 == 1.0
    # The last pair's b scores 0.0 as a made one does: a tie counts against it.
    assert hidden.hit3 == 1.0
    assert hidden.interval[0] <= hidden.f1 <= hidden.interval[1]


def test_draws_depend_on_the_seed_alone() -> None:
    first = measure(MADE_BY_HAND, GOLD, [1], [0, 1, 2, 3])
    assert first == measure(MADE_BY_HAND, GOLD, [1], [0, 1, 2, 3])
    assert first[0].draws == 4
    assert first[0].f1_spread > 0


def test_a_relation_the_filter_took_out_is_never_found() -> None:
    own = np.array([[-np.inf, 0.4]], np.float32)
    (row,) = measure(Margins(("a", "b"), own, np.zeros((1, 0), np.float32)), ["a"], [0], [0])
    assert (row.f1, row.hit1) == (0.0, 0.0)
