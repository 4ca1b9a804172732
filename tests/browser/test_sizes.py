"""The usual case fits the window, in both themes, and nothing runs out of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser import steps
from tests.browser.conftest import Window

pytestmark = pytest.mark.browser


def test_nothing_runs_out_of_the_window(window: Window, tmp_path: Path) -> None:
    page, width, height = window.page, window.width, window.height
    steps.start_anew(page)
    steps.write(page, "Katy joins the Fireflies at the harbour")
    steps.click_word(page, "Katy", 1)
    steps.click_word(page, "Fireflies", 2)
    steps.answered(page)
    page.screenshot(path=str(tmp_path / f"analyze-{window.name}.png"))
    main = page.get_by_test_id("stMain")
    assert main.evaluate("e => e.scrollWidth - e.clientWidth") <= 1
    bar = page.get_by_test_id(steps.BAR).bounding_box()
    assert bar["y"] + bar["height"] <= height + 1
    assert bar["height"] <= 0.27 * height
    card = page.locator(".roc-card").first.bounding_box()
    assert card["y"] + card["height"] < bar["y"]
    if width == 1440:
        types = page.get_by_label("Type of 2").bounding_box()
        assert types["y"] + types["height"] < bar["y"]
    page.get_by_role("link", name="Data").click()
    page.get_by_label("Search in sentences").first.wait_for()
    steps.settled(page)
    page.screenshot(path=str(tmp_path / f"data-{window.name}.png"))
    assert main.evaluate("e => e.scrollWidth - e.clientWidth") <= 1
