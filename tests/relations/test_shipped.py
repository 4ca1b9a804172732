"""The packaged catalogues: complete, well-formed, readable."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from roc_core.relations import Catalogue, catalogue_names, load_catalogue
from roc_core.schema import NONE, Relation

DATA = Path(__file__).resolve().parents[2] / "../shared/data/mnre"
MORE = [
    "/per/per/opponent",
    "/per/per/partner",
    "/per/per/relatives",
    "/per/per/alternate_names",
    "/per/org/opposed_to",
    "/per/org/leader_of",
    "/per/org/member_of",
    "/per/loc/place_of_birth",
    "/per/loc/place_of_residence",
    "/per/loc/place_of_governance",
    "/per/misc/present_in",
    "/per/misc/awarded",
    "/per/misc/party",
    "/per/misc/nationality",
    "/per/misc/president",
    "/org/org/alternate_names",
    "/org/org/subsidiary",
    "/org/loc/locate_at",
    "/org/misc/present_in",
    "/loc/loc/contain",
]
MNRE = [
    "/per/per/parent",
    "/per/per/siblings",
    "/per/per/couple",
    "/per/per/neighbor",
    "/per/per/peer",
    "/per/per/charges",
    "/per/per/alumi",
    "/per/per/alternate_names",
    "/per/org/member_of",
    "/per/loc/place_of_residence",
    "/per/loc/place_of_birth",
    "/org/org/alternate_names",
    "/org/org/subsidiary",
    "/org/loc/locate_at",
    "/loc/loc/contain",
    "/per/misc/present_in",
    "/per/misc/awarded",
    "/per/misc/race",
    "/per/misc/religion",
    "/per/misc/nationality",
    "/misc/misc/part_of",
    "/misc/loc/held_on",
]
SYMMETRIC = {
    "mnre": {"peer", "couple", "siblings", "neighbor", "alumi", "alternate_names"},
    "more": {"opponent", "partner", "relatives", "alternate_names"},
}
TYPES = {"per": "person", "org": "organization", "loc": "location", "misc": "thing"}

each = pytest.mark.parametrize("name", ["mnre", "more"])


def all_relations() -> list[tuple[Catalogue, Relation]]:
    return [(c, r) for c in map(load_catalogue, ("mnre", "more")) for r in c]


def test_names() -> None:
    assert catalogue_names() == ("mnre", "more")


def test_every_label_is_a_relation() -> None:
    assert sorted(load_catalogue("mnre").ids) == sorted(MNRE)
    assert sorted(load_catalogue("more").ids) == sorted(MORE)


def test_mnre_ids_are_the_labels_of_the_data() -> None:
    file = DATA / "ours_rel2id.json"
    if not file.exists():
        pytest.skip("MNRE's label list is not here: its labels were not compared")
    labels = set(json.loads(file.read_text(encoding="utf-8"))) - {NONE}
    assert set(load_catalogue("mnre").ids) == labels


@each
def test_types_and_symmetry(name: str) -> None:
    catalogue = load_catalogue(name)
    for relation in catalogue:
        _, head, tail, _ = relation.id.split("/")
        assert (relation.head, relation.tail) == (TYPES[head], TYPES[tail])
    found = {r.id.rpartition("/")[2] for r in catalogue if r.symmetric}
    assert found == SYMMETRIC[name]


def test_facets() -> None:
    for _, relation in all_relations():
        count = Counter(d.facet for d in relation.descriptions)
        assert len(relation.descriptions) >= 7, relation.id
        assert min(count["definition"], count["wording"]) >= 2, relation.id
        assert min(count["picture"], count["contrast"]) >= 1, relation.id
        sides = (count["forward"], count["backward"])
        assert sides == (0, 0) if relation.symmetric else min(sides) >= 1, relation.id


def test_texts_are_one_sentence_of_fair_length() -> None:
    for _, relation in all_relations():
        for d in relation.descriptions:
            words = d.text.split()
            assert 6 <= len(words) <= 35, (d.id, len(words))
            assert d.text.endswith("."), d.id
            assert not re.search(r"[.!?]\s", d.text), f"{d.id}: more than one sentence"
            assert d.text[0].isupper() or d.text.startswith(("{head}", "{tail}")), d.id
            assert not re.search(r"[/_]", d.text), f"{d.id}: label jargon"


def test_sides_begin_with_their_side() -> None:
    for _, relation in all_relations():
        for d in relation.descriptions:
            if d.facet in ("forward", "backward"):
                first = "{head}" if d.facet == "forward" else "{tail}"
                assert d.text.startswith(first), d.id


def test_contrast_names_a_rival() -> None:
    for catalogue, relation in all_relations():
        rivals = [r.name for r in catalogue if r is not relation]
        for d in relation.descriptions:
            if d.facet == "contrast":
                assert any(f"'{name}'" in d.text for name in rivals), d.id


@each
def test_nothing_twice(name: str) -> None:
    catalogue = load_catalogue(name)
    texts = Counter(d.text for d in catalogue.descriptions(scored_only=False))
    assert [t for t, n in texts.items() if n > 1] == []
    names = Counter(r.name for r in catalogue)
    assert [t for t, n in names.items() if n > 1] == []


def test_a_rendered_description_reads_as_a_sentence() -> None:
    member = load_catalogue("mnre").get("/per/org/member_of")
    text = next(d for d in member.descriptions if d.facet == "backward").render("Ada", "the band")
    assert text == "the band counts Ada among its players, staff, artists or officials."
