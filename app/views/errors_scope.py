"""What all parts of the Errors page look at: a reading's answers to the data that was chosen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np
import streamlit as st

from app import selected
from app.shared import shared
from roc_core.schema import Analysis, ItemFilter, Reading
from roc_core.workspace import Workspace, confusion, headline, headline_intervals

T = TypeVar("T")


@dataclass(frozen=True)
class Scope:
    """A reading's answers (``analysis``) to the items that match ``filter``.

    ``stamp`` is another text as soon as anything that was counted is another; ``names`` gives the
    words for relation ids; ``saved`` the slices by name; ``image`` is "png" or "svg".
    """

    ws: Workspace
    reading: Reading
    filter: ItemFilter
    stamp: str
    analysis: Analysis
    names: Mapping[str, str]
    saved: Mapping[str, str]
    dark: bool
    image: str

    def kept(self, what: str, compute: Callable[[], T]) -> T:
        """``compute()``, once for this stamp in this process."""
        return _kept(self.ws, self.stamp, what, compute)

    def other(self, reading: Reading, **narrower: Any) -> Analysis:
        """Another reading's answers to the same items, or to fewer of them."""
        wanted = replace(self.filter, **narrower)
        return analysed(self.ws, reading, wanted, stamp_of(self.ws, reading, wanted))

    def slices(self) -> dict[str, tuple[str, ...]]:
        """Ids of the items of every saved slice, by its name."""
        return {s.name: s.items for s in self.ws.selections()} if self.saved else {}

    def key(self, name: str) -> str:
        """Key of a widget that starts anew when what it shows changes."""
        round_ = st.session_state.get("errors:round", 0)
        return f"errors:{name}:{self.stamp}:{round_}"

    def config(self, name: str) -> dict[str, Any]:
        """Settings of a figure: what its download is called and how it is drawn."""
        file = f"{self.reading.key}-{name}".replace("@", "-").replace("/", "-")
        return {
            "displaylogo": False,
            "modeBarButtonsToRemove": ["autoScale2d", "select2d", "lasso2d"],
            "toImageButtonOptions": {"filename": file, "format": self.image, "scale": 2},
        }

    def select(self, rows: np.ndarray, said: str) -> None:
        """Make rows of the analysis the selection of all pages."""
        self.select_ids(self.analysis.ids(rows), said)

    def select_ids(self, ids: tuple[str, ...], said: str) -> None:
        """Make items the selection of all pages."""
        st.session_state.pop("errors:page", None)
        selected.select(self.ws, ids, f"Errors: {said}")


def analysed(ws: Workspace, reading: Reading, filter: ItemFilter, stamp: str) -> Analysis:
    """A reading's answers to the items that match, read once for a stamp (``stamp_of``)."""
    return _kept(ws, stamp, "answers", lambda: ws.analysis(reading, filter))


def read_ahead(ws: Workspace) -> None:
    """What the page shows first, computed before anybody opens it: the answers of the version in
    use to all items, and their figures. Raises what ``Workspace.analysis`` raises."""
    reading, wanted = Reading(ws.model_version), ItemFilter()
    stamp = stamp_of(ws, reading, wanted)
    found = analysed(ws, reading, wanted, stamp)
    if len(found):
        _kept(ws, stamp, "headline", lambda: headline(found))
        _kept(ws, stamp, "intervals", lambda: headline_intervals(found))
        _kept(ws, stamp, "confusion", lambda: confusion(found))


def _kept(ws: Workspace, stamp: str, what: str, compute: Callable[[], T]) -> T:
    return shared(f"{ws.path}|errors:{what}:{stamp}", compute)


def stamp_of(ws: Workspace, reading: Reading, filter: ItemFilter) -> str:
    """A text for a reading of some items as they are now."""
    answered = ws.reading_state(reading).answered
    key = ws.vector_key(reading.version)
    only = "" if filter.only is None else f"{len(filter.only)}:{hash(filter.only)}"
    parts = (
        reading.key, key.model, key.catalogue, answered, *ws.labels_stamp(), filter.source,
        filter.split, filter.picture, only,
    )  # fmt: skip
    return "|".join(map(str, parts))
