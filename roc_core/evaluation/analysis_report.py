"""The whole analysis of a reading as one value, and as plain values for JSON.

``analysis_markdown`` writes it as Markdown, ``figures.analysis_page`` draws it as an HTML page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from roc_core.evaluation.analysis import (
    ConfusionTable,
    GroupRow,
    Headline,
    ThresholdCurve,
    calibration,
    confusion,
    headline,
    relation_table,
    threshold_curve,
    types_table,
)
from roc_core.evaluation.item_by_item import ItemComparison, compare
from roc_core.evaluation.slices import SliceRow, slices
from roc_core.metrics import Reliability
from roc_core.schema import Analysis, Doubts, Reading

MOST = 50
"""How many doubtful labels and mistakes a report lists."""

WAYS: Mapping[str, str] = {
    "": "as used",
    "without-pictures": "without pictures",
    "oracle-types": "oracle types",
    "as-published": "as published",
}
"""Ways of reading in plain words."""


@dataclass(frozen=True, slots=True, eq=False)
class AnalysisReport:
    """Everything counted of one analysis, in the answers' present lines.

    ``scope`` says in plain values which items were asked for. ``other`` is the analysis it is
    compared with, ``other_headline`` its figures on the items both have, ``own_headline`` the first
    one's on the same; all three None without one. ``doubts`` is None when no job has found any.
    """

    analysis: Analysis
    scope: Mapping[str, str]
    headline: Headline
    confusion: ConfusionTable
    relations: tuple[GroupRow, ...]
    types: tuple[GroupRow, ...]
    slices: tuple[SliceRow, ...]
    curve: ThresholdCurve
    calibration: Reliability | None
    doubts: Doubts | None = None
    other: Analysis | None = None
    comparison: ItemComparison | None = None
    own_headline: Headline | None = None
    other_headline: Headline | None = None

    @property
    def title(self) -> str:
        """Which reading it is about."""
        return f"Analysis of {reading_words(self.analysis.reading)}"

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader of the figures must know besides."""
        return _notes(self)

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return _as_dict(self)


def report_of(
    a: Analysis,
    scope: Mapping[str, str] | None = None,
    saved: Mapping[str, Sequence[str]] | None = None,
    doubts: Doubts | None = None,
    other: Analysis | None = None,
) -> AnalysisReport:
    """Count everything there is to count of an analysis."""
    both = compare(a, other) if other is not None else None
    return AnalysisReport(
        analysis=a,
        scope=dict(scope or {}),
        headline=headline(a),
        confusion=confusion(a),
        relations=relation_table(a),
        types=types_table(a),
        slices=slices(a, 0.0, saved),
        curve=threshold_curve(a),
        calibration=calibration(a),
        doubts=doubts,
        other=other,
        comparison=both,
        own_headline=headline(a, 0.0, both.rows) if both else None,
        other_headline=headline(other, 0.0, both.other_rows) if both and other else None,
    )


def reading_words(reading: Reading) -> str:
    """A reading in plain words: ``mini, without pictures``."""
    return f"{reading.version}, {WAYS[reading.variant]}"


def _notes(found: AnalysisReport) -> tuple[str, ...]:
    a, notes = found.analysis, []
    for one in (a, found.other):
        if one is not None and one.reading.oracle:
            notes.append(
                f"{reading_words(one.reading)}: entity types were read off the label (oracle), so "
                "these are no figures of what a user sees."
            )
    if a.seen:
        notes.append(a.seen)
    if a.unlabelled:
        notes.append(f"{a.unlabelled:,} items without a label are left out.")
    if a.unread:
        notes.append(f"{a.unread:,} labelled items without an answer of this reading are left out.")
    return tuple(notes)


# --- plain values ------------------------------------------------------------------------


def _as_dict(found: AnalysisReport) -> dict[str, Any]:
    a, curve = found.analysis, found.curve
    best = curve.best
    return {
        "reading": a.reading.key,
        "scope": dict(found.scope),
        "notes": list(found.notes),
        "headline": found.headline.as_dict(),
        "confusion": {
            "names": list(found.confusion.names),
            "counts": found.confusion.counts.tolist(),
        },
        "relations": [_group(g) for g in found.relations],
        "types": [_group(g) for g in found.types],
        "slices": [
            {"feature": s.feature, "value": s.value, "small": s.small, **s.figures.as_dict()}
            for s in found.slices
        ],
        "threshold": {
            "present": asdict(curve.at(0.0)),
            "best_shift": best,
            "best": asdict(curve.at(best)),
        },
        "calibration": asdict(found.calibration) if found.calibration else None,
        "doubts": _doubts(found.doubts) if found.doubts is not None else None,
        "comparison": _comparison(found),
    }


def _group(row: GroupRow) -> dict[str, Any]:
    return {"name": row.name, "pairs": row.pairs, **asdict(row.prf)}


def _doubts(found: Doubts) -> dict[str, Any]:
    return {
        "judged": len(found),
        "likely": int(found.likely.sum()),
        "few": found.few,
        "changed": found.changed,
        "seen": found.seen,
        "most_doubtful": [
            {
                "item": found.items[row].decode("ascii"),
                "label": found.gold.of(row),
                "suggested": found.suggested.of(row),
                "quality": round(float(found.quality[row]), 4),
                "likely": bool(found.likely[row]),
            }
            for row in range(min(MOST, len(found)))
        ],
    }


def _comparison(found: AnalysisReport) -> dict[str, Any] | None:
    both, own, theirs = found.comparison, found.own_headline, found.other_headline
    if both is None or own is None or theirs is None:
        return None
    parts = {p: getattr(both, p) for p in ("won", "lost", "both_right", "both_wrong")}
    return {
        "other": both.other.key,
        "items": len(both),
        "mcnemar": both.mcnemar,
        "headline": own.as_dict(),
        "other_headline": theirs.as_dict(),
        **{name: len(rows) for name, rows in parts.items()},
        "won_items": [both.items[r].decode("ascii") for r in both.won.tolist()],
        "lost_items": [both.items[r].decode("ascii") for r in both.lost.tolist()],
    }
