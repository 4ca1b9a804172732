"""Steps as the browser sends them, and how each is kept. Every step carries a token of its own, so
that one sent twice is one row."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from roc_core.errors import RocError, StoreInvalid, StoreUnavailable
from roc_core.schema import (
    NONE,
    Box,
    Draft,
    Example,
    Label,
    Mark,
    MarkAction,
    Mention,
    Prediction,
    RankedRelation,
    Span,
)
from roc_core.workspace import Workspace

MARKS: tuple[MarkAction, ...] = ("label", "skip", "flag", "unflag", "comment", "wrong-description")
OTHERS = ("undo", "redo", "later", "mark-again")
"""Steps that are more, or less, than one mark: "later" goes on without one, "mark-again" makes a
new item of a pair whose mentions were marked anew."""

LONGEST = 10_000
"""Code points of a comment or reason."""


@dataclass(frozen=True, slots=True)
class Sent:
    """One step. ``offered`` were the suggestions of ``version``, ``predicted`` its answer, None
    where there was none; ``shown`` says whether they were on screen. ``places`` are those of
    mentions marked anew. ``batch`` steps confirm a look-alike of an earlier one."""

    token: str
    action: str
    annotator: str
    item: str = ""
    label: Label | None = None
    text: str = ""
    relation: str = ""
    shown: bool = False
    version: str = ""
    predicted: Label | None = None
    offered: tuple[Label, ...] = ()
    places: tuple[Span | Box, ...] = ()
    batch: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of a step: the mark that was written, None where there was nothing to undo or
    nothing to write; ``item`` is the one to show next, "" for the queue's."""

    mark: Mark | None = None
    item: str = ""


def step_of(raw: Any) -> Sent | None:
    """A step as the browser sent it, or None when it is none."""
    try:
        token, action = str(raw["token"]), str(raw["action"])
        if not 8 <= len(token) <= 80 or action not in (*MARKS, *OTHERS):
            return None
        return Sent(
            token,
            action,
            str(raw["annotator"])[:200],
            str(raw.get("item") or ""),
            _label(raw.get("label")),
            str(raw.get("text") or "")[:LONGEST],
            str(raw.get("relation") or ""),
            raw.get("shown") is True,
            str(raw.get("version") or ""),
            _label(raw.get("predicted")),
            tuple(label for x in raw.get("offered") or () if (label := _label(x)) is not None),
            tuple(_place(x) for x in raw.get("places") or ()),
            raw.get("batch") is True,
        )
    except (RocError, KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError):
        return None


def _label(raw: Any) -> Label | None:
    if raw is None:
        return None
    relation, direction = raw
    if direction not in ("forward", "backward", "both"):
        raise ValueError("not a direction")
    return Label(str(relation), direction)


def _place(raw: Any) -> Span | Box:
    if isinstance(raw, Mapping):
        left, top, right, bottom = (float(x) for x in raw["box"])
        return Box(left, top, right, bottom)
    start, end = (int(x) for x in raw)
    return Span(start, end)


def prediction_of(step: Sent) -> Prediction | None:
    """As much of the answer that was on screen as the log keeps: relations and directions.

    Scores stand only for whether the best one passed its line.
    """
    if step.predicted is None:
        return None
    passed = step.predicted.relation != NONE
    ranked = [label for label in step.offered if label != step.predicted]
    first = (step.predicted,) if passed else ()
    lines = (*((0.0,) if passed else ()), *(1.0 for _ in ranked))
    return Prediction(
        tuple(
            RankedRelation(label.relation, label.direction, 0.0, line, ())
            for label, line in zip((*first, *ranked), lines, strict=True)
        ),
        step.version,
    )


def keep(ws: Workspace, step: Sent) -> Kept:
    """Keep one step. Raises as ``Annotation.save``; StoreUnavailable is worth trying again."""
    work = ws.annotation
    if step.action == "undo":
        mark = work.undo(step.annotator, step.token)
        return Kept(mark, mark.item if mark else "")
    if step.action == "redo":
        mark = work.redo(step.annotator, step.token)
        return Kept(mark, mark.item if mark else "")
    if step.action == "later":
        return _later(ws, step)
    if step.action == "mark-again":
        return _mark_again(ws, step)
    action = next(a for a in MARKS if a == step.action)
    prediction = prediction_of(step)
    return Kept(
        work.save(
            step.item,
            step.label,
            step.annotator,
            prediction,
            step.shown,
            action,
            step.text,
            step.relation,
            step.token,
        )
    )


def worth_another_try(error: RocError) -> bool:
    """Whether a step that failed may yet be kept as it is."""
    return isinstance(error, (StoreUnavailable, StoreInvalid))


def _later(ws: Workspace, step: Sent) -> Kept:
    """An item that was left as it is: among the annotator's drafts until it is finished."""
    example = ws.item(step.item).example
    name = hashlib.sha256(f"later:{step.annotator}:{step.item}".encode()).hexdigest()[:16]
    ws.save_draft(
        Draft(
            name,
            step.annotator,
            example.sentence,
            example.mentions,
            example.picture.stem if example.picture else "",
            example.picture_text,
            step.item,
        )
    )
    return Kept()


def _mark_again(ws: Workspace, step: Sent) -> Kept:
    """The pair with other mentions as an item of its own; the old one is skipped, naming it."""
    old = ws.item(step.item)
    known = {mention.place: mention for mention in old.example.mentions}
    places = [known.get(place, Mention(place)) for place in step.places]
    example = Example(
        old.example.sentence,
        tuple(places),  # type: ignore[arg-type]
        old.example.picture,
        old.example.picture_text,
    )
    new = ws.save_item(example, "annotate")
    if new.id == old.id:
        return Kept(None, old.id)
    said = f"marked again as item {new.id}"
    mark = ws.annotation.save(
        old.id, None, step.annotator, prediction_of(step), step.shown, "skip", said, "", step.token
    )
    return Kept(mark, new.id)
