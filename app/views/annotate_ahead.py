"""Items read and answered before they are asked for, by a thread of the session.

The thread touches nothing of Streamlit; it ends by itself when nothing was wanted for a while.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from app.components.annotate_keys import picture_address
from roc_core.errors import RocError
from roc_core.schema import Item, Prediction
from roc_core.workspace import Workspace

KEPT = 60
"""Items held for a session."""

FRESH = 3
"""Items behind the one on screen whose answer is renewed when a correction changed it. The one on
screen keeps its own: numbers must not move under a finger."""

IDLE = 60.0
"""Seconds after which a thread without work ends."""

BEAT = 0.5
"""Seconds between two looks at whether the program ends."""

AGAIN = 5.0
"""Seconds after which an item that could not be answered is tried again."""


@dataclass(frozen=True, slots=True)
class Ready:
    """An item as it is to be shown. ``mark`` names what the answer depends on; ``problem`` is why
    there is none; ``picture`` is a small copy as a data address, "" without one."""

    item: Item
    prediction: Prediction | None
    mark: str
    picture: str = ""
    size: tuple[int, int] = (0, 0)
    problem: str = ""
    made: float = 0.0


class Ahead:
    """Prepares what is wanted, the nearest first; and does other slow reading in turn."""

    def __init__(self, ws: Workspace) -> None:
        self._ws = ws
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._ready: OrderedDict[str, Ready] = OrderedDict()
        self._gone: dict[str, str] = {}
        self._wanted: tuple[str, ...] = ()
        self._mark = ""
        self._tasks: dict[str, Callable[[], Any]] = {}
        self._done: dict[str, Any] = {}

    # --- asked by the page -----------------------------------------------------------------

    def want(self, ids: Sequence[str], mark: str) -> None:
        """Prepare these items, the nearest first, with answers as of ``mark``."""
        with self._changed:
            self._wanted, self._mark = tuple(dict.fromkeys(ids)), mark
            self._wake()

    def get(self, id: str) -> Ready | None:
        """An item that was prepared, perhaps with an answer that is being renewed."""
        with self._changed:
            return self._ready.get(id)

    def gone(self, id: str) -> str:
        """Why an item cannot be read; "" if it can, or was not tried yet."""
        with self._changed:
            return self._gone.get(id, "")

    def pending(self, near: int) -> bool:
        """Whether work that was asked for, or one of the nearest items, is still to be done."""
        with self._changed:
            known = (*self._ready, *self._gone)
            return bool(self._tasks) or any(id not in known for id in self._wanted[:near])

    def ask(self, name: str, work: Callable[[], Any]) -> None:
        """Have ``work`` done; what it gives, or the RocError it raised, is found under ``name``."""
        with self._changed:
            self._done.pop(name, None)
            self._tasks[name] = work
            self._wake()

    def result(self, name: str) -> Any:
        """What came of ``ask``; None while it is under way."""
        with self._changed:
            return self._done.get(name)

    def asked(self, name: str) -> bool:
        """Whether that work is under way."""
        with self._changed:
            return name in self._tasks

    def forget(self, name: str) -> None:
        """Drop what came of ``ask``."""
        with self._changed:
            self._done.pop(name, None)

    # --- the thread ------------------------------------------------------------------------

    def _wake(self) -> None:
        if self._thread is None and (self._tasks or self._next() is not None):
            # Not a daemon: the end of the program would cut it off in the middle of the model.
            self._thread = threading.Thread(target=self._run)
            self._thread.start()
        self._changed.notify()

    def _run(self) -> None:
        try:
            self._work()
        finally:
            with self._changed:
                self._thread = None

    def _work(self) -> None:
        while True:
            with self._changed:
                id, mark = self._next(), self._mark
                # What is on screen comes before everything else.
                first = id is not None and id not in self._ready and id in self._wanted[:2]
                name = "" if first else next(iter(self._tasks), "")
                work = self._tasks[name] if name else None
                if id is None and work is None:
                    if self._rest():
                        continue
                    return
                if not threading.main_thread().is_alive():
                    return
            if work is not None:
                self._finish(name, work)
            elif id is not None:
                self._prepare(id, mark)

    def _rest(self) -> bool:
        """Wait for work; False when the thread is to end: nothing came for long, or the program
        ends."""
        until = time.monotonic() + IDLE
        while time.monotonic() < until and threading.main_thread().is_alive():
            self._changed.wait(BEAT)
            if self._tasks or self._next() is not None:
                return True
        return False

    def _next(self) -> str | None:
        """What to prepare: the nearest that is missing, then the nearest that is out of date."""
        now = time.monotonic()
        for id in self._wanted:
            if id not in self._ready and id not in self._gone:
                return id
        for id in self._wanted[1 : 1 + FRESH]:
            found = self._ready.get(id)
            if found is not None and found.mark != self._mark:
                return id
        for id in self._wanted[:2]:
            found = self._ready.get(id)
            if found is not None and found.problem and now - found.made > AGAIN:
                return id
        return None

    def _finish(self, name: str, work: Callable[[], Any]) -> None:
        result: Any = None
        try:
            result = work()
        except RocError as error:
            result = error
        finally:
            with self._changed:
                if self._tasks.get(name) is work:
                    del self._tasks[name]
                    self._done[name] = result

    def _prepare(self, id: str, mark: str) -> None:
        try:
            item = self._ws.item(id)
        except RocError as error:
            with self._changed:
                self._gone[id] = str(error)
            return
        ready = self._read(item, mark)
        with self._changed:
            self._ready[id] = ready
            self._ready.move_to_end(id)
            while len(self._ready) > KEPT:
                self._ready.popitem(last=False)

    def _read(self, item: Item, mark: str) -> Ready:
        prediction, problem = None, ""
        try:
            # An item's own correction must not vote on what is suggested for it.
            prediction = self._ws.predict(item.example, (item.id,))
        except RocError as error:
            problem = str(error)
        known = self.get(item.id)
        if known is not None:
            picture, size = known.picture, known.size
        else:
            picture, size = picture_address(item.example.picture)
        return Ready(item, prediction, mark, picture, size, problem, time.monotonic())
