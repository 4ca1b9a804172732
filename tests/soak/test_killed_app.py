"""``kill -9`` of the app at random moments while somebody labels: what was shown as saved is."""

from __future__ import annotations

import random
import re
import threading
import time
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from playwright.sync_api import Error

from roc_core import ItemFilter, Workspace
from roc_core.store import Store
from tests.browser import steps

pytestmark = [pytest.mark.browser, pytest.mark.soak]
SENTENCE = "Anna greets Ben in the old town"
LONGEST = 2.5
"""Seconds of labelling before the server is killed, at most."""


def _saved(page: Any) -> int:
    """The correction that the bar says is saved, 0 before the first."""
    found = re.search(r"correction (\d+)", steps.state_text(page).inner_text(timeout=2_000))
    return int(found.group(1)) if found else 0


def _save(page: Any, last: int) -> int:
    """Label until the page says that a later correction than ``last`` is saved: of the two labels
    one may be in force, which saves nothing."""
    end = time.monotonic() + 60
    for press in count():
        page.keyboard.press("12"[press % 2])
        page.wait_for_timeout(500)
        if (saved := _saved(page)) > last:
            break
        assert time.monotonic() < end, "a label was never shown as saved"
    return saved


def _label_until_killed(page: Any, server: Any, wait: float) -> set[int]:
    """Press keys while a clock runs to the kill; the corrections that the page said are saved."""
    shown: set[int] = set()
    killer = threading.Timer(wait, server.process.kill)
    killer.start()
    end = time.monotonic() + wait + 1.0
    for press in range(10_000):
        try:
            page.keyboard.press("12"[press % 2])
            page.wait_for_timeout(60)
            shown.add(_saved(page))
        except Error:
            pass  # the page is lost for the moment; the work on it is not
        if time.monotonic() > end:
            break
    killer.join()
    server.kill()
    return shown - {0}


def test_a_server_killed_at_random_moments_loses_nothing(
    page: Any, server: Any, times: Callable[[int], int]
) -> None:
    steps.start_anew(page)
    steps.write(page, SENTENCE)
    steps.click_word(page, "Anna", 1)
    steps.click_word(page, "Ben", 2)
    steps.answered(page)
    chance, shown, before = random.Random(11), {0}, 0
    for _ in range(times(50)):
        shown.add(_save(page, max(shown)))
        shown |= _label_until_killed(page, server, LONGEST * chance.random())
        store = Store.open(server.workspace)
        store.check()
        (item,) = Workspace.open(server.workspace).items(ItemFilter(text=SENTENCE)).items
        rows = store.history(item.id)
        assert {row.id for row in rows} >= shown - {0}
        assert len(rows) == item.corrections >= before
        before = len(rows)
        server.start()
        page.reload()
        steps.answered(page)
        assert steps.shown_text(page) == SENTENCE
        assert (steps.mention(page, 1), steps.mention(page, 2)) == ("Anna", "Ben")
    assert len(shown) > times(50)
