"""Long work in a process of its own: queue, progress, cancelling, and what became of it.

All state is in the workspace's database: a closed browser or a restarted server loses nothing.
"""

from __future__ import annotations

from roc_core.jobs.kinds import KINDS, Kind
from roc_core.jobs.line import GRACE, JobQueue
from roc_core.jobs.report import JobCancelled, Progress

__all__ = ["GRACE", "JobCancelled", "JobQueue", "KINDS", "Kind", "Progress"]
