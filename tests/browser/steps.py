"""What a user does in the browser, in a user's words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import expect

BAR = "stBottomBlockContainer"


def start_anew(page: Any) -> None:
    """An empty page, whatever was worked on before."""
    page.get_by_role("button", name="New", exact=True).click()
    expect(page.get_by_label("Sentence", exact=True)).to_have_count(1, timeout=60_000)
    settled(page)


def add_picture(page: Any, path: Path) -> None:
    page.get_by_role("button", name="Add a picture").click()
    page.locator("input[type=file]").set_input_files(str(path))
    page.get_by_text("Drag on the picture").wait_for()


def write(page: Any, sentence: str) -> None:
    field = page.get_by_label("Sentence", exact=True)
    field.fill(sentence)
    field.press("Control+Enter")
    expect(marker(page)).to_be_visible()


def marker(page: Any) -> Any:
    """The text of the editable span marker."""
    return page.locator(".rocm:not(.rocm-read) .rocm-text")


def shown_text(page: Any) -> str:
    """The sentence exactly as the marker holds it."""
    return str(marker(page).evaluate("element => element.textContent"))


def mention(page: Any, number: int) -> str:
    """The text that is marked as mention 1 or 2."""
    pieces = marker(page).locator(f".rocm-m{number}")
    return "".join(pieces.evaluate_all("all => all.map(e => e.textContent)"))


def word(page: Any, text: str) -> Any:
    return marker(page).locator("[data-w]", has_text=text).first


def click_word(page: Any, text: str, number: int) -> None:
    """Click a word and wait until the server knows the mark."""
    word(page, text).click()
    expect(marker(page).locator(f".rocm-m{number}").first).to_be_visible()
    settled(page)


def drag_words(page: Any, first: str, last: str, number: int) -> None:
    start, end = word(page, first).bounding_box(), word(page, last).bounding_box()
    page.mouse.move(start["x"] + 1, start["y"] + start["height"] / 2)
    page.mouse.down()
    page.mouse.move(end["x"] + end["width"] - 1, end["y"] + end["height"] / 2, steps=6)
    page.mouse.up()
    expect(marker(page).locator(f".rocm-m{number}").first).to_be_visible()
    settled(page)


def settled(page: Any) -> None:
    """Wait until the server has answered the last action."""
    page.wait_for_timeout(250)
    expect(page.locator('[data-test-script-state="running"]')).to_have_count(0, timeout=60_000)


def answered(page: Any) -> None:
    """Wait for cards and the first one's explanation."""
    page.locator(".roc-card").first.wait_for()
    page.get_by_text("Its descriptions").first.wait_for()
    settled(page)


def state_text(page: Any) -> Any:
    """The words in the bar that say whether the item is saved."""
    return page.get_by_test_id(BAR).get_by_test_id("stText").last
