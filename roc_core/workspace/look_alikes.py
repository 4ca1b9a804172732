"""Neighbours in pair space with the same wrong answer, to be confirmed one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from roc_core.errors import AnswersMissing
from roc_core.relations import Catalogue
from roc_core.schema import NONE, Direction, Label, LookAlike, type_words
from roc_core.store import Store
from roc_core.workspace.queues import answer
from roc_core.workspace.variants import TURNED

if TYPE_CHECKING:
    from roc_core.workspace.workspace import Workspace


def look_alikes(
    workspace: Workspace, store: Store, item: str, label: Label, limit: int
) -> tuple[LookAlike, ...]:
    """Up to ``limit`` items whose stored answer names the same wrong relation as that of ``item``,
    the most similar first.

    Left out are items that a person labelled, whose label is already the corrected one, or whose
    label says that the answer is right; when the answer of ``item`` was right, there are none.
    Raises ItemMissing, and AnswersMissing when the item has no stored answer of the version in use.
    """
    store.item(item)
    found = store.vectors.read(workspace.vector_key())
    rows = np.flatnonzero(found.items == item.encode())
    if not len(rows):
        raise AnswersMissing(
            f"a stored answer of model version '{workspace.model_version}' for item {item}",
            "none",
            "Start the job 'vectors'.",
        )
    row = int(rows[0])
    wrong = answer(found, row)
    if wrong == label:
        return ()
    tables = store.annotation.queues
    labels, corrected = tables.labels(), tables.corrected()
    similarity = _cosines(found.vectors, row)
    alike: list[LookAlike] = []
    for other in np.argsort(-similarity, kind="stable").tolist():
        if len(alike) >= limit:
            break
        id = found.items[other].decode("ascii")
        given, present = answer(found, other), labels.get(id)
        if other == row or given.relation != wrong.relation or id in corrected:
            continue
        fitted = _fitted(label, wrong, given, found.types[other], workspace.catalogue)
        if fitted not in (present, given) and given != present:
            alike.append(LookAlike(id, float(similarity[other]), given, fitted, present))
    return tuple(alike)


def _cosines(vectors: np.ndarray, row: int) -> np.ndarray:
    """Cosines (N,) of one pair vector and all (N, W)."""
    wide = vectors.astype(np.float32)
    lengths = np.linalg.norm(wide, axis=1)
    near = wide @ wide[row] / np.maximum(lengths * lengths[row], 1e-12)
    return np.clip(near, -1.0, 1.0)


def _fitted(label: Label, wrong: Label, given: Label, types: str, catalogue: Catalogue) -> Label:
    """The corrected label for a pair whose mentions may stand in the other order.

    Argument types decide where they tell head from tail; else the two answers, if they name the
    same relation in opposite directions; else the direction stays.
    """
    if label.direction == "both" or label.relation == NONE:
        return label
    relation = catalogue.get(label.relation)
    ways: dict[str, Direction] = {
        type_words(relation.head, relation.tail): "forward",
        type_words(relation.tail, relation.head): "backward",
    }
    if len(ways) == 2 and types in ways:
        return Label(label.relation, ways[types])
    opposite = wrong.direction != "both" and given.direction == TURNED[wrong.direction]
    return Label(label.relation, TURNED[label.direction]) if opposite else label
