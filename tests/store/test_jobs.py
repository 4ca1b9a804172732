"""The jobs table: whatever happens in whatever order, its rules hold."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from tempfile import mkdtemp

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roc_core.errors import JobMissing, ValueRejected
from roc_core.store import Store
from roc_core.store.jobs import LOST

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=10)
PLAIN = st.dictionaries(TEXT, st.one_of(TEXT, st.integers(), st.booleans(), st.none()), max_size=3)
STEP = st.tuples(
    st.sampled_from(["add", "light", "claim", "hand", "begin", "go", "end", "stop", "bury"]),
    st.integers(1, 4),
)


@pytest.fixture(scope="module")
def shared() -> Store:
    return Store.create(Path(mkdtemp(prefix="roc-jobs-")) / "ws")


@given(parameters=PLAIN, stage=TEXT, result=PLAIN)
@settings(max_examples=25)
def test_what_is_written_is_read(
    shared: Store, parameters: dict[str, object], stage: str, result: dict[str, object]
) -> None:
    jobs = shared.jobs
    job = jobs.add("kind", "Title", parameters, False)
    assert jobs.add("kind", "Title", dict(reversed(parameters.items())), False) == job
    assert (job.state, dict(job.parameters)) == ("queued", parameters)
    assert jobs.claim(1, "one") is not None
    assert jobs.hand_over(job.id, 1, 2, "two")
    assert jobs.progress(job.id, 2, 3, 4, stage, 1.5)
    running = jobs.get(job.id)
    assert (running.done, running.total, running.stage, running.seconds_left) == (3, 4, stage, 1.5)
    assert not jobs.finish(job.id, 1, "done"), "the launcher no longer holds it"
    assert jobs.finish(job.id, 2, "done", "", result)
    over = jobs.get(job.id)
    assert (over.state, dict(over.result), over.seconds_left) == ("done", result, None)
    assert not jobs.progress(job.id, 2, 4, 4, stage, None)


@given(st.lists(STEP, max_size=25))
@settings(max_examples=40)
def test_one_heavy_job_at_a_time_and_ends_stay_ends(steps: list[tuple[str, int]]) -> None:
    store = Store.create(Path(mkdtemp(prefix="roc-jobs-")) / "ws")
    jobs, ended = store.jobs, dict[int, str]()
    for n, (step, id) in enumerate(steps):
        known = {j.id for j in jobs.newest()}
        if step in ("add", "light"):
            jobs.add("kind", "", {"n": n}, step == "add")
        elif step == "claim":
            jobs.claim(1, "launcher")
        elif step == "hand":
            jobs.hand_over(id, 1, 2, "work")
        elif step == "begin":
            jobs.begin(id, 1, 2, "work")
        elif step == "go":
            jobs.progress(id, 2, 1, 2, "", None)
        elif step == "end":
            jobs.finish(id, 2, "failed", "broken")
        elif step == "stop" and id in known:
            jobs.ask_cancel(id)
        elif step == "bury":
            for held in jobs.held():
                jobs.bury(held)
        now = jobs.newest()
        with sqlite3.connect(store.folder / "workspace.db") as conn:
            heavy = dict(conn.execute("SELECT id, heavy FROM jobs").fetchall())
        assert sum(j.state == "running" and heavy[j.id] for j in now) <= 1
        assert {i: s for i, s in ended.items() if s != jobs.get(i).state} == {}
        ended |= {j.id: j.state for j in now if j.over}


def test_the_end_of_a_process_settles_its_job(store: Store) -> None:
    jobs = store.jobs
    first = jobs.add("kind", "", {"n": 1}, True).id
    jobs.claim(1, "launcher")
    (held,) = jobs.held()
    jobs.bury(held)
    assert jobs.get(first).state == "queued", "nothing had begun"
    jobs.claim(1, "launcher")
    jobs.bury(held)
    assert jobs.get(first).state == "queued"
    jobs.claim(1, "launcher")
    assert jobs.begin(first, 1, 2, "work") is not None
    jobs.bury(held)
    assert jobs.get(first).state == "running", "a late word about the launcher"
    (held,) = jobs.held()
    jobs.bury(held)
    job = jobs.get(first)
    assert (job.state, job.error, job.over) == ("lost", LOST, True)


def test_cancelling_before_and_during_the_work(store: Store) -> None:
    jobs = store.jobs
    first, second = (jobs.add("kind", "", {"n": n}, True).id for n in (1, 2))
    assert jobs.ask_cancel(second).state == "cancelled"
    jobs.claim(1, "launcher")
    jobs.begin(first, 1, 2, "work")
    asked = jobs.ask_cancel(first)
    assert (asked.state, asked.cancelling) == ("running", True)
    assert not jobs.progress(first, 2, 1, 2, "", None)
    assert jobs.add("kind", "", {"n": 1}, True).id not in (first, second), "a new one may wait"
    (held,) = jobs.held()
    jobs.bury(held)
    assert jobs.get(first).state == "cancelled"


def test_only_the_process_that_was_meant_begins(store: Store) -> None:
    jobs = store.jobs
    id = jobs.add("kind", "", {}, True).id
    assert jobs.begin(id, 1, 2, "work") is None, "still queued"
    jobs.claim(1, "launcher")
    assert jobs.begin(id, 7, 2, "work") is None, "started by another"
    assert jobs.hand_over(id, 1, 2, "work")
    assert not jobs.hand_over(id, 1, 3, "work")
    assert jobs.begin(id, 7, 3, "work") is None
    assert jobs.begin(id, 7, 2, "work") is not None, "its launcher is gone by now"


def test_refusals(store: Store) -> None:
    with pytest.raises(JobMissing, match=r"Expected a job 5 in this workspace\. Found none\. Choo"):
        store.jobs.get(5)
    with pytest.raises(ValueRejected, match=r"lone surrogate, U\+D800"):
        store.jobs.add("kind", "", {"name": "\ud800"}, True)
    assert store.jobs.newest() == ()
