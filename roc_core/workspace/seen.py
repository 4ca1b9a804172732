"""Which items are which, and which of them a model version was trained on."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from roc_core.store.labelled import ItemColumns
from roc_core.workspace.cards import read_card


def rows_among(wanted: np.ndarray, among: np.ndarray) -> np.ndarray:
    """Row of each of ``wanted`` in ``among``, -1 where it is not there."""
    if not len(among):
        return np.full(len(wanted), -1)
    order = np.argsort(among)
    at = order[np.minimum(np.searchsorted(among, wanted, sorter=order), len(among) - 1)]
    return np.where(among[at] == wanted, at, -1)


def seen_before(folder: Path, items: ItemColumns, rows: np.ndarray, so: str) -> str:
    """A sentence that ends in ``so`` when the version's card names source and split of some of
    the rows as its data; "" otherwise. Raises ModelVersionInvalid for a card that is none."""
    data = str(read_card(folder).get("data", ""))
    source, _, rest = data.partition(",")
    named = {s for s in set(items.splits) if s and f" split {s} " in f"{rest} "}
    seen = sum(items.sources[r] == source and items.splits[r] in named for r in rows.tolist())
    if not seen:
        return ""
    return (
        f"Version {folder.name} was trained on {data}; {seen:,} of these {len(rows):,} items are "
        f"of that split. {so}"
    )
