"""Near duplicates across splits."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from roc_core.evaluation.near_duplicates import Twin, near_duplicates, normalised

LONG = "The band met its old drummer at the harbour on Sunday and played until midnight"


def test_case_links_and_marks_do_not_make_a_sentence_another() -> None:
    assert normalised("RT @Ana: Hello,  World! https://t.co/a1") == "rt ana hello world"
    assert normalised("!!") == "!!"


def test_every_split_is_held_against_those_before_it() -> None:
    splits = {
        "train": [("train 1", LONG), ("train 2", "A cat sleeps")],
        "dev": [("dev 1", "Rain all day in the north")],
        "val": [("val 1", LONG.upper() + " https://t.co/x"), ("val 2", LONG.replace("old", "odd"))],
    }
    found = {(o.earlier, o.later): o for o in near_duplicates(splits)}
    assert list(found) == [("train", "dev"), ("train", "val"), ("dev", "val")]
    overlap = found["train", "val"]
    assert (overlap.sentences, overlap.of_sentences, overlap.same) == (2, 2, 1)
    assert (overlap.pairs, overlap.of_pairs) == (2, 2)
    assert overlap.examples[0] == Twin("val 1", "train 1", 1.0)
    assert 0.9 <= overlap.examples[1].cosine < 1
    assert found["train", "dev"].examples == ()


def test_one_split_has_nothing_to_be_held_against() -> None:
    assert near_duplicates({"train": [("train 1", LONG)], "dev": []}) == ()


@given(st.lists(st.text(min_size=1, max_size=30), min_size=1, max_size=8), st.data())
def test_a_sentence_in_both_splits_is_always_found(
    sentences: list[str], data: st.DataObject
) -> None:
    again = data.draw(st.lists(st.sampled_from(sentences), min_size=1, max_size=5))
    rows = [(f"train {n}", s) for n, s in enumerate(sentences)]
    later = [(f"val {n}", s) for n, s in enumerate(again)]
    (overlap,) = near_duplicates({"train": rows, "val": later})
    assert overlap.sentences == overlap.same == overlap.of_sentences
    assert overlap.pairs == overlap.of_pairs == len(again)
