"""Catalogues as they are now: packaged ones, files, and those whose changes are kept here."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from roc_core.relations import (
    Catalogue,
    catalogue_names,
    load_catalogue,
    relation_from_json,
    relation_json,
)
from roc_core.schema import Relation
from roc_core.store import Store
from roc_core.store.catalogues import Base, ChangeRow, Stamp

DEFAULT = "mnre"
RETIRED = " (retired)"
HELD = 4
"""Catalogues held in memory."""


@dataclass(frozen=True)
class Kept:
    """A relation as it is now. ``change`` is the number of its newest change, 0 without any;
    ``untouched`` says that it is as it was taken in from the program."""

    relation: Relation
    retired: bool = False
    place: int = 0
    changed: str = ""
    by: str = ""
    changes: int = 0
    change: int = 0
    untouched: bool = True

    @cached_property
    def words(self) -> str:
        """What a search looks in, case folded."""
        r = self.relation
        texts = (d.text for d in r.descriptions)
        return "\n".join((r.id, r.name, r.phrase, r.head, r.tail, *texts)).casefold()


@dataclass(frozen=True)
class Present:
    """One catalogue as it is now: ``id`` is what it is, or would be, kept under."""

    stamp: Stamp
    id: str
    title: str
    relations: Mapping[str, Kept]
    loaded: Catalogue | None = None

    @cached_property
    def ranked(self) -> tuple[Kept, ...]:
        """The relations that are not retired, in order."""
        return tuple(k for k in self.relations.values() if not k.retired)

    @cached_property
    def retired(self) -> tuple[Kept, ...]:
        """The others, in order."""
        return tuple(k for k in self.relations.values() if k.retired)

    @cached_property
    def catalogue(self) -> Catalogue:
        """The relations that are ranked. Raises CatalogueInvalid when there are none."""
        if self.loaded is not None:
            return self.loaded
        retired = frozenset(k.relation.id for k in self.retired)
        return Catalogue(self.id, self.title, tuple(k.relation for k in self.ranked), retired)

    @cached_property
    def known(self) -> Mapping[str, Relation]:
        """Every relation by id, the retired ones last and named as such."""
        every = {k.relation.id: k.relation for k in self.ranked}
        for k in self.retired:
            every[k.relation.id] = replace(k.relation, name=k.relation.name + RETIRED)
        return every

    def base(self) -> Base | None:
        """What to take in before the first change; None for a catalogue that is kept."""
        if self.stamp.kept:
            return None
        source = "packaged" if self.stamp.name in catalogue_names() else "file"
        texts = [(k.relation.id, relation_json(k.relation)) for k in self.ranked]
        return Base(self.title, source, texts)


class KeptCatalogues:
    """The catalogues of one workspace, each read once for a state of its log.

    After a change only the rows that are new are read. May be shared by threads.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._held: dict[str, Present] = {}

    def present(self, name: str = "") -> Present:
        """A catalogue by its id, by the name of a packaged one, or a file; "" for the one in use.

        Raises CatalogueInvalid when there is none.
        """
        stamp = self._store.catalogues.stamp(DEFAULT, name)
        with self._lock:
            held = self._held.pop(stamp.name, None)
            if held is None or held.stamp != stamp or not stamp.kept:
                held = self._read(stamp, held)
            self._held[stamp.name] = held
            for old in tuple(self._held)[:-HELD]:
                del self._held[old]
        return held

    def _read(self, stamp: Stamp, held: Present | None) -> Present:
        if not stamp.kept:
            return self._loaded(stamp, held)
        table, rows = self._store.catalogues, None
        before: Mapping[str, Kept] = {}
        if held is not None and held.stamp.kept and held.stamp.erased == stamp.erased:
            rows = table.since(stamp.name, held.stamp.newest, held.stamp.created)
            before = held.relations if rows is not None else {}
        if rows is None:
            rows = table.since(stamp.name) or ()
        return Present(stamp, stamp.name, table.title(stamp.name), _folded(before, rows))

    def _loaded(self, stamp: Stamp, held: Present | None) -> Present:
        """A catalogue that nobody has changed here, as its file is now."""
        catalogue = load_catalogue(stamp.name)
        id = self._id(stamp.name, catalogue)
        if held is not None and held.loaded is catalogue and held.id == id:
            return held
        relations = {r.id: Kept(r, place=n) for n, r in enumerate(catalogue, 1)}
        return Present(stamp, id, catalogue.title, relations, catalogue)

    def _id(self, name: str, catalogue: Catalogue) -> str:
        """What a catalogue would be kept under: a file's own id, if no other has it."""
        if name in catalogue_names():
            return name
        taken = {*catalogue_names(), *(row.id for row in self._store.catalogues.all())}
        numbers = (f"{catalogue.id}-{n}" for n in range(2, len(taken) + 3))
        return next(i for i in (catalogue.id, *numbers) if i not in taken)


def _folded(before: Mapping[str, Kept], rows: Sequence[ChangeRow]) -> Mapping[str, Kept]:
    """States after some more rows of the log, in the order of their places."""
    last = {row.relation: row for row in rows}
    count: dict[str, int] = {}
    for row in rows:
        count[row.relation] = count.get(row.relation, 0) + 1
    found = dict(before)
    for relation, row in last.items():
        earlier = before[relation].changes if relation in before else 0
        changes = earlier + count[relation]
        found[relation] = Kept(
            relation_from_json(row.content),
            row.retired,
            row.place,
            row.created,
            row.author,
            changes,
            row.id,
            row.action == "import" and not row.author and changes == 1,
        )
    if last.keys() <= before.keys():
        return found
    return dict(sorted(found.items(), key=lambda one: one[1].place))
