"""What a workspace keeps: pictures, items, corrections, drafts, and reports about them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

from roc_core.schema.examples import Example, Mention
from roc_core.schema.relations import Label, Record


@dataclass(frozen=True, slots=True)
class Picture:
    """A stored picture: hash of its bytes, file, size in pixels after EXIF orientation."""

    sha256: str
    path: Path
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Item:
    """A record kept in a workspace. ``label`` is the present label, after corrections."""

    id: str
    record: Record
    label: Label | None
    corrections: int = 0
    created: str = ""

    @property
    def example(self) -> Example:
        """The item's example."""
        return self.record.example


@dataclass(frozen=True, slots=True)
class Correction:
    """One row of the append-only log. ``action`` "undo" takes back the row ``undoes``.

    ``shown`` are the labels that were on screen when it was made, best first.
    """

    id: int
    item: str
    annotator: str
    created: str
    action: Literal["label", "undo"]
    label: Label | None
    predicted: Label | None
    model_version: str
    comment: str = ""
    undoes: int | None = None
    undone: bool = False


ItemState = Literal["", "unlabelled", "imported", "corrected", "flagged", "disputed"]
ITEM_STATES: tuple[ItemState, ...] = get_args(ItemState)


@dataclass(frozen=True, slots=True)
class ItemFilter:
    """Which items to list; empty fields do not filter. ``text`` searches in sentences; ``only``
    are the ids to choose among, None for all items. ``state`` flagged: with an open flag;
    disputed: annotators' labels differ and nobody has decided.

    ``annotator`` gave the present label. ``since`` and ``until`` are ISO-8601 dates or times (UTC
    unless they name a zone) between which the present label was given, or the item came in if
    nobody corrected it; both ends count, a date as its whole day.
    """

    text: str = ""
    source: str = ""
    split: str = ""
    relation: str = ""
    state: ItemState = ""
    picture: Literal["", "with", "without"] = ""
    only: tuple[str, ...] | None = field(default=None, repr=False)
    annotator: str = ""
    since: str = ""
    until: str = ""


@dataclass(frozen=True, slots=True)
class Selection:
    """Items that were chosen together. With a ``name`` it is a slice; without one it is kept for
    links to it.

    ``items`` are the ids in the order given, or, with a ``filter``, those that match it now in
    order of arrival. ``gone`` of the chosen ones are not in the workspace and left out.
    """

    id: str
    name: str
    items: tuple[str, ...]
    filter: ItemFilter | None
    created: str
    annotator: str
    gone: int = 0


@dataclass(frozen=True, slots=True)
class ItemPage:
    """A page of a filtered list; ``total`` counts all matches."""

    items: tuple[Item, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Count:
    """How many items share source, split, label state and whether they have a picture."""

    source: str
    split: str
    state: str
    picture: bool
    items: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why one line of an import was refused."""

    file: str
    line: int
    field: str
    expected: str
    found: str


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did, or (``dry_run``) would do. ``erased`` records stay out because they, or
    the picture they need, were erased for good."""

    format: str
    files: tuple[str, ...]
    read: int
    added: int
    known: int
    refused: tuple[Refusal, ...]
    labels: tuple[tuple[str, int], ...]
    pictures: int = 0
    pictures_missing: int = 0
    dry_run: bool = False
    samples: tuple[Record, ...] = field(default=())
    erased: int = 0


@dataclass(frozen=True, slots=True)
class Draft:
    """Unsaved marks of the Analyze page: what a browser session had on screen.

    ``places`` are up to two mentions, in the order they were marked.
    """

    id: str
    annotator: str = ""
    sentence: str = ""
    mentions: tuple[Mention | None, Mention | None] = (None, None)
    picture: str = ""
    picture_text: str = ""
    item: str = ""
    updated: str = ""
