"""The correction memory: pairs that were corrected vote where a new pair lies very near to them.

With s the cosine of two pairs and f the floor, a correction's nearness is ((s - f) / (1 - f))²
above the floor and 0 below it. The nearest corrections together move margins by
weight · (1 - Π(1 - nearness)): more of them move it further, but never by more than ``weight``.
They share that in proportion to their nearness. A vote for a relation adds its part to that
relation-direction, a vote for "none of these" takes its part from every one.

The rule is our own, a nearest-neighbour memory beside the model as in Khandelwal et al. 2020
(https://arxiv.org/abs/1911.00172), with corrections in place of the training data.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from roc_core.schema import NONE, Direction, Label, MemorySettings, Relation, Vote

NO_COLUMN = -1
"""Stands for "none of these" where a number of a relation-direction is kept."""


@dataclass(frozen=True, slots=True, eq=False)
class Recalled:
    """What memory says of one pair: ``added`` (N,) cosine points for each relation-direction, and
    the votes they come from, the nearest correction first."""

    added: np.ndarray
    votes: tuple[Vote, ...]


class Memory:
    """Corrected pairs with their present labels, for the relation-directions ``pairs``.

    One pair is changed at a time, so that a new correction costs no copy of all others. Labels
    that are no relation-direction of ``pairs`` are left out. Not safe for several threads at once.
    """

    def __init__(self, pairs: Sequence[tuple[Relation, Direction]]) -> None:
        self._columns = {Label(r.id, d): n for n, (r, d) in enumerate(pairs)}
        self._rows: dict[str, int] = {}
        self._items: list[str] = []
        self._labels: list[Label] = []
        self._vectors = np.zeros((0, 0), np.float32)

    def __len__(self) -> int:
        return len(self._items)

    def put(self, item: str, vector: np.ndarray, label: Label) -> None:
        """Keep a corrected pair, over what was kept of it; ``vector`` (W,) is made unit length."""
        if label.relation != NONE and label not in self._columns:
            self.drop(item)
            return
        row = self._rows.get(item)
        if row is None:
            row = self._rows[item] = len(self._items)
            self._items.append(item)
            self._labels.append(label)
            self._grow(len(vector))
        self._labels[row] = label
        wide = np.asarray(vector, np.float32)
        self._vectors[row] = wide / max(float(np.linalg.norm(wide)), 1e-12)

    def relabel(self, item: str, label: Label) -> bool:
        """Change the label of a kept pair; False when the pair is not kept."""
        row = self._rows.get(item)
        if row is not None:
            self.put(item, self._vectors[row].copy(), label)
        return row is not None

    def drop(self, item: str) -> None:
        """Forget a pair; one that is not kept is no error."""
        row = self._rows.pop(item, None)
        if row is None:
            return
        last = len(self._items) - 1
        if row != last:
            self._items[row], self._labels[row] = self._items[last], self._labels[last]
            self._vectors[row] = self._vectors[last]
            self._rows[self._items[row]] = row
        self._items.pop()
        self._labels.pop()

    def _grow(self, width: int) -> None:
        """Room for all items: twice as much as before when there is none left."""
        if len(self._items) > len(self._vectors):
            more = np.zeros((max(64, 2 * len(self._vectors)), width), np.float32)
            if len(self._vectors):
                more[: len(self._vectors)] = self._vectors
            self._vectors = more

    def recall(
        self, pairs: np.ndarray, settings: MemorySettings, without: Collection[str] = ()
    ) -> list[Recalled | None]:
        """What each of the unit pair vectors (B, W) reminds of, None for nothing.

        Corrections of the items ``without`` do not vote.
        """
        if not self._items or not len(pairs):
            return [None] * len(pairs)
        cosines = pairs @ self._vectors[: len(self._items)].T  # B,M
        silent = [self._rows[item] for item in without if item in self._rows]
        if silent:
            cosines[:, silent] = -1.0
        return [self._vote(row, settings) for row in cosines]

    def _vote(self, cosines: np.ndarray, settings: MemorySettings) -> Recalled | None:
        near = np.flatnonzero(cosines > settings.floor)
        if not len(near):
            return None
        near = near[np.argsort(-cosines[near], kind="stable")][: settings.neighbours]
        found = np.minimum(cosines[near], 1.0).astype(float)
        nearness = ((found - settings.floor) / (1.0 - settings.floor)) ** 2
        points = settings.weight * (1.0 - np.prod(1.0 - nearness)) * nearness / nearness.sum()
        added = np.zeros(len(self._columns))
        votes = []
        for row, cosine, part in zip(near.tolist(), found.tolist(), points.tolist(), strict=True):
            label = self._labels[row]
            column = self._columns.get(label, NO_COLUMN)
            if column == NO_COLUMN:
                added -= part
            else:
                added[column] += part
            votes.append(Vote(self._items[row], cosine, label, part))
        return Recalled(added, tuple(votes))
