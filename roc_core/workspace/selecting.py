"""Items and selections of them as a workspace offers them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from roc_core.schema import ItemFilter, Record, Selection
from roc_core.store import Store


class Selecting:
    """The part of ``Workspace`` that reads labelled items and keeps selections: slices by name, the
    others for links."""

    _store: Store

    def records(self, filter: ItemFilter | None = None) -> Iterator[Record]:
        """The matching items with their present labels, read as they are taken."""
        for item in self._store.iter_items(filter or ItemFilter()):
            yield replace(item.record, label=item.label)

    def keep_selection(
        self, items: Sequence[str], name: str = "", annotator: str = ""
    ) -> Selection:
        """Keep items under a short id; the same items have the same id. With a name it is a slice,
        without one it is kept for links.

        Raises ValueRejected for an id that is none, or a name that is too long or taken.
        """
        return self._store.selections.keep(items, None, name, annotator)

    def keep_filter(self, filter: ItemFilter, name: str = "", annotator: str = "") -> Selection:
        """Keep a filter, to be applied whenever the selection is read; raises as
        ``keep_selection``."""
        return self._store.selections.keep(None, filter, name, annotator)

    def selection(self, id: str) -> Selection:
        """A selection without the items that are gone. Raises SelectionMissing."""
        return self._store.selections.get(id)

    def selections(self) -> tuple[Selection, ...]:
        """All slices by name, with their items as they are now."""
        return self._store.selections.named()

    def slice_names(self) -> tuple[tuple[str, str], ...]:
        """Id and name of every slice, without looking at items."""
        return self._store.selections.names()

    def name_selection(self, id: str, name: str) -> Selection:
        """Make a selection a slice, or rename it. Raises SelectionMissing, ValueRejected."""
        return self._store.selections.rename(id, name)

    def drop_selection(self, id: str) -> None:
        """Take a slice off the list; links to it open for some time yet. Raises
        SelectionMissing."""
        self._store.selections.drop(id)
