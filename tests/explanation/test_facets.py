"""Descriptions gathered by facet keep every score and every weight."""

from __future__ import annotations

import pytest

from roc_core.explanation import by_facet
from tests.model.small import marked, shared_retriever


def test_facets_hold_every_description_once() -> None:
    (prediction,) = shared_retriever().predict([marked("Ana", "band")])
    for entry in prediction.ranked:
        found = by_facet(entry)
        every = [d for f in found for d in f.descriptions]
        assert sorted(d.description.id for d in every) == sorted(
            d.description.id for d in entry.descriptions
        )
        assert sum(f.weight for f in found) == pytest.approx(1.0)
        assert [f.weight for f in found] == sorted((f.weight for f in found), reverse=True)
        for facet in found:
            assert {d.description.facet for d in facet.descriptions} == {facet.facet}
            assert facet.score == max(d.score for d in facet.descriptions)
    member = prediction.find("/per/org/member")
    assert member is not None
    assert {f.facet for f in by_facet(member)} == {"definition", "wording", "picture"}
