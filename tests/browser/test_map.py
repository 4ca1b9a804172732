"""The map in a real browser: drawn by a job, a lasso, an item opened, a file; nothing runs out of
the window in either theme."""

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


def open_map(page: Any) -> None:
    """The Map page with its map, which is drawn if there is none yet."""
    page.get_by_role("link", name="Map").click()
    draw = page.get_by_role("button", name="Draw the map")
    draw.or_(page.locator(CHART)).first.wait_for()
    if draw.count():
        expect(page.get_by_text("No map yet: draw it.")).to_be_visible()
        draw.click()
        expect(page.get_by_test_id("stSidebar").get_by_text("Work in progress")).to_be_visible()
        expect(page.get_by_test_id("stProgress").first).to_be_visible()
        page.get_by_role("link", name="Data").click()  # the work goes on meanwhile
        expect(page.get_by_test_id("stSidebar").get_by_text("Map of all items")).to_be_visible()
        page.get_by_role("link", name="Map").click()
    page.locator(CHART).wait_for(timeout=600_000)
    steps.settled(page)


def lasso(page: Any) -> None:
    """Draw around the middle of the map."""
    box = page.locator(f"{CHART} .nsewdrag").first.bounding_box()
    corners = [(0.2, 0.15), (0.8, 0.15), (0.8, 0.85), (0.2, 0.85), (0.2, 0.15)]
    places = [(box["x"] + a * box["width"], box["y"] + b * box["height"]) for a, b in corners]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=6)
    page.mouse.up()
    page.get_by_test_id("stMain").get_by_text(" items selected").wait_for()
    steps.settled(page)


@pytest.mark.soak
def test_draw_select_download_open(page: Any) -> None:
    open_map(page)
    lasso(page)
    said = page.get_by_test_id("stMain").get_by_text(" items selected").inner_text()
    block = page.get_by_test_id("stSidebar").get_by_text(f"{said} (Map: lasso)")
    expect(block).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="JSONL").click()
    lines = Path(download.value.path()).read_text(encoding="utf-8").splitlines()
    assert f"{len(lines):,} items selected" == said
    assert {"item", "answer", "margin"} <= set(json.loads(lines[0])["provenance"]["extra"])
    page.get_by_role("button", name="Clear", exact=True).click()
    page.get_by_text("Draw around points to select them").wait_for()
    lasso(page)
    page.get_by_test_id("stMain").get_by_role("link", name="Open").first.click()
    steps.answered(page)
    assert steps.shown_text(page) == json.loads(lines[0])["sentence"]


def test_the_map_fits_the_window(window: Window, tmp_path: Path) -> None:
    page, width, height = window.page, window.width, window.height
    open_map(page)
    page.wait_for_timeout(1000)
    page.screenshot(path=str(tmp_path / f"map-{window.name}.png"))
    main = page.get_by_test_id("stMain")
    assert main.evaluate("e => e.scrollWidth - e.clientWidth") <= 1
    chart = page.locator(CHART).bounding_box()
    assert chart["y"] + chart["height"] <= height
    assert chart["x"] + chart["width"] <= width
    legend = page.locator(f"{CHART} .legend").bounding_box()
    tools = page.locator(f"{CHART} .modebar").bounding_box()
    assert legend["y"] >= tools["y"] + tools["height"] - 2
