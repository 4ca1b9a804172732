"""What several sessions look at is computed once, by whoever asks first."""

from __future__ import annotations

import threading
import time

import pytest

from app import shared as module
from app.shared import forget_shared, shared


@pytest.fixture(autouse=True)
def _empty() -> None:
    forget_shared()


def test_many_askers_at_once_get_the_one_value_of_the_first() -> None:
    made: list[object] = []

    def compute() -> object:
        time.sleep(0.05)
        made.append(object())
        return made[-1]

    found: list[object] = []
    threads = [
        threading.Thread(target=lambda: found.append(shared("a", compute))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1
    assert all(value is made[0] for value in found)
    assert len(found) == 8


def test_what_failed_is_computed_again() -> None:
    with pytest.raises(ZeroDivisionError):
        shared("a", lambda: 1 / 0)
    assert shared("a", lambda: 2) == 2
    assert shared("a", lambda: 3) == 2


def test_a_value_may_be_made_of_others_and_all_is_forgotten_at_once() -> None:
    assert shared("sum", lambda: shared("one", lambda: 1) + shared("two", lambda: 2)) == 3
    forget_shared()
    assert shared("one", lambda: 10) == 10


def test_the_longest_unused_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 2)
    for name in ("a", "b"):
        shared(name, lambda name=name: name)
    shared("a", lambda: "again")
    shared("c", lambda: "c")
    assert [shared(name, lambda: "anew") for name in ("a", "b")] == ["a", "anew"]
