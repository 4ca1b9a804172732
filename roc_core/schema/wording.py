"""How good the descriptions of a catalogue are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

Advice = Literal["merge", "sharpen", ""]


@dataclass(frozen=True, slots=True)
class StyleProblem:
    """A description that breaks a rule of style; ``description`` is its id, ``problem`` a
    sentence."""

    description: str
    text: str
    problem: str


@dataclass(frozen=True, slots=True)
class Robustness:
    """How far a relation's rank hangs on its wording, on its ``items`` labelled items.

    Each scored description is tried as the only one. ``mean_rank`` (from 1) is over items and
    wordings; ``rank_sd`` the standard deviation over wordings, its mean over items.
    """

    relation: str
    items: int
    mean_rank: float
    rank_sd: float


@dataclass(frozen=True, slots=True)
class Rivals:
    """Two relations whose descriptions lie near to each other.

    ``similarity`` is the cosine of the means of their description vectors, in the directions in
    which it is highest; ``between`` counts items answered as one of them with the other as
    runner-up; ``advice`` is "merge", "sharpen" or "" for nothing to do.
    """

    first: str
    second: str
    similarity: float
    between: int
    advice: Advice


@dataclass(frozen=True, slots=True)
class Hub:
    """A description that decided ``wins`` answers, far more than others do; ``wrong`` of them on
    items with another label."""

    description: str
    relation: str
    wins: int
    wrong: int


@dataclass(frozen=True, slots=True)
class Gap:
    """A labelled item that no description of its own relation describes; ``score`` is the cosine
    with the nearest of them."""

    item: str
    relation: str
    score: float


@dataclass(frozen=True, slots=True)
class QualityReport:
    """The descriptions of a ``catalogue`` as model ``version`` reads them, judged on ``items``
    items with a pair vector. Each list has what matters most first. ``outdated`` says that
    catalogue or version is another one now; ``created`` is a UTC time."""

    catalogue: str
    version: str
    items: int
    robustness: tuple[Robustness, ...]
    rivals: tuple[Rivals, ...]
    hubs: tuple[Hub, ...]
    gaps: tuple[Gap, ...]
    style: tuple[StyleProblem, ...]
    created: str = ""
    outdated: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON; ``from_dict`` reads them back."""
        return asdict(self)

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> QualityReport:
        """The report that ``as_dict`` wrote. Raises KeyError or TypeError for anything else."""
        rows = {
            name: tuple(kind(**row) for row in value[name])
            for name, kind in (
                ("robustness", Robustness),
                ("rivals", Rivals),
                ("hubs", Hub),
                ("gaps", Gap),
                ("style", StyleProblem),
            )
        }
        return cls(**{**value, **rows})
