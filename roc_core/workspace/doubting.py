"""How far labels can be trusted: the job that finds it, and what still holds of it now."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from roc_core.jobs import Progress
from roc_core.schema import Codes, Doubts, ItemFilter, Reading
from roc_core.store import Store
from roc_core.store.doubts import StoredDoubts
from roc_core.store.labelled import ItemColumns
from roc_core.workspace.features import codes
from roc_core.workspace.seen import rows_among, seen_before

DOUBTS_TOO_LITTLE = (
    "It has learnt their labels, wrong ones too, so its vectors doubt them too little."
)
TOLD = "The types each label implies were told to it (oracle), so it doubts labels too little."


def doubts_job(folder: Path, parameters: Mapping[str, Any], report: Progress) -> Mapping[str, Any]:
    """Job "doubts": missing vectors of a reading, then how far each label can be trusted."""
    from roc_core.evaluation.doubts import label_quality
    from roc_core.workspace.pair_vectors import compute
    from roc_core.workspace.workspace import Workspace

    workspace, store = Workspace.open(folder), Store.open(folder)
    version = str(parameters.get("version") or workspace.model_version)
    key = workspace.reading_key(Reading(version, str(parameters.get("variant") or "")))
    compute(store, key, lambda: workspace.retriever_of(version), report)
    items, found = store.labelled.columns(ItemFilter()), store.vectors.read(key)
    at = rows_among(items.items, found.items)
    rows = np.flatnonzero((at >= 0) & np.array([bool(r) for r in items.relations], bool))
    judged = label_quality(
        found.vectors[at[rows]],
        [items.relations[r] for r in rows.tolist()],
        [items.sentences[r] for r in rows.tolist()],
        lambda done, total: report(done, total, "Judging labels"),
    )
    gold = [items.relations[r] for r in rows[judged.rows].tolist()]
    both = codes([*gold, *judged.suggested])
    first, second = np.split(both.values, 2)
    stored = StoredDoubts(
        both.names, items.items[rows[judged.rows]], first, second, judged.quality, judged.likely,
        judged.few,
    )  # fmt: skip
    store.doubts.put(key, stored)
    return {"judged": len(gold), "likely": int(judged.likely.sum()), "few": judged.few}


def doubts_now(reading: Reading, stored: StoredDoubts, items: ItemColumns, folder: Path) -> Doubts:
    """What was found, without items whose label is another one now."""
    at = rows_among(stored.items, items.items)
    now = [items.relations[r] if r >= 0 else "" for r in at.tolist()]
    then = [stored.names[g] for g in stored.gold.tolist()]
    same = np.array([a == b for a, b in zip(now, then, strict=True)], bool)
    rows = np.flatnonzero(same)
    rows = rows[np.argsort(stored.quality[rows], kind="stable")]
    seen = seen_before(folder, items, at[rows], DOUBTS_TOO_LITTLE)
    kind = np.uint8 if len(stored.names) <= 256 else np.uint16
    return Doubts(
        reading=reading,
        created=stored.created,
        items=stored.items[rows],
        gold=Codes(stored.names, stored.gold[rows].astype(kind)),
        suggested=Codes(stored.names, stored.suggested[rows].astype(kind)),
        quality=stored.quality[rows],
        likely=stored.likely[rows],
        few=stored.few,
        changed=int((~same).sum()),
        seen=" ".join(s for s in (seen, TOLD if reading.oracle else "") if s),
    )
