"""What is written of the progress, how often, and how the work learns to stop."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roc_core.errors import StoreUnavailable
from roc_core.jobs.report import EVERY, JobCancelled, Reporter

Row = tuple[int, int, str, float | None]


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def reporter(rows: list[Row], clock: Clock, go_on: bool = True) -> Reporter:
    def write(*row: int | str | float | None) -> bool:
        rows.append(row)  # type: ignore[arg-type]
        return go_on

    return Reporter(write, lambda: False, clock)


def test_stages_and_ends_are_written_at_once_the_rest_now_and_then() -> None:
    rows: list[Row] = []
    clock = Clock()
    report = reporter(rows, clock)
    for done in range(11):
        report(done, 10, "reading")
        clock.now += EVERY / 4
    report(0, 5, "drawing")
    assert [(r[0], r[2]) for r in rows] == [
        (0, "reading"), (4, "reading"), (8, "reading"), (10, "reading"), (0, "drawing"),
    ]  # fmt: skip
    assert [r[3] for r in rows] == [None, 0.75, 0.25, 0.0, None]


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50), st.floats(0, 9)), max_size=30))
def test_time_left_is_never_negative(steps: list[tuple[int, int, float]]) -> None:
    rows: list[Row] = []
    clock = Clock()
    report = reporter(rows, clock)
    for done, total, passed in steps:
        report(done, total, "reading")
        clock.now += passed
    assert all(left is None or left >= 0 for *_, left in rows)


def test_a_refused_write_ends_the_work() -> None:
    with pytest.raises(JobCancelled):
        reporter([], Clock(), go_on=False)(0, 1, "reading")
    with pytest.raises(JobCancelled):
        Reporter(lambda *_: True, lambda: True)(0, 1, "reading")


def test_work_that_swallows_errors_does_not_swallow_its_end() -> None:
    assert not issubclass(JobCancelled, Exception)


def test_a_busy_database_does_not_end_the_work() -> None:
    def write(*row: object) -> bool:
        raise StoreUnavailable("a database", "a lock", "Wait.")

    Reporter(write, lambda: False)(0, 1, "reading")
