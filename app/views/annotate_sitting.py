"""One annotator's way through one queue in a browser session: where they are, what is finished,
what comes next, what became of each step."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from app import state
from app.views.annotate_items import failure
from app.views.annotate_steps import Kept, Sent, keep, step_of, worth_another_try
from roc_core.errors import RocError
from roc_core.schema import Queue, QueueKind
from roc_core.workspace import Workspace

NEXT = 24
"""Items named to the browser as those that come next."""

REMEMBERED = 400
"""Steps whose outcome a session remembers; an older one is looked up by its token."""


@dataclass(slots=True)
class Sitting:
    """``at`` is the item on screen, ``anchor`` the place of the queue's last item that was.
    ``touched`` counts steps on items; ``read`` is when the queue was read last, ``changed`` when
    this annotator last did something to it."""

    token: str
    annotator: str
    kind: QueueKind
    queue: Queue
    selection: str = ""
    seed: int = 0
    at: str = ""
    anchor: int = -1
    finished: set[str] = field(default_factory=set)
    order: dict[str, int] = field(default_factory=dict)
    touched: dict[str, int] = field(default_factory=dict)
    read: float = 0.0
    changed: float = 0.0

    def take(self, queue: Queue) -> None:
        """Bring what is known of the queue up to date."""
        self.queue, self.finished = queue, set(queue.finished)
        self.order = {id: place for place, id in enumerate(queue.items)}
        self.read = time.monotonic()

    def open(self, item: str) -> None:
        """Note which item is on screen."""
        self.at = item
        self.anchor = self.order.get(item, self.anchor)

    @property
    def done(self) -> int:
        """How many items of the queue are finished."""
        return sum(item in self.order for item in self.finished)

    @property
    def open_here(self) -> bool:
        """Whether the item on screen is of the queue and not finished."""
        return self.at in self.order and self.at not in self.finished

    def ahead(self) -> tuple[str, ...]:
        """Unfinished items behind the one on screen, from the start again at the end."""
        found: list[str] = []
        for item in self._around():
            if item not in self.finished and item != self.at:
                found.append(item)
                if len(found) == NEXT:
                    break
        return tuple(found)

    def _around(self) -> Iterator[str]:
        items, start = self.queue.items, self.anchor + 1
        yield from (items[place] for place in range(start, len(items)))
        yield from (items[place] for place in range(min(start, len(items))))

    def before(self) -> tuple[str, ...]:
        """Up to two items in front of the one on screen, the nearest first."""
        place = self.order.get(self.at, self.anchor + 1)
        return tuple(self.queue.items[max(place - 2, 0) : max(place, 0)][::-1])

    def version(self, item: str, mark: str) -> str:
        """Changes when what is shown of an item may have changed."""
        return f"{mark}:{self.touched.get(item, 0)}"


def take_steps(
    ws: Workspace, sitting: Sitting, raw: list[Any], known: dict[str, dict[str, Any]]
) -> list[tuple[Sent, Kept]]:
    """Keep the steps a browser sent, in their order, and write what became of each into ``known``
    by token. The first that fails for now stops the rest, so that none overtakes another."""
    kept = []
    for one in raw:
        step = step_of(one)
        token = str(one.get("token", "")) if isinstance(one, dict) else ""
        done = known.get(token)
        if done and done["state"] != "failed":
            continue
        if step is None:
            known[token] = _refused(token, ["a step this program knows", repr(one)[:80], ""])
            continue
        if state.login() and step.annotator != state.annotator():
            found = f"one of {step.annotator!r}"
            asked = f"Log in as {step.annotator!r} to keep it."
            known[token] = _refused(token, [f"a step of {state.annotator()!r}", found, asked])
            continue
        try:
            outcome = keep(ws, step)
        except RocError as error:
            again = worth_another_try(error)
            known[token] = {"token": token, "state": "failed" if again else "refused",
                            "error": failure(error), "item": step.item}  # fmt: skip
            if again:
                break
            continue
        known[token] = _outcome(step, outcome)
        _apply(sitting, step, outcome)
        kept.append((step, outcome))
    while len(known) > REMEMBERED:
        known.pop(next(iter(known)))
    return kept


def _refused(token: str, error: list[str]) -> dict[str, Any]:
    return {"token": token, "state": "refused", "error": error, "item": ""}


def _outcome(step: Sent, kept: Kept) -> dict[str, Any]:
    mark = kept.mark
    return {
        "token": step.token,
        "state": "saved",
        "action": step.action,
        "item": kept.item or step.item,
        "goto": kept.item,
        "mark": mark.id if mark else 0,
        "clock": state.clock(mark.created) if mark else "",
        "nothing": step.action in ("undo", "redo") and mark is None,
    }


def _apply(sitting: Sitting, step: Sent, kept: Kept) -> None:
    """Take over into the sitting what a step changed."""
    item = kept.mark.item if kept.mark else step.item
    sitting.touched[item] = sitting.touched.get(item, 0) + 1
    if step.annotator != sitting.annotator:
        return
    if step.action in ("label", "skip", "mark-again"):
        sitting.finished.add(step.item)
    elif step.action == "undo":
        # The queue is read anew soon: an earlier label of the item may still stand.
        sitting.finished.discard(item)
        sitting.read = 0.0
    elif kept.mark and kept.mark.action in ("label", "skip"):
        sitting.finished.add(item)
    sitting.changed = time.monotonic()
