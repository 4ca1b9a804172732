"""Relations added back: which pairs are answered, what is kept of them, and the figures."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from roc_core import metrics
from roc_core.evaluation.measured_tables import re_added_markdown, re_added_table, re_added_words
from roc_core.evaluation.pair_sets import PairSet, read_pairs
from roc_core.evaluation.re_adding import Answered, enough, re_add, report_of
from roc_core.evaluation.remembering import Space, space_of
from roc_core.retrieval import Candidates, RelationRetriever
from roc_core.schema import NONE, MemorySettings
from tests.tiny import tiny_text_encoder
from tests.training.made import LIVES, MEMBER, PEER, catalogue, records, untrained

USUAL = MemorySettings()


@pytest.fixture(scope="module")
def retriever() -> RelationRetriever:
    return untrained(tiny_text_encoder())


@pytest.fixture(scope="module")
def shown(retriever: RelationRetriever) -> PairSet:
    return read_pairs(retriever, records()[:80])


@pytest.fixture(scope="module")
def test(retriever: RelationRetriever) -> Space:
    rest = read_pairs(retriever, records()[80:])
    return space_of(retriever, rest.vectors, rest.labels)


def asked(retriever: RelationRetriever, shown: PairSet, test: Space, **more: object) -> Answered:
    candidates = Candidates(retriever, catalogue().get(MEMBER), shown.vectors, shown.types)
    return re_add(
        catalogue().get(MEMBER), "fold-0", candidates, shown, test, USUAL, **more  # type: ignore[arg-type]
    )  # fmt: skip


def test_only_relations_with_enough_pairs_are_added(shown: PairSet) -> None:
    assert enough(shown, [PEER, MEMBER, "other"], least=20) == [MEMBER, PEER]
    assert enough(shown, [PEER, MEMBER], least=21) == []


def test_answers_come_in_the_order_shown_and_gold_decides(
    retriever: RelationRetriever, shown: PairSet, test: Space
) -> None:
    found = asked(retriever, shown, test)
    assert found.train == 20
    assert len(found.said) == 3
    assert found.accepted[0] == 0
    assert found.accepted[1] <= 5
    assert found.accepted[1] <= found.accepted[2] <= 20
    # Without memory the order is the first ranking, and the accepted are those of it.
    candidates = Candidates(retriever, catalogue().get(MEMBER), shown.vectors, shown.types)
    off = replace(USUAL, on=False)
    plain = candidates.ranked(off, limit=20)
    again = re_add(catalogue().get(MEMBER), "fold-0", candidates, shown, test, off)
    right = [shown.gold[p.row] == MEMBER for p in plain]
    assert again.accepted == (0, sum(right[:5]), sum(right))


def test_no_answers_are_the_versions_own_and_accepted_ones_vote(
    retriever: RelationRetriever, shown: PairSet, test: Space
) -> None:
    found = asked(retriever, shown, test)
    assert list(found.said[0]) == test.answers(test.margins).tolist()
    # The very pairs that were accepted are answered so once they are remembered.
    copies = Space(shown.vectors, np.full((80, 5), -0.1), shown.labels, test.pairs)
    everything = asked(retriever, shown, copies, sizes=(0, 80))
    assert everything.accepted == (0, 20)
    assert set(everything.said[0]) == {NONE}
    kept = [g == MEMBER for g in shown.gold]
    assert all(s == MEMBER for s, k in zip(everything.said[1], kept, strict=True) if k)


def test_the_report_counts_each_relation_and_means_over_them() -> None:
    gold = [MEMBER, MEMBER, PEER, NONE, LIVES] * 8
    right = tuple(gold)
    none = tuple([NONE] * 40)
    half = tuple(g if n % 2 else NONE for n, g in enumerate(gold))
    found = [
        Answered(MEMBER, "fold-0", 90, (0, 3), (none, half)),
        Answered(PEER, "fold-1", 60, (0, 5), (half, right)),
    ]
    report = report_of(found, gold, "dev", 500, (0, 5), USUAL, beside=("mini", right))
    member, peer = report.rows
    assert member.scores[1] == metrics.per_relation(gold, half)[MEMBER]
    assert [s.f1 for s in peer.scores] == [metrics.per_relation(gold, half)[PEER].f1, 1.0]
    assert report.macro == (peer.scores[0].f1 / 2, (member.scores[1].f1 + 1) / 2)
    assert report.trained == 1.0
    assert member.intervals[0] == (0.0, 0.0)
    assert peer.overall == (metrics.micro(gold, half).f1, 1.0)
    low, high = report.gains[1]
    assert 0 < low <= report.macro[1] - report.macro[0] <= high
    assert report.gains[0] == (0.0, 0.0)
    assert json.loads(json.dumps(report.as_dict()))["rows"][0]["relation"] == MEMBER
    head, rows = re_added_table(report)
    assert head[3] == "accepted of 5"
    assert rows[-1][:4] == ("mean of 2", "", "", "4.0")
    assert {len(r) for r in rows} == {len(head)}
    assert "40 pairs of dev; 500 training pairs" in re_added_words(report)[0]
    assert f"| {MEMBER} | 90 | 16 | 3 |" in re_added_markdown(report)
