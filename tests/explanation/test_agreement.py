"""Rank correlation against a definition written out, and which parts it is taken over."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from roc_core.explanation.agreement import agreement, spearman
from roc_core.schema import Share, Span


def slow_ranks(values: list[int]) -> list[float]:
    return [sum(v < x for v in values) + (sum(v == x for v in values) - 1) / 2 for x in values]


@given(st.lists(st.tuples(st.integers(-3, 3), st.integers(-3, 3)), max_size=12))
def test_it_is_the_correlation_of_ranks(pairs: list[tuple[int, int]]) -> None:
    one, other = [p[0] for p in pairs], [p[1] for p in pairs]
    found = spearman(np.array(one, float), np.array(other, float))
    if len(pairs) < 3 or len(set(one)) == 1 or len(set(other)) == 1:
        assert found is None
        return
    a, b = (np.array(slow_ranks(v)) for v in (one, other))
    a, b = a - a.mean(), b - b.mean()
    assert found == pytest.approx(float((a * b).sum() / np.sqrt((a**2).sum() * (b**2).sum())))


def test_only_common_parts_count() -> None:
    one = [Share("word", "the", s, Span(i, i + 1)) for i, s in enumerate((0.1, 0.2, 0.3))]
    extra = Share("cell", "c", 9.0)
    other = [Share("word", "the", s, Span(i, i + 1)) for i, s in enumerate((3.0, 2.0, 1.0))]
    assert agreement([*one, extra], other) == pytest.approx(-1.0)
    assert agreement(one[:2], other) is None
