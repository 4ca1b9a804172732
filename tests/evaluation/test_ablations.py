"""Catalogues of ablations keep everything but what is taken away."""

from __future__ import annotations

import pytest

from roc_core.evaluation.ablations import CONDITIONS, PICTURE_USES, names_only, one_description
from roc_core.relations import load_catalogue
from tests.training.made import MEMBER, PEER, catalogue


@pytest.mark.parametrize("name", ["mnre", "more"])
def test_names_stand_for_all_descriptions(name: str) -> None:
    whole = load_catalogue(name)
    found = names_only(whole)
    assert found.ids == whole.ids
    assert [d.text for d in found.descriptions(scored_only=False)] == [r.name for r in whole]
    assert [(r.head, r.tail, r.symmetric) for r in found] == [
        (r.head, r.tail, r.symmetric) for r in whole
    ]


def test_one_description_is_the_first_definition() -> None:
    found = one_description(catalogue())
    assert [d.text for d in found.get(MEMBER).descriptions] == ["{head} is a member of {tail}"]
    assert len(found.get(PEER).descriptions) == 1


def test_conditions_differ_and_name_their_pictures() -> None:
    assert len({c.name for c in CONDITIONS}) == len(CONDITIONS)
    assert {c.pictures for c in CONDITIONS} - {None} == set(PICTURE_USES)
