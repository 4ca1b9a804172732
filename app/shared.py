"""What all sessions look at is computed once a process, not once a session."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")

MOST = 64
"""Values that are held; of those beyond it the longest unused go."""


class _Slot:
    """One value, computed by whoever asks first while the others wait."""

    def __init__(self) -> None:
        self.lock, self.there, self.value = threading.Lock(), False, None


_LOCK = threading.Lock()
_SLOTS: OrderedDict[str, Any] = OrderedDict()


def shared(key: str, compute: Callable[[], T]) -> T:
    """``compute()``, or what it gave for the same key to anybody in this process.

    The value is the same object for all, so nobody may change it. ``compute`` may ask for other
    keys, never for its own. What it raises is raised, and the next one who asks computes again.
    """
    with _LOCK:
        slot: _Slot = _SLOTS.setdefault(key, _Slot())
        _SLOTS.move_to_end(key)
        while len(_SLOTS) > MOST:
            _SLOTS.popitem(last=False)
    with slot.lock:
        if not slot.there:
            slot.value = compute()  # type: ignore[assignment]
            slot.there = True
    return slot.value  # type: ignore[return-value]


def forget_shared() -> None:
    """Drop all of it, because what was computed from may be other now under the same key."""
    with _LOCK:
        _SLOTS.clear()
