"""Readings by name, and an analysis's own answers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from roc_core.errors import ValueRejected
from roc_core.schema import NONE, ORACLE_TYPES, VARIANTS, Reading, ReadingState
from tests.evaluation.made_analysis import made

NAMES = st.text(st.sampled_from("ab@-. é") | st.characters(exclude_categories=["Cs"]), min_size=1)


def ends_like_a_variant(name: str) -> bool:
    return any(name.endswith(f"@{v}") for v in VARIANTS[1:])


@given(
    version=NAMES.filter(lambda n: not ends_like_a_variant(n)), variant=st.sampled_from(VARIANTS)
)
def test_a_key_names_its_reading(version: str, variant: str) -> None:
    reading = Reading(version, variant)
    assert Reading.parse(reading.key) == reading


@given(
    text=st.one_of(
        NAMES,
        st.lists(st.sampled_from(["mini", "@", *VARIANTS]), min_size=1, max_size=4).map("".join),
    )
)
def test_any_text_is_a_reading_or_refused(text: str) -> None:
    version = next((text[: -len(v) - 1] for v in VARIANTS[1:] if text.endswith(f"@{v}")), text)
    if not version or ends_like_a_variant(version):
        with pytest.raises(ValueRejected, match="a model version's name that does not end in @"):
            Reading.parse(text)
    else:
        assert Reading.parse(text).key == text


def test_what_is_no_reading_is_refused() -> None:
    with pytest.raises(ValueRejected) as caught:
        Reading("mini", "upside-down")
    assert str(caught.value) == (
        "Expected a way of reading, one of without-pictures, oracle-types, as-published, or none. "
        "Found 'upside-down'. Choose one of them."
    )
    with pytest.raises(ValueRejected, match="Found ''"):
        Reading("")
    assert Reading.parse("mini@pictures") == Reading("mini@pictures")
    assert [v for v in VARIANTS if Reading("mini", v).oracle] == [ORACLE_TYPES]


def test_how_far_a_reading_is() -> None:
    assert not ReadingState(Reading("mini"), 3, 4).complete
    assert ReadingState(Reading("mini"), 4, 4).complete


def test_answers_move_with_the_line() -> None:
    a = made(["x", NONE, "y"], ["x", "x", "x"], [0.1, 0.0, -0.1])
    assert [a.predicted().of(r) for r in range(3)] == ["x", "x", NONE]
    assert [a.predicted(0.05).of(r) for r in range(3)] == ["x", NONE, NONE]
    assert [a.predicted(-0.1).of(r) for r in range(3)] == ["x", "x", "x"]
    assert a.predicted().names == a.names == ("x", "y", NONE)
    assert len(a) == 3
    assert a.ids(np.array([2])) == ("0000000000000002",)
    assert len(a.ids()) == 3
