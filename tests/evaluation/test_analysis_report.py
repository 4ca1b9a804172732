"""The report: everything once, in plain values and as Markdown, oracles named."""

from __future__ import annotations

import json

import numpy as np
from hypothesis import given, settings

from roc_core.evaluation.analysis_markdown import markdown
from roc_core.evaluation.analysis_report import report_of
from roc_core.schema import NONE, Analysis, Doubts, Reading
from tests.evaluation.made_analysis import analyses, made, numbered


def doubts() -> Doubts:
    names = ("ally", "born", NONE)
    return Doubts(
        Reading("tiny"), "now", np.array(["0" * 16, "1" * 16], "S16"),
        numbered(names, ["ally", NONE]), numbered(names, ["born", "ally"]),
        np.array([0.01, 0.5], np.float32), np.array([True, False]), few=3, changed=1, seen="Seen.",
    )  # fmt: skip


@given(a=analyses(min_size=1))
@settings(max_examples=30)
def test_every_report_can_be_written(a: Analysis) -> None:
    found = report_of(a, {"split": "val"}, {"mine": a.ids()[:3]}, doubts(), a)
    plain = json.loads(json.dumps(found.as_dict()))
    assert np.sum(plain["confusion"]["counts"]) == len(a) == plain["headline"]["pairs"]
    assert plain["comparison"]["items"] == len(a)
    assert plain["comparison"]["won"] == len(plain["comparison"]["won_items"]) == 0
    assert plain["threshold"]["present"]["f1"] == plain["headline"]["prf"]["f1"]
    assert plain["threshold"]["best"]["f1"] >= plain["threshold"]["present"]["f1"]
    assert [d["item"] for d in plain["doubts"]["most_doubtful"]] == ["0" * 16, "1" * 16]
    assert f"| micro F1 (None excluded) | {found.headline.prf.f1:.4f}" in markdown(found)


def test_what_a_report_says() -> None:
    a = made(
        ["ally", "ally", "born", NONE], ["ally", "born", "born", "ally"], [0.1, 0.2, 0.3, 0.4],
        unlabelled=2, unread=1, seen="It was trained on these.",
    )  # fmt: skip
    b = made(["ally"] * 2, ["ally"] * 2, [1.0] * 2, reading=Reading("tiny", "oracle-types"))
    found = report_of(a, {"source": "mnre"}, other=b)
    assert found.notes == (
        "tiny, oracle types: entity types were read off the label (oracle), so these are no "
        "figures of what a user sees.",
        "It was trained on these.",
        "2 items without a label are left out.",
        "1 labelled items without an answer of this reading are left out.",
    )
    text = markdown(found)
    assert text.startswith("# Analysis of tiny, as used\n- source: mnre\n- tiny, oracle types")
    assert "| figure | tiny, as used | tiny, oracle types |" in text
    assert "| right where the other is wrong | 0 | 1 |" in text
    assert "| ally | born | 1 |" in text
    assert "Most doubtful labels" not in text
    assert found.as_dict()["comparison"]["lost_items"] == ["0" * 15 + "1"]
    alone = report_of(a)
    assert alone.as_dict()["comparison"] is None
    assert "Compared" not in markdown(alone)
