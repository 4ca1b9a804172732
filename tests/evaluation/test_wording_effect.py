"""Figures of reworded catalogues, on a version that was really trained."""

from __future__ import annotations

import json

import numpy as np
import pytest

from roc_core import metrics
from roc_core.evaluation.measured_tables import wording_markdown, wording_table, wording_words
from roc_core.evaluation.pair_sets import PairSet, read_pairs
from roc_core.evaluation.report import answer, score_records
from roc_core.evaluation.wording_cases import WordingCase, wording_cases
from roc_core.evaluation.wording_effect import ZeroShotSet, answers, held_out_ranks, measure
from roc_core.retrieval import RelationRetriever
from roc_core.schema import NONE
from tests.tiny import tiny_text_encoder
from tests.training.made import MEMBER, catalogue, parts, records, untrained


@pytest.fixture(scope="module")
def retriever() -> RelationRetriever:
    return untrained(tiny_text_encoder())


@pytest.fixture(scope="module")
def pairs(retriever: RelationRetriever) -> PairSet:
    return read_pairs(retriever, records())


def test_pairs_are_read_once_as_a_prediction_reads_them(
    retriever: RelationRetriever, pairs: PairSet
) -> None:
    told: list[tuple[int, int]] = []
    found = read_pairs(retriever, records(), progress=lambda *t: told.append(t), batch=50)
    assert told == [(50, 120), (100, 120), (120, 120)]
    assert len(found) == len(found.labels) == 120
    assert found.gold == [label.relation for label in found.labels]
    assert np.allclose(found.vectors, pairs.vectors, atol=1e-5)
    assert np.allclose(found.vectors, retriever.vectors([r.example for r in records()]), atol=1e-5)
    assert set(found.types) == {"? – ?"}, "no tagger, no types"
    assert read_pairs(retriever, []).vectors.shape == (0, 32)


def test_answers_with_dev_lines_are_those_of_an_evaluation(
    retriever: RelationRetriever, pairs: PairSet
) -> None:
    from dataclasses import replace

    from roc_core.evaluation.calibration import calibrate

    plain = WordingCase("plain", catalogue())
    scores = score_records(retriever, records())
    lines = calibrate(retriever.readings, scores, pairs.gold)
    lined = RelationRetriever(
        retriever.reader, replace(retriever.version, lines=lines), catalogue()
    )
    wanted = answer(lined, scores, pairs.gold)
    found = answers(retriever, plain, pairs, pairs)
    assert list(found.said) == list(wanted.relations)
    assert found.ranks.tolist() == wanted.ranks.tolist()


def test_dev_is_never_answered_with_lines_drawn_on_the_same_sentence(
    retriever: RelationRetriever, pairs: PairSet
) -> None:
    plain = WordingCase("plain", catalogue())
    found = answers(retriever, plain, pairs, None)
    assert list(found.gold) == pairs.gold
    held = np.array([g != NONE for g in pairs.gold])
    assert (found.ranks[held] > 0).all()
    assert (found.ranks[~held] == 0).all()
    own = answers(retriever, plain, pairs, pairs)
    seen, fresh = (metrics.micro(s.gold, s.said).f1 for s in (own, found))
    assert fresh <= seen


def test_every_case_has_a_row_and_a_base_changes_nothing(
    retriever: RelationRetriever, pairs: PairSet
) -> None:
    train, dev = parts()
    own, rest = read_pairs(retriever, dev), read_pairs(retriever, train)
    only = [r for r in records() if r.label and r.label.relation == MEMBER]
    held = ZeroShotSet(retriever, read_pairs(retriever, only))
    told: list[tuple[int, int, str]] = []
    cases = wording_cases(catalogue())
    found = measure(retriever, own, rest, cases, [held], "val", 3, ("a note",),
                    lambda *t: told.append(t))  # fmt: skip
    assert told[-1][:2] == (len(cases), len(cases))
    assert [r.name for r in found.rows] == list(dict.fromkeys(c.name for c in cases))
    for row in found.rows:
        assert row.f1.interval[0] <= row.f1.value <= row.f1.interval[1]
        assert row.zero_shot is not None
        if row.name == row.base:
            assert (row.f1.change, row.zero_shot.change) == (0.0, 0.0)
    swapped = next(r for r in found.rows if r.name.startswith("swapped"))
    assert swapped.zero_shot is not None
    ranks = held_out_ranks(held, next(c for c in cases if c.name.startswith("swapped")))
    assert swapped.zero_shot.value == pytest.approx(float((ranks <= 3).mean()))
    # Three relations and three types pairs: merged or not, they are the same classes.
    assert {r.among for r in found.rows} == {3}
    assert json.loads(json.dumps(found.as_dict()))["rows"][0]["name"] == "hand-written"
    head, rows = wording_table(found)
    assert len(head) == 8
    assert {len(r) for r in rows} == {8}
    text = wording_markdown(found)
    assert "| swapped between relations | 3 |" in text
    assert "- a note" in text
    assert "seed 3" in wording_words(found)[0]


def test_without_folds_there_is_no_zero_shot_column(
    retriever: RelationRetriever, pairs: PairSet
) -> None:
    found = measure(retriever, pairs, None, [WordingCase("hand-written", catalogue())])
    assert found.rows[0].zero_shot is None
    assert found.held_out == 0
    assert len(wording_table(found)[0]) == 6
