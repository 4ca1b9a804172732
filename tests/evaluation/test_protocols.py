"""What belongs to dev is fixed by the sentence alone; what each protocol lets a model know."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roc_core.datasets import mnre
from roc_core.datasets.base import Where
from roc_core.errors import ValueRejected
from roc_core.evaluation.protocols import (
    DEV_SHARE,
    PROTOCOLS,
    allowed,
    is_dev,
    prepare,
    split_dev,
)
from roc_core.relations import load_catalogue
from roc_core.retrieval import readings
from roc_core.schema import Example, Label, Mention, Provenance, Record, Span
from tests.training import made


def record(sentence: str, line: int = 1) -> Record:
    example = Example(sentence, (Mention(Span(0, 1)), Mention(Span(1, 2))))
    return Record(example, Label("None"), Provenance("made", "train", line))


@pytest.mark.parametrize(
    ("sentence", "digest_ends_in_dev"),
    [
        # int(printf '%s' "$sentence" | sha256sum) % 10 == 0, worked out outside Python's hashlib
        ("Mira joins band 16 🎸", True),
        ("Mira joins band 1 🎸", False),
    ],
)
def test_known_sentences_fall_where_the_definition_puts_them(
    sentence: str, digest_ends_in_dev: bool
) -> None:
    assert is_dev(sentence) is digest_ends_in_dev


@given(st.lists(st.text(st.characters(exclude_categories=("Cs",))), max_size=6))
def test_dev_is_sha_256_of_the_words_joined_by_one_space_modulo_ten(words: list[str]) -> None:
    joined = " ".join(words)
    digest = hashlib.sha256(joined.encode("utf-8")).digest()
    assert is_dev(joined) == (int.from_bytes(digest, "big") % DEV_SHARE == 0)


def test_the_split_is_by_sentence_and_loses_nothing() -> None:
    every = [record(f"sentence {n}", line) for n in range(300) for line in (1, 2)]
    split = split_dev(every)
    dev = {r.example.sentence for r in split.dev}
    assert not dev & {r.example.sentence for r in split.train}
    assert sorted(map(id, (*split.train, *split.dev))) == sorted(map(id, every))
    assert 0.05 < len(split.dev) / len(every) < 0.15
    assert [r for r in every if r.example.sentence in dev] == list(split.dev)


CATALOGUE = load_catalogue("mnre")
NAMES = ("Mira", "Ulm")


def mnre_record(relation: str, head: int, tail: int) -> Record:
    """The record of an MNRE line "Mira joins Ulm" whose h and t are its words 0 and 2 in turn."""
    words = ["Mira", "joins", "Ulm"]
    h, t = ({"name": words[at], "pos": [at, at + 1]} for at in (head, tail))
    given = {"token": words, "h": h, "t": t, "img_id": "a.jpg", "relation": relation}
    return mnre.parse(Where("made", 1), repr(given), "train")


def said(record: Record) -> tuple[str, str]:
    return record.example.names()


@pytest.mark.parametrize("relation", ["None", "/per/per/peer"])
def test_honest_is_blind_to_the_order_of_the_file(relation: str) -> None:
    one, other = (
        prepare([mnre_record(relation, h, t)], CATALOGUE, "honest")[0] for h, t in ((0, 2), (2, 0))
    )
    assert one.example == other.example
    assert one.label == other.label


def test_honest_tells_who_is_head_by_the_label_alone() -> None:
    turned = [mnre_record("/per/org/member_of", h, t) for h, t in ((0, 2), (2, 0))]
    one, other = prepare(turned, CATALOGUE, "honest")
    assert one.example == other.example
    assert one.label == Label("/per/org/member_of", "forward")
    assert other.label == Label("/per/org/member_of", "backward")


@pytest.mark.parametrize("protocol", ["as-published", "oracle-types"])
@pytest.mark.parametrize("relation", ["/per/org/member_of", "/per/per/peer", "None"])
def test_the_other_protocols_put_the_files_head_first(protocol: str, relation: str) -> None:
    for h, t in ((0, 2), (2, 0)):
        (found,) = prepare([mnre_record(relation, h, t)], CATALOGUE, protocol)
        assert said(found) == (NAMES if h == 0 else NAMES[::-1])
        assert found.label is not None
        assert found.label.direction == ("forward" if "member" in relation else "both")
        # A later change of the example, such as another picture text, keeps the order.
        assert replace(found.example, picture_text="a stage").names() == said(found)


def test_types_are_the_labels_under_oracle_types_alone() -> None:
    every = [mnre_record(r, 2, 0) for r in ("/per/org/member_of", "None")]
    types = {
        p: [tuple(m.type for m in r.example.mentions) for r in prepare(every, CATALOGUE, p)]
        for p in PROTOCOLS
    }
    assert types["honest"] == types["as-published"] == [(None, None), (None, None)]
    assert types["oracle-types"] == [("person", "organization"), (None, None)]


def test_types_that_the_data_states_stay_under_honest_and_go_under_as_published() -> None:
    plain = mnre_record("None", 0, 2)
    given = replace(plain, example=plain.example.with_types("person", "location"))
    assert prepare([given], CATALOGUE, "honest") == [given]
    for protocol in ("as-published", "oracle-types"):
        (found,) = prepare([given], CATALOGUE, protocol)
        assert [m.type for m in found.example.mentions] == [None, None]


def test_an_unknown_protocol_and_a_second_preparation_are_refused() -> None:
    record = mnre_record("None", 0, 2)
    with pytest.raises(ValueRejected) as raised:
        prepare([record], CATALOGUE, "published")
    assert str(raised.value) == (
        "Expected a protocol, one of honest, as-published, oracle-types. Found published. "
        "Choose one."
    )
    once = prepare([record], CATALOGUE, "as-published")
    with pytest.raises(ValueRejected, match="Expected records as they were read"):
        prepare(once, CATALOGUE, "honest")


def test_the_type_filter_leaves_what_fits_the_types_and_nothing_without_types() -> None:
    pairs = readings(made.catalogue()).pairs
    example = made.record("mia tom", "mia", "tom").example
    given = [
        example.with_types(*types)
        for types in (("person", "organization"), ("organization", "person"), ("person", "person"))
    ]
    mask = allowed(pairs, [*given, example, example.with_types("person", None)])
    names = [[(r.id, d) for (r, d), ok in zip(pairs, row, strict=True) if ok] for row in mask]
    assert names == [
        [(made.MEMBER, "forward")],
        [(made.MEMBER, "backward")],
        [(made.PEER, "both")],
        [],
        [],
    ]
