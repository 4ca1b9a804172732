"""A report on descriptions goes into a file and comes back."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roc_core.schema import (
    Gap,
    Hub,
    Moved,
    QualityReport,
    Rivals,
    Robustness,
    StyleProblem,
)

TEXT = st.text(st.characters(codec="utf-8"), max_size=8)
NUMBER = st.floats(-1, 1)
COUNT = st.integers(0, 99)


def some(kind: type, *fields: st.SearchStrategy) -> st.SearchStrategy:
    return st.lists(st.builds(kind, *fields), max_size=3).map(tuple)


REPORTS = st.builds(
    QualityReport, TEXT, TEXT, COUNT,
    some(Robustness, TEXT, COUNT, NUMBER, NUMBER),
    some(Rivals, TEXT, TEXT, NUMBER, COUNT, st.sampled_from(("merge", "sharpen", ""))),
    some(Hub, TEXT, TEXT, COUNT, COUNT),
    some(Gap, TEXT, TEXT, NUMBER),
    some(StyleProblem, TEXT, TEXT, TEXT),
    TEXT, st.booleans(),
)  # fmt: skip


@given(REPORTS)
def test_a_report_comes_back(report: QualityReport) -> None:
    assert QualityReport.from_dict(json.loads(json.dumps(report.as_dict()))) == report


def test_what_is_no_report_is_refused() -> None:
    with pytest.raises(KeyError):
        QualityReport.from_dict({"catalogue": "mnre"})
    with pytest.raises(TypeError):
        QualityReport.from_dict(
            {name: [{"odd": 1}] for name in ("robustness", "rivals", "hubs", "gaps", "style")}
        )


def test_how_far_a_figure_moves() -> None:
    assert Moved(0.5, 0.25).by == -0.25
