"""Which items a version is learnt from, and which ones judge it: chosen once, kept in a file."""

from __future__ import annotations

import hashlib
import json
import os
import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

from roc_core.errors import ValueRejected
from roc_core.relations import Catalogue
from roc_core.schema import (
    NONE,
    GuardRule,
    Item,
    ItemFilter,
    Label,
    LearnRequest,
    Record,
)
from roc_core.store import Store
from roc_core.store.versions import LabelInForce

if TYPE_CHECKING:
    from roc_core.evaluation.guard import GuardCase
    from roc_core.training.feedback import Lesson

FILE = "lesson.json"
HELD_SPLITS = ("val", "valid", "validation", "test", "eval")
"""Splits that are for evaluation: never trained on, and no part of the guard either."""
LEAST_REPLAY = 100
"""Replayed and unlabelled items are at least so many each, where there are."""
MOST_UNLABELLED = 400
"""Unlabelled items are at most so many: where many corrections were made, what the parent said of
the others is worth less than what they teach."""
MOST_GUARD = 1000
"""Most pairs that are in the same parts of the guard set."""
DISPUTED, UNKNOWN, NO_PICTURE, NOT_CHOSEN = (
    "labelled differently by its annotators",
    "label not in the catalogue",
    "picture gone",
    "correction not chosen",
)


@dataclass(frozen=True, slots=True)
class Chosen:
    """An item with the label it counts with, None for an unlabelled one; ``parts`` are those of the
    guard set it belongs to."""

    item: str
    label: Label | None
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LessonPlan:
    """What a training reads. ``learn`` names an item once for each of its labels; ``left_out``
    counts corrected items that are in none of these, by reason."""

    learn: tuple[Chosen, ...]
    replay: tuple[Chosen, ...]
    unlabelled: tuple[Chosen, ...]
    guard: tuple[Chosen, ...]
    lines: tuple[Chosen, ...]
    left_out: Mapping[str, int]

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> LessonPlan:
        """The plan that ``as_dict`` wrote."""
        parts = {k: tuple(_chosen(c) for c in value[k]) for k in _PARTS}
        return cls(**parts, left_out=value["left_out"])

    @property
    def counts(self) -> dict[str, Any]:
        """How many of each."""
        found: dict[str, Any] = {k: len(getattr(self, k)) for k in _PARTS}
        return found | {"left_out": dict(self.left_out)}


_PARTS = ("learn", "replay", "unlabelled", "guard", "lines")


def _chosen(value: Mapping[str, Any]) -> Chosen:
    label = value["label"]
    return Chosen(value["item"], Label(**label) if label else None, tuple(value["parts"]))


# --- choosing ----------------------------------------------------------------------------


def corrections(store: Store, request: LearnRequest) -> dict[str, list[LabelInForce]]:
    """The labels in force of the request's annotators, by item; ``since`` is not looked at."""
    every: dict[str, list[LabelInForce]] = {}
    for label in store.versions.labels_in_force():
        every.setdefault(label.item, []).append(label)
    found = {item: _standing(labels, request.annotators) for item, labels in every.items()}
    return {item: labels for item, labels in found.items() if labels}


def _standing(labels: Sequence[LabelInForce], annotators: Sequence[str]) -> list[LabelInForce]:
    """The chosen annotators' labels of one item; what settled a dispute stands for those before
    it."""
    chosen = [x for x in labels if not annotators or x.annotator in annotators]
    settled = [x for x in labels if x.decided]
    if not chosen or not settled:
        return chosen
    return [settled[-1], *(x for x in chosen if x.correction > settled[-1].correction)]


def moment(since: str) -> str:
    """A date or time as the log writes it, "" for none. Raises ValueRejected."""
    if not since.strip():
        return ""
    try:
        at = datetime.fromisoformat(since.strip().replace("Z", "+00:00"))
    except ValueError:
        raise ValueRejected(
            "a date or time such as 2026-03-01 or 2026-03-01T08:00", repr(since), "Correct it."
        ) from None
    at = at.replace(tzinfo=timezone.utc) if at.tzinfo is None else at.astimezone(timezone.utc)
    return at.isoformat(timespec="microseconds")


def require_corrections(store: Store, request: LearnRequest) -> None:
    """Raises ValueRejected when no correction is chosen."""
    since, every = moment(request.since), corrections(store, request)
    if not any(x.created >= since for labels in every.values() for x in labels):
        who = ", ".join(request.annotators) or "anybody"
        raise ValueRejected(
            f"corrections by {who}" + (f" since {request.since}" if request.since else ""),
            "none",
            "Correct some items first, or choose more of them.",
        )


def plan(store: Store, catalogue: Catalogue, request: LearnRequest, rule: GuardRule) -> LessonPlan:
    """Choose what to learn from, what to replay and what to guard by.

    Sentences that are held out (``evaluation.guard.held_out``), those of a train split that belong
    to ``dev`` (``evaluation.protocols.is_dev``) and the splits of an evaluation are never trained
    on.
    Raises ValueRejected when nothing is left to learn.
    """
    sorting = _Sorting(store, catalogue, request, rule)
    for item in store.iter_items():
        sorting.take(item)
    sorting.part_sentences()
    if not sorting.learn:
        raise ValueRejected(
            "corrections to learn from",
            f"none ({_said(sorting.left_out)}; held out for the guard: "
            f"{sum('corrections' in c.parts for c in (*sorting.guard, *sorting.spare))})",
            "Correct more items, or choose more of them.",
        )
    return sorting.plan()


def _said(left_out: Mapping[str, int]) -> str:
    return ", ".join(f"{n} {reason}" for reason, n in left_out.items()) or "0 left out"


class _Sorting:
    """Puts one item after the other where it belongs."""

    def __init__(
        self, store: Store, catalogue: Catalogue, request: LearnRequest, rule: GuardRule
    ) -> None:
        self.catalogue, self.request, self.rule = catalogue, request, rule
        self.since, self.chosen = moment(request.since), corrections(store, request)
        self.learn: list[Chosen] = []
        self.replay: list[Chosen] = []
        self.unlabelled: list[Chosen] = []
        self.guard: list[Chosen] = []
        self.lines: list[Chosen] = []
        self.spare: list[Chosen] = []
        self.left_out: Counter[str] = Counter()
        self._sentences: dict[str, str] = {}
        self._judging: set[str] = set()

    def take(self, item: Item) -> None:
        """Sort one item in."""
        self._sentences[item.id] = item.example.sentence
        if self._apart(item):
            self._judging.add(item.example.sentence)
        corrected = item.id in self.chosen
        picture = item.example.picture
        if picture is not None and not picture.is_file():
            self.left_out[NO_PICTURE] += corrected
        elif corrected:
            self._corrected(item, self.chosen[item.id])
        elif item.corrections and item.label != item.record.label:
            self.left_out[NOT_CHOSEN] += 1
        elif item.label is None:
            if not self._apart(item):
                self.unlabelled.append(Chosen(item.id, None))
        elif self._usable(item.label):
            self._imported(item, item.label)

    def part_sentences(self) -> None:
        """Take out of what is trained on every sentence that judges, in whatever item it stands."""
        for some in (self.learn, self.replay, self.unlabelled):
            some[:] = [c for c in some if self._sentences[c.item] not in self._judging]

    def _corrected(self, item: Item, labels: Sequence[LabelInForce]) -> None:
        distinct = list(dict.fromkeys(x.label for x in labels))
        if not all(self._usable(x) for x in distinct):
            self.left_out[UNKNOWN] += 1
        elif self._apart(item):
            if len(distinct) == 1:
                # In its source's part, too: without what was corrected that part would only hold
                # what the parent answers right.
                parts = ("corrections", *self._source_part(item))
                into = self.spare if _other_half(item.example.sentence) else self.guard
                into.append(Chosen(item.id, distinct[0], parts))
            else:
                self.left_out[DISPUTED] += 1
        elif len(distinct) > 1 and self.request.agreed:
            self.left_out[DISPUTED] += 1
        else:
            recent = any(x.created >= self.since for x in labels)
            into = self.learn if recent else self.replay
            into += [Chosen(item.id, x) for x in distinct]

    def _imported(self, item: Item, label: Label) -> None:
        parts = self._source_part(item)
        if parts:
            half = self._dev(item) and _other_half(item.example.sentence)
            (self.lines if half else self.guard).append(Chosen(item.id, label, parts))
        elif not self._apart(item):
            self.replay.append(Chosen(item.id, label))

    def _source_part(self, item: Item) -> tuple[str, ...]:
        """The part of the guard set that an item belongs to by its source, if any: its dev, or the
        held-out sentences of a labelled source without splits."""
        origin = item.record.provenance
        if self._dev(item):
            return (f"{origin.source} dev",)
        whole = not origin.split and item.record.label is not None
        return (origin.source,) if whole and self._held(item) else ()

    def _usable(self, label: Label) -> bool:
        if label.relation == NONE:
            return True
        known = label.relation in self.catalogue
        return known and label.direction in self.catalogue.get(label.relation).directions

    def _held(self, item: Item) -> bool:
        from roc_core.evaluation.guard import held_out

        return held_out(item.example.sentence, self.rule)

    def _dev(self, item: Item) -> bool:
        from roc_core.evaluation.protocols import is_dev

        split = item.record.provenance.split
        return split == "dev" or (split == "train" and is_dev(item.example.sentence))

    def _apart(self, item: Item) -> bool:
        """Whether an item's sentence must not be trained on."""
        held_split = item.record.provenance.split.lower() in HELD_SPLITS
        return held_split or self._dev(item) or self._held(item)

    def _judging_parts(self) -> tuple[list[Chosen], list[Chosen]]:
        """Guard and lines. Half of dev is for lines; where that is too few, half of the held-out
        corrections as well; lines that cannot be chosen anew leave all of it to the guard."""
        from roc_core.training.feedback import LINES_FROM

        if len(self.lines) >= LINES_FROM:
            return [*self.guard, *self.spare], self.lines
        lines = [*self.lines, *self.spare]
        if len(lines) >= LINES_FROM:
            return self.guard, lines
        return [*self.guard, *lines], []

    def plan(self) -> LessonPlan:
        many = round(self.request.replay * len(self.learn))
        replay = max(many, LEAST_REPLAY) if self.request.replay else 0
        unlabelled = min(max(len(self.learn), LEAST_REPLAY), MOST_UNLABELLED)
        guard, lines = self._judging_parts()
        return LessonPlan(
            tuple(self.learn),
            _some(self.replay, replay, f"{self.request.seed}/replay"),
            _some(self.unlabelled, unlabelled, f"{self.request.seed}/unlabelled"),
            _capped(guard),
            _some(lines, MOST_GUARD, "lines"),
            dict(self.left_out),
        )


def _other_half(sentence: str) -> bool:
    """Every other sentence, by its hash."""
    return random.Random("lines" + sentence).random() < 0.5


def _some(chosen: Sequence[Chosen], most: int, seed: str) -> tuple[Chosen, ...]:
    """A seeded sample, in the order of the whole."""
    rows = range(len(chosen))
    kept = sorted(random.Random(seed).sample(rows, most)) if most < len(chosen) else rows
    return tuple(chosen[i] for i in kept)


def _capped(guard: Sequence[Chosen]) -> tuple[Chosen, ...]:
    """At most MOST_GUARD of those in the same parts: the same sample for every version."""
    found: list[Chosen] = []
    for parts in dict.fromkeys(c.parts for c in guard):
        some = [c for c in guard if c.parts == parts]
        found += _some(some, MOST_GUARD, f"guard/{'/'.join(parts)}")
    return tuple(found)


# --- the file ----------------------------------------------------------------------------


def kept_plan(folder: Path, make: Callable[[], LessonPlan]) -> LessonPlan:
    """The plan of an unfinished training in ``folder``, else the one ``make`` gives, kept there, so
    that what is corrected meanwhile does not change the training. A damaged file is made anew."""
    path = folder / FILE
    try:
        return LessonPlan.from_dict(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, KeyError, TypeError):
        pass
    found = make()
    folder.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".new")
    draft.write_text(json.dumps(found.as_dict()), "utf-8")
    os.replace(draft, path)
    return found


def digest_of(chosen: LessonPlan) -> str:
    """SHA-256 (hex) of a plan."""
    text = json.dumps(chosen.as_dict(), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def lesson_of(store: Store, chosen: LessonPlan) -> tuple[Lesson, tuple[GuardCase, ...]]:
    """The records of a plan; items that are gone since are left out."""
    from roc_core.evaluation.guard import GuardCase
    from roc_core.training.feedback import Lesson

    parts = [getattr(chosen, k) for k in _PARTS]
    ids = tuple(dict.fromkeys(c.item for part in parts for c in part))
    items = {i.id: i for i in store.items(ItemFilter(only=ids), 0, len(ids)).items}

    def records(some: Sequence[Chosen]) -> tuple[Record, ...]:
        return tuple(replace(items[c.item].record, label=c.label) for c in some if c.item in items)

    cases = tuple(
        GuardCase(c.item, c.parts, replace(items[c.item].record, label=c.label))
        for c in chosen.guard
        if c.item in items
    )
    watched = [c.record for c in cases]
    random.Random("watched").shuffle(watched)
    return (
        Lesson(
            records(chosen.learn),
            records(chosen.replay),
            records(chosen.unlabelled),
            tuple(watched),
            records(chosen.lines),
        ),
        cases,
    )
