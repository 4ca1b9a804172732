"""The audit's verdict in plain words, and the thresholds behind it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from roc_core.evaluation.audit import Row
    from roc_core.evaluation.near_duplicates import Overlap

ALONE = 1.25
"""A side feature is named when it alone reaches this many times the F1 of the best constant
answer, the 95 % interval of the difference being above 0."""
LIFT = 0.02
"""It is also named when it lifts the sentence by this much F1, the 95 % interval above 0."""
OVERLAP = 0.01
"""A split is named when this share of its sentences has a near duplicate in an earlier one."""

SIDE = {
    "order": "it gives the label away. Train and score with canonical order (protocol honest).",
    "types": "types given for some labels only, or taken from labels, give the label away. Say "
    "where they come from, or score with predicted types.",
    "shape": "any new example has this too, so it is no leak by itself, but a model can live on "
    "it without reading.",
    "picture": "whether and how much picture is given tells the label. Score without pictures, "
    "or with pictures for all pairs, as well.",
    "extra": "it gives the label away. Keep this field out of every model.",
    "side": "it gives the label away. Keep this column out of every model.",
}


def is_high(row: Row, constant: float) -> bool:
    """Whether a feature alone does clearly better than the best constant answer."""
    above = row.over_constant is not None and row.over_constant[0] > 0
    return row.f1 is not None and above and row.f1 >= ALONE * constant


def is_lifting(row: Row) -> bool:
    """Whether a feature clearly lifts the sentence."""
    above = row.lift_interval is not None and row.lift_interval[0] > 0
    return row.lift is not None and above and row.lift >= LIFT


def verdict(
    rows: Sequence[Row], overlaps: Sequence[Overlap], constant: float, split: str
) -> tuple[str, ...]:
    """Sentences for a person, the weightiest first. F1 in percent."""
    named = [r for r in rows if r.kind in SIDE and (is_high(r, constant) or is_lifting(r))]
    named.sort(key=lambda r: -max(r.f1 or 0.0, r.with_sentence or 0.0))
    found = [f"{_figures(r, constant)}: {SIDE[r.kind]}" for r in named]
    if not named:
        found.append(
            "No side feature gives the label away: none alone reaches "
            f"{ALONE} times the best constant answer ({_percent(constant)} F1), and none lifts "
            f"the sentence by {_percent(LIFT)} F1 or more with a 95 % interval above 0."
        )
    found += [_what_if(r) for r in rows if r.kind == "label types" and is_high(r, constant)]
    found += [_beside_model(r, rows) for r in rows if r.kind == "model"]
    many = [o for o in overlaps if o.sentences >= OVERLAP * o.of_sentences]
    found += [_repeated(o) for o in many]
    if overlaps and not many:
        found.append(
            f"Near duplicates across splits are few: under {_percent(OVERLAP)} % of the sentences "
            "of each."
        )
    return (*found, f"All F1 are micro F1 in percent on {split}, None excluded.")


def _figures(row: Row, constant: float) -> str:
    name = row.name[0].upper() + row.name[1:]
    parts = []
    if is_high(row, constant):
        parts.append(
            f"alone gives {_percent(row.f1)} F1 (best constant answer {_percent(constant)})"
        )
    if is_lifting(row) and row.with_sentence is not None and row.lift is not None:
        before = _percent(row.with_sentence - row.lift)
        parts.append(f"lifts the sentence from {before} to {_percent(row.with_sentence)} F1")
    return f"{name} {' and '.join(parts)}"


def _what_if(row: Row) -> str:
    return (
        f"Entity types read off the labels would alone give {_percent(row.f1)} F1, no sentence "
        "read: a score with such types says little about reading. Call it oracle-types."
    )


def _beside_model(row: Row, rows: Sequence[Row]) -> str:
    others = [r for r in rows if r.kind in SIDE and r.f1 is not None]
    best = max(others, key=lambda r: r.f1 or 0.0, default=None)
    said = f"{row.name} reaches {_percent(row.f1)} F1"
    if best is None:
        return f"{said}."
    beats = "less than" if (row.f1 or 0.0) <= (best.f1 or 0.0) else "against"
    return f"{said}, {beats} {_percent(best.f1)} of the best side feature alone ({best.name})."


def _repeated(overlap: Overlap) -> str:
    return (
        f"{overlap.sentences} of {overlap.of_sentences} sentences of {overlap.later} "
        f"({overlap.pairs} pairs) have a near duplicate in {overlap.earlier}: answers to them may "
        "be remembered. Score without them as well."
    )


def _percent(value: float | None) -> str:
    return f"{100 * (value or 0.0):.1f}"
