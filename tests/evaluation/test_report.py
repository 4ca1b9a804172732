"""Answers and figures against examples worked out by hand."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from roc_core.errors import RelationUnknown
from roc_core.evaluation.report import Report, answer, report, score_records
from roc_core.model.reader import Hidden
from roc_core.model.version import Lines
from roc_core.retrieval import PairScores, RelationRetriever
from roc_core.schema import NONE, Example, Record
from tests.tiny import tiny_text_encoder
from tests.training.made import LIVES, MEMBER, PEER, record, records, untrained

# Columns: member forward, member backward, lives forward, lives backward, peer.
ROWS = np.array(
    [
        [0.6, 0.2, 0.1, 0.1, 0.1],  # member forward, right, right direction
        [0.6, 0.2, 0.1, 0.1, 0.1],  # the gold is member backward: right, wrong direction
        [0.6, 0.2, 0.1, 0.5, 0.2],  # the gold is lives: rank 2
        [0.1, 0.1, 0.1, 0.1, 0.3],  # the gold is peer, just below its own line
        [0.1, 0.1, 0.2, 0.1, 0.1],  # the gold is None and nothing passes
        [0.1, 0.1, 0.1, 0.7, 0.1],  # the gold is None, lives passes
    ],
    np.float32,
)
NONE_SCORES = np.array([0.2, 0.2, 0.2, 0.2, 0.3, 0.2], np.float32)
SCORES = PairScores(np.zeros((6, 12), np.float32), ROWS, NONE_SCORES)
LINES = Lines(0.05, ((PEER, 0.15),))
SAID = "mia tom"
GOLD: list[Record] = [
    record(SAID, "mia", "tom", MEMBER, "forward"),
    record(SAID, "mia", "tom", MEMBER, "backward"),
    record(SAID, "mia", "tom", LIVES, "backward"),
    record(SAID, "mia", "tom", PEER, "both"),
    record(SAID, "mia", "tom"),
    record(SAID, "mia", "tom"),
]
NAMES = [r.label.relation for r in GOLD if r.label]


@pytest.fixture(scope="module")
def retriever() -> RelationRetriever:
    return untrained(tiny_text_encoder(), LINES)


@pytest.fixture(scope="module")
def figures(retriever: RelationRetriever) -> Report:
    return report(retriever, GOLD, SCORES)


def test_answers_are_the_best_margin_over_each_relations_line(
    retriever: RelationRetriever,
) -> None:
    found = answer(retriever, SCORES, NAMES)
    assert found.relations == (MEMBER, MEMBER, MEMBER, NONE, NONE, LIVES)
    assert found.directions == ("forward", "forward", "forward", "both", "both", "backward")


def test_ranks_are_over_relations_by_margin_and_leave_none_out(
    retriever: RelationRetriever,
) -> None:
    # Row 4: the margins are -0.15 for member and lives (0.1 - 0.2 - 0.05) and -0.05 for peer.
    assert answer(retriever, SCORES, NAMES).ranks.tolist() == [1, 1, 2, 1, 0, 0]


def test_every_figure_of_the_report(figures: Report) -> None:
    assert (figures.pairs, figures.protocol) == (6, "honest")
    assert figures.precision == pytest.approx(2 / 4)  # 2 of the 4 relations answered
    assert figures.recall == pytest.approx(2 / 4)  # 2 of the 4 relations there are
    assert figures.f1 == pytest.approx(0.5)
    assert figures.accuracy == pytest.approx(3 / 6)
    assert figures.macro_f1 == pytest.approx((4 / 5 + 0 + 0) / 3)
    assert figures.hit1 == pytest.approx(3 / 4)
    assert figures.hit3 == figures.macro_hit3 == 1.0
    assert figures.mrr == pytest.approx((1 + 1 + 1 / 2 + 1) / 4)
    assert figures.none_kept == pytest.approx(1 / 2)
    assert figures.direction == pytest.approx(1 / 2)
    assert figures.interval[0] <= figures.f1 <= figures.interval[1]


def test_the_type_filter_leaves_out_what_does_not_fit(retriever: RelationRetriever) -> None:
    mask = np.ones((6, 5), bool)
    mask[0, :2] = False  # member, which was right, is not allowed: lives and peer lie below 0
    mask[5] = False  # nothing is allowed
    found = answer(retriever, SCORES, NAMES, mask)
    assert found.relations == (NONE, MEMBER, MEMBER, NONE, NONE, NONE)
    assert found.ranks.tolist() == [3, 1, 2, 1, 0, 0]
    assert found.margins[5] == -np.inf
    filtered = report(retriever, GOLD, SCORES, "oracle-types", mask)
    assert (filtered.protocol, filtered.type_filter) == ("oracle-types", True)
    assert filtered.none_kept == 1.0


def test_scores_a_relation_count_right_predicted_and_gold(figures: Report) -> None:
    counts = {n: (s.right, s.predicted, s.gold) for n, s in figures.per_relation.items()}
    assert counts == {MEMBER: (2, 3, 2), LIVES: (0, 1, 1), PEER: (0, 0, 1)}


def test_a_report_becomes_plain_json(figures: Report) -> None:
    back = json.loads(json.dumps(figures.as_dict()))
    assert back["f1"] == figures.f1
    assert back["per_relation"][MEMBER]["gold"] == 2


def test_a_label_of_another_catalogue_is_named(retriever: RelationRetriever) -> None:
    gold = [*NAMES[:-1], "/per/org/owns"]
    with pytest.raises(RelationUnknown) as raised:
        answer(retriever, SCORES, gold)
    assert "Expected a relation id of catalogue 'made'. Found '/per/org/owns'." in str(raised.value)


def test_batches_of_any_size_give_the_same_scores(retriever: RelationRetriever) -> None:
    some, done = records()[:10], []
    whole = score_records(retriever, some)
    parts = score_records(retriever, some, progress=lambda *at: done.append(at), batch=3)
    np.testing.assert_allclose(parts.relations, whole.relations, atol=1e-5)
    np.testing.assert_allclose(parts.none, whole.none, atol=1e-5)
    assert whole.descriptions.shape == (10, len(retriever.readings.all))
    assert done == [(3, 10), (6, 10), (9, 10), (10, 10)]


def test_what_is_hidden_is_not_scored(retriever: RelationRetriever) -> None:
    typed = [replace(r, example=r.example.with_types("person", "person")) for r in records()[:4]]
    plain = [replace(r, example=r.example.with_types(None, None)) for r in typed]
    bare = score_records(retriever, plain, hide=Hidden(picture_text=True)).relations
    hidden = score_records(retriever, typed, hide=Hidden(types=(True, True), picture_text=True))
    np.testing.assert_allclose(hidden.relations, bare, atol=1e-5)
    assert not np.allclose(score_records(retriever, plain).relations, bare, atol=1e-5)


def test_each_example_may_be_changed_before_it_is_scored(retriever: RelationRetriever) -> None:
    def swap(example: Example) -> Example:
        shown.append(example)
        return records()[1].example

    shown: list[Example] = []
    changed = score_records(retriever, records()[:2], swap).relations
    assert shown == [r.example for r in records()[:2]]
    np.testing.assert_allclose(changed[0], changed[1], atol=1e-5)
