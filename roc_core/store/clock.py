"""The time as the store writes it."""

from __future__ import annotations

from datetime import datetime, timezone


def now() -> str:
    """The present UTC time, ISO-8601 with microseconds."""
    return datetime.now(timezone.utc).isoformat(timespec="microseconds")
