"""The line of jobs of one workspace: start, cancel, and settle what has died."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from roc_core.errors import RocError
from roc_core.jobs.kinds import KINDS, Kind, kind_named
from roc_core.jobs.process import alive, ask_to_stop, kill, started
from roc_core.schema import Job
from roc_core.store import Store
from roc_core.store.jobs import Held

GRACE = 5.0
"""Seconds between SIGTERM and SIGKILL: work that reports no progress for longer is not asked
twice."""

RUNNER = "roc_core.jobs.run"


class JobQueue:
    """Jobs of a workspace, each in a process of its own; one heavy job at a time.

    The process outlives the one that started it. Whoever looks at the jobs also tends them, so no
    watchman is needed; a job that ends starts the next one itself. ``runner`` is the module that
    is run with workspace folder and job number.
    """

    def __init__(
        self,
        store: Store,
        kinds: Mapping[str, Kind] = KINDS,
        runner: str = RUNNER,
        grace: float = GRACE,
    ) -> None:
        self._store, self._table = store, store.jobs
        self._kinds, self._runner, self._grace = kinds, runner, grace
        self._secrets: dict[int, Mapping[str, str]] = {}

    def start(
        self, kind: str, parameters: Mapping[str, Any], secrets: Mapping[str, str] | None = None
    ) -> int:
        """Queue a job and start it if it may run now; its number.

        The same kind with the same parameters, queued or running, is not started twice.
        ``secrets`` are environment variables of the job's process, written down nowhere: a job
        that has to wait in line, and is then started by another process, does not have them.
        Raises ValueRejected for an unknown kind or parameter.
        """
        wanted = kind_named(kind, self._kinds)
        wanted.check(parameters)
        job = self._table.add(kind, wanted.title, parameters, wanted.heavy)
        if secrets:
            self._secrets[job.id] = dict(secrets)
        self.tend()
        return job.id

    def jobs(self, limit: int = 50) -> tuple[Job, ...]:
        """The newest jobs first, as they are now."""
        self.tend()
        return self._table.newest(limit)

    def job(self, id: int) -> Job:
        """One job as it is now. Raises JobMissing."""
        self.tend()
        return self._table.get(id)

    def cancel(self, id: int) -> Job:
        """Stop a job: it learns of it at its next progress call and is killed ``grace`` seconds
        later; one that is over stays as it is. Raises JobMissing."""
        job = self._table.ask_cancel(id)
        for held in self._table.held():
            if held.id == id and held.handed:
                ask_to_stop(held.pid, held.process)
                timer = threading.Timer(self._grace + 0.1, self._tend_quietly)
                timer.daemon = True
                timer.start()
        self.tend()
        return job if job.over else self._table.get(id)

    # --- tending -----------------------------------------------------------------------------

    def tend(self) -> None:
        """Settle jobs whose process is gone, kill those that did not stop, start what may run."""
        for held in self._table.held():
            if self._gone(held):
                self._table.bury(held)
        while self._table.waiting():
            job = self._table.claim(os.getpid(), started(os.getpid()))
            if job is None:
                return
            self._launch(job)

    def _tend_quietly(self) -> None:
        # From a thread there is nobody to tell; the next one who looks at the jobs will be told.
        with suppress(RocError):
            self.tend()

    def _gone(self, held: Held) -> bool:
        if not alive(held.pid, held.process):
            return True
        if held.handed and held.cancel_asked and self._overdue(held.cancel_asked):
            return kill(held.pid, held.process)
        return False

    def _overdue(self, asked: str) -> bool:
        waited = datetime.now(timezone.utc) - datetime.fromisoformat(asked)
        return waited.total_seconds() >= self._grace

    def _launch(self, job: Job) -> None:
        """Start the process of a claimed job and hand the job over to it."""
        command = [sys.executable, "-m", self._runner, str(self._store.folder.resolve())]
        try:
            secrets = self._secrets.pop(job.id, {})
            process = _spawn([*command, str(job.id)], job.log, secrets)
        except OSError as error:
            reason = f"The job's process could not be started: {error.strerror or error}."
            self._table.finish(job.id, os.getpid(), "failed", reason)
            return
        self._table.hand_over(job.id, os.getpid(), process.pid, started(process.pid))
        threading.Thread(target=self._wait, args=(process,), daemon=True).start()

    def _wait(self, process: subprocess.Popen[bytes]) -> None:
        """Take note of a child's end at once, so that no remains of it are left behind."""
        process.wait()
        self._tend_quietly()


def _spawn(command: list[str], log: Path, secrets: Mapping[str, str]) -> subprocess.Popen[bytes]:
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as out:
        # A session of its own: Ctrl+C in the server's terminal does not reach it.
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env={**os.environ, **secrets},
        )
