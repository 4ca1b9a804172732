"""The catalogue in use and what is done with its relations: edit, retire, revert, exchange."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from roc_core.errors import CatalogueInvalid, RelationUnknown, ValueRejected
from roc_core.relations import (
    Catalogue,
    catalogue_names,
    diff,
    numbered,
    relation_from_json,
    relation_id_from,
    relation_json,
)
from roc_core.relations.rules import check_relation, check_text
from roc_core.schema import (
    CatalogueInfo,
    ChangeAction,
    DiffPiece,
    EntityType,
    ImportedCatalogue,
    Relation,
    RelationChange,
    RelationState,
)
from roc_core.store import Store
from roc_core.store.catalogues import CATALOGUE, Base, ChangeRow, Entry
from roc_core.workspace import catalogue_files
from roc_core.workspace.annotation_checks import named
from roc_core.workspace.kept_catalogues import DEFAULT, Kept, KeptCatalogues, Present

CatalogueFormat = Literal["toml", "csv"]


class Cataloguing:
    """The part of ``Workspace`` that knows which relations there are."""

    _store: Store
    _catalogues: KeptCatalogues

    @property
    def catalogue(self) -> Catalogue:
        """The relations that are retrieved: the catalogue in use as its log of changes says.

        Raises CatalogueInvalid when the catalogue in use is a file that cannot be read.
        """
        return self._catalogues.present().catalogue

    @property
    def relations(self) -> Relations:
        """The relations of the catalogue in use, their log, and the other catalogues."""
        return Relations(self._store, self._catalogues)

    def known_relations(self) -> Mapping[str, Relation]:
        """Every relation a label may name, by id: those of the catalogue in use in its order, then
        its retired ones, whose names end in "(retired)"."""
        return self._catalogues.present().known

    def relation(self, id: str) -> Relation:
        """One of ``known_relations``. Raises RelationUnknown."""
        return self.known_relations().get(id) or self.catalogue.get(id)


class Relations:
    """The relations of one catalogue. Every change is a row of an append-only log.

    A catalogue that came with the program, or from a file, is taken into the log before its first
    change. Names of authors must not be empty (ValueRejected).
    """

    def __init__(self, store: Store, kept: KeptCatalogues, catalogue: str = "") -> None:
        self._store, self._kept, self._name = store, kept, catalogue

    # --- catalogues --------------------------------------------------------------------------

    def within(self, catalogue: str) -> Relations:
        """The same for another catalogue than the one in use. Raises ValueRejected."""
        self._require(catalogue)
        return Relations(self._store, self._kept, catalogue)

    def catalogues(self) -> tuple[CatalogueInfo, ...]:
        """All catalogues: the packaged ones, then those kept here; a file in use comes last."""
        kept = {row.id: row for row in self._store.catalogues.all()}
        used = self._store.setting(CATALOGUE, DEFAULT) or DEFAULT
        names = dict.fromkeys((*catalogue_names(), *kept, used))
        found = []
        for name in names:
            packaged = name in catalogue_names()
            if name in kept:
                row = kept[name]
                sizes = (row.title, row.relations, row.retired)
            else:
                present = self._kept.present(name)
                sizes = (present.title, len(present.ranked), 0)
            found.append(CatalogueInfo(name, *sizes, in_use=name == used, packaged=packaged))
        return tuple(found)

    def use(self, id: str) -> None:
        """Retrieve another catalogue's relations from now on. Raises ValueRejected for an unknown
        one or one without relations."""
        if not self._require(id).relations:
            raise ValueRejected(
                "a catalogue with at least one relation that is not retired",
                f"'{id}' with none",
                "Add a relation to it first.",
            )
        self._store.set_setting(CATALOGUE, id)

    def create(self, id: str, title: str) -> CatalogueInfo:
        """Make a catalogue without relations; ``within(id).save`` adds the first. Raises
        ValueRejected when there is one of that id, CatalogueInvalid for an id or title that cannot
        be."""
        for field, text in (("id", id), ("title", title)):
            check_text("the new catalogue", "", field, text)
        if id in catalogue_names():
            raise ValueRejected(
                "the id of a new catalogue", f"'{id}', which there is", "Choose another id."
            )
        self._store.catalogues.create(id, title, "made")
        return self._require(id)

    def _require(self, id: str) -> CatalogueInfo:
        found = {info.id: info for info in self.catalogues()}
        if id not in found:
            known = ", ".join(found)
            raise ValueRejected(
                f"a catalogue of this workspace, one of {known}", repr(id), "Choose one of them."
            )
        return found[id]

    # --- relations ---------------------------------------------------------------------------

    def states(
        self, query: str = "", retired: bool = False, offset: int = 0, limit: int = 50
    ) -> tuple[tuple[RelationState, ...], int]:
        """A page of the relations whose id, name, phrase, types or descriptions hold every word of
        ``query``, and how many there are in all; ``retired`` lists the retired ones, too, last."""
        present = self._present()
        words = query.casefold().split()
        every = (*present.ranked, *present.retired) if retired else present.ranked
        found = [k for k in every if all(w in k.words for w in words)] if words else every
        labels = self._store.catalogues.labels()
        page = found[max(offset, 0) :][: max(limit, 0)]
        return tuple(_state(k, labels) for k in page), len(found)

    def state(self, id: str) -> RelationState:
        """One relation, retired or not. Raises RelationUnknown."""
        return _state(self._get(self._present(), id), self._store.catalogues.labels())

    def new_id(
        self, name: str, head: EntityType | None = None, tail: EntityType | None = None
    ) -> str:
        """An id for a new relation that no relation of this catalogue has, made from its name."""
        return relation_id_from(name, head, tail, self._present().relations)

    def history(
        self, id: str = "", offset: int = 0, limit: int = 500
    ) -> tuple[RelationChange, ...]:
        """Changes of one relation or of all, newest first; none in a catalogue that was never
        changed here. Raises RelationUnknown."""
        present = self._present()
        if id:
            self._get(present, id)
        rows = self._store.catalogues.history(present.id, id, offset, limit)
        return tuple(_change(row) for row in rows)

    def change(self, number: int) -> RelationChange:
        """One change of this catalogue. Raises ValueRejected."""
        return _change(self._row(number))

    # --- changes -----------------------------------------------------------------------------

    def save(
        self, relation: Relation, author: str, reason: str = "", seen: int = 0, new: bool = False
    ) -> RelationChange:
        """Add a relation, or edit the one of that id; its descriptions are numbered anew.

        ``seen`` is ``RelationState.change`` of the state the editor started from, 0 for a new
        relation; ``new`` says that there must be none of that id. The very same content again
        changes nothing and gives the newest change. Raises RelationChanged when somebody changed
        the relation meanwhile, CatalogueInvalid for a relation that breaks a rule, ValueRejected
        for an id that is taken, a retired relation, or when nothing differs from a relation that
        was never changed.
        """
        present, relation = self._present(), numbered(relation)
        check_relation(f"catalogue '{present.id}'", relation)
        old = present.relations.get(relation.id)
        if old is not None and new:
            raise ValueRejected(
                "the id of a new relation",
                f"'{relation.id}', which is that of {old.relation.name!r}",
                "Choose another name, or edit that relation.",
            )
        if old is not None and old.retired:
            raise ValueRejected(
                f"a relation that is ranked, to edit '{relation.id}'",
                "a retired one",
                "Restore it first.",
            )
        if old is not None and old.relation == relation:
            return self._same(present, old)
        action: ChangeAction = "add" if old is None else "edit"
        return self._write(present, relation, action, author, reason, seen=seen)

    def _same(self, present: Present, old: Kept) -> RelationChange:
        if old.change:
            return self.history(old.relation.id, limit=1)[0]
        raise ValueRejected(
            f"something to change in relation '{old.relation.id}' of catalogue '{present.id}'",
            "nothing that differs",
            "Change a field or leave it.",
        )

    def retire(self, id: str, author: str, reason: str = "") -> RelationChange:
        """Rank a relation no more; its labels stay. Raises RelationUnknown, ValueRejected for one
        that is retired, CatalogueInvalid for the last one that is not."""
        present = self._present()
        old = self._get(present, id)
        if old.retired:
            raise ValueRejected(
                f"a relation that is ranked, to retire '{id}'", "a retired one", "Leave it."
            )
        _require_another(present, id)
        return self._write(
            present, old.relation, "retire", author, reason, seen=old.change, retired=True
        )

    def restore(self, id: str, author: str, reason: str = "") -> RelationChange:
        """Rank a retired relation again. Raises RelationUnknown, ValueRejected for another one."""
        present = self._present()
        old = self._get(present, id)
        if not old.retired:
            raise ValueRejected(
                f"a retired relation, to restore '{id}'", "one that is ranked", "Leave it."
            )
        return self._write(present, old.relation, "restore", author, reason, seen=old.change)

    def revert(self, change_id: int, author: str, reason: str = "") -> RelationChange:
        """Bring back a relation's state as it was after a change. When it is that way already, the
        newest change is returned. Raises ValueRejected for a change that is not in the log,
        CatalogueInvalid where that would retire the last relation."""
        row, present = self._row(change_id), self._present()
        old, relation = self._get(present, row.relation), relation_from_json(row.content)
        if (old.relation, old.retired) == (relation, row.retired):
            return self._same(present, old)
        if row.retired and not old.retired:
            _require_another(present, row.relation)
        return self._write(
            present, relation, "revert", author, reason, old.change, row.retired, change_id
        )

    def _write(
        self,
        present: Present,
        relation: Relation,
        action: ChangeAction,
        author: str,
        reason: str,
        seen: int = 0,
        retired: bool = False,
        of: int = 0,
    ) -> RelationChange:
        entry = Entry(
            relation.id, relation_json(relation), action, named(author), reason, retired, seen, of
        )
        # A file in use is kept under its id from its first change on.
        use = not self._name and present.id != present.stamp.name
        rows = self._store.catalogues.write(present.id, [entry], present.base(), use)
        return _change(rows[0])

    # --- files -------------------------------------------------------------------------------

    def import_file(self, data: bytes, name: str, author: str) -> ImportedCatalogue:
        """Take in a catalogue from the bytes of a TOML or CSV file, by the ending of ``name``: all
        of it or nothing. Its id is the TOML file's, or a CSV file's name. Relations that are
        retired here are ranked again; those the file lacks stay as they are. It is not put to use.

        Raises CatalogueInvalid, RecordRejected naming line and field of a CSV file, ValueRejected
        for another ending, RelationChanged.
        """
        read = catalogue_files.read(data, name)
        known = {info.id for info in self.catalogues()}
        present = self._kept.present(read.id) if read.id in known else None
        entries, same = catalogue_files.entries(read, present, named(author), name)
        added = sum(e.action != "edit" for e in entries)
        if entries:
            base = Base(read.title, "file", ()) if present is None else present.base()
            self._store.catalogues.write(read.id, entries, base)
        info = self._require(read.id)
        return ImportedCatalogue(info, added, len(entries) - added, same)

    def export(self, id: str = "", format: CatalogueFormat = "toml") -> bytes:
        """A catalogue ("" for this one) as a file, without its retired relations. Raises
        ValueRejected for an unknown catalogue or format, CatalogueInvalid for an empty one."""
        if id:
            self._require(id)
        return catalogue_files.written(self._kept.present(id or self._name), format)

    def diff(self, change: RelationChange) -> tuple[DiffPiece, ...]:
        """What a change did, word by word, field by field; fields it left alone are left out."""
        return diff(change.before, change.after)

    # --- parts -------------------------------------------------------------------------------

    def _present(self) -> Present:
        return self._kept.present(self._name)

    def _get(self, present: Present, id: str) -> Kept:
        found = present.relations.get(id)
        if found is not None:
            return found
        if present.ranked:
            present.catalogue.get(id)  # says which ids look like it
        raise RelationUnknown(
            f"a relation of catalogue '{present.id}'", repr(id), "It has none yet: add one."
        )

    def _row(self, number: int) -> ChangeRow:
        row = self._store.catalogues.change(number)
        if row is None or row.catalogue != self._present().id:
            raise ValueRejected(
                f"the number of a change in catalogue '{self._present().id}'",
                str(number),
                "Choose one from its history.",
            )
        return row


def _require_another(present: Present, id: str) -> None:
    if len(present.ranked) <= 1:
        raise CatalogueInvalid(
            f"a relation besides '{id}' in catalogue '{present.id}'",
            "no other that is ranked",
            "Add or restore another relation first.",
        )


def _state(kept: Kept, labels: Mapping[str, int]) -> RelationState:
    count = labels.get(kept.relation.id, 0)
    return RelationState(
        kept.relation, kept.retired, kept.changed, kept.by, kept.changes, count, kept.change
    )


def _change(row: ChangeRow) -> RelationChange:
    before = None if row.was_retired else relation_from_json(row.before)
    after = None if row.retired else relation_from_json(row.content)
    return RelationChange(
        row.id, row.catalogue, row.relation, row.created, row.author, row.reason, row.action,
        before, after, row.of,
    )  # fmt: skip
