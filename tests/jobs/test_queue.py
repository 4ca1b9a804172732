"""Real processes: done, failed, cancelled, killed, orphaned, in line."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from roc_core.errors import JobMissing, ValueRejected
from roc_core.jobs import JobQueue
from roc_core.jobs.process import alive, started
from roc_core.schema import Job
from roc_core.store import Store
from roc_core.store.jobs import LOST
from tests.jobs.conftest import ROOT, until

Wait = Callable[..., Job]


def busy(job: Job) -> bool:
    return job.state == "running" and bool(job.stage)


def test_a_job_is_done_and_says_so(queue: JobQueue, wait: Wait) -> None:
    id = queue.start("count", {"to": 3})
    job = wait(id)
    assert (job.state, job.result, job.error) == ("done", {"counted": 3}, "")
    assert (job.done, job.total, job.stage, job.title) == (3, 3, "counting", "Counting")
    assert job.created <= job.started <= job.finished
    assert "job 1: count {'to': 3}" in job.log.read_text("utf-8")


def test_progress_is_seen_while_it_runs(queue: JobQueue, wait: Wait) -> None:
    id = queue.start("count", {"to": 1000, "pause": 0.02})
    job = wait(id, lambda j: j.done > 20 or j.over)
    assert job.state == "running"
    assert job.seconds_left is not None
    assert 0.02 * (1000 - job.done) * 0.9 < job.seconds_left


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("refuse", "Expected work that can be done. Found none. Choose ? other work."),
        ("stumble", "An error nobody foresaw, ZeroDivisionError: division by zero. The job's log"),
        ("unkeepable", "An error nobody foresaw, TypeError: Object of type"),
        ("gone", "An error nobody foresaw, ModuleNotFoundError: No module named"),
    ],
)
def test_a_failure_is_told_in_a_sentence(queue: JobQueue, wait: Wait, kind: str, said: str) -> None:
    job = wait(queue.start(kind, {"over": 1} if kind == "stumble" else {}))
    assert job.state == "failed"
    assert job.error.startswith(said)
    assert "Traceback" in job.log.read_text("utf-8")


def test_what_is_no_job_is_refused(queue: JobQueue) -> None:
    with pytest.raises(ValueRejected, match="Expected a kind of job, one of count, light"):
        queue.start("dance", {})
    with pytest.raises(ValueRejected, match=r"of job 'count': to, pause, name\. Found by"):
        queue.start("count", {"by": 2})
    with pytest.raises(ValueRejected, match=r"nothing as 'to' of job 'count'\. Found list"):
        queue.start("count", {"to": [1]})
    with pytest.raises(JobMissing, match=r"Expected a job 7 in this workspace\. Found none"):
        queue.job(7)
    with pytest.raises(JobMissing):
        queue.cancel(7)
    assert queue.jobs() == ()


def test_heavy_jobs_stand_in_line_and_light_ones_do_not(queue: JobQueue, wait: Wait) -> None:
    first = queue.start("count", {"to": 500, "pause": 0.02, "name": "a"})
    second = queue.start("count", {"to": 1, "name": "b"})
    assert queue.start("count", {"name": "a", "pause": 0.02, "to": 500}) == first
    light = queue.start("light", {"to": 1})
    assert wait(light).state == "done"
    assert [queue.job(i).state for i in (first, second)] == ["running", "queued"]
    queue.cancel(first)
    assert wait(second).state == "done"
    assert queue.job(first).state == "cancelled"
    assert [j.id for j in queue.jobs()] == [light, second, first]


def test_a_queued_job_is_cancelled_at_once(queue: JobQueue, wait: Wait) -> None:
    first = queue.start("count", {"to": 500, "pause": 0.02})
    second = queue.start("count", {"to": 1})
    assert queue.cancel(second).state == "cancelled"
    assert not queue.job(second).log.exists()
    queue.cancel(first)
    assert wait(first).state == "cancelled"
    assert queue.cancel(first).state == "cancelled"


def test_work_learns_of_its_end_at_the_next_progress_call(
    queue: JobQueue, store: Store, wait: Wait
) -> None:
    id = queue.start("count", {"to": 10_000, "pause": 0.05})
    wait(id, busy)
    assert queue.cancel(id).state in ("running", "cancelled")
    job = wait(id)
    assert job.state == "cancelled"
    assert "cancelled" in job.log.read_text("utf-8"), "it ended by itself"
    came = (store.folder / "count-").read_text()
    time.sleep(0.3)
    assert (store.folder / "count-").read_text() == came


def test_work_that_does_not_listen_is_killed_with_what_it_started(
    queue: JobQueue, store: Store, wait: Wait
) -> None:
    id = queue.start("deaf", {})
    wait(id, busy)
    end = time.monotonic() + 60
    while not (store.folder / "child").is_file() or not (store.folder / "child").read_text():
        assert time.monotonic() < end
        time.sleep(0.05)
    assert queue.cancel(id).cancelling
    # nobody looks at the queue any more: only the table is read
    job = until(lambda: store.jobs.get(id), lambda j: j.over)
    assert job.state == "cancelled"
    child = int((store.folder / "child").read_text())
    while started(child):
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_killed_job_is_lost_and_the_next_one_starts(
    queue: JobQueue, store: Store, wait: Wait
) -> None:
    first = queue.start("count", {"to": 10_000, "pause": 0.02})
    second = queue.start("die", {})
    third = queue.start("count", {"to": 1})
    wait(first, busy)
    (held,) = store.jobs.held()
    os.kill(held.pid, signal.SIGKILL)
    job = wait(first)
    assert (job.state, job.error, job.stage) == ("lost", LOST, "counting")
    assert wait(second).state == "lost"
    assert wait(third).state == "done"
    assert queue.start("count", {"to": 10_000, "pause": 0.02}) not in (first, second, third)


STARTER = """
import os, sys
from pathlib import Path
from roc_core.jobs import JobQueue
from roc_core.store import Store
from tests.jobs.made import MADE, RUNNER
queue = JobQueue(Store.open(Path(sys.argv[1])), MADE, RUNNER)
queue.start("count", {"to": 50, "pause": 0.02, "name": "a"})
queue.start("count", {"to": 2, "name": "b"})
os.kill(os.getpid(), 9)
"""


def test_jobs_outlive_the_program_that_started_them(queue: JobQueue, store: Store) -> None:
    done = subprocess.run([sys.executable, "-c", STARTER, str(store.folder)], cwd=ROOT)
    assert done.returncode == -9
    # nobody tends: the first job starts the second one
    for id in (1, 2):
        assert until(lambda id=id: store.jobs.get(id), lambda j: j.over).state == "done"
    assert [j.result for j in queue.jobs()] == [{"counted": 2}, {"counted": 50}]


def dead() -> tuple[int, str]:
    """Number and start of a process that is over."""
    process = subprocess.Popen(["sleep", "60"])
    found = process.pid, started(process.pid)
    assert alive(*found)
    process.kill()
    process.wait()
    return found


def test_a_launcher_that_died_leaves_its_job_to_others(
    queue: JobQueue, store: Store, wait: Wait
) -> None:
    job = store.jobs.add("count", "Counting", {"to": 2}, True)
    assert store.jobs.claim(*dead()) is not None
    assert store.jobs.get(job.id).state == "running"
    assert wait(job.id).state == "done"


def test_another_process_of_the_same_number_is_not_taken_for_it(
    queue: JobQueue, store: Store
) -> None:
    job = store.jobs.add("count", "Counting", {"to": 2}, True)
    pid, process = os.getpid(), started(os.getpid())
    store.jobs.claim(pid, process)
    store.jobs.hand_over(job.id, pid, pid, f"{process}0")
    store.jobs.ask_cancel(job.id)
    time.sleep(1.1)  # past the grace: it would be killed, and this test with it
    assert queue.job(job.id).state == "cancelled"


def test_a_process_that_is_not_meant_ends_without_a_word(store: Store) -> None:
    job = store.jobs.add("count", "Counting", {"to": 2}, True)
    command = [sys.executable, "-m", "tests.jobs.run_made", str(store.folder)]
    for number, status in ((str(job.id), 3), ("99", 3), ("one", 2)):
        done = subprocess.run([*command, number], cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == status, done.stderr
        assert len(done.stderr.splitlines()) == 1
    assert store.jobs.get(job.id) == job


def test_a_log_that_cannot_be_written_fails_the_job(queue: JobQueue, store: Store) -> None:
    (store.folder / "jobs").write_text("in the way")
    job = queue.job(queue.start("count", {"to": 2}))
    assert job.state == "failed"
    assert job.error.startswith("The job's process could not be started: ")


@pytest.mark.skipif(sys.platform != "linux", reason="skipped: remains of processes are Linux's")
def test_remains_of_a_process_are_no_process(tmp_path: Path) -> None:
    process = subprocess.Popen(["true"])
    end = time.monotonic() + 30
    while started(process.pid) and time.monotonic() < end:
        time.sleep(0.02)
    assert started(process.pid) == "", "ended, not yet waited for"
    process.wait()
    assert started(process.pid) == started(0) == started(-1) == ""
    assert not alive(os.getpid(), "")
