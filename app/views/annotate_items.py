"""An item as the Annotate page sends it to the browser: plain data, no HTML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app import state
from app.views.annotate_ahead import Ready
from roc_core.errors import RocError
from roc_core.schema import (
    Correction,
    ItemStatus,
    Label,
    Mark,
    Mention,
    QueueKind,
    RankedRelation,
    Span,
    head_tail,
)
from roc_core.workspace import Workspace

SHOWN = 9
"""Suggestions: those that have a number key."""

LOOKS_AGAIN: tuple[QueueKind, ...] = ("doubts", "disagreements", "flagged", "selection")
"""Queues that show labels of other annotators: they are what is looked at again. In all others
they would lead the annotator."""

REMARKS = ("comment", "flag", "wrong-description", "adjudicate")
"""Marks that are listed under an item."""


def as_label(label: Label | None) -> list[str] | None:
    """A label as the browser knows it: relation and direction."""
    return [label.relation, label.direction] if label else None


def content(ready: Ready, known: Mapping[str, Any], version: str) -> dict[str, Any]:
    """An item, its suggestions, and what is ``known`` of it (see ``told``)."""
    example = ready.item.example
    return {
        "id": ready.item.id,
        "v": version,
        "sentence": example.sentence,
        "places": [_place(m) for m in example.mentions],
        "names": list(example.names()),
        "types": [m.type or "" for m in example.mentions],
        "picture": ready.picture,
        "size": list(ready.size),
        "picture_text": example.picture_text,
        "source": ready.item.record.provenance.source,
        **_suggested(ready),
        **known,
    }


def _place(mention: Mention) -> list[float] | dict[str, list[float]]:
    place = mention.place
    if isinstance(place, Span):
        return [place.start, place.end]
    return {"box": [place.left, place.top, place.right, place.bottom]}


def _suggested(ready: Ready) -> dict[str, Any]:
    prediction = ready.prediction
    if prediction is None:
        return {"ready": bool(ready.problem), "problem": ready.problem, "ranked": [], "version": "",
                "predicted": None, "notes": [], "votes": 0, "read": ["", ""]}  # fmt: skip
    names = ready.item.example.names()
    return {
        "ready": True,
        "problem": "",
        "ranked": [_ranked(entry, names) for entry in prediction.ranked[:SHOWN]],
        "predicted": as_label(prediction.label),
        "version": prediction.model_version,
        "notes": list(prediction.notes),
        "votes": len(prediction.votes),
        "read": [type_ or "" for type_ in prediction.types],
    }


def _ranked(entry: RankedRelation, names: tuple[str, str]) -> dict[str, Any]:
    deciding = entry.decided_by.description
    return {
        "label": [entry.relation, entry.direction],
        "score": round(entry.score, 3),
        "memory": round(entry.memory, 3),
        "passes": entry.passes,
        "why": deciding.render(*head_tail(names, entry.direction)),
    }


def told(
    ws: Workspace, ready: Ready, status: ItemStatus, annotator: str, kind: QueueKind
) -> dict[str, Any]:
    """What is known of an item beside its content: labels, flags, comments, who worked on it."""
    marks = ws.annotation.marks(ready.item.id)
    label, by = present(ready.item.label, ws.history(ready.item.id))
    hidden = by not in ("", annotator) and kind not in LOOKS_AGAIN
    return {
        "own": as_label(status.own),
        "skipped": status.skipped,
        "flags": list(status.flags),
        "others": [name for name in status.annotators if name != annotator],
        "disputed": status.disputed and not hidden,
        "label": None if hidden else as_label(label),
        "by": by,
        "remarks": [_remark(mark) for mark in marks if mark.action in REMARKS and not mark.undone],
    }


def present(label: Label | None, history: Sequence[Correction]) -> tuple[Label | None, str]:
    """An item's present label and who gave it; "" for the data set."""
    said = [row for row in history if row.action == "label" and not row.undone]
    return (said[-1].label, said[-1].annotator) if said else (label, "")


def _remark(mark: Mark) -> list[str]:
    return [mark.action, mark.annotator, state.clock(mark.created), mark.text, mark.relation]


def lost(id: str, problem: str) -> dict[str, Any]:
    """An item that cannot be read any more: nothing of it but why."""
    return {"id": id, "v": "gone", "gone": problem}


def failure(error: RocError) -> list[str]:
    """An error in the parts a page shows: expected, found, what to do."""
    return [str(error.expected), str(error.found), error.todo]
