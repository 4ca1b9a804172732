"""Named errors. Every message says what was expected, what was found and what to do."""

from __future__ import annotations


class RocError(Exception):
    """Base of every error this library raises on purpose.

    ``expected``, ``found`` and ``todo`` are kept apart so that a page can lay them out;
    ``str(error)`` joins them into one readable sentence each.
    """

    def __init__(self, expected: str, found: str, todo: str) -> None:
        self.expected, self.found, self.todo = expected, found, todo
        super().__init__(f"Expected {expected}. Found {found}. {todo}")

    def __reduce__(self) -> tuple[type[RocError], tuple[str, str, str]]:
        return type(self), (self.expected, self.found, self.todo)


class ValueRejected(RocError, ValueError):
    """A value object (span, box, mention, example, setting) cannot be built from what was given."""


class RecordRejected(RocError):
    """One record of a data set file is malformed; names file, line and field.

    ``unit`` is what ``line`` counts: lines, or the tasks or rows of a file that has no lines.
    """

    def __init__(
        self, file: str, line: int, field: str, expected: str, found: str, unit: str = "line"
    ) -> None:
        self.file, self.line, self.field, self.unit = file, line, field, unit
        super().__init__(expected, found, f"Mend field '{field}' in {file}, {unit} {line}.")

    def __reduce__(self) -> tuple[type[RecordRejected], tuple[str, int, str, str, str, str]]:  # type: ignore[override]
        return type(self), (
            self.file, self.line, self.field, self.expected, self.found, self.unit,
        )  # fmt: skip


class DataSetMissing(RocError, FileNotFoundError):
    """A data set folder or file is not where it was said to be."""


class DataSetInvalid(RocError):
    """A data set file as a whole cannot be used: unreadable, unsafe or of another form."""


class PictureRejected(RocError):
    """A picture file cannot be used (type, size, damage)."""


class PictureMissing(RocError):
    """Something needs a picture and there is none."""


class CatalogueInvalid(RocError):
    """A relation catalogue breaks its own rules; ``relation`` and ``field`` say where, "" where
    that is not known."""

    relation: str = ""
    field: str = ""


class RelationUnknown(RocError, KeyError):
    """A relation id is not in the catalogue in use."""

    def __str__(self) -> str:
        return str(self.args[0])


class RelationChanged(RocError):
    """A relation was changed by somebody else since the editor saw it; nothing was saved."""


class EncoderMissing(RocError):
    """The package or checkpoint an encoder needs is not installed."""


class EncoderMismatch(RocError):
    """A model version was trained on another encoder than the one that was loaded."""


class ModelVersionInvalid(RocError):
    """A model version folder is missing, incomplete or not readable."""


class IndexEmpty(RocError):
    """Retrieval was asked of an index without descriptions."""


class IndexInvalid(RocError):
    """A saved index is damaged or of another form, or cannot be written."""


class WorkspaceMissing(RocError):
    """No workspace at the given folder."""


class StoreUnavailable(RocError):
    """The database cannot be written or read just now (locked, read-only, full, damaged)."""


class StoreInvalid(RocError):
    """The database is not one of ours or is newer than this program."""


class WorkspaceBusy(RocError):
    """Something that needs the workspace to itself was asked while work is under way."""


class BackupMissing(RocError, KeyError):
    """No backup of that name in this workspace."""

    def __str__(self) -> str:
        return str(self.args[0])


class ItemMissing(RocError, KeyError):
    """No item with that id in this workspace."""

    def __str__(self) -> str:
        return str(self.args[0])


class SelectionMissing(RocError, KeyError):
    """No selection with that id in this workspace."""

    def __str__(self) -> str:
        return str(self.args[0])


class CorrectionInvalid(RocError):
    """A correction cannot be saved or undone as asked."""


class JobMissing(RocError, KeyError):
    """No job with that number in this workspace."""

    def __str__(self) -> str:
        return str(self.args[0])


class ProjectionMissing(RocError):
    """A map was asked for that has not been fitted, or was fitted with another model version."""


class DoubtsMissing(RocError):
    """Doubts about labels were asked for that have not been computed by this model version."""


class AnswersMissing(RocError):
    """Stored answers of a model version were asked for that have not been computed."""


class PromotionRefused(RocError):
    """A model version cannot be put to use, or taken out of use, as asked."""


class WritingFailed(RocError):
    """A language model's endpoint is not set up, cannot be reached, or gave no usable answer."""
