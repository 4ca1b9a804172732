"""The three versions of a zero-shot measurement, taken up again by others."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from roc_core.errors import ModelVersionInvalid
from roc_core.relations import Catalogue


@dataclass(frozen=True, slots=True)
class Fold:
    """A version's folder and the relations that were held out of its training."""

    folder: Path
    held_out: tuple[str, ...]


def fold_versions(folder: Path, catalogue: Catalogue) -> tuple[Fold, ...]:
    """The versions that ``zero-shot`` trained into a folder.

    Raises ModelVersionInvalid when one is missing, or was trained with another catalogue or without
    other relations; ValueRejected for a catalogue that is too small to have folds.
    """
    from roc_core.evaluation.zero_shot import folds

    found = tuple(
        Fold(folder / f"fold-{number}", held) for number, held in enumerate(folds(catalogue))
    )
    for fold in found:
        _check(fold, catalogue)
    return found


def _check(fold: Fold, catalogue: Catalogue) -> None:
    try:
        card = json.loads((fold.folder / "card.json").read_text("utf-8"))
        held, digest = tuple(card["held_out"]), card["catalogue"]["digest"]
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise ModelVersionInvalid(
            f"a version trained by zero-shot in {fold.folder}",
            f"none ({problem})",
            f"Train it: python -m roc_core zero-shot mnre <data> --out {fold.folder.parent}",
        ) from problem
    if (held, digest) != (fold.held_out, catalogue.digest):
        raise ModelVersionInvalid(
            f"a version trained without {len(fold.held_out)} relations of catalogue "
            f"'{catalogue.id}' as it is now in {fold.folder}",
            "one trained with another catalogue or without other relations",
            "Train the folds again into another folder.",
        )
