"""UMAP of pair vectors: cosine, seeded, one thread, so that the same vectors give the same map."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from roc_core.errors import ValueRejected

MINIMUM = 10
"""Fewest pairs a map is drawn of."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class LayoutSettings:
    """Settings of UMAP (McInnes, Healy, Melville 2018): neighbours of each point, the least
    distance between points on the plane, seed."""

    neighbours: int = 15
    least_distance: float = 0.1
    seed: int = 0

    def __post_init__(self) -> None:
        if not (2 <= self.neighbours <= 200 and 0 <= self.least_distance <= 1 and self.seed >= 0):
            raise ValueRejected(
                "2 to 200 neighbours, a least distance of 0 to 1 and a seed from 0",
                f"{self.neighbours}, {self.least_distance} and {self.seed}",
                "Change the setting.",
            )


def fit(
    vectors: np.ndarray,
    settings: LayoutSettings | None = None,
    progress: Progress = lambda done, total: None,
) -> np.ndarray:
    """Places (N, 2) float32 of pair vectors (N, W) that are not zero.

    ``progress`` is told epochs done and in all; what it raises ends the fit. Raises ValueRejected
    for fewer than ``MINIMUM`` pairs and for vectors that are not finite or all the same.
    """
    from umap import UMAP

    settings = settings or LayoutSettings()
    unit = unit_length(vectors)
    if len(unit) < MINIMUM:
        raise ValueRejected(
            f"at least {MINIMUM} items to draw a map of", str(len(unit)), "Add some items first."
        )
    if np.ptp(unit, axis=0).max() == 0:
        raise ValueRejected(
            "items that differ to draw a map of", "the same vector for all", "Add other items."
        )
    reducer = UMAP(
        n_neighbors=min(settings.neighbours, len(unit) - 1),
        min_dist=settings.least_distance,
        metric="cosine",
        random_state=settings.seed,
        n_jobs=1,
        init="spectral" if len(unit) >= 100 else "pca",
        tqdm_kwds={"file": _Epochs(progress), "disable": False, "mininterval": 0.3,
                   "desc": "", "bar_format": "{n_fmt}/{total_fmt}"},
    )  # fmt: skip
    try:
        found = np.asarray(reducer.fit_transform(unit), np.float32)
    except BaseException:
        _free_bar()
        raise
    if not np.isfinite(found).all():
        raise ValueRejected(
            "a place for every item", "none for some of them", "Choose more neighbours."
        )
    return found


def unit_length(vectors: np.ndarray) -> np.ndarray:
    """Rows (N, W) of any float type as float32 of length 1. Raises ValueRejected for a row that is
    zero or not finite."""
    wide = np.asarray(vectors, np.float32)
    lengths = np.linalg.norm(wide, axis=1, keepdims=True)
    if not np.isfinite(lengths).all() or (lengths == 0).any():
        raise ValueRejected(
            "finite pair vectors that are not zero",
            "a zero or infinite one",
            "Compute the vectors again.",
        )
    return np.asarray(wide / lengths)


def _free_bar() -> None:
    """Give back the lock of all progress bars: tqdm keeps it when writing a bar raises, and every
    other thread that shows one would wait for ever."""
    from tqdm import tqdm

    # What a lock that this thread does not hold says.
    with suppress(RuntimeError, AssertionError):
        tqdm.get_lock().release()


class _Epochs:
    """A file that UMAP writes its progress bar into: the one public way to follow its epochs."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def write(self, text: str) -> int:
        """Tell what "12/200" in a line of the bar says."""
        match = re.search(r"(\d+)/(\d+)", text)
        if match:
            self._progress(int(match[1]), int(match[2]))
        return len(text)

    def flush(self) -> None:
        """Nothing is held back."""
