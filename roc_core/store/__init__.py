"""What a workspace keeps: SQLite database, pictures, append-only log of corrections."""

from __future__ import annotations

from roc_core.store.erasures import AFTER_DAYS
from roc_core.store.safety import BACKUPS_KEPT
from roc_core.store.store import Store

__all__ = ["Store", "AFTER_DAYS", "BACKUPS_KEPT"]
