"""An analyst's way through the pages: import, a job, a lasso, a cell, an item, why, a file."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from roc_core import Workspace
from roc_core.datasets.mnre_files import text_files
from roc_core.schema import ItemFilter
from tests.browser import steps
from tests.browser.conftest import Server
from tests.browser.test_errors import click_cell, open_errors
from tests.browser.test_map import lasso, open_map
from tests.conftest import SHARED_DATA

pytestmark = [pytest.mark.browser, pytest.mark.encoders, pytest.mark.timeout(900)]
LINES = 240


@pytest.fixture
def val(tmp_path: Path) -> Path:
    """A folder in MNRE's form: the first lines of its val where it is there, else starter items."""
    folder = tmp_path / "mnre"
    if (SHARED_DATA / "mnre").is_dir():
        found = next(f for f in text_files(SHARED_DATA / "mnre") if f.split == "val")
        lines = found.path.read_text(encoding="utf-8").splitlines(keepends=True)[:LINES]
        (folder / "txt").mkdir(parents=True)
        (folder / "txt" / "ours_val.txt").write_text("".join(lines), encoding="utf-8")
        return folder
    starter = Workspace.create(tmp_path / "starter")
    whole = [i for i in starter.items(limit=500).items if i.label and not i.example.picture]
    (folder / "txt").mkdir(parents=True)
    file = folder / "txt" / "ours_val.txt"
    starter.export("mnre", file, ItemFilter(only=tuple(i.id for i in whole)))
    return folder


@pytest.fixture
def bare(chromium: str, tmp_path: Path) -> Iterator[Server]:
    """The app on a workspace without any item."""
    Workspace.create(tmp_path / "workspace", starter=False)
    running = Server(tmp_path / "workspace", tmp_path / "log.txt")
    running.start()
    yield running
    running.kill()


def bring_in(page: Any, folder: Path) -> None:
    page.get_by_role("link", name="Data").click()
    page.get_by_role("tab", name="Import").click()
    page.get_by_role("radio", name="Path on this machine").or_(
        page.get_by_role("button", name="Path on this machine")
    ).first.click()
    steps.settled(page)
    page.get_by_label("Format", exact=True).locator("visible=true").click()
    page.get_by_role("option", name="MNRE (folder as published)").click()
    steps.settled(page)
    field = page.get_by_label("File or folder")
    field.fill(str(folder))
    field.press("Enter")
    steps.settled(page)
    page.get_by_role("button", name="Check it (dry run)").click()
    page.get_by_role("button", name=re.compile("^(download_done )?Import [0-9]")).click()
    page.get_by_text("Came in:").wait_for()
    steps.settled(page)


def test_from_import_to_why_and_out(browser: Any, bare: Server, val: Path) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.goto(bare.url)
    page.get_by_text("Model version:").wait_for()
    bring_in(page, val)

    open_map(page)
    lasso(page)
    drawn = page.get_by_test_id("stMain").get_by_text(" items selected").inner_text()
    sidebar = page.get_by_test_id("stSidebar")
    expect(sidebar.get_by_text(drawn)).to_be_visible()
    assert "sel=" in page.url

    open_errors(page)
    expect(sidebar.get_by_text(drawn)).to_be_visible()
    click_cell(page, "none of these", "none of these")
    page.get_by_text("none of these answered as none of these").first.wait_for()
    expect(sidebar.get_by_text(drawn)).to_have_count(0)
    expect(sidebar.get_by_text("items selected")).to_be_visible()
    main = page.get_by_test_id("stMain")
    with page.expect_download() as download:
        main.get_by_role("button", name="JSONL", exact=True).last.click()
    first = json.loads(Path(download.value.path()).read_text(encoding="utf-8").splitlines()[0])

    main.get_by_role("link", name="Open").first.click()
    steps.answered(page)
    assert steps.shown_text(page) == first["sentence"]
    page.get_by_role("tab", name="Why not").first.click()
    steps.settled(page)
    page.get_by_text("What sets it apart from another relation").first.wait_for()
    expect(page.get_by_text("Difference", exact=False).first).to_be_visible()
    context.close()
