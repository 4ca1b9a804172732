"""``Workspace``: items, pictures, corrections and a model version behind one API."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from roc_core.errors import PictureMissing, WorkspaceMissing
from roc_core.jobs import JobQueue
from roc_core.schema import (
    Codes,
    Correction,
    Count,
    Direction,
    Draft,
    EntityType,
    Example,
    Explanation,
    ImportReport,
    Item,
    ItemFilter,
    ItemPage,
    Job,
    Label,
    MapView,
    PairVectors,
    Picture,
    Prediction,
    Provenance,
    Reading,
    Record,
)
from roc_core.store import Store
from roc_core.store.vectors import Key
from roc_core.workspace import importing, indexing, jobs, mapping, models, pair_vectors
from roc_core.workspace.agreement import agreement
from roc_core.workspace.analyzing import Analyzing
from roc_core.workspace.annotating import Annotating
from roc_core.workspace.cataloguing import Cataloguing
from roc_core.workspace.discovering import Corpus, Discovering
from roc_core.workspace.explaining import Reasons
from roc_core.workspace.graphing import Graphing
from roc_core.workspace.kept_catalogues import KeptCatalogues
from roc_core.workspace.remembering import Remembering
from roc_core.workspace.safekeeping import Safekeeping
from roc_core.workspace.selecting import Selecting
from roc_core.workspace.versions import Versioned
from roc_core.workspace.what_if import Rewording
from roc_core.workspace.writing import Writes

if TYPE_CHECKING:
    from roc_core.retrieval import RelationRetriever

FORMATS: tuple[str, ...] = ("jsonl", "csv", "parquet", "label-studio", "mnre", "more")
STARTER = models.ASSETS / "starter" / "starter.jsonl"
SHOWN = 5
"""How many of the relations on screen a correction remembers."""

TypeGuess = tuple[EntityType, float]


class Workspace(
    Cataloguing, Analyzing, Annotating, Discovering, Graphing, Rewording, Safekeeping,
    Selecting, Versioned, Writes,
):  # fmt: skip
    """A folder with items, pictures, corrections, drafts and the model version in use.

    May be shared by threads: the model is loaded once and used by one thread at a time, every
    other operation has its own connection. Methods raise StoreUnavailable or StoreInvalid when
    the database cannot be used.
    """

    formats = FORMATS

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.RLock()
        self._catalogues = KeptCatalogues(store)
        self._loaded: RelationRetriever | None = None
        self._loaded_from = Path()
        self.memory = Remembering(store)
        self._drawn: tuple[object, MapView] | None = None
        self._corpus: tuple[object, Corpus] | None = None

    @classmethod
    def open(cls, path: str | Path) -> Workspace:
        """The workspace in a folder. Raises WorkspaceMissing, naming how to make one."""
        try:
            return cls(Store.open(Path(path)))
        except WorkspaceMissing as missing:
            raise WorkspaceMissing(
                missing.expected, missing.found, f"Run: python -m roc_core init {path}"
            ) from None

    @classmethod
    def create(cls, path: str | Path, starter: bool = True, model: str = "") -> Workspace:
        """Make a workspace, or open the one that is there.

        ``starter`` imports the starter set once. ``model`` names the model version to use.
        """
        workspace = cls(Store.create(Path(path)))
        if starter and not workspace._store.setting("starter"):
            importing.import_data(workspace._store, "jsonl", STARTER, None, strict=True)
            workspace._store.set_setting("starter", "1")
        if model:
            workspace.use_model(model)
        return workspace

    # --- what it is ------------------------------------------------------------------------

    @property
    def path(self) -> Path:
        """The workspace's folder."""
        return self._store.folder

    @property
    def name(self) -> str:
        """How the workspace is called: its setting, else the folder's name."""
        return self._store.setting("name") or self.path.resolve().name

    def model_folder(self) -> Path:
        """Folder of the model version in use."""
        name = self._store.setting("model")
        return self._version(name) if name else models.default_model()

    def _version(self, name: str) -> Path:
        return models.version_named(name, self.path)

    def use_model(self, name: str) -> None:
        """Use another model version from now on. Raises ValueRejected for an unknown one."""
        self._version(name)
        with self._lock:
            self._store.set_setting("model", name)
            self._loaded = None

    @property
    def model_version(self) -> str:
        """Id of the model version in use."""
        return self.model_folder().name

    # --- model -----------------------------------------------------------------------------

    def _retriever(self) -> RelationRetriever:
        # another process may have put another version or other relations to use
        folder, present = self.model_folder(), self.catalogue
        if self._loaded is None or self._loaded_from != folder:
            kept = indexing.folder_of(self.path, folder)
            self._loaded, self._loaded_from = models.load_retriever(folder, present, kept), folder
        elif present.digest != self._loaded.catalogue.digest:
            self._loaded.set_catalogue(present)
        return self._loaded

    def warm(self) -> None:
        """Load the model and both encoders now, and let them read once, so that the first
        prediction does not wait."""
        from roc_core.schema import Mention, Span

        with self._lock:
            self._retriever().predict([Example("a b", (Mention(Span(0, 1)), Mention(Span(2, 3))))])

    def predict(self, example: Example, without: Collection[str] = ()) -> Prediction:
        """Relations ranked for one example; corrections of near pairs vote, but those of the items
        ``without`` (see ``memory``). Raises PictureMissing, PictureRejected."""
        return self._answer([importing.require_example(example)], without)[0]

    def _answer(self, examples: list[Example], without: Collection[str] = ()) -> list[Prediction]:
        with self._lock:
            model = self._retriever()
            return self.memory.answer(model, self._loaded_from, examples, without)

    def predict_many(
        self,
        examples: Sequence[Example],
        progress: Callable[[int, int], None] | None = None,
        batch: int = 256,
    ) -> Iterator[Prediction]:
        """Predictions in the order given; pairs of one sentence share its reading."""
        for start in range(0, len(examples), batch):
            part = [importing.require_example(e) for e in examples[start : start + batch]]
            yield from self._answer(part)
            if progress:
                progress(start + len(part), len(examples))

    def explain(self, example: Example, relation: str, direction: Direction) -> Explanation:
        """What each part of an example adds to the score of one relation in one direction."""
        from roc_core.explanation import explain

        importing.require_example(example)
        with self._lock:
            return explain(self._retriever(), example, relation, direction)

    @property
    def reasons(self) -> Reasons:
        """Every further explainer of an answer, on the model version in use."""
        return Reasons(self._retriever, self._lock)

    def suggest_types(self, example: Example) -> tuple[TypeGuess | None, TypeGuess | None]:
        """Suggested entity type and its probability for each mention; None for a box."""
        importing.require_example(example)
        with self._lock:
            return self._retriever().suggest_types(example)

    # --- pictures --------------------------------------------------------------------------

    def add_picture(self, data: bytes, name: str) -> Picture:
        """Check and store a picture file's bytes. Raises PictureRejected."""
        from roc_core.datasets.pictures import check_picture

        c = check_picture(data, name)
        return self._store.put_picture(c.sha256, c.data, c.suffix, c.width, c.height)

    def picture(self, sha256: str) -> Picture:
        """A stored picture. Raises PictureMissing."""
        return self._store.picture(sha256)

    def pictures(self, limit: int = 200, offset: int = 0) -> tuple[Picture, ...]:
        """Stored pictures in order of arrival."""
        return self._store.pictures(limit, offset)

    def picture_text(self, sha256: str) -> str:
        """The text known for a picture, "" if none."""
        return self._store.picture_text(sha256)

    # --- items -----------------------------------------------------------------------------

    def save_item(self, example: Example, source: str = "analyze") -> Item:
        """Keep an example as an item; the same content again is the same item."""
        return self._store.save_item(
            Record(example, None, Provenance(source)), self._picture_of(example)
        )

    def _picture_of(self, example: Example) -> str | None:
        """Hash of an example's picture, which is stored if it is not yet."""
        if example.picture is None:
            return None
        importing.require_example(example)
        try:
            known = self._store.picture(example.picture.stem)
        except PictureMissing:
            return self.add_picture(example.picture.read_bytes(), example.picture.name).sha256
        if known.path == example.picture:
            return known.sha256
        return self.add_picture(example.picture.read_bytes(), example.picture.name).sha256

    def item(self, id: str) -> Item:
        """One item. Raises ItemMissing."""
        return self._store.item(id)

    def items(self, filter: ItemFilter | None = None, offset: int = 0, limit: int = 50) -> ItemPage:
        """A page of the items that match a filter, and how many match in all."""
        return self._store.items(filter or ItemFilter(), offset, limit)

    def counts(self) -> tuple[Count, ...]:
        """How many items share source, split, label state and whether they have a picture."""
        return self._store.counts()

    # --- corrections and drafts ------------------------------------------------------------

    def correct(
        self,
        item: str,
        label: Label,
        annotator: str,
        prediction: Prediction | None = None,
        comment: str = "",
        token: str = "",
    ) -> Correction:
        """Append a label to an item's log, with what was predicted and shown, and the version that
        was in use.

        ``token`` makes sending it twice one row. Raises ItemMissing, RelationUnknown.
        """
        if label.relation != "None":
            self.catalogue.get(label.relation)
        shown = prediction.ranked[:SHOWN] if prediction else ()
        return self._store.add_correction(
            item,
            label,
            annotator,
            prediction.label if prediction else None,
            [Label(r.relation, r.direction) for r in shown],
            prediction.model_version if prediction else self.model_version,
            comment,
            token,
        )

    def undo(self, correction: int, annotator: str, token: str = "") -> Correction:
        """Take a correction back with a new row. Raises CorrectionInvalid."""
        return self._store.undo(correction, annotator, token)

    def history(self, item: str) -> tuple[Correction, ...]:
        """All corrections of an item, oldest first."""
        return self._store.history(item)

    def save_draft(self, draft: Draft) -> Draft:
        """Keep what a page has on screen."""
        return self._store.save_draft(draft)

    def draft(self, id: str) -> Draft | None:
        """A draft, or None."""
        return self._store.draft(id)

    def latest_draft(self, annotator: str) -> Draft | None:
        """The annotator's latest draft, or None."""
        return self._store.latest_draft(annotator)

    # --- long work -------------------------------------------------------------------------

    def start_job(self, kind: str, **parameters: Any) -> int:
        """Start long work in a process of its own, or queue it behind what runs; its number.

        Kinds and their parameters: "vectors" and "doubts" (version, variant), "map" (version,
        refit), "fold-index" (version), "quality", "write" (see ``writing.start``), "learn" (see
        ``feedback.settled``). What is under way with the same parameters is not started twice.
        Raises ValueRejected for others.
        """
        return JobQueue(self._store).start(kind, jobs.settled(self, kind, parameters))

    def jobs(self, limit: int = 50) -> tuple[Job, ...]:
        """The newest jobs first, as they are now."""
        return JobQueue(self._store).jobs(limit)

    def job(self, id: int) -> Job:
        """One job as it is now. Raises JobMissing."""
        return JobQueue(self._store).job(id)

    def cancel_job(self, id: int) -> Job:
        """Stop a job; what it has saved stays. Raises JobMissing."""
        return JobQueue(self._store).cancel(id)

    def vector_key(self, version: str = "") -> Key:
        """What vectors of a version (the one in use) and the present catalogue are kept under."""
        folder = self._version(version) if version else self.model_folder()
        return pair_vectors.key_of(folder, self.catalogue)

    def retriever_of(self, version: str) -> RelationRetriever:
        """A version loaded for its own use, apart from the one this workspace answers with."""
        folder = self._version(version)
        return models.load_retriever(folder, self.catalogue, indexing.folder_of(self.path, folder))

    def vectors_of(self, version: str = "") -> PairVectors:
        """Pair vectors and answers that job "vectors" has computed so far, in order of arrival."""
        return self._store.vectors.read(self.vector_key(version))

    def map_of(self, version: str = "") -> MapView:
        """The map that job "map" has drawn. Raises ProjectionMissing when there is none.

        The last one read is held until it, a label or the items change.
        """
        key = self.vector_key(version)
        stamp, held = (key, *self._store.maps.stamp(key.version)), self._drawn
        if held is None or held[0] != stamp:
            held = self._drawn = stamp, mapping.map_view(self._store, key)
        return held[1]

    def map_agreement(self, view: MapView, reading: Reading) -> Codes:
        """How each point's answer compares with that of another reading, see
        ``agreement.agreement``."""
        own = self.vector_key(view.version)
        return agreement(self._store, view, own, self.reading_key(reading))

    # --- data sets -------------------------------------------------------------------------

    def _symmetric(self) -> frozenset[str]:
        return frozenset(r.id for r in self.known_relations().values() if r.symmetric)

    def import_data(
        self,
        format: str,
        path: str | Path,
        dry_run: bool = False,
        strict: bool = False,
        progress: Callable[[int, int], None] | None = None,
    ) -> ImportReport:
        """Import a data set, all of it or nothing; ``dry_run`` only says what would happen."""
        return importing.import_data(
            self._store,
            format,
            Path(path),
            self._symmetric() if format in ("mnre", "label-studio") else None,
            dry_run=dry_run,
            strict=strict,
            progress=progress,
        )

    def export(self, format: str, path: str | Path, filter: ItemFilter | None = None) -> int:
        """Write the matching items with their present labels; the number written.

        Pictures are copied beside the file, but for MNRE. Raises ValueRejected for an item the
        format cannot hold; then nothing is written.
        """
        from roc_core import datasets

        copies = {"copy_pictures": True} if format != "mnre" else {}
        records = self.records(filter)
        return datasets.write(format, records, Path(path), symmetric=self._symmetric(), **copies)
