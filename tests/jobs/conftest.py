"""A queue of made work on a real store; nothing it started is left running."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from roc_core.jobs import JobQueue
from roc_core.jobs.process import kill
from roc_core.schema import Job
from roc_core.store import Store
from tests.jobs.made import MADE, RUNNER

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.create(tmp_path / "ws")


@pytest.fixture
def queue(store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[JobQueue]:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    yield JobQueue(store, MADE, RUNNER, grace=1.0)
    for job in store.jobs.newest():
        store.jobs.ask_cancel(job.id)
    for held in store.jobs.held():
        if held.handed:
            kill(held.pid, held.process)


def until(look: Callable[[], Job], good: Callable[[Job], bool], seconds: float = 90) -> Job:
    """The job once it is as wished."""
    end = time.monotonic() + seconds
    while not good(job := look()):
        log = job.log.read_text("utf-8") if job.log.is_file() else ""
        assert time.monotonic() < end, f"{job}\n{log}"
        time.sleep(0.05)
    return job


@pytest.fixture
def wait(queue: JobQueue) -> Callable[..., Job]:
    """Waits for a job: until it is over, or as wished."""

    def waiting(id: int, good: Callable[[Job], bool] = lambda job: job.over) -> Job:
        return until(lambda: queue.job(id), good)

    return waiting
