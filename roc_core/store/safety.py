"""The part of ``Store`` that keeps copies, puts them back, and erases."""

from __future__ import annotations

from pathlib import Path

from roc_core.schema import Backup, Restored
from roc_core.store import backups, restoring
from roc_core.store.connection import Connector
from roc_core.store.erasures import ErasureTable, settle
from roc_core.store.schema_version import Migration, migrations

BACKUPS_KEPT = "backups_kept"
"""Setting: how many backups stay, a whole number from 1; 10 when it was never set."""


class Safety:
    """Backups and erasures of one workspace."""

    folder: Path
    _at: Connector

    def setting(self, key: str, default: str = "") -> str:
        """A setting's text, or ``default`` when it was never set."""
        raise NotImplementedError

    @property
    def erasures(self) -> ErasureTable:
        """What was erased for good."""
        return ErasureTable(self._at, self.folder)

    def backup(self, reason: str) -> Path:
        """Copy the database into ``backups/`` while it is in use; the oldest copies go.

        The setting ``backups_kept`` says how many stay.
        """
        return self._backup(reason, self._kept())

    def _backup(self, reason: str, keep: int) -> Path:
        with self._at.read() as db:
            path = backups.copy(db, self.folder / "backups", reason, keep)
        settle(self._at, self.folder)
        return path

    def backups(self) -> tuple[Backup, ...]:
        """All backups, newest first."""
        return backups.listed(self.folder / "backups")

    def _kept(self) -> int:
        return int(self.setting(BACKUPS_KEPT, "10"))

    def restore(self, name: str, steps: tuple[Migration, ...] | None = None) -> Restored:
        """Put a backup ("latest" for the newest) in the place of the database.

        A copy is made of the present state first, so that this can be undone. The backup is
        brought up to date, checked, and what was erased since is erased again. Other connections
        see the restored state from their next look on. Raises BackupMissing, StoreInvalid,
        StoreUnavailable; then nothing has changed.
        """
        folder = self.folder / "backups"
        backup = backups.named(folder, name)
        since = self.erasures.rows_since(backup.created)
        part = restoring.prepared(backup, self.folder, steps or migrations(), since)
        try:
            # One more than usual, so that the copy does not push out the one that is restored.
            before = self._backup("before restore", self._kept() + 1)
            restoring.replace(self._at, part)
        finally:
            restoring.remove(part)
        return Restored(backup, backups.named(folder, before.name), len(since))

    def check(self) -> None:
        """Raises StoreUnavailable when the database is damaged or contradicts itself."""
        with self._at.read() as db:
            backups.check(db, self._at.path)
