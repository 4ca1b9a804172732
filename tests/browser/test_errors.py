"""The Errors page in a real browser: answers by a job, a cell, an item, the line, files."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser import steps
from tests.browser.conftest import Window

pytestmark = [pytest.mark.browser, pytest.mark.encoders, pytest.mark.timeout(900)]
CHART = ".js-plotly-plot"


def open_errors(page: Any) -> None:
    """The Errors page with answers, which are computed if there are none yet."""
    page.get_by_role("link", name="Errors").click()
    start = page.get_by_role("button", name="Read them now")
    page.get_by_role("tab", name="Confusion").or_(start).first.wait_for()
    steps.settled(page)
    if start.count():
        start.click()
        expect(start).to_have_count(0, timeout=600_000)
    page.locator(CHART).first.wait_for(timeout=600_000)
    steps.settled(page)


def click_cell(page: Any, label: str, answer: str) -> None:
    """Click a cell of the matrix by the names on its axes."""
    plot = page.locator(f"{CHART} .nsewdrag").first
    plot.scroll_into_view_if_needed()
    steps.settled(page)
    names = page.locator(CHART).first.evaluate("plot => plot.layout.xaxis.ticktext")
    box, n = plot.bounding_box(), len(names)
    across = box["x"] + box["width"] * (names.index(answer) + 0.5) / n
    down = box["y"] + box["height"] * (names.index(label) + 0.5) / n
    page.mouse.click(across, down)


def test_cell_item_line_and_files(page: Any) -> None:
    open_errors(page)
    click_cell(page, "none of these", "none of these")
    page.get_by_text("none of these answered as none of these").first.wait_for()
    main = page.get_by_test_id("stMain")
    main.get_by_text("answer: none of these").first.wait_for()
    with page.expect_download() as download:
        main.get_by_role("button", name="CSV", exact=True).last.click()
    with open(download.value.path(), encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {(r["label"], r["answer"]) for r in rows} == {("None", "None")}
    counted = "1 item selected" if len(rows) == 1 else f"{len(rows):,} items selected"
    expect(main.get_by_text(counted).first).to_be_visible()

    page.get_by_role("tab", name="Threshold").click()
    page.get_by_text("must not be reported on these pairs").wait_for()
    answered = page.get_by_test_id("stMetricValue").last
    before = answered.inner_text()
    page.get_by_role("slider").focus()
    page.keyboard.press("End")
    expect(answered).not_to_have_text(before)

    page.get_by_role("button", name="Files").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Report").click()
    report = Path(download.value.path()).read_text(encoding="utf-8")
    assert "<h2>Calibration</h2>" in report
    page.keyboard.press("Escape")
    main.get_by_role("link", name="Open").first.click()
    steps.answered(page)
    assert steps.shown_text(page) == rows[0]["sentence"]


def test_the_page_fits_the_window(window: Window, tmp_path: Path) -> None:
    page = window.page
    page.get_by_text("Model version:").wait_for()
    page.wait_for_timeout(1000)  # a new session reports its width, which runs the page again
    steps.settled(page)
    open_errors(page)
    for tab in ("Confusion", "Slices", "Threshold", "Compare"):
        page.get_by_role("tab", name=tab).click()
        steps.settled(page)
        page.screenshot(path=str(tmp_path / f"errors-{tab}-{window.name}.png"))
        # A chart is drawn once before it knows how wide it may be.
        page.wait_for_function(
            "() => { const e = document.querySelector('[data-testid=stMain]');"
            " return e.scrollWidth - e.clientWidth <= 1 }"
        )
