"""Backups of a workspace, and what was erased from it for good."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

ErasedKind = Literal["item", "picture", "annotator"]


@dataclass(frozen=True, slots=True)
class Backup:
    """A copy of the database. ``name`` is its file's, ``created`` the UTC time in it, ``reason``
    why it was made, in the words of its name."""

    name: str
    path: Path
    created: str
    reason: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Restored:
    """A backup that took the place of the database. ``before`` is the copy that was made of the
    present state first; ``erased`` things that were erased since the backup were erased again."""

    backup: Backup
    before: Backup
    erased: int


@dataclass(frozen=True, slots=True)
class Erasure:
    """The tombstone of what was erased. ``subject`` is the item's id, the picture's hash, or the
    name that stands for the annotator now ("erased-1"); ``author`` erased it.

    ``because`` is the number of the picture's erasure that took the item along. ``corrections``
    rows of the log went with it; ``changed`` rows that stay were changed: items that lost their
    picture, or rows that bear the new name. ``cleaned`` is when the last trace was gone from the
    database's file and from the backups, "" while one is left.
    """

    id: int
    kind: ErasedKind
    subject: str
    author: str
    reason: str
    created: str
    because: int | None = None
    corrections: int = 0
    changed: int = 0
    cleaned: str = ""


@dataclass(frozen=True, slots=True)
class ErasedCounts:
    """How many things were erased, the corrections that went with them, and how many erasures
    still have a trace in some file."""

    items: int = 0
    pictures: int = 0
    annotators: int = 0
    corrections: int = 0
    open: int = 0


@dataclass(frozen=True, slots=True)
class ErasedIds:
    """Ids of the items and hashes of the pictures that were erased and stay out."""

    items: frozenset[str] = frozenset()
    pictures: frozenset[str] = frozenset()
