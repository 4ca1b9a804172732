"""Figures of an evaluation in the cards of the versions that were scored."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from roc_core.datasets.base import replacing
from roc_core.errors import ModelVersionInvalid

if TYPE_CHECKING:
    from roc_core.evaluation.comparison import Comparison

SETTING = ("data", "split", "protocol", "pictures")
"""What tells one noted measurement from another; a newer one of the same takes its place."""
FIGURES = ("pairs", "f1", "interval", "macro_f1", "hit1", "hit3", "none_kept", "direction")


def note_scores(folders: Sequence[Path], found: Comparison) -> None:
    """Write the figures of ``found``, whose versions came from ``folders`` in this order, under
    "scores" into their cards. Raises ModelVersionInvalid for a card that is none."""
    for folder, version in zip(folders, found.versions, strict=True):
        path = folder / "card.json"
        try:
            card = json.loads(path.read_text("utf-8"))
            noted = [s for s in card.get("scores", []) if not _same(s, found.setting)]
        except (OSError, ValueError, AttributeError, TypeError) as error:
            raise ModelVersionInvalid(
                f"a complete model version in {folder}", f"card.json: {error}", "Restore it."
            ) from error
        figures = version.report.as_dict()
        setting = {k: found.setting[k] for k in SETTING}
        card["scores"] = [*noted, setting | {k: figures[k] for k in FIGURES}]
        with replacing(path) as file:
            file.write((json.dumps(card, indent=2, ensure_ascii=False) + "\n").encode("utf-8"))


def noted(card: Mapping[str, Any]) -> tuple[str, ...]:
    """The measurements in a card, a sentence each; what is none is left out."""
    given = card.get("scores")
    found = []
    for score in given if isinstance(given, list) else []:
        try:
            low, high = score["interval"]
            found.append(
                f"{score['data']} {score['split']}, {score['pairs']:,} pairs, protocol "
                f"{score['protocol']}, pictures {score['pictures']}: F1 {score['f1']:.3f} "
                f"({low:.3f} to {high:.3f}), right relation among the first three "
                f"{score['hit3']:.3f}"
            )
        except (KeyError, TypeError, ValueError):
            continue
    return tuple(found)


def _same(score: Mapping[str, Any], setting: Mapping[str, Any]) -> bool:
    return all(score.get(k) == setting[k] for k in SETTING)
