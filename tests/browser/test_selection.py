"""A copied address shows the same selection and item in another browser, on every page."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlparse

import pytest
from playwright.sync_api import expect

from tests.browser import steps

pytestmark = [pytest.mark.browser, pytest.mark.encoders, pytest.mark.timeout(600)]


def named(page: Any) -> dict[str, list[str]]:
    """What the address names."""
    return parse_qs(urlparse(page.url).query)


def test_a_copied_address_opens_the_same(page: Any, browser: Any) -> None:
    page.get_by_role("link", name="Data", exact=True).click()
    search = page.get_by_label("Search in sentences").first
    search.fill("festival")
    search.press("Enter")
    expect(page.get_by_role("button", name="Save this filter as a slice")).to_be_visible()
    steps.settled(page)
    page.get_by_role("button", name="Select all").click()
    block = page.get_by_test_id("stSidebar").get_by_text(" selected (Data: list)")
    block.wait_for()
    said = block.inner_text().partition(" (")[0]
    steps.settled(page)
    page.get_by_test_id("stMain").get_by_role("link", name="Open").first.click()
    steps.answered(page)
    sentence, analyze = steps.shown_text(page), named(page)
    assert set(analyze) == {"draft", "sel", "item"}
    page.get_by_role("link", name="Data", exact=True).click()
    page.get_by_label("Search in sentences").first.wait_for()
    steps.settled(page)
    assert {k: v for k, v in analyze.items() if k != "draft"} == named(page)

    context = browser.new_context(viewport={"width": 1440, "height": 900})
    other = context.new_page()
    other.set_default_timeout(60_000)
    other.goto(page.url)
    sidebar = other.get_by_test_id("stSidebar")
    sidebar.get_by_text(f"{said} (link)").wait_for()
    sidebar.get_by_role("link", name="Open the item").click()
    steps.answered(other)
    assert steps.shown_text(other) == sentence
    sidebar.get_by_role("button", name="Show", exact=True).click()
    other.get_by_text("Selected only").first.wait_for()
    steps.settled(other)
    assert other.get_by_test_id("stMain").get_by_text("festival").count() > 0
    assert named(other)["sel"] == analyze["sel"]
    other.reload()
    sidebar.get_by_text(f"{said} (link)").wait_for()
    sidebar.get_by_role("button", name="Clear", exact=True).click()
    expect(sidebar.get_by_text(said)).to_have_count(0)
    steps.settled(other)
    assert named(other) == {}
    context.close()
