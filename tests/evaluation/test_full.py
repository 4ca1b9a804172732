"""Evaluations, their comparison over seeds, and the tables written of them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from roc_core.evaluation.ablations import Ablation
from roc_core.evaluation.comparison import Comparison, recipe, seed_groups
from roc_core.evaluation.full import OUTCOMES, Evaluation, Scored, full_evaluation
from roc_core.evaluation.markdown import MEANING, markdown
from roc_core.evaluation.protocols import PROTOCOLS
from roc_core.evaluation.report import score_records
from roc_core.evaluation.tagging import TaggerReport, TypeAccuracy, tagger_report
from roc_core.model.version import Lines
from roc_core.retrieval import RelationRetriever
from roc_core.schema import NONE
from tests.model.small import shared_retriever
from tests.tiny import tiny_text_encoder
from tests.training.made import record, records, untrained

CARD: dict[str, Any] = {"preset": {"x": 1}, "data": "made", "protocol": "honest", "catalogue": "c"}


@pytest.fixture(scope="module")
def retriever() -> RelationRetriever:
    return untrained(tiny_text_encoder(), Lines(-0.05))


@pytest.fixture(scope="module")
def scored(retriever: RelationRetriever) -> Scored:
    some = records()[:60]
    return Scored(some, score_records(retriever, some))


def evaluation(retriever: RelationRetriever, scored: Scored, row: str, seed: int) -> Evaluation:
    trained = recipe(CARD | {"seed": seed})
    return full_evaluation(row, trained, retriever, scored, scored, "honest")


def test_tables_and_report_agree(retriever: RelationRetriever, scored: Scored) -> None:
    found = evaluation(retriever, scored, "made", 0)
    cells = [(g, p, n) for g, row in found.confusion.items() for p, n in row.items()]
    assert sum(n for *_, n in cells) == found.report.pairs == len(found.margins) == 60
    right = sum(n for g, p, n in cells if g == p != NONE)
    assert right == sum(s.right for s in found.per_type_pair.values())
    assert set(found.per_type_pair) <= {
        "person / organization",
        "person / location",
        "person / person",
    }
    assert set(found.outcomes) <= set(OUTCOMES)
    nothing = sum(r.label is not None and r.label.relation == NONE for r in scored.records)
    assert found.outcomes.count("no relation holds") == nothing


def test_without_dev_there_is_no_calibration(retriever: RelationRetriever, scored: Scored) -> None:
    found = full_evaluation("made", {}, retriever, scored, None, "honest")
    assert found.calibration is None
    assert "ECE" in markdown(Comparison(setting(), (found,)))


def test_pairs_the_type_filter_leaves_without_a_relation_have_no_confidence(
    retriever: RelationRetriever, scored: Scored
) -> None:
    mask = np.ones((60, 5), bool)
    mask[:20] = False
    filtered = Scored(scored.records, scored.scores, mask)
    found = full_evaluation("made", {}, retriever, filtered, filtered, "oracle-types")
    assert found.calibration is not None
    assert sum(b.pairs for b in found.calibration.bins) == 40
    json.dumps(found.as_dict(), allow_nan=False)


def setting() -> dict[str, Any]:
    return {"data": "made", "split": "dev", "protocol": "honest", "pictures": "none"}


def test_versions_of_one_recipe_are_summarised_over_seeds(
    retriever: RelationRetriever, scored: Scored
) -> None:
    three = [evaluation(retriever, scored, f"made-seed{n}", n) for n in range(3)]
    other = full_evaluation(
        "other", recipe(CARD | {"seed": 0, "data": "else"}), retriever, scored, None, "honest"
    )
    (group,) = seed_groups([*three, other, other])
    assert (group.row, group.seeds) == ("made", (0, 1, 2))
    assert group.figures["f1"] == pytest.approx((three[0].report.f1, 0.0))


def test_a_card_that_does_not_say_its_recipe_is_in_no_group() -> None:
    assert recipe({})["recipe"] == recipe({"preset": {}})["recipe"] == ""
    assert recipe(CARD | {"seed": 0})["recipe"] == recipe(CARD | {"seed": 1})["recipe"] != ""
    for other in ({"teacher": "base"}, {"start": "mini"}):
        assert recipe(CARD | {"seed": 0} | other)["recipe"] != recipe(CARD | {"seed": 0})["recipe"]


def test_markdown_holds_every_figure_and_breaks_no_table(
    retriever: RelationRetriever, scored: Scored
) -> None:
    found = evaluation(retriever, scored, "a|b", 0)
    text = markdown(Comparison(setting(), (found,), (Ablation("without x", found.report),)))
    assert "| a\\|b | " in text
    assert f"| without x | {found.report.f1:.4f} |" in text
    assert "- protocol: honest" in text
    for head in ("Model versions", "Ablations", "Relations", "Type pairs", "Calibration"):
        assert f"# {head}" in text
    tables = [block for block in text.split("\n\n") if "\n|" in block]
    for table in tables:
        rows = [x.replace("\\|", "").count("|") for x in table.splitlines() if x.startswith("|")]
        assert len(set(rows)) == 1, table


def test_every_protocol_has_its_meaning_and_oracle_is_called_so() -> None:
    assert set(MEANING) == set(PROTOCOLS)
    assert "oracle" in MEANING["oracle-types"]


def test_the_tagger_is_rated_on_mentions_of_positives() -> None:
    retriever = shared_retriever()
    strange = [r for r in records() if r.label and r.label.relation not in retriever.catalogue]
    assert len(strange) > 30
    assert tagger_report(retriever, strange) is None
    peers = [
        record("mia played with tom", "mia", "tom", "/per/per/peer"),
        record("mia played with tom", "tom", "mia"),
        record("the band joins mia", "band", "mia", "/per/org/member", "backward"),
    ]
    found = tagger_report(retriever, peers)
    assert found is not None
    assert found.mentions == 4
    assert {n: a.mentions for n, a in found.per_type.items()} == {"person": 3, "organization": 1}
    right = sum(a.accuracy * a.mentions for a in found.per_type.values())
    assert found.accuracy == pytest.approx(right / 4)
    typed = [replace(p, example=p.example.with_types("thing", "thing")) for p in peers]
    assert tagger_report(retriever, typed) == found  # types the data states are not counted


def test_a_version_without_tagger_has_no_tagger_figures(retriever: RelationRetriever) -> None:
    assert tagger_report(retriever, records()) is None


def test_tagger_and_notes_are_written(retriever: RelationRetriever, scored: Scored) -> None:
    tagger = TaggerReport(4, 0.75, {"person": TypeAccuracy(4, 0.75)})
    found = full_evaluation(
        "made", {}, retriever, scored, None, "honest", tagger, ("A note to read.",)
    )
    text = markdown(Comparison(setting(), (found,)))
    assert "| person | 4 | 0.7500 |" in text
    assert "- A note to read." in text
