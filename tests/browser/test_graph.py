"""The Graph page in a real browser: more than two marks, an arrow clicked, an answer saved, a
reload; nothing runs out of the window in either theme."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser import steps
from tests.browser.conftest import Window

pytestmark = [pytest.mark.browser, pytest.mark.encoders, pytest.mark.timeout(900)]
CHART = ".js-plotly-plot"
SENTENCE = "😀 Katy Perry and Bo Anker play with the Fireflies in Lima"


def open_graph(page: Any) -> None:
    """The Graph page with nothing on it."""
    page.get_by_role("link", name="Graph").click()
    page.get_by_text("which relations hold between all entities").wait_for()
    steps.settled(page)
    page.get_by_role("button", name="New", exact=True).click()
    page.get_by_text("Or try an example").wait_for(timeout=120_000)
    steps.settled(page)


def chips(page: Any) -> list[str]:
    """The marked mentions by name, in order."""
    names: list[str] = page.locator(".rocm-chip .rocm-name").all_inner_texts()
    return names


def still(page: Any, place: Any) -> dict[str, float]:
    """Where an element is, once it has stopped moving: what is above it may load late."""
    before = None
    for _ in range(60):
        steps.settled(page)
        place.scroll_into_view_if_needed()
        now = place.bounding_box()
        if now and now == before:
            return dict(now)
        before = now
        page.wait_for_timeout(400)
    raise AssertionError(f"it does not come to rest: {before}")


def mark(page: Any, first: str, last: str, number: int) -> None:
    """Drag over words and wait until there are ``number`` marks and the server knows them."""
    start, end = (still(page, steps.word(page, text)) for text in (first, last))
    page.mouse.move(start["x"] + 1, start["y"] + start["height"] / 2)
    page.mouse.down()
    page.mouse.move(end["x"] + end["width"] - 1, end["y"] + end["height"] / 2, steps=6)
    page.mouse.up()
    expect(page.locator(".rocm-chip")).to_have_count(number)
    steps.settled(page)


def test_mark_click_save_reload(page: Any) -> None:
    open_graph(page)
    steps.write(page, SENTENCE)
    steps.word(page, "Lima").click()
    expect(page.locator(".rocm-chip")).to_have_count(1)
    steps.settled(page)
    mark(page, "Katy", "Perry", 2)
    mark(page, "Bo", "Anker", 3)
    mark(page, "the", "Fireflies", 4)
    assert chips(page) == ["Katy Perry", "Bo Anker", "the Fireflies", "Lima"]
    assert steps.shown_text(page) == SENTENCE
    page.locator(CHART).wait_for(timeout=120_000)
    page.get_by_text("Dashed: below the line").click()
    steps.settled(page)
    page.locator(CHART).wait_for()
    # All pairs are drawn: the middle of the left edge belongs to mentions 1 and 4.
    plot = still(page, page.locator(f"{CHART} .nsewdrag").first)
    share = 0.5 - 0.7071 / (2 * 1.42)
    page.mouse.click(plot["x"] + share * plot["width"], plot["y"] + plot["height"] / 2)
    page.get_by_text("Its descriptions").first.wait_for(timeout=120_000)
    steps.settled(page)
    assert page.locator(".rocm-chip.rocm-first .rocm-name").inner_text() == "Katy Perry"
    assert page.locator(".rocm-chip.rocm-second .rocm-name").inner_text() == "Lima"
    page.get_by_role("button", name="None of these").click()
    expect(steps.state_text(page)).to_contain_text("none of these")
    assert "pair=1-4" in page.url
    page.reload()
    expect(steps.state_text(page)).to_contain_text("none of these", timeout=120_000)
    assert chips(page) == ["Katy Perry", "Bo Anker", "the Fireflies", "Lima"]
    page.get_by_role("button", name="Download", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Graph as JSON").click()
    values = json.loads(Path(download.value.path()).read_text(encoding="utf-8"))
    assert [m["name"] for m in values["mentions"]] == chips(page)
    assert len(values["pairs"]) == 6
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Clear mention 1", exact=True).click()
    expect(page.locator(".rocm-chip")).to_have_count(3)
    steps.settled(page)
    expect(page.get_by_text("Choose a pair, in the table or on the graph")).to_be_visible()
    page.locator(".rocm-text").focus()
    page.keyboard.press("Home")
    for _ in range(2):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator(".rocm-chip")).to_have_count(4)
    steps.settled(page)


@pytest.mark.soak
def test_a_box_is_drawn_and_its_pair_opens_on_analyze(page: Any, tmp_path: Path) -> None:
    from PIL import Image

    picture = tmp_path / "green.png"
    Image.new("RGB", (300, 200), (20, 160, 60)).save(picture)
    open_graph(page)
    steps.write(page, SENTENCE)
    steps.add_picture(page, picture)
    page.locator("canvas").first.wait_for()
    mark(page, "Katy", "Perry", 1)
    frame = still(page, page.locator("canvas").first)
    page.mouse.move(frame["x"] + 30, frame["y"] + 30)
    page.mouse.down()
    page.mouse.move(frame["x"] + 120, frame["y"] + 100, steps=6)
    page.mouse.up()
    expect(page.locator(".rocm-chip")).to_have_count(2)
    assert chips(page) == ["Katy Perry", "the box"]
    page.locator(CHART).wait_for(timeout=120_000)
    table = still(page, page.get_by_test_id("stDataFrame"))
    page.mouse.click(table["x"] + 12, table["y"] + 52)
    page.get_by_role("button", name="Open on Analyze").click()
    page.get_by_text("which relation holds between two entities").wait_for()
    steps.answered(page)
    assert steps.mention(page, 1) == "Katy Perry"
    expect(page.locator(".rocm-slot2 .rocm-name")).to_have_text("a box")


def test_the_graph_fits_the_window(window: Window, tmp_path: Path) -> None:
    page, width = window.page, window.width
    open_graph(page)
    page.locator("button", has_text=" entities)").first.click()
    page.locator(CHART).wait_for(timeout=120_000)
    steps.settled(page)
    page.wait_for_timeout(500)
    page.screenshot(path=str(tmp_path / f"graph-{window.name}.png"))
    main = page.get_by_test_id("stMain")
    assert main.evaluate("e => e.scrollWidth - e.clientWidth") <= 1
    bar = page.get_by_test_id(steps.BAR).bounding_box()
    chart = page.locator(CHART).bounding_box()
    assert chart["x"] + chart["width"] <= width
    assert chart["y"] + chart["height"] <= bar["y"]
    for name in page.locator(f"{CHART} .annotation-text").all():
        box = name.bounding_box()
        assert chart["x"] <= box["x"]
        assert box["x"] + box["width"] <= chart["x"] + chart["width"]
