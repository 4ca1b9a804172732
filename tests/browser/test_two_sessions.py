"""Two browser sessions that save at once lose nothing."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest

from roc_core import ItemFilter, Workspace
from tests.browser import steps

SAVES = 200
KEYS = ("1", "2")


def _open(browser: Any, server: Any, sentence: str) -> Any:
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.set_default_timeout(60_000)
    page.goto(server.url)
    page.get_by_text("Model version:").wait_for()
    steps.start_anew(page)
    steps.write(page, sentence)
    steps.click_word(page, "Anna", 1)
    steps.click_word(page, "Ben", 2)
    steps.answered(page)
    return page


def _saved(page: Any) -> str:
    """What the bar says is saved, "" before the first save."""
    found = re.search(r"correction (\d+)", steps.state_text(page).inner_text())
    return found.group(1) if found else ""


@pytest.mark.browser
@pytest.mark.soak
def test_two_sessions_of_200_saves_lose_nothing(browser: Any, server: Any) -> None:
    pages = [_open(browser, server, f"Anna greets Ben in town {n}") for n in (1, 2)]
    for number in range(SAVES):
        before = [_saved(page) for page in pages]
        for page in pages:  # both keys are on their way before either is waited for
            page.keyboard.press(KEYS[number % 2])
        for page, last in zip(pages, before, strict=True):
            end = time.monotonic() + 60
            while _saved(page) in ("", last):
                assert time.monotonic() < end, f"save {number} was never shown as saved"
                page.wait_for_timeout(20)
    workspace = Workspace.open(server.workspace)
    items = workspace.items(ItemFilter(text="Anna greets Ben in town")).items
    assert len(items) == 2
    for item in items:
        rows = workspace.history(item.id)
        assert len(rows) == SAVES
        assert len({row.label for row in rows}) == 2
    for page in pages:
        page.context.close()
