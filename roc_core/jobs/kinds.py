"""Which long work there is, as data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from roc_core.errors import ValueRejected
from roc_core.jobs.report import Progress

Work = Callable[[Path, Mapping[str, Any], Progress], Mapping[str, Any]]
"""Workspace folder, parameters and where to report progress → the job's result, plain values."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of job. ``function`` is "module:name" of its ``Work``, as packages name their entry
    points, because the work lies in rooms above this one; ``parameters`` are the names it knows.
    Only one ``heavy`` job runs at a time."""

    name: str
    title: str
    function: str
    parameters: tuple[str, ...] = ()
    heavy: bool = True

    def load(self) -> Work:
        """The function that does the work."""
        module, _, name = self.function.partition(":")
        work: Work = getattr(import_module(module), name)
        return work

    def check(self, parameters: Mapping[str, Any]) -> None:
        """Raises ValueRejected for a parameter it does not know, or a value that is not plain."""
        for name, value in parameters.items():
            if name not in self.parameters:
                raise ValueRejected(
                    f"parameters of job '{self.name}': {', '.join(self.parameters) or 'none'}",
                    name,
                    "Leave it out.",
                )
            if not isinstance(value, (str, int, float, bool, type(None))):
                raise ValueRejected(
                    f"text, a number, true, false or nothing as '{name}' of job '{self.name}'",
                    type(value).__name__,
                    "Give a plain value.",
                )


def by_name(*kinds: Kind) -> dict[str, Kind]:
    """Kinds by their names."""
    return {kind.name: kind for kind in kinds}


KINDS: Mapping[str, Kind] = by_name(
    Kind(
        "vectors",
        "Pair vectors of all items",
        "roc_core.workspace.pair_vectors:vectors_job",
        ("version", "variant"),
    ),
    Kind(
        "learn",
        "Learning from corrections",
        "roc_core.workspace.feedback:learn_job",
        (
            *("annotators", "since", "agreed", "mode", "replay", "seed", "parent"),
            *("name", "promote", "by", "anew"),
        ),
    ),
    Kind("map", "Map of all items", "roc_core.workspace.mapping:map_job", ("version", "refit")),
    Kind(
        "doubts",
        "Likely label errors",
        "roc_core.workspace.doubting:doubts_job",
        ("version", "variant"),
    ),
    Kind(
        "fold-index",
        "Descriptions of a large catalogue",
        "roc_core.workspace.indexing:fold_job",
        ("version",),
    ),
    Kind("quality", "Quality of descriptions", "roc_core.workspace.quality:quality_job"),
    # Mostly waiting for somebody else's machine, and its key is only known to who starts it.
    Kind(
        "write",
        "Descriptions by a language model",
        "roc_core.workspace.writing:write_job",
        ("relations", "count"),
        heavy=False,
    ),
)


def kind_named(name: str, kinds: Mapping[str, Kind]) -> Kind:
    """A kind by its name. Raises ValueRejected for an unknown one."""
    if name not in kinds:
        raise ValueRejected(
            f"a kind of job, one of {', '.join(kinds)}", repr(name), "Choose one of them."
        )
    return kinds[name]
