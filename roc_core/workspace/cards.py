"""Cards of model versions: read, and the figures of an evaluation noted in them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from roc_core.datasets.base import replacing, shown
from roc_core.errors import ModelVersionInvalid

if TYPE_CHECKING:
    from roc_core.evaluation.comparison import Comparison

SETTING = ("data", "split", "protocol", "pictures")
"""What tells one noted measurement from another; a newer one of the same takes its place."""
FIGURES = ("pairs", "f1", "interval", "macro_f1", "hit1", "hit3", "none_kept", "direction")


def read_card(folder: Path) -> dict[str, Any]:
    """The card of a version. Raises ModelVersionInvalid for one that is none."""
    try:
        card = json.loads((folder / "card.json").read_text("utf-8"))
        if not isinstance(card, dict):
            raise ValueError(f"not an object but {type(card).__name__}")
    except (OSError, ValueError) as error:
        raise ModelVersionInvalid(
            f"a complete model version in {folder}", f"card.json: {error}", "Restore it."
        ) from error
    return card


def note_scores(folders: Sequence[Path], found: Comparison) -> None:
    """Write the figures of ``found``, whose versions came from ``folders`` in this order, under
    "scores" into their cards. Raises ModelVersionInvalid for a card that is none."""
    for folder, version in zip(folders, found.versions, strict=True):
        card, figures = read_card(folder), version.report.as_dict()
        if _scores(card) != card.get("scores", []):
            raise ModelVersionInvalid(
                f"a list of measurements as scores in card.json of {folder}",
                shown(card["scores"]),
                "Restore it.",
            )
        setting = {k: found.setting[k] for k in SETTING}
        others = [s for s in _scores(card) if any(s.get(k) != v for k, v in setting.items())]
        card["scores"] = [*others, setting | {k: figures[k] for k in FIGURES}]
        with replacing(folder / "card.json") as file:
            file.write((json.dumps(card, indent=2, ensure_ascii=False) + "\n").encode("utf-8"))


def noted(card: Mapping[str, Any]) -> tuple[str, ...]:
    """The measurements in a card, a sentence each; what is none is left out."""
    found = []
    for score in _scores(card):
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


def _scores(card: Mapping[str, Any]) -> list[dict[str, Any]]:
    given = card.get("scores")
    return [s for s in given if isinstance(s, dict)] if isinstance(given, list) else []
