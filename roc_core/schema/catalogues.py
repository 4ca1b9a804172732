"""Catalogues that are kept in a workspace: the states of their relations and every change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from roc_core.schema.relations import Relation

ChangeAction = Literal["import", "add", "edit", "retire", "restore", "revert"]
"""``import`` took a relation in from a file or from the program, ``revert`` brought an earlier
state back; a retired relation is no longer ranked, and its labels stay."""

PieceKind = Literal["same", "removed", "added"]


@dataclass(frozen=True, slots=True)
class RelationChange:
    """One row of the log of a catalogue's relations.

    ``before`` is None when the relation was not ranked before, ``after`` None when it is not ranked
    any more (retired). ``of`` is the number of the change whose state a revert brought back, 0 of
    another action.
    """

    id: int
    catalogue: str
    relation: str
    created: str
    author: str
    reason: str
    action: ChangeAction
    before: Relation | None
    after: Relation | None
    of: int = 0


@dataclass(frozen=True, slots=True)
class RelationState:
    """A relation as it is now.

    ``changed`` and ``by`` are time and author of its newest change, "" when it was never changed
    here; ``changes`` counts the rows of its log, ``change`` is the number of the newest one (0
    without any): what an editor hands back as ``seen``. ``labels`` counts the items whose present
    label it is.
    """

    relation: Relation
    retired: bool
    changed: str
    by: str
    changes: int
    labels: int
    change: int = 0


@dataclass(frozen=True, slots=True)
class CatalogueInfo:
    """A catalogue a workspace can use: how many ``relations`` are ranked and how many were retired;
    ``packaged`` says that it came with the program, whether or not it was changed here."""

    id: str
    title: str
    relations: int
    retired: int
    in_use: bool
    packaged: bool


@dataclass(frozen=True, slots=True)
class ImportedCatalogue:
    """What importing a file did: relations that were not ranked before, that were changed, and that
    are the same. Relations the file lacks stay as they are."""

    info: CatalogueInfo
    added: int
    edited: int
    same: int


@dataclass(frozen=True, slots=True)
class DiffPiece:
    """A piece of one field of a relation.

    ``field`` is "name", "phrase", "head", "tail", "symmetric", "descriptions.<facet>-<n>" with the
    number the description has now, or "descriptions.<facet>-<n> (removed)" with the number that one
    had which is gone. The ``same`` and ``removed`` pieces of a field, in order, join to what it
    was; the ``same`` and ``added`` ones to what it is.
    """

    field: str
    kind: PieceKind
    text: str
