"""Backups, restoring them, and erasing for good, as a workspace offers them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from roc_core.errors import StoreUnavailable, WorkspaceBusy
from roc_core.jobs import JobQueue
from roc_core.schema import Backup, ErasedCounts, Erasure, Restored
from roc_core.store import AFTER_DAYS, BACKUPS_KEPT, Store

if TYPE_CHECKING:
    from roc_core.workspace.workspace import Workspace


class Safekeeping:
    """The part of ``Workspace`` that keeps copies of it and erases from it."""

    _store: Store

    @property
    def backups(self: Workspace) -> Backups:  # type: ignore[misc]
        """Copies of the database: which there are, how many stay, and restoring one."""
        return Backups(self)

    @property
    def privacy(self: Workspace) -> Privacy:  # type: ignore[misc]
        """Erasing an item, a picture or an annotator for good."""
        return Privacy(self)

    def backup(self, reason: str = "by hand") -> Path:
        """Copy the database while it is in use; the oldest copies go."""
        return self._store.backup(reason)


class Backups:
    """Backups of one workspace. One is made before every migration, import and training, and
    before a restore."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace, self._store = workspace, workspace._store

    def all(self) -> tuple[Backup, ...]:
        """All backups, newest first."""
        return self._store.backups()

    @property
    def kept(self) -> int:
        """How many stay; the oldest go when a new one is made."""
        return int(self._store.setting(BACKUPS_KEPT, "10"))

    def keep(self, number: int) -> None:
        """Say how many stay from now on. Raises ValueRejected below 1."""
        self._store.set_setting(BACKUPS_KEPT, str(number))

    def restore(self, name: str = "latest") -> Restored:
        """Put a backup in the place of the database; the present state is backed up first.

        Raises BackupMissing, WorkspaceBusy while a job runs or waits, StoreInvalid or
        StoreUnavailable; then nothing has changed.
        """
        require_quiet(self._store, "A restored database would take its ground away.")
        done = self._store.restore(name)
        with self._workspace._lock:
            # Version, catalogue and map may be others.
            self._workspace._loaded = self._workspace._drawn = None
        return done


class Privacy:
    """Erasures in one workspace.

    What is erased leaves a tombstone: an entry in ``erasures`` with who, when and why, but nothing
    of what it was. The database's file is written anew and older backups are cleaned, so that its
    bytes are gone. An item or a picture stays out: importing it again does not bring it back.
    A model version that was trained on it is not changed; train again for that.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._store = workspace._store

    def erase_item(
        self, id: str, by: str, reason: str = "", whole_sentence: bool = False
    ) -> tuple[Erasure, ...]:
        """Erase an item with its corrections, marks, drafts and vectors; with ``whole_sentence``
        every other pair of its sentence as well, without which the sentence itself stays.

        Raises ItemMissing, WorkspaceBusy while a job runs or waits, StoreUnavailable: once the
        items are gone from the database it says that traces are left in a file, and ``finish``
        removes them.
        """
        require_quiet(self._store, "It may be reading what is to be erased.")
        ids = (id, *self.same_sentence(id)) if whole_sentence else (id,)
        return self._finished(self._store.erasures.items(ids, by, reason))

    def erase_picture(self, sha256: str, by: str, reason: str = "") -> tuple[Erasure, ...]:
        """Erase a picture; items with a box in it go with it, others stay without it and without
        the text that stood for it. Raises PictureMissing, else as ``erase_item``."""
        require_quiet(self._store, "It may be reading what is to be erased.")
        return self._finished(self._store.erasures.picture(sha256, by, reason))

    def erase_annotator(self, name: str, by: str, reason: str = "") -> Erasure:
        """Replace a name everywhere by "erased-1" or the next number; labels and counts stay.

        Raises ValueRejected for a name that is not there, else as ``erase_item``.
        """
        require_quiet(self._store, "It may be reading what is to be erased.")
        return self._finished((self._store.erasures.annotator(name, by, reason),))[0]

    def _finished(self, found: tuple[Erasure, ...]) -> tuple[Erasure, ...]:
        self.finish()
        ids = {erasure.id for erasure in found}
        return tuple(erasure for erasure in self.all() if erasure.id in ids)

    def finish(self) -> int:
        """Remove the last traces of what was erased, where that could not be done at once; how
        many erasures keep a trace in backups that are younger than ``backup_days``."""
        try:
            return self._store.erasures.clean()
        except StoreUnavailable as error:
            raise StoreUnavailable(
                "to remove the last traces from files; the erasure itself is done",
                error.found,
                f"{error.todo} Then: python -m roc_core erase finish",
            ) from error

    def same_sentence(self, id: str) -> tuple[str, ...]:
        """Ids of the other items with an item's sentence. Raises ItemMissing."""
        return self._store.erasures.same_sentence(id)

    def with_picture(self, sha256: str) -> tuple[str, ...]:
        """Ids of the items that have a picture. Raises PictureMissing."""
        return self._store.erasures.with_picture(sha256)

    def all(self) -> tuple[Erasure, ...]:
        """All tombstones, oldest first."""
        return self._store.erasures.all()

    def counts(self) -> ErasedCounts:
        """How much was erased."""
        return self._store.erasures.counts()

    def annotators(self) -> tuple[str, ...]:
        """Everybody named in the workspace but those erased, in alphabetical order."""
        return self._store.erasures.names()

    def is_erased(self, item: str) -> bool:
        """Whether an item that is not there was erased for good."""
        return item in self._store.erasures.ids().items

    @property
    def backup_days(self) -> int:
        """How old a backup is, in days, before what was erased is erased in it, too."""
        return int(self._store.setting(AFTER_DAYS, "0"))

    def set_backup_days(self, days: int) -> None:
        """Leave backups that are younger than so many days as they are until they are that old;
        0, the default, cleans them all at once. Raises ValueRejected below 0."""
        self._store.set_setting(AFTER_DAYS, str(days))


def require_quiet(store: Store, why: str) -> None:
    """Raises WorkspaceBusy while a job runs or waits."""
    busy = [job for job in JobQueue(store).jobs() if not job.over]
    if busy:
        raise WorkspaceBusy(
            "no work under way",
            f"job {busy[0].id}, {busy[0].title!r}, {busy[0].state}",
            f"{why} Wait for its end or cancel it.",
        )
