"""``python -m roc_core.jobs.run WORKSPACE JOB``: the process of one job.

Started by ``JobQueue``; everything it has to say goes to the database, details to its log.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from roc_core.errors import RocError, StoreUnavailable
from roc_core.jobs.kinds import KINDS, Kind, kind_named
from roc_core.jobs.line import RUNNER, JobQueue
from roc_core.jobs.process import started
from roc_core.jobs.report import LOG, JobCancelled, Reporter
from roc_core.schema import Job, JobState
from roc_core.store import Store

NICE = 5
"""How much the work stands back behind the app (0 not at all … 19)."""

PATIENCE = 60.0
"""Seconds to go on trying to write down how the work ended."""

NOT_MEANT = 3
"""Exit status of a process whose job is no longer meant for it."""


def main(arguments: Sequence[str], kinds: Mapping[str, Kind] = KINDS, runner: str = RUNNER) -> int:
    """Do the job; 0 however it ended, once that is written down. Raises as ``Store.open``."""
    if len(arguments) != 2 or not arguments[1].isdecimal():
        sys.stderr.write(f"usage: python -m {runner} WORKSPACE JOB\n")
        return 2
    store, pid = Store.open(Path(arguments[0])), os.getpid()
    job = store.jobs.begin(int(arguments[1]), os.getppid(), pid, started(pid))
    if job is None:
        sys.stderr.write(f"job {arguments[1]} is not meant for this process\n")
        return NOT_MEANT
    state, error, result = _work(store, job, kinds)
    LOG.info("%s %s", state, error)
    _finish(store, job.id, state, error, result)
    with suppress(RocError):
        JobQueue(store, kinds, runner).tend()
    return 0


def _work(
    store: Store, job: Job, kinds: Mapping[str, Kind]
) -> tuple[JobState, str, Mapping[str, Any]]:
    """How the work ended: state, a sentence when it failed, its result when it did not."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", stream=sys.stderr)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with suppress(OSError):
        os.nice(NICE)
    pid, table = os.getpid(), store.jobs
    report = Reporter(
        lambda done, total, stage, left: table.progress(job.id, pid, done, total, stage, left),
        stop.is_set,
    )
    LOG.info("job %d: %s %s", job.id, job.kind, dict(job.parameters))
    try:
        work = kind_named(job.kind, kinds).load()
        result = work(store.folder, job.parameters, report)
        json.dumps(dict(result))  # what cannot be kept is an error of the work, told here
        return "done", "", result
    except JobCancelled:
        return "cancelled", "", {}
    except RocError as error:
        LOG.exception("failed")
        return "failed", str(error), {}
    except MemoryError:
        LOG.exception("failed")
        return "failed", "There was not enough memory. Close other programs and start it again.", {}
    # The last resort of a process nobody watches: whatever it was, the user is told.
    except Exception as error:
        LOG.exception("failed")
        told = f"{type(error).__name__}: {error}".strip(": ")
        return "failed", f"An error nobody foresaw, {told}. The job's log has the details.", {}


def _finish(store: Store, id: int, state: JobState, error: str, result: Mapping[str, Any]) -> None:
    """Write the end down; a database that is busy or full is given time."""
    end = time.monotonic() + PATIENCE
    told = error.encode("utf-8", "replace").decode("utf-8")  # a lone surrogate cannot be kept
    while True:
        try:
            store.jobs.finish(id, os.getpid(), state, told, result)
            return
        except StoreUnavailable as problem:
            LOG.warning("The end was not written yet: %s", problem)
            if time.monotonic() > end:
                raise
            time.sleep(1.0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
