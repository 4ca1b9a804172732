"""Progress of running work: written at most twice a second, and the way it learns to stop."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from roc_core.errors import StoreUnavailable

Progress = Callable[[int, int, str], None]
"""Called with units done, units in all (0 for unknown) and the stage, in a few words."""

EVERY = 0.5
"""Seconds between two writes of one stage."""

LOG = logging.getLogger("roc_core.jobs")


class JobCancelled(BaseException):
    """Raised in the work by its next progress call after it was cancelled.

    No ``Exception``, as KeyboardInterrupt is none: work that goes on after an error must not take
    this for one.
    """


class Reporter:
    """The ``Progress`` of one job. ``write`` keeps (done, total, stage, seconds left) and says
    whether to go on; ``stopped`` says whether the process was told to stop."""

    def __init__(
        self,
        write: Callable[[int, int, str, float | None], bool],
        stopped: Callable[[], bool],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._write, self._stopped, self._clock = write, stopped, clock
        self._stage: str | None = None
        self._began, self._from, self._written = 0.0, 0, 0.0

    def __call__(self, done: int, total: int, stage: str) -> None:
        """Raises JobCancelled when the job is to stop."""
        if self._stopped():
            raise JobCancelled
        at = self._clock()
        if stage != self._stage:
            LOG.info("%s", stage)
            self._stage, self._began, self._from = stage, at, done
        elif at - self._written < EVERY and not 0 < total <= done:
            return
        self._written = at
        try:
            go_on = self._write(done, total, stage, self._left(at, done, total))
        except StoreUnavailable as error:
            # Hours of work do not end because a figure on a screen could not be written.
            LOG.warning("Progress was not written: %s", error)
            return
        if not go_on:
            raise JobCancelled

    def _left(self, at: float, done: int, total: int) -> float | None:
        """Seconds left at the speed of this stage so far; None before anything is done."""
        if done <= self._from or total <= 0:
            return None
        return max(0.0, (at - self._began) / (done - self._from) * (total - done))
