"""The measurement of the correction memory, on a space whose answers are known."""

from __future__ import annotations

import numpy as np
import pytest

from roc_core.errors import ValueRejected
from roc_core.evaluation.remembering import Space, choose, measure, space_of
from roc_core.schema import NONE, Label, MemorySettings
from tests.model.small import marked, shared_retriever

MEMBER = Label("/per/org/member", "forward")
STRONG = MemorySettings(weight=1.0, neighbours=5, floor=0.5)


def space(near: int, right: int) -> Space:
    """``near`` pairs of MEMBER answered as None in one place; ``right`` pairs of None, of which
    the first lies in that place as well."""
    pairs = shared_retriever().readings.pairs
    vectors = np.array([[1, 0]] * (near + 1) + [[0, 1]] * (right - 1), np.float32)
    labels = (MEMBER,) * near + (Label(NONE),) * right
    return Space(vectors, np.full((near + right, len(pairs)), -0.25), labels, pairs)


def test_look_alikes_are_fixed_and_what_lies_among_them_breaks() -> None:
    rows, trials = measure(space(30, 10), STRONG, draws=3)
    assert [(r.corrections, r.look_alikes, r.fixed, r.share) for r in rows] == [
        (1, 29, 29, 1.0),
        (5, 25, 25, 1.0),
        (20, 10, 10, 1.0),
    ]
    assert [r.broken for r in rows] == [1.0, 1.0, 1.0]
    assert [(t.gold, t.answered, t.members) for t in trials] == [(MEMBER.relation, NONE, 30)] * 3


def test_too_weak_a_memory_changes_nothing() -> None:
    rows, _ = measure(space(30, 10), MemorySettings(weight=0.1), draws=2)
    assert [(r.fixed, r.broken) for r in rows] == [(0, 0)] * 3


def test_sizes_that_leave_no_look_alikes_are_left_out() -> None:
    rows, _ = measure(space(12, 4), STRONG, least=10, draws=1)
    assert [r.corrections for r in rows] == [1, 5]


def test_a_split_without_a_large_confusion_is_refused() -> None:
    with pytest.raises(
        ValueRejected, match=r"a confusion of at least 25 pairs. Found none above 9"
    ):
        measure(space(9, 4), STRONG)


def test_the_choice_keeps_the_rule() -> None:
    chosen = choose(space(12, 4), draws=1)
    assert chosen.weight > 0.2
    none_fixed = Space(*(lambda s: (s.vectors, s.margins * 10, s.labels, s.pairs))(space(12, 4)))
    assert choose(none_fixed, draws=1) == MemorySettings(weight=0.1, neighbours=5, floor=0.9)


def test_a_space_has_the_margins_of_the_answers() -> None:
    retriever = shared_retriever()
    examples = [marked("Ana", "band"), marked("band", "city")]
    found = space_of(retriever, retriever.vectors(examples), [MEMBER, MEMBER])
    answers = retriever.predict(examples)
    assert found.answers(found.margins).tolist() == [p.label.relation for p in answers]
    best = [p.ranked[0].margin for p in answers]
    assert found.margins.max(axis=1) == pytest.approx(best, abs=1e-5)
