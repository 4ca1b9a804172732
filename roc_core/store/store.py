"""``Store``: what a workspace keeps, one method an operation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from roc_core.errors import (
    PictureMissing,
    StoreUnavailable,
    ValueRejected,
    WorkspaceMissing,
)
from roc_core.schema import (
    Correction,
    Count,
    Draft,
    Item,
    ItemFilter,
    ItemPage,
    Label,
    Picture,
    Record,
)
from roc_core.store import backups, corrections, drafts, items, pictures
from roc_core.store.annotation import AnnotationTables
from roc_core.store.catalogues import CatalogueTable
from roc_core.store.connection import DATABASE, Connector, explained
from roc_core.store.doubts import DoubtTable
from roc_core.store.erasures import AFTER_DAYS
from roc_core.store.graphs import GraphTable
from roc_core.store.jobs import JobTable
from roc_core.store.labelled import LabelledTable
from roc_core.store.maps import MapTable
from roc_core.store.remembered import RememberedTable
from roc_core.store.rows import item_id, picture_path
from roc_core.store.safety import BACKUPS_KEPT, Safety
from roc_core.store.schema_version import (
    Migration,
    is_empty,
    migrate,
    migrations,
    require_ours,
    version,
)
from roc_core.store.selections import SelectionTable
from roc_core.store.vectors import VectorTable
from roc_core.store.versions import VersionTable
from roc_core.store.writing import WritingTable

EVERYTHING = ItemFilter()
"""The filter that every item passes."""


class Store(Safety):
    """Items, pictures, corrections, drafts and settings of one workspace folder.

    The database is ``workspace.db``, pictures lie in ``pictures/``, copies in ``backups/``. Every
    method opens its own connection, so one store may be used by any number of threads and
    processes at once. Every writing method keeps all of its change or nothing.

    All methods raise StoreUnavailable when the database is locked for longer than
    ``busy_seconds``, read-only, full or damaged; StoreInvalid when it is no database; ValueRejected
    for text with lone surrogates, which UTF-8 cannot hold.
    """

    def __init__(self, folder: Path, busy_seconds: float = 10.0, max_pages: int = 0) -> None:
        self.folder = Path(folder)
        self._at = Connector(self.folder / DATABASE, busy_seconds, max_pages)
        self._pictures = self.folder / "pictures"

    # --- opening ---------------------------------------------------------------------------

    @classmethod
    def create(
        cls,
        folder: Path,
        busy_seconds: float = 10.0,
        max_pages: int = 0,
        steps: tuple[Migration, ...] | None = None,
    ) -> Store:
        """Make the folder and its database, or open the one that is there.

        ``steps`` are the migrations to know, all of this program's by default. Raises
        StoreInvalid when the database file is another program's.
        """
        store = cls(folder, busy_seconds, max_pages)
        known = migrations() if steps is None else steps
        try:
            store.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreUnavailable(
                f"to make the workspace folder {folder}",
                error.strerror or str(error),
                "Choose a folder that can be written.",
            ) from error
        with explained(store._at.path):
            db = store._at.open(create=True)
            try:
                if is_empty(db):
                    migrate(db, known)
            finally:
                db.close()
        store._upgrade(known)
        return store

    @classmethod
    def open(
        cls,
        folder: Path,
        busy_seconds: float = 10.0,
        max_pages: int = 0,
        steps: tuple[Migration, ...] | None = None,
    ) -> Store:
        """Open a workspace's store; an older database is backed up and brought up to date.

        Raises WorkspaceMissing when there is no database, StoreInvalid when it is empty, another
        program's or newer than this program.
        """
        store = cls(folder, busy_seconds, max_pages)
        if not store._at.path.is_file():
            raise WorkspaceMissing(
                f"a workspace in {folder}",
                f"no file {DATABASE}",
                "Create a workspace there or choose another folder.",
            )
        store._upgrade(migrations() if steps is None else steps)
        return store

    def _upgrade(self, steps: tuple[Migration, ...]) -> None:
        known = steps[-1].number
        with self._at.read() as db:
            require_ours(db, self._at.path, known)
            if (found := version(db)) < known:
                keep = self._kept() if found >= 2 else 10
                backups.copy(db, self.folder / "backups", f"before version {known}", keep)
                migrate(db, steps)

    # --- pictures --------------------------------------------------------------------------

    def put_picture(
        self, sha256: str, data: bytes, suffix: str, width: int, height: int
    ) -> Picture:
        """Store a picture once; one that is there already is returned as it is.

        ``sha256`` is the lower-case hex hash of ``data``; width and height are pixels after EXIF
        orientation. Raises ValueRejected when the hash, the ending or the size is wrong,
        PictureRejected for one that was erased for good.
        """
        pictures.require_sha256(sha256, data)
        pictures.require_suffix(suffix)
        if not (width > 0 and height > 0):
            raise ValueRejected(
                "a width and height above 0 pixels", f"{width} × {height}", "Measure the picture."
            )
        with self._at.read() as db:
            known = pictures.kept(db, sha256)
        path = picture_path(self._pictures, sha256, known["suffix"] if known else suffix)
        if not (known and path.is_file() and path.stat().st_size == len(data)):
            pictures.write_file(path, data)
        if known is None:
            with self._at.write() as db:
                pictures.insert(db, sha256, suffix, (width, height), len(data))
        return self.picture(sha256)

    def picture(self, sha256: str) -> Picture:
        """A stored picture. Raises PictureMissing when it is unknown or its file is gone."""
        with self._at.read() as db:
            found = pictures.picture_of(pictures.require(db, sha256), self._pictures)
        if not found.path.is_file():
            raise PictureMissing(
                f"the picture's file {found.path}", "none", "Add the same picture again."
            )
        return found

    def pictures(self, limit: int = 200, offset: int = 0) -> tuple[Picture, ...]:
        """Stored pictures in order of arrival."""
        with self._at.read() as db:
            return pictures.page(db, self._pictures, limit, offset)

    def picture_text(self, sha256: str) -> str:
        """The text known for a picture: of its first item that has one, else ""."""
        with self._at.read() as db:
            return pictures.text(db, sha256)

    # --- items -----------------------------------------------------------------------------

    def add_records(
        self,
        records: Iterable[tuple[Record, str | None]],
        batch: int = 1000,
        progress: Callable[[int], None] | None = None,
    ) -> tuple[int, int]:
        """Add records, each with the hash of its stored picture or None: how many (added, known).

        All are added in one transaction once the last was read; when anything fails, also in
        ``records`` itself, nothing is added. A record that is here already is left as it is.
        ``progress`` is told after each ``batch`` how many were read. Raises PictureMissing for a
        hash that is not stored, or a box without a picture.
        """
        with self._at.read() as db:
            read = items.stage(db, records, batch, progress)
            added = items.move_staged(db)
        return added, read - added

    def save_item(self, record: Record, picture_sha: str | None) -> Item:
        """Add one record and return its item; the same content again is the same item.

        Raises as ``add_records``.
        """
        self.add_records([(record, picture_sha)])
        return self.item(item_id(record, picture_sha))

    def id_of(self, record: Record, picture_sha: str | None) -> str:
        """The id a record has, or would have, as an item."""
        return item_id(record, picture_sha)

    def known(self, ids: Iterable[str]) -> frozenset[str]:
        """Those of some item ids that are here."""
        wanted = list(dict.fromkeys(ids))
        with self._at.read() as db:
            return items.known(db, wanted)

    def item(self, id: str) -> Item:
        """One item with its present label. Raises ItemMissing."""
        with self._at.read() as db:
            return items.get(db, id, self._pictures)

    def items(self, filter: ItemFilter = EVERYTHING, offset: int = 0, limit: int = 50) -> ItemPage:
        """A page of the matching items in order of arrival, and how many match in all.

        Raises ValueRejected for a filter state that does not exist.
        """
        with self._at.read() as db:
            return items.page(db, filter, offset, limit, self._pictures)

    def iter_items(self, filter: ItemFilter = EVERYTHING, batch: int = 500) -> Iterator[Item]:
        """All matching items in order of arrival, read ``batch`` at a time.

        No transaction stays open between batches; items added meanwhile are met, too.
        """
        n, full = 0, True
        while full:
            with self._at.read() as db:
                found = items.after(db, filter, n, batch, self._pictures)
            yield from (item for _, item in found)
            n = found[-1][0] if found else n
            full = len(found) == batch

    def counts(self) -> tuple[Count, ...]:
        """How many items share source, split, label state and whether they have a picture."""
        with self._at.read() as db:
            return items.counts(db)

    # --- corrections -----------------------------------------------------------------------

    def add_correction(
        self,
        item: str,
        label: Label,
        annotator: str,
        predicted: Label | None = None,
        shown: Sequence[Label] = (),
        model_version: str = "",
        comment: str = "",
        token: str = "",
    ) -> Correction:
        """Add a label to the log. ``token`` makes it safe to send twice: one row, returned again.

        Raises ItemMissing, ValueRejected for a label without relation or direction,
        CorrectionInvalid for a token that was used for something else.
        """
        entry = corrections.Entry(
            item, annotator, label, predicted, shown, model_version, comment, None, token
        )
        with self._at.write() as db:
            return corrections.add_label(db, entry)

    def undo(self, correction_id: int, annotator: str, token: str = "") -> Correction:
        """Take a label back with a new row; the label before it is in force again.

        Raises CorrectionInvalid for an unknown row, an undo, or one that is already undone.
        """
        with self._at.write() as db:
            return corrections.add_undo(db, correction_id, annotator, token)

    def history(self, item: str) -> tuple[Correction, ...]:
        """All corrections of an item, oldest first. Raises ItemMissing."""
        with self._at.read() as db:
            return corrections.history(db, item)

    def shown(self, correction_id: int) -> tuple[Label, ...]:
        """The labels on screen when a correction was made, best first. Raises CorrectionInvalid."""
        with self._at.read() as db:
            return corrections.shown(db, correction_id)

    def annotators(self) -> tuple[str, ...]:
        """Names that have corrected or drafted something, in alphabetical order."""
        with self._at.read() as db:
            return corrections.annotators(db)

    # --- drafts and settings ---------------------------------------------------------------

    def save_draft(self, draft: Draft) -> Draft:
        """Write a draft over an earlier one of the same id; returned with ``updated`` set."""
        with self._at.write() as db:
            return drafts.save(db, draft)

    def draft(self, id: str) -> Draft | None:
        """The draft of that id, or None."""
        with self._at.read() as db:
            return drafts.get(db, id)

    def latest_draft(self, annotator: str) -> Draft | None:
        """The draft this annotator saved last, or None."""
        with self._at.read() as db:
            return drafts.latest(db, annotator)

    def setting(self, key: str, default: str = "") -> str:
        """A setting's text, or ``default`` when it was never set."""
        with self._at.read() as db:
            return drafts.setting(db, key, default)

    def set_setting(self, key: str, value: str) -> None:
        """Write a setting. Raises ValueRejected for a number of backups below 1, or
        of days below 0."""
        number = int(value) if value.isascii() and value.isdigit() and len(value) < 10 else -1
        if key == BACKUPS_KEPT and number < 1:
            raise ValueRejected("a whole number of backups from 1", repr(value), "Correct it.")
        if key == AFTER_DAYS and number < 0:
            raise ValueRejected("a whole number of days from 0", repr(value), "Correct it.")
        with self._at.write() as db:
            drafts.set_setting(db, key, value)

    @property
    def selections(self) -> SelectionTable:
        """Selections of items: slices, and those kept for links."""
        return SelectionTable(self._at)

    @property
    def graphs(self) -> GraphTable:
        """Drafts of the Graph page."""
        return GraphTable(self._at)

    @property
    def annotation(self) -> AnnotationTables:
        """Annotators' marks, queues and assignments."""
        return AnnotationTables(self._at)

    @property
    def remembered(self) -> RememberedTable:
        """What the correction memory reads."""
        return RememberedTable(self._at)

    # --- long work and what can be computed again ------------------------------------------

    @property
    def jobs(self) -> JobTable:
        """Long work: queued, running and over."""
        return JobTable(self._at, self.folder)

    @property
    def vectors(self) -> VectorTable:
        """Pair vectors and answers of each model version."""
        return VectorTable(self._at, self._pictures)

    @property
    def maps(self) -> MapTable:
        """The map of each model version."""
        return MapTable(self._at)

    @property
    def labelled(self) -> LabelledTable:
        """Columns of items for an analysis."""
        return LabelledTable(self._at)

    @property
    def doubts(self) -> DoubtTable:
        """How far labels can be trusted, by each reading."""
        return DoubtTable(self._at)

    @property
    def versions(self) -> VersionTable:
        """Model versions learnt or brought in, and which one is in use."""
        return VersionTable(self._at)

    @property
    def catalogues(self) -> CatalogueTable:
        """Catalogues of relations, and every change to a relation."""
        return CatalogueTable(self._at)

    @property
    def writing(self) -> WritingTable:
        """Answers of language models."""
        return WritingTable(self._at)
