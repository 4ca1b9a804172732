"""Where "none of these" is drawn, on cases small enough to see the answer."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from roc_core import metrics
from roc_core.evaluation.calibration import HAIR, SHRINK, calibrate
from roc_core.model.version import Lines
from roc_core.retrieval import PairScores, Readings, readings
from roc_core.schema import NONE
from tests.training.made import LIVES, MEMBER, PEER, catalogue

EVERY: Readings = readings(catalogue())
COLUMNS = {(r.id, d): i for i, (r, d) in enumerate(EVERY.pairs)}
NAMES = (MEMBER, LIVES, PEER)


def scores(rows: list[tuple[str, float]], none: float = 0.0) -> PairScores:
    """One row a pair: the named relation has that margin over the none score, the rest are low."""
    relations = np.full((len(rows), len(EVERY.pairs)), none - 0.9, np.float32)
    for row, (name, margin) in enumerate(rows):
        relations[row, COLUMNS[name, "both" if name == PEER else "forward"]] = none + margin
    described = np.zeros((len(rows), len(EVERY.all)), np.float32)
    return PairScores(described, relations, np.full(len(rows), none, np.float32))


def f1_at(rows: list[tuple[str, float]], gold: list[str], lines: Lines) -> float:
    margins = np.array([m for _, m in rows], np.float32)
    answers = [n if m >= lines.of(n) else NONE for (n, _), m in zip(rows, margins, strict=True)]
    return metrics.micro(gold, answers).f1


def test_the_obviously_right_line_is_found() -> None:
    rows = [(MEMBER, 0.3), (LIVES, 0.4), (PEER, 0.35), (MEMBER, 0.1), (LIVES, 0.05)]
    gold = [MEMBER, LIVES, PEER, NONE, NONE]
    lines = calibrate(EVERY, scores(rows), gold)
    assert 0.1 < lines.all < 0.3001
    assert f1_at(rows, gold, Lines(lines.all)) == 1.0


def test_the_line_is_measured_from_the_none_score_of_each_pair() -> None:
    rows = [(MEMBER, 0.3), (LIVES, 0.4), (PEER, 0.05)]
    gold = [MEMBER, LIVES, NONE]
    low, high = (calibrate(EVERY, scores(rows, none), gold).all for none in (-0.4, 0.4))
    assert low == pytest.approx(high, abs=1e-6)


def test_where_every_answer_is_wrong_nothing_passes() -> None:
    rows = [(MEMBER, 0.3), (LIVES, 0.4)]
    lines = calibrate(EVERY, scores(rows), [LIVES, NONE])
    # No line earns a hit, so all tie at 0; the property below holds for whichever is taken.
    assert f1_at(rows, [LIVES, NONE], lines) == 0.0


def test_a_relations_own_line_is_shrunk_by_the_number_of_pairs_it_is_tried_on() -> None:
    # All but PEER want a line in (0, 0.3]; PEER's four hits lie far below, its own best line
    # among them. One hit of each kind lies at 0.3, so the common line cannot be PEER's.
    others = [(MEMBER, 0.3)] * 60 + [(LIVES, -0.2)] * 60
    rows = [*others, *[(PEER, -0.5)] * 4]
    gold = [MEMBER] * 60 + [NONE] * 60 + [PEER] * 4
    lines = calibrate(EVERY, scores(rows), gold)
    own, common = dict(lines.own), lines.all
    assert common == pytest.approx(0.3, abs=2 * HAIR)
    assert own[PEER] == pytest.approx(common + (-0.5 - common) * 4 / (4 + SHRINK), abs=2 * HAIR)
    assert own[MEMBER] == pytest.approx(0.3, abs=2 * HAIR)


def test_no_pair_passes_its_line_by_rounding_alone() -> None:
    rows = [(MEMBER, 0.3), (MEMBER, 0.25), (LIVES, 0.2), (LIVES, 0.1)]
    gold = [MEMBER, MEMBER, LIVES, NONE]
    lines = calibrate(EVERY, scores(rows), gold)
    for moved in (-1e-6, 0.0, 1e-6):
        assert f1_at([(n, m + moved) for n, m in rows], gold, Lines(lines.all)) == 1.0
    assert abs(lines.all - 0.2) > 1e-6


def test_only_relations_that_came_out_best_have_their_own_line() -> None:
    lines = calibrate(EVERY, scores([(MEMBER, 0.3), (MEMBER, 0.2)]), [MEMBER, NONE])
    assert [name for name, _ in lines.own] == [MEMBER]
    assert lines.of(PEER) == lines.all


PAIRS = st.lists(
    st.tuples(
        st.sampled_from(NAMES),
        st.integers(-40, 40).map(lambda n: n / 50),
        st.sampled_from([*NAMES, NONE]),
    ),
    min_size=1,
    max_size=25,
)


@given(PAIRS)
def test_no_line_of_a_grid_beats_the_common_one_on_its_own_data(
    drawn: list[tuple[str, float, str]],
) -> None:
    rows, gold = [(n, m) for n, m, _ in drawn], [g for _, _, g in drawn]
    chosen = calibrate(EVERY, scores(rows), gold)
    mine = f1_at(rows, gold, Lines(chosen.all))
    for line in np.linspace(-1, 1, 81):
        assert mine >= f1_at(rows, gold, Lines(float(line))) - 1e-9, line
