"""The jobs table: every change of a job's state, each one transaction with its own condition.

A job is held by one process: first the launcher's, then the work's own. Whoever changes a running
job names the process it takes it to be held by, so that a late word changes nothing.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from roc_core.errors import JobMissing
from roc_core.schema import Job, JobState
from roc_core.store.clock import now
from roc_core.store.connection import Connector
from roc_core.store.rows import to_json

LOST = (
    "The process ended without a word: it was killed, ran out of memory, or the machine was "
    "restarted. Start the job again; what was saved is kept."
)


@dataclass(frozen=True, slots=True)
class Held:
    """Who holds a running job. ``handed``: it is the work's own process; ``cancel_asked`` is the
    time of the request, "" without one."""

    id: int
    pid: int
    process: str
    handed: bool
    cancel_asked: str


class JobTable:
    """Jobs of one workspace; raises as ``Store``."""

    def __init__(self, at: Connector, folder: Path) -> None:
        self._at, self.folder = at, folder

    # --- what there is -----------------------------------------------------------------------

    def get(self, id: int) -> Job:
        """One job. Raises JobMissing."""
        with self._at.read() as db:
            return self._get(db, id)

    def _get(self, db: Database, id: int) -> Job:
        row = db.conn.execute("SELECT * FROM jobs WHERE id = ?", (id,)).fetchone()
        if row is None:
            raise JobMissing(
                f"a job {id} in this workspace", "none", "Choose one from the list of jobs."
            )
        return self._job(row)

    def newest(self, limit: int = 50) -> tuple[Job, ...]:
        """The newest jobs first."""
        with self._at.read() as db:
            rows = db.conn.execute("SELECT * FROM jobs ORDER BY id DESC LIMIT ?", (limit,))
            return tuple(self._job(row) for row in rows)

    def held(self) -> tuple[Held, ...]:
        """Who holds the running jobs."""
        with self._at.read() as db:
            rows = db.conn.execute("SELECT * FROM jobs WHERE state = 'running' ORDER BY id")
            return tuple(
                Held(r["id"], r["pid"], r["process"], bool(r["handed"]), r["cancel_asked"] or "")
                for r in rows
            )

    def waiting(self) -> bool:
        """Whether any job is queued."""
        with self._at.read() as db:
            found = db.conn.execute("SELECT 1 FROM jobs WHERE state = 'queued' LIMIT 1").fetchone()
        return found is not None

    # --- before the work ---------------------------------------------------------------------

    def add(self, kind: str, title: str, parameters: Mapping[str, Any], heavy: bool) -> Job:
        """Queue a job; the same kind with the same parameters, still open, is that one."""
        written = to_json(dict(sorted(parameters.items())))
        with self._at.write() as db:
            same = db.conn.execute(
                "SELECT id FROM jobs WHERE kind = ? AND parameters = ? AND cancel_asked IS NULL "
                "AND state IN ('queued', 'running') ORDER BY id LIMIT 1",
                (kind, written),
            ).fetchone()
            if same is not None:
                return self._get(db, same[0])
            cursor = db.conn.execute(
                "INSERT INTO jobs (kind, title, parameters, heavy, created) VALUES (?, ?, ?, ?, ?)",
                (kind, title, written, int(heavy), now()),
            )
            return self._get(db, cursor.lastrowid or 0)

    def claim(self, pid: int, process: str) -> Job | None:
        """Take the oldest job that may run now for the launcher ``pid``: a light one at once, a
        heavy one when no other heavy one runs. None when there is nothing to start."""
        with self._at.write() as db:
            row = db.conn.execute(
                "SELECT id FROM jobs WHERE state = 'queued' AND (heavy = 0 OR NOT EXISTS "
                "(SELECT 1 FROM jobs WHERE state = 'running' AND heavy = 1)) ORDER BY id LIMIT 1"
            ).fetchone()
            if row is None:
                return None
            db.conn.execute(
                "UPDATE jobs SET state = 'running', pid = ?, process = ?, handed = 0, started = ? "
                "WHERE id = ?",
                (pid, process, now(), row[0]),
            )
            return self._get(db, row[0])

    def hand_over(self, id: int, launcher: int, pid: int, process: str) -> bool:
        """The launcher gives its job to the process it started, unless that one has taken it."""
        return self._change(
            "pid = ?, process = ?, handed = 1",
            (pid, process),
            "id = ? AND state = 'running' AND handed = 0 AND pid = ?",
            (id, launcher),
        )

    def begin(self, id: int, parent: int, pid: int, process: str) -> Job | None:
        """The started process takes its job; None when it is no longer meant."""
        taken = self._change(
            "pid = ?, process = ?, handed = 1",
            (pid, process),
            "id = ? AND state = 'running' AND (CASE handed WHEN 0 THEN pid = ? ELSE pid = ? END)",
            (id, parent, pid),
        )
        return self.get(id) if taken else None

    # --- during the work ---------------------------------------------------------------------

    def progress(
        self, id: int, pid: int, done: int, total: int, stage: str, seconds_left: float | None
    ) -> bool:
        """Write how far the work of ``pid`` is; False when it is to stop."""
        return self._change(
            "done = ?, total = ?, stage = ?, seconds_left = ?",
            (done, total, stage, seconds_left),
            "id = ? AND state = 'running' AND pid = ? AND cancel_asked IS NULL",
            (id, pid),
        )

    def finish(
        self,
        id: int,
        pid: int,
        state: JobState,
        error: str = "",
        result: Mapping[str, Any] | None = None,
    ) -> bool:
        """Write how the work of ``pid`` ended; False when the job is not that process's."""
        return self._change(
            f"{_OVER}, state = ?, error = ?, result = ?",
            (now(), state, error, to_json(dict(result or {}))),
            "id = ? AND state = 'running' AND pid = ?",
            (id, pid),
        )

    # --- cancelled and lost ------------------------------------------------------------------

    def ask_cancel(self, id: int) -> Job:
        """Cancel a queued job, or note that a running one is to stop. Raises JobMissing."""
        with self._at.write() as db:
            self._get(db, id)
            db.conn.execute(
                f"UPDATE jobs SET {_OVER}, state = 'cancelled' WHERE id = ? AND state = 'queued'",
                (now(), id),
            )
            db.conn.execute(
                "UPDATE jobs SET cancel_asked = coalesce(cancel_asked, ?) "
                "WHERE id = ? AND state = 'running'",
                (now(), id),
            )
            return self._get(db, id)

    def bury(self, held: Held) -> None:
        """Settle a job whose process is gone: cancelled if that was asked, queued again if the
        work had not begun, else lost."""
        known = "id = ? AND state = 'running' AND pid = ? AND process = ?"
        values = (held.id, held.pid, held.process)
        over, back = f"{_OVER}, state = 'cancelled'", "state = 'queued', pid = NULL, process = ''"
        with self._at.write() as db:
            execute = db.conn.execute
            asked = f"{known} AND cancel_asked IS NOT NULL"
            execute(f"UPDATE jobs SET {over} WHERE {asked}", (now(), *values))
            execute(f"UPDATE jobs SET {back}, started = NULL WHERE {known} AND handed = 0", values)
            execute(
                f"UPDATE jobs SET {_OVER}, state = 'lost', error = ? WHERE {known}",
                (now(), LOST, *values),
            )

    def _change(
        self, change: str, values: tuple[object, ...], where: str, found: tuple[object, ...]
    ) -> bool:
        with self._at.write() as db:
            cursor = db.conn.execute(f"UPDATE jobs SET {change} WHERE {where}", (*values, *found))
            return cursor.rowcount == 1

    def _job(self, row: sqlite3.Row) -> Job:
        return Job(
            id=row["id"],
            kind=row["kind"],
            title=row["title"],
            state=row["state"],
            parameters=json.loads(row["parameters"]),
            done=row["done"],
            total=row["total"],
            stage=row["stage"],
            seconds_left=row["seconds_left"],
            created=row["created"],
            started=row["started"] or "",
            finished=row["finished"] or "",
            cancelling=row["cancel_asked"] is not None and row["state"] == "running",
            error=row["error"],
            result=json.loads(row["result"]),
            log=self.folder / "jobs" / f"{row['id']}.log",
        )


_OVER = "finished = ?, pid = NULL, process = '', seconds_left = NULL"
