"""Slices of an analysis: pairs that share a feature, or that somebody saved, worst first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from roc_core.evaluation.analysis import Headline, groups, headline
from roc_core.schema import Analysis

SMALL = 10
"""Slices with fewer pairs whose gold is a relation say little: last, and marked."""

SAVED = "saved"
"""Feature of the slices that were saved by hand."""


@dataclass(frozen=True, slots=True, eq=False)
class SliceRow:
    """One slice: its ``rows`` of the analysis and their figures."""

    feature: str
    value: str
    rows: np.ndarray
    figures: Headline

    @property
    def small(self) -> bool:
        """Whether it has too few pairs to say much."""
        return self.figures.prf.gold < SMALL


def slices(
    a: Analysis, shift: float = 0.0, saved: Mapping[str, Sequence[str]] | None = None
) -> tuple[SliceRow, ...]:
    """Every value of every feature and every saved list of item ids (by its name) that has pairs
    here; the lowest F1 first, small slices last.

    The slices of one feature share all pairs out among them; saved ones may overlap.
    """
    found = [
        SliceRow(feature, value, rows, headline(a, shift, rows))
        for feature, codes in a.features.items()
        for value, rows in groups(codes.names, codes.values)
    ]
    for name, ids in (saved or {}).items():
        rows = rows_of(a, ids)
        if len(rows):
            found.append(SliceRow(SAVED, name, rows, headline(a, shift, rows)))
    found.sort(key=lambda s: (s.small, s.figures.prf.f1, s.feature, s.value))
    return tuple(found)


def rows_of(a: Analysis, ids: Sequence[str]) -> np.ndarray:
    """Rows of the items of an analysis that are among some ids; other ids are passed over."""
    wanted = np.array([i.encode("utf-8") for i in ids], "S") if len(ids) else np.zeros(0, "S16")
    return np.flatnonzero(np.isin(a.items, wanted))
