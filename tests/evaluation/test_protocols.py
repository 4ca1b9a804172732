"""What belongs to dev is fixed by the sentence alone."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roc_core.evaluation.protocols import DEV_SHARE, is_dev, split_dev
from roc_core.schema import Example, Label, Mention, Provenance, Record, Span


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
