"""Edits of relations and catalogues, and what differs between two states."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roc_core.errors import CatalogueInvalid, RelationUnknown
from roc_core.relations import (
    Catalogue,
    build_relation,
    diff,
    load_catalogue,
    numbered,
    relation_from_json,
    relation_id_from,
    relation_json,
    with_relation,
    without_relation,
)
from roc_core.schema import Description, DiffPiece, Relation

MEMBER = "/per/org/member_of"
words = st.lists(st.sampled_from(["Ana", "joins", "a", "band", "–", "and", "leaves", "é"]))
sentences = words.map(" ".join).filter(bool)


def made(**texts: list[str]) -> Relation:
    return build_relation("/x", "x", "is x of", "person", "person", False, texts)  # type: ignore[arg-type]


def test_a_relation_is_put_in_place_or_at_the_end() -> None:
    mnre = load_catalogue("mnre")
    changed = replace(mnre.get(MEMBER), phrase="belongs to")
    found = with_relation(mnre, changed)
    assert found.ids == mnre.ids
    assert found.get(MEMBER).phrase == "belongs to"
    assert with_relation(mnre, made(wording=["w"])).ids == (*mnre.ids, "/x")
    assert found.digest != mnre.digest


def test_a_relation_is_left_out() -> None:
    mnre = load_catalogue("mnre")
    assert MEMBER not in without_relation(mnre, MEMBER)
    with pytest.raises(RelationUnknown, match="Did you mean /per/org/member_of"):
        without_relation(mnre, "/per/org/member")
    with pytest.raises(CatalogueInvalid, match="at least one relation"):
        without_relation(Catalogue("one", "One", (made(wording=["w"]),)), "/x")


def test_descriptions_are_numbered_anew() -> None:
    def said(facet: str, text: str) -> Description:
        return Description("?", "?", facet, text)  # type: ignore[arg-type]

    loose = replace(
        made(),
        descriptions=(
            said("wording", "one"), said("definition", "{head} {tail}"), said("wording", "two"),
        ),
    )  # fmt: skip
    found = numbered(loose)
    assert [(d.id, d.text) for d in found.descriptions] == [
        ("/x#definition-1", "{head} {tail}"),
        ("/x#wording-1", "one"),
        ("/x#wording-2", "two"),
    ]
    assert numbered(found) == found


@pytest.mark.parametrize("name", ["mnre", "more"])
def test_a_relation_survives_its_text(name: str) -> None:
    for relation in load_catalogue(name):
        assert relation_from_json(relation_json(relation)) == relation


def test_an_id_is_made_of_types_and_name() -> None:
    assert relation_id_from("Works for", "person", "organization") == "/per/org/works_for"
    assert relation_id_from(" plays — with ") == "plays_with"
    assert relation_id_from("ÄHNLICH wie") == "ähnlich_wie"
    assert relation_id_from("友") == "友"
    assert relation_id_from("…") == "relation"
    assert relation_id_from("None") == "none_"
    assert relation_id_from("none", "thing", "location") == "/misc/loc/none"
    assert relation_id_from("a", taken=("a", "a_2")) == "a_3"


@given(st.text(), st.lists(st.sampled_from(["a", "a_2", "relation"])))
def test_an_id_is_always_one_a_relation_may_have(name: str, taken: list[str]) -> None:
    id = relation_id_from(name, taken=taken)
    assert id not in taken
    if len(id) <= 500:
        one = build_relation(id, "n", "p", "person", "person", False, {"wording": ["w"]})
        assert Catalogue("c", "C", (one,)).ids == (id,)


def test_words_that_differ_are_told_apart() -> None:
    old, new = made(wording=["Posts say joins"]), made(wording=["Posts often say leaves"])
    assert diff(old, new) == (
        DiffPiece("descriptions.wording-1", "same", "Posts"),
        DiffPiece("descriptions.wording-1", "added", " often"),
        DiffPiece("descriptions.wording-1", "same", " say "),
        DiffPiece("descriptions.wording-1", "removed", "joins"),
        DiffPiece("descriptions.wording-1", "added", "leaves"),
    )
    assert diff(old, old) == ()
    assert diff(replace(old, phrase="is a part of"), replace(old, phrase="belongs to")) == (
        DiffPiece("phrase", "removed", "is a part of"),
        DiffPiece("phrase", "added", "belongs to"),
    )
    assert diff(replace(old, symmetric=True), old) == (
        DiffPiece("symmetric", "removed", "yes"),
        DiffPiece("symmetric", "added", "no"),
    )


def test_a_description_that_goes_leaves_the_others_alone() -> None:
    old, new = made(wording=["one", "two", "three"]), made(wording=["one", "three", "four"])
    assert diff(old, new) == (
        DiffPiece("descriptions.wording-2 (removed)", "removed", "two"),
        DiffPiece("descriptions.wording-3", "added", "four"),
    )


def test_a_whole_relation_comes_or_goes() -> None:
    one = made(wording=["w"])
    assert {p.kind for p in diff(None, one)} == {"added"}
    assert {p.kind for p in diff(one, None)} == {"removed"}
    assert {p.field for p in diff(one, None)} == {
        "name", "phrase", "head", "tail", "symmetric", "descriptions.wording-1 (removed)",
    }  # fmt: skip


@settings(deadline=None)
@given(sentences, sentences, st.lists(sentences, max_size=4), st.lists(sentences, max_size=4))
def test_pieces_join_to_what_was_and_what_is(
    name: str, other: str, old: list[str], new: list[str]
) -> None:
    before = replace(made(wording=old), name=name)
    after = replace(made(wording=new), name=other)
    was: dict[str, str] = defaultdict(str)
    now: dict[str, str] = defaultdict(str)
    for piece in diff(before, after):
        if piece.kind != "added":
            was[piece.field] += piece.text
        if piece.kind != "removed":
            now[piece.field] += piece.text
    if name != other:
        assert (was["name"], now["name"]) == (name, other)
    else:
        assert "name" not in was
    texts = {f"descriptions.wording-{n}": t for n, t in enumerate(new, 1)}
    shown = {f: t for f, t in now.items() if f.startswith("descriptions") and t}
    assert shown.items() <= texts.items()
    gone = [t for f, t in was.items() if f.endswith("(removed)")]
    assert all(t in old for t in gone)
