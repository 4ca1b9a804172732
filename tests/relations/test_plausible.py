"""Made catalogues: real rules, different texts, the same ones for a seed, nothing of MNRE."""

from __future__ import annotations

import pytest

from roc_core.errors import ValueRejected
from roc_core.relations import load_catalogue
from roc_core.relations.plausible import (
    DESCRIPTIONS,
    MOST,
    plausible_catalogue,
    plausible_relations,
)


def test_a_hundred_thousand_different_descriptions() -> None:
    texts = [d.text for r in plausible_relations(20_000) for d in r.descriptions]
    assert len(texts) == 20_000 * DESCRIPTIONS == len(set(texts)) == 100_000


def test_they_keep_the_rules_of_a_catalogue() -> None:
    catalogue = plausible_catalogue(500, seed=3)
    assert len(catalogue) == 500
    assert catalogue.title == "500 made relations, seed 3"
    assert {d.facet for d in catalogue.descriptions()} == {
        "definition", "wording", "picture", "forward", "backward",
    }  # fmt: skip
    assert len({(r.head, r.tail) for r in catalogue}) > 8
    assert len({r.name for r in catalogue}) == 500


def test_a_longer_list_goes_on_where_a_shorter_one_ends() -> None:
    assert plausible_relations(300)[:100] == plausible_relations(100)
    assert plausible_relations(100, seed=1) != plausible_relations(100)


def test_articles_fit_their_nouns() -> None:
    texts = " ".join(d.text for d in plausible_catalogue(2_000).descriptions())
    for right in (" an airport", " an astronaut", " a union", " a university"):
        assert right in texts
    for wrong in (" a airport", " an union", " an university", " a island", "{", "by by"):
        assert wrong not in texts.replace("{head}", "").replace("{tail}", "")


@pytest.mark.parametrize("name", ["mnre", "more"])
def test_no_made_relation_says_what_a_packaged_one_says(name: str) -> None:
    taken = {word for r in load_catalogue(name) for word in r.phrase.split()}
    common = {"a", "an", "and", "at", "by", "for", "from", "in", "is", "of", "on", "the", "to"}
    verbs = {r.phrase.partition(") ")[2].split()[0] for r in plausible_relations(3_000)}
    assert len(verbs) > 60
    assert verbs & (taken - common) == set()


@pytest.mark.parametrize("count", [0, -1, MOST + 1])
def test_a_number_that_cannot_be_made_is_refused(count: int) -> None:
    with pytest.raises(ValueRejected) as caught:
        plausible_relations(count)
    assert str(caught.value) == (
        f"Expected 1 to 200000 made relations. Found {count}. Ask for as many."
    )
