"""The frozen value: lookup, order, digest, and every rule's words."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from roc_core.errors import CatalogueInvalid, RelationUnknown
from roc_core.relations import Catalogue, build_relation, load_catalogue
from roc_core.schema import Relation

BOTH = "{head} knows {tail}."
TEXTS: dict[str, list[str]] = {"definition": [BOTH], "contrast": ["Not to be mixed up."]}


def relation(texts: dict[str, list[str]] | None = None, **changes: Any) -> Relation:
    fields: dict[str, Any] = {
        "id": "/per/per/knows",
        "name": "knows",
        "phrase": "knows",
        "head": "person",
        "tail": "person",
        "symmetric": False,
        "texts": TEXTS if texts is None else texts,
    }
    return build_relation(**{**fields, **changes})


def problem(*relations: Relation, **fields: Any) -> str:
    values = {"id": "c", "title": "C", "relations": relations, **fields}
    with pytest.raises(CatalogueInvalid) as caught:
        Catalogue(**values)
    return str(caught.value)


def test_lookup() -> None:
    catalogue = load_catalogue("mnre")
    assert "/per/per/peer" in catalogue
    assert "None" not in catalogue
    assert catalogue.get("/per/per/peer").symmetric
    assert len(catalogue) == len(list(catalogue)) == 22


def test_unknown_relation_names_near_ids() -> None:
    with pytest.raises(RelationUnknown) as caught:
        load_catalogue("mnre").get("/per/per/peers")
    text = str(caught.value)
    assert text.startswith("Expected a relation id of catalogue 'mnre'. Found '/per/per/peers'.")
    assert "Did you mean /per/per/peer" in text


def test_unknown_relation_without_near_ids_lists_all() -> None:
    with pytest.raises(RelationUnknown, match=r"It knows /per/per/knows\."):
        Catalogue("c", "C", (relation(),)).get("zzzz")


def test_contrast_is_not_scored() -> None:
    catalogue = Catalogue("c", "C", (relation(),))
    assert [d.facet for d in catalogue.descriptions()] == ["definition"]
    assert [d.id for d in catalogue.descriptions(scored_only=False)] == [
        "/per/per/knows#definition-1",
        "/per/per/knows#contrast-1",
    ]


def test_facets_come_in_one_order() -> None:
    texts = {"backward": [BOTH], "wording": ["a b", "c d"], "definition": [BOTH]}
    ids = [d.id.rpartition("#")[2] for d in relation(texts).descriptions]
    assert ids == ["definition-1", "wording-1", "wording-2", "backward-1"]


def test_digest_follows_the_content() -> None:
    one = Catalogue("c", "C", (relation(),))
    assert one.digest == Catalogue("c", "C", (relation(),)).digest
    assert len(one.digest) == 64
    changed = [
        Catalogue("d", "C", (relation(),)),
        Catalogue("c", "C", (relation(phrase="meets"),)),
        Catalogue("c", "C", (relation({**TEXTS, "definition": [BOTH, "x" + BOTH]}),)),
        Catalogue("c", "C", (relation(symmetric=True),)),
    ]
    assert len({one.digest, *(c.digest for c in changed)}) == 5


def test_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        load_catalogue("mnre").title = "x"  # type: ignore[misc]


MEND = "of relation '/per/per/knows' in catalogue 'c'."


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"phrase": ""}, f"Expected a text. Found an empty one. Mend field 'phrase' {MEND}"),
        (
            {"name": " x"},
            f"without spaces at its beginning and end. Found ' x'. Mend field 'name' {MEND}",
        ),
        (
            {"phrase": "a\nb"},
            (
                "without line breaks and control characters. "
                f"Found U+000A at character 2. Mend field 'phrase' {MEND}"
            ),
        ),
        ({"phrase": "x\ud800"}, f"Found U+D800 at character 2. Mend field 'phrase' {MEND}"),
        (
            {"name": "x" * 501},
            f"Expected at most 500 characters. Found 501. Mend field 'name' {MEND}",
        ),
        (
            {"head": "misc"},
            (
                "Expected an entity type, one of person, organization, location, thing. "
                f"Found 'misc'. Mend field 'head' {MEND}"
            ),
        ),
        (
            {"symmetric": True, "tail": "thing"},
            (
                "because the relation is symmetric. "
                f"Found head 'person', tail 'thing'. Mend field 'symmetric' {MEND}"
            ),
        ),
        ({"id": "a#b"}, "Expected an id without '#', which ends it in description ids. Found a#b."),
        (
            {"id": "none"},
            "Expected the id of a relation; 'None' is kept for pairs without one. Found 'none'.",
        ),
        ({"id": ""}, "Expected a text. Found an empty one. Mend field 'id' in catalogue 'c'."),
    ],
)
def test_field_errors(changes: dict[str, Any], text: str) -> None:
    assert text in problem(relation(**changes))


@pytest.mark.parametrize(
    ("texts", "symmetric", "text"),
    [
        (
            {"cues": ["x"]},
            False,
            (
                "one of definition, wording, picture, forward, backward, contrast. "
                f"Found 'cues'. Mend field 'descriptions' {MEND}"
            ),
        ),
        (
            {"definition": ["{head} alone"]},
            False,
            (
                f"Expected both {{head}} and {{tail}} in a definition. "
                f"Found a text without {{tail}}. Mend field 'descriptions.definition-1' {MEND}"
            ),
        ),
        (
            {"wording": ["x"], "backward": ["y"]},
            False,
            (
                "in a backward. "
                "Found a text without {head} and {tail}. "
                f"Mend field 'descriptions.backward-1' {MEND}"
            ),
        ),
        (
            {"wording": ["ok", "{Head} x"]},
            False,
            (
                f"Expected no slots but {{head}} and {{tail}}. "
                f"Found {{Head}}. Mend field 'descriptions.wording-2' {MEND}"
            ),
        ),
        (
            {"contrast": ["a", "b"]},
            False,
            (
                "besides contrast, which is never scored. "
                f"Found 2 of facet contrast. Mend field 'descriptions' {MEND}"
            ),
        ),
        (
            {},
            False,
            (
                "besides contrast, which is never scored. "
                f"Found none. Mend field 'descriptions' {MEND}"
            ),
        ),
        (
            {"definition": [BOTH], "backward": [BOTH]},
            True,
            (
                "Expected no backward description, because the relation is symmetric. "
                f"Found one. Mend field 'descriptions.backward' {MEND}"
            ),
        ),
        (
            {"wording": ["bell\x07"]},
            False,
            f"Found U+0007 at character 5. Mend field 'descriptions.wording-1' {MEND}",
        ),
    ],
)
def test_description_errors(texts: dict[str, list[str]], symmetric: bool, text: str) -> None:
    assert text in problem(relation(texts, symmetric=symmetric))


def test_same_id_twice() -> None:
    text = problem(relation(), relation())
    assert "Expected an id that no other relation has. Found '/per/per/knows' twice." in text


def test_no_relations_and_no_title() -> None:
    assert "Expected at least one relation. Found none. Mend field 'relations' in" in problem()
    assert "Mend field 'title' in catalogue 'c'." in problem(relation(), title="")


def test_description_ids_are_numbered() -> None:
    good = relation()
    wrong = dataclasses.replace(good.descriptions[0], id="/per/per/knows#definition-7")
    text = problem(dataclasses.replace(good, descriptions=(wrong,)))
    assert "Expected description '/per/per/knows#definition-1'" in text
    assert "Found '/per/per/knows#definition-7' of relation '/per/per/knows'." in text
    mixed = dataclasses.replace(good, descriptions=good.descriptions[::-1])
    assert "facets in the order definition, wording" in problem(mixed)
