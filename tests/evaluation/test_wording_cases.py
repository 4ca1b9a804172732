"""What each case does to the descriptions of a catalogue."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roc_core.errors import ValueRejected
from roc_core.evaluation.wording_cases import (
    coarse,
    parts_of,
    shuffled,
    split_in_two,
    swapped,
    texts,
    truncated,
    type_pair_of,
    wording_cases,
    written,
)
from roc_core.relations import Catalogue, load_catalogue
from roc_core.schema import NONE
from tests.training.made import LIVES, MEMBER, PEER, catalogue

MNRE = load_catalogue("mnre")


def test_the_rows_and_what_they_are_compared_with() -> None:
    cases = wording_cases(MNRE, {"from x.toml": MNRE})
    assert list(dict.fromkeys(c.name for c in cases)) == [
        "hand-written",
        "label names only",
        "from x.toml",
        "cut to the first half",
        "words shuffled",
        "swapped between relations",
        "hand-written, read as type pairs",
        "coarse: one relation a type pair",
        "fine: every relation in two",
        "fine: one relation in two, mean",
    ]
    assert [c.name for c in cases].count("fine: one relation in two, mean") == 22
    by_types = {c.name for c in cases if c.base != "hand-written"}
    assert by_types == {"hand-written, read as type pairs", "coarse: one relation a type pair"}
    pairs = {(r.head, r.tail) for r in MNRE}
    for case in cases:
        assert case.among == (len(pairs) if case.name in by_types else 22), case.name
        assert case.label_of(NONE) == NONE
        labels = {case.label_of(id) for id in MNRE.ids}
        assert labels == {case.class_of(r.id) for r in case.catalogue}, case.name


def test_truncated_keeps_the_first_half_of_the_words() -> None:
    for relation, cut in zip(MNRE, truncated(MNRE), strict=True):
        for whole, half in zip(texts(relation), texts(cut), strict=True):
            assert whole.split()[: len(half.split())] == half.split()
            assert len(half.split()) == (len(whole.split()) + 1) // 2


@given(st.integers(0, 1000))
def test_shuffling_keeps_the_words_and_swapping_the_descriptions(seed: int) -> None:
    for relation, mixed in zip(MNRE, shuffled(MNRE, seed), strict=True):
        for whole, other in zip(texts(relation), texts(mixed), strict=True):
            assert sorted(whole.split()) == sorted(other.split())
    exchanged = swapped(MNRE, seed)
    for relation, other in zip(MNRE, exchanged, strict=True):
        assert texts(relation) != texts(other)
        assert (relation.head, relation.tail) == (other.head, other.tail)
    assert sorted(map(texts, exchanged)) == sorted(map(texts, MNRE))
    assert shuffled(MNRE, seed) == shuffled(MNRE, seed)
    assert exchanged == swapped(MNRE, seed)


def test_swapping_needs_two_relations() -> None:
    one = Catalogue("one", "One", catalogue().relations[:1])
    with pytest.raises(ValueRejected, match="a catalogue of at least two relations"):
        swapped(one)


def test_coarse_merges_relations_of_one_type_pair_with_all_their_texts() -> None:
    merged = coarse(MNRE)
    for relation in merged:
        own = [r for r in MNRE if type_pair_of(r) == relation.id]
        assert set(texts(relation)) == {t for r in own for t in texts(r)}
        assert relation.symmetric == all(r.symmetric for r in own)
    assert len(merged) == len({type_pair_of(r) for r in MNRE})


def test_splitting_parts_the_descriptions_of_the_chosen_relations_alone() -> None:
    made = split_in_two(catalogue(), [MEMBER])
    assert made.ids == (f"{MEMBER}~1", f"{MEMBER}~2", LIVES, PEER)
    assert parts_of(catalogue(), made) == {f"{MEMBER}~1": MEMBER, f"{MEMBER}~2": MEMBER}
    first, second = (texts(made.get(f"{MEMBER}~{n}")) for n in (1, 2))
    assert sorted([*first, *second]) == sorted(texts(catalogue().get(MEMBER)))
    assert "contrast" not in {d.facet for r in made for d in r.descriptions if "~" in r.id}


def test_a_relation_with_one_description_stays_whole() -> None:
    member = catalogue().get(MEMBER)
    single = replace(member, descriptions=member.descriptions[:1])
    one = Catalogue("one", "One", (single,))
    assert split_in_two(one, [MEMBER]).ids == (MEMBER,)


def test_other_descriptions_are_taken_over_and_must_be_complete() -> None:
    given_ = swapped(catalogue())
    found = written(catalogue(), given_)
    assert [texts(r) for r in found] == [texts(r) for r in given_]
    part = Catalogue("part", "Part", catalogue().relations[:1])
    with pytest.raises(ValueRejected) as raised:
        written(catalogue(), part)
    assert str(raised.value) == (
        "Expected descriptions of all 3 relations in catalogue 'part'. Found none of "
        f"{LIVES}, {PEER}. Complete the file."
    )
