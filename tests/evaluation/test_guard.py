"""The guard's verdict from answers, by hand-made figures."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from roc_core.evaluation.guard import GuardCase, held_out, judged
from roc_core.evaluation.report import Answers
from roc_core.schema import (
    NONE,
    GuardReport,
    GuardRule,
    Label,
    Record,
)
from roc_core.schema.versions import outcome
from tests.training.made import LIVES, MEMBER, record

RULE = GuardRule()


def case(number: int, relation: str, *parts: str) -> GuardCase:
    direction = "both" if relation == NONE else "forward"
    made: Record = record(f"mia lives in ulm {number}", "mia", "ulm", relation, direction)  # type: ignore[arg-type]
    return GuardCase(f"item{number}", parts, made)


def answers(*relations: str, ranks: list[int] | None = None) -> Answers:
    directions = tuple("both" if r == NONE else "forward" for r in relations)
    found = np.array(ranks if ranks is not None else [1] * len(relations))
    return Answers(relations, directions, found, relations, np.zeros(len(relations)))  # type: ignore[arg-type]


def test_a_version_that_is_no_worse_passes() -> None:
    cases = [case(n, MEMBER, "made dev") for n in range(20)]
    said = answers(*[MEMBER] * 15, *[LIVES] * 5)
    report = judged(cases, said, said, RULE)
    assert (report.passed, report.reasons, report.changes) == (True, (), ())
    (part,) = report.parts
    assert (part.name, part.pairs, part.before.right) == ("made dev", 20, 15)
    assert part.before.f1 == pytest.approx(0.75)


def test_a_part_that_fell_is_named_with_its_figures() -> None:
    cases = [case(n, MEMBER, "made dev") for n in range(20)]
    report = judged(cases, answers(*[MEMBER] * 20), answers(*[MEMBER] * 19, LIVES), RULE)
    assert not report.passed
    assert report.reasons == ("F1 on made dev (20 pairs) fell from 1.000 to 0.950.",)
    (change,) = report.changes
    assert (change.item, change.outcome, change.after) == (
        "item19",
        "lost",
        Label(LIVES, "forward"),
    )


def test_a_part_of_few_pairs_does_not_decide_but_a_held_out_correction_does() -> None:
    cases = [case(n, MEMBER, "made dev") for n in range(19)]
    worse = judged(cases, answers(*[MEMBER] * 19), answers(*[LIVES] * 19), RULE)
    assert worse.reasons == (
        "Nothing to judge by: no guard part has 20 pairs, and no correction was held out.",
    )
    cases = [case(1, MEMBER, "corrections", "starter"), case(2, NONE, "corrections")]
    same = answers(MEMBER, LIVES, ranks=[1, 0])
    assert judged(cases, same, same, RULE).passed
    worse = judged(cases, same, answers(LIVES, LIVES, ranks=[2, 0]), RULE)
    assert worse.reasons == ("Of 2 held-out corrections 0 are answered right, 1 before.",)
    assert [p.name for p in worse.parts] == ["corrections", "starter", "whole guard set"]
    assert worse.parts[0].before.none_kept == 0.0


def test_nothing_to_judge_by_is_no_pass() -> None:
    report = judged([], None, None, RULE)
    assert (report.passed, report.parts) == (False, ())
    assert report.reasons[0].startswith("Nothing to judge by")


def test_a_fall_within_the_tolerance_is_allowed() -> None:
    cases = [case(n, MEMBER, "made dev") for n in range(100)]
    report = judged(cases, answers(*[MEMBER] * 50, *[LIVES] * 50),
                    answers(*[MEMBER] * 49, *[LIVES] * 51), RULE)  # fmt: skip
    assert report.passed
    assert not judged(
        cases, answers(*[MEMBER] * 50, *[LIVES] * 50),
        answers(*[MEMBER] * 48, *[LIVES] * 52), RULE,
    ).passed  # fmt: skip


def two_parts(lost: int, won: int) -> GuardReport:
    """Two parts of 100 pairs, half of them right; one loses so many, the other wins so many."""
    cases = [case(n, MEMBER, "made dev" if n < 100 else "starter") for n in range(200)]
    half = [*[MEMBER] * 50, *[LIVES] * 50]
    one = [*[MEMBER] * (50 - lost), *[LIVES] * (50 + lost)]
    two = [*[MEMBER] * (50 + won), *[LIVES] * (50 - won)]
    return judged(cases, answers(*half, *half), answers(*one, *two), RULE)


def test_a_part_falls_beyond_doubt_or_not_at_all() -> None:
    assert two_parts(2, 2).passed, "2 of 100 less is what chance does (86 % of draws)"
    sure = two_parts(4, 4)
    assert sure.reasons == ("F1 on made dev (100 pairs) fell from 0.500 to 0.460.",)
    assert [(p.name, p.pairs) for p in sure.parts][-1] == ("whole guard set", 200)


def test_the_whole_guard_set_may_not_fall_whatever_chance_does() -> None:
    assert two_parts(2, 0).passed, "0.500 to 0.490 is within the tolerance"
    assert two_parts(2, -1).reasons == (
        "F1 on the whole guard set (200 pairs) fell from 0.500 to 0.485.",
    )


def test_a_report_of_before_there_was_a_share_reads_back_with_the_rule_it_had() -> None:
    kept = two_parts(2, 2).as_dict()
    del kept["rule"]["sure"]
    assert "on each guard part of at least 20 pairs" in GuardReport.from_dict(kept).rule.said
    assert "in 90% of bootstrap draws" in RULE.said


LABELS = st.sampled_from([MEMBER, LIVES, NONE])


@given(st.lists(st.tuples(LABELS, LABELS, LABELS, st.integers(1, 9)), min_size=1, max_size=30))
def test_a_report_reads_back_and_lists_regressions_first(
    rows: list[tuple[str, str, str, int]],
) -> None:
    cases = [case(n, gold, "corrections") for n, (gold, *_) in enumerate(rows)]
    ranks = [0 if gold == NONE else rank for gold, _, _, rank in rows]
    before = answers(*(old for _, old, _, _ in rows), ranks=ranks)
    after = answers(*(new for _, _, new, _ in rows), ranks=ranks)
    report = judged(cases, before, after, RULE)
    assert GuardReport.from_dict(report.as_dict()) == report
    became = [c.outcome for c in report.changes]
    assert became == sorted(became, key=["lost", "won", "still wrong", "still right"].index)
    (part,) = report.parts
    lost, won = became.count("lost"), became.count("won")
    assert part.after.right - part.before.right == won - lost
    assert report.passed is (won >= lost and not report.reasons)


def test_direction_counts_as_right_or_wrong() -> None:
    one, other = Label(MEMBER, "forward"), Label(MEMBER, "backward")
    assert outcome(one, one, other) == "lost"
    assert outcome(one, other, one) == "won"


def test_one_sentence_of_five_is_held_out_whatever_is_asked() -> None:
    held = sum(held_out(f"sentence {n}", RULE) for n in range(5000))
    assert 900 < held < 1100
    assert held_out("sentence 1", RULE) == held_out("sentence 1", GuardRule(0.5, 3, 5))
