"""What a workspace keeps: SQLite database, pictures, append-only log of corrections."""

from __future__ import annotations

from roc_core.store.store import BACKUPS_KEPT, Store

__all__ = ["Store", "BACKUPS_KEPT"]
