"""Robustness, rivals, hubs and gaps against what is counted pair by pair."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from roc_core.evaluation.what_if import UNLABELLED, Described, columns_of, compared
from roc_core.evaluation.wording import Wordings, advice, judged, nearest_relations
from roc_core.relations import build_relation
from roc_core.schema import QualityReport
from tests.evaluation.made_what_if import made


def wordings(d: Described) -> Wordings:
    """Relations whose descriptions are read in each of their directions."""
    relations, ids, readings = [], [], np.zeros(len(d.vectors), int)
    for number in range(int(d.owners.max()) + 1):
        columns = columns_of(d, number)
        # As in ``readings``: a description has as many readings as its relation has directions.
        count = len(columns[0])
        texts = {"wording": [f"Words of relation {number}, number {n}." for n in range(count)]}
        id = f"r{number}"
        relations.append(build_relation(id, id, "is", "person", "person", len(columns) == 1, texts))
        for rows in columns:
            readings[rows] = len(ids) + np.arange(count)
        ids += [x.id for x in relations[-1].descriptions]
    return Wordings(tuple(relations), d, readings, tuple(ids))


def report(seed: int) -> QualityReport:
    d, vectors, gold = made(5, seed, 60)
    return judged(wordings(d), vectors, gold, [f"{n:016x}" for n in range(60)], "made", "tiny")


@given(st.integers(0, 1000))
def test_robustness_is_the_rank_by_each_wording_alone(seed: int) -> None:
    d, vectors, gold = made(5, seed, 60)
    w = wordings(d)
    found = report(seed)
    part = compared(vectors, d)
    assert {r.relation for r in found.robustness} == {f"r{g}" for g in set(gold[gold >= 0])}
    assert [-r.rank_sd for r in found.robustness] == sorted(-r.rank_sd for r in found.robustness)
    for row in found.robustness:
        number = int(row.relation[1:])
        ranks = []
        for pair in np.flatnonzero(gold == number):
            readings = np.concatenate(columns_of(d, number))
            bar = np.clip(part.none[pair] + d.lines[number], -1, 1)
            alone = []
            for text in np.unique(w.readings[readings]):
                own = part.cosines[pair, readings[w.readings[readings] == text]].max() - bar
                others = np.delete(part.margins[pair], number)
                alone.append(1 + int((others >= own).sum()))
            ranks.append(alone)
        every = np.array(ranks)
        assert row.items == len(every)
        assert row.mean_rank == pytest.approx(every.mean())
        assert row.rank_sd == pytest.approx(every.std(axis=1).mean())


@given(st.integers(0, 1000))
def test_hubs_are_descriptions_that_decide_far_more_often(seed: int) -> None:
    d, vectors, gold = made(5, seed, 60)
    w = wordings(d)
    found = report(seed)
    part, wins, wrong = compared(vectors, d), dict.fromkeys(w.descriptions, 0), {}
    for pair in range(60):
        best = int(part.margins[pair].argmax())
        if part.margins[pair, best] < 0:
            continue
        readings = d.groups[part.columns[pair, best]]
        readings = readings[readings >= 0]
        decided = w.descriptions[w.readings[readings[part.cosines[pair, readings].argmax()]]]
        wins[decided] += 1
        if gold[pair] not in (UNLABELLED, best):
            wrong[decided] = wrong.get(decided, 0) + 1
    counts = np.array(list(wins.values()))
    line = counts.mean() + 2 * counts.std()
    assert {(h.description, h.wins, h.wrong) for h in found.hubs} == {
        (id, n, wrong.get(id, 0)) for id, n in wins.items() if n > line
    }
    assert all(h.description.startswith(f"{h.relation}#") for h in found.hubs)


@given(st.integers(0, 1000))
def test_gaps_are_nearer_to_none_than_to_their_own_relation(seed: int) -> None:
    d, vectors, gold = made(5, seed, 60)
    found = report(seed)
    part, wanted = compared(vectors, d), {}
    for pair in np.flatnonzero(gold >= 0).tolist():
        readings = np.concatenate(columns_of(d, int(gold[pair])))
        nearest = part.cosines[pair, readings].max()
        if nearest < part.none[pair]:
            wanted[f"{pair:016x}"] = (f"r{gold[pair]}", float(nearest))
    assert {g.item: (g.relation, pytest.approx(g.score)) for g in found.gaps} == wanted
    assert [g.score for g in found.gaps] == sorted(g.score for g in found.gaps)


@given(st.integers(0, 1000), st.integers(2, 140))
def test_rivals_are_the_relations_whose_descriptions_lie_nearest(seed: int, count: int) -> None:
    d, _, _ = made(count, seed, 1)
    means = [d.vectors[g[g >= 0]].sum(axis=0) for g in d.groups]
    means = [m / np.linalg.norm(m) for m in means]
    wanted = {
        (a, b): max(
            float(means[i] @ means[j])
            for i in np.flatnonzero(d.owners == a)
            for j in np.flatnonzero(d.owners == b)
        )
        for a in range(min(count, 6))
        for b in range(a + 1, count)
    }
    found = nearest_relations(d, count, count * count)
    assert len(found) == count * (count - 1) // 2
    assert [f[2] for f in found] == sorted((f[2] for f in found), reverse=True)
    near = {(a, b): value for a, b, value in found}
    assert {k: near[k] for k in wanted} == pytest.approx(wanted, abs=1e-5)
    assert nearest_relations(d, count, 3) == found[:3]


def test_what_to_do_about_rivals() -> None:
    blurred = [(1, True), (2, False)] * 5
    assert advice(blurred, 1, 2, 0.3) == "merge", "all of the second are taken for the first"
    some = [(1, True)] * 8 + [(2, True)] * 6 + [(2, False)] * 2
    assert advice(some, 1, 2, 0.3) == "sharpen"
    apart = [(1, True)] * 20 + [(2, True)] * 19 + [(2, False)]
    assert advice(apart, 1, 2, 0.99) == "", "labels say more than the descriptions' closeness"
    few = [(1, True)] * 20 + [(2, False)] * 4
    assert advice(few, 1, 2, 0.9) == ""
    assert advice(few, 1, 2, 0.96) == "sharpen"
    assert advice([], 1, 2, 0.96) == "sharpen"


def test_rivals_to_merge_come_first_and_items_between_are_counted() -> None:
    d, vectors, gold = made(6, 3, 600)
    margins = compared(vectors, d).margins
    best = margins.argmax(axis=1)
    gold = np.where((gold >= 0) & (gold < 3), np.where(best < 3, best, UNLABELLED), gold)
    found = judged(wordings(d), vectors, gold, [str(n) for n in range(600)], "made", "tiny")
    order = ["merge", "sharpen", ""]
    keys = [(order.index(r.advice), -r.similarity) for r in found.rivals]
    assert keys == sorted(keys)
    assert {r.advice for r in found.rivals} >= {"merge", ""}
    two = np.sort(np.argsort(-margins, axis=1)[:, :2], axis=1)
    for rivals in found.rivals:
        pair = (int(rivals.first[1:]), int(rivals.second[1:]))
        both = (two == pair).all(axis=1) & (margins.max(axis=1) >= 0)
        assert rivals.between == both.sum()
        assert rivals.advice == "" or max(pair) >= 3, "the first three are told apart"
    assert sum(r.between for r in found.rivals) > 0


def test_one_relation_and_no_labels_are_no_error() -> None:
    d, vectors, gold = made(1, 2, 10)
    found = judged(
        wordings(d), vectors, np.full_like(gold, UNLABELLED), [str(n) for n in range(10)], "m", "v"
    )
    assert (found.rivals, found.robustness, found.gaps, found.items) == ((), (), (), 10)
    alone = judged(wordings(d), vectors, np.zeros_like(gold), [str(n) for n in range(10)], "m", "v")
    assert [(r.mean_rank, r.rank_sd) for r in alone.robustness] == [(1.0, 0.0)]
