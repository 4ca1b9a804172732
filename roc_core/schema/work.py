"""Long work and what it leaves behind: jobs, pair vectors, the map."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from roc_core.schema.relations import Direction, Facet

if TYPE_CHECKING:
    import numpy as np

JobState = Literal["queued", "running", "done", "failed", "cancelled", "lost"]
"""``lost``: the process is gone and has not said why."""

OPEN_STATES: tuple[JobState, ...] = ("queued", "running")


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of long work. ``done`` of ``total`` units of ``stage``; ``total`` 0 means unknown.

    ``seconds_left`` is for the present stage, None while unknown. ``error`` is a sentence for a
    failed or lost job. Times are UTC ISO-8601, "" when not yet.
    """

    id: int
    kind: str
    title: str
    state: JobState
    parameters: Mapping[str, Any] = field(default_factory=dict)
    done: int = 0
    total: int = 0
    stage: str = ""
    seconds_left: float | None = None
    created: str = ""
    started: str = ""
    finished: str = ""
    cancelling: bool = False
    error: str = ""
    result: Mapping[str, Any] = field(default_factory=dict)
    log: Path = Path()

    @property
    def over(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state not in OPEN_STATES


@dataclass(frozen=True, slots=True, eq=False)
class PairVectors:
    """Pair vectors of N items of one model version, with the best relation of each.

    ``items`` (N,) ids as bytes; ``vectors`` (N, W) float16, unit length; ``relations`` and
    ``directions`` (N) the best relation whether or not it passes; ``scores`` (N,) its cosine;
    ``margins`` (N,) how far it lies above its line, below 0 for "none of these"; ``leads`` (N,)
    how far its margin lies above the runner-up's, 0 in a catalogue of one relation. ``types`` (N)
    the type pairs that were read ("person – location", "?" for none), "" if not kept; ``ranks`` (N)
    the rank from 1 of every relation in the catalogue's order by margin, uint16 little endian,
    empty if not kept; ``told`` (N) what the model was given besides the item's content, see
    ``workspace.variants``.
    """

    items: np.ndarray
    vectors: np.ndarray
    relations: tuple[str, ...]
    directions: tuple[Direction, ...]
    scores: np.ndarray
    margins: np.ndarray
    runners_up: tuple[str, ...]
    leads: np.ndarray
    types: tuple[str, ...]
    ranks: tuple[bytes, ...]
    told: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.items)


@dataclass(frozen=True, slots=True)
class Landmark:
    """A relation description on the map, 0..65535 as the points."""

    relation: str
    direction: Direction
    facet: Facet
    text: str
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Region:
    """A dense part of the map: its peak (0..65535), how many points belong to it, the most typical
    predicted relation with its share of them (0..1), and the most typical words."""

    x: int
    y: int
    points: int
    relation: str
    share: float
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Codes:
    """A category for each of P points: ``values`` (P,) number into ``names``."""

    names: tuple[str, ...]
    values: np.ndarray

    def of(self, row: int) -> str:
        """The category of one point."""
        return self.names[int(self.values[row])]


@dataclass(frozen=True, slots=True)
class MapPoint:
    """One point of a map, 0..65535 on both axes, and what it can be coloured by. ``label`` and
    ``annotator`` are "" when there is none; ``placed`` means it came after the fit."""

    item: str
    x: int
    y: int
    label: str
    prediction: str
    outcome: str
    types: str
    annotator: str
    score: float
    margin: float
    placed: bool


@dataclass(frozen=True, slots=True, eq=False)
class MapView:
    """The map of a model version. Its axes have no meaning; near means similar.

    ``items`` (P,) ids as bytes; ``xs``, ``ys`` (P,) uint16, 0..65535 over the map's width and
    height; ``scores``, ``margins`` (P,) float16; ``placed`` (P,) bool; ``density`` (S, S) uint8,
    row 0 at the bottom, 255 at the densest cell; ``aspect`` is width over height. ``total`` items
    are in the workspace now, ``known`` were there when the map was last brought up to date.
    """

    version: str
    created: str
    items: np.ndarray
    xs: np.ndarray
    ys: np.ndarray
    placed: np.ndarray
    label: Codes
    prediction: Codes
    outcome: Codes
    types: Codes
    annotator: Codes
    scores: np.ndarray
    margins: np.ndarray
    landmarks: tuple[Landmark, ...]
    regions: tuple[Region, ...]
    density: np.ndarray
    aspect: float
    total: int
    known: int
    sampled: bool

    def __len__(self) -> int:
        return len(self.items)

    @property
    def notes(self) -> tuple[str, ...]:
        """Plain sentences about what is not on the map."""
        found = []
        if self.sampled:
            found.append(
                f"{len(self):,} of {self.known:,} items are shown: a sample that keeps the share "
                "of every predicted relation."
            )
        if self.total > self.known:
            found.append(
                f"{self.total - self.known:,} newer items are not on the map; update it to see "
                "them."
            )
        return tuple(found)

    def point(self, row: int) -> MapPoint:
        """One point as plain values."""
        return MapPoint(
            self.items[row].decode("ascii"),
            int(self.xs[row]),
            int(self.ys[row]),
            self.label.of(row),
            self.prediction.of(row),
            self.outcome.of(row),
            self.types.of(row),
            self.annotator.of(row),
            float(self.scores[row]),
            float(self.margins[row]),
            bool(self.placed[row]),
        )

    def payload(self) -> bytes:
        """The points for a browser: length of the header (4 bytes, little endian), the header in
        JSON, then its arrays one after another.

        The header's ``arrays`` are [name, numpy dtype, bytes]; ``names`` are those of the
        categories. Ids are 8 raw bytes, to be read as 16 hex digits. About 20 bytes a point.
        """
        coded = ("label", "prediction", "outcome", "types", "annotator")
        codes: dict[str, Codes] = {name: getattr(self, name) for name in coded}
        arrays = {
            "items": ("V8", bytes.fromhex(self.items.tobytes().decode("ascii"))),
            "xs": ("<u2", self.xs.astype("<u2").tobytes()),
            "ys": ("<u2", self.ys.astype("<u2").tobytes()),
            "scores": ("<f2", self.scores.astype("<f2").tobytes()),
            "margins": ("<f2", self.margins.astype("<f2").tobytes()),
            "placed": ("u1", self.placed.astype("u1").tobytes()),
        }
        for name, code in codes.items():
            kind = "u1" if len(code.names) <= 256 else "<u4"
            arrays[name] = (kind, code.values.astype(kind).tobytes())
        header = {
            "points": len(self),
            "arrays": [[name, kind, len(data)] for name, (kind, data) in arrays.items()],
            "names": {name: list(code.names) for name, code in codes.items()},
        }
        head = json.dumps(header, ensure_ascii=False).encode()
        return len(head).to_bytes(4, "little") + head + b"".join(d for _, d in arrays.values())


AGREEMENT = (
    BOTH_RIGHT, ONLY_THIS, ONLY_OTHER, BOTH_WRONG, SAME, DIFFERENT, UNANSWERED,
) = (
    "both right", "only this right", "only the other right", "both wrong", "same answer",
    "different answers", "no answer of the other",
)  # fmt: skip
"""How two readings' answers to one item compare: the first four of a labelled one, a relation the
wrong way round being wrong; then two of one without a label, direction included."""
