"""A training started in a browser that is closed meanwhile, promoted in another, rolled back."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from roc_core.jobs.process import kill
from roc_core.store import Store
from roc_core.workspace import Workspace
from tests.browser import steps
from tests.browser.conftest import Server
from tests.training.made import LIVES
from tests.workspace.learnt import correct, taught_workspace, trainable

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def taught(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server on a workspace whose tiny version was corrected twelve times."""
    folder = tmp_path_factory.mktemp("versions")
    shutil.copytree(taught_workspace(), folder / "workspace")
    workspace = Workspace.open(folder / "workspace")
    correct(workspace, trainable(workspace)[:12], LIVES, "backward")
    running = Server(folder / "workspace", folder / "log.txt")
    running.start()
    yield running
    running.kill()
    for held in Store.open(running.workspace).jobs.held():
        kill(held.pid, held.process)


def open_versions(browser: Any, server: Server, size: tuple[int, int] = (1440, 900)) -> Any:
    """The Versions page in a browser of its own."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]})
    page = context.new_page()
    page.set_default_timeout(120_000)
    page.goto(server.url)
    page.get_by_role("link", name="Versions").click()
    page.get_by_text("In use:").wait_for()
    steps.settled(page)
    return page


def answer_to(page: Any, server: Server, item: str) -> str:
    """The first card of an item on the Analyze page."""
    page.goto(f"{server.url}/?item={item}")
    page.locator(".roc-card").first.wait_for()
    steps.settled(page)
    return str(page.locator(".roc-card").first.inner_text())


def test_a_training_outlives_its_browser_and_changes_a_look_alike(
    browser: Any, taught: Server
) -> None:
    workspace = Workspace.open(taught.workspace)
    others = trainable(workspace)[12:40]
    before = list(workspace.predict_many([i.example for i in others]))
    page = open_versions(browser, taught)
    page.get_by_role("tab", name="Train from corrections").click()
    page.get_by_text("12 corrections to learn from").wait_for()
    page.get_by_role("button", name="Start training").click()
    page.get_by_text("Learning tiny-1").first.wait_for()
    (job,) = [j for j in workspace.jobs() if j.kind == "learn"]
    page.context.close()
    assert not workspace.job(job.id).over, "it goes on without a browser"

    page = open_versions(browser, taught)
    page.get_by_text("tiny-1 is learnt and passed the guard").wait_for(timeout=600_000)
    assert workspace.job(job.id).state == "done"
    page.get_by_role("tab", name="Items that changed").click()
    page.get_by_text("label: ").first.wait_for()
    page.get_by_role("button", name="Promote …").click()
    page.get_by_role("button", name="Promote tiny-1").click()
    page.get_by_text("tiny-1 is in use now, in the place of tiny.").wait_for()

    promoted = Workspace.open(taught.workspace)
    after = list(promoted.predict_many([i.example for i in others]))
    pairs = zip(others, before, after, strict=True)
    changed = [i for i, old, new in pairs if old.label != new.label and new.label.relation == LIVES]
    assert len(changed) >= 10
    learnt = answer_to(page, taught, changed[0].id)
    assert promoted.catalogue.get(LIVES).name in learnt

    page.get_by_role("link", name="Versions").click()
    page.get_by_role("button", name="Roll back to tiny", exact=True).click()
    page.get_by_text("tiny is in use again, in the place of tiny-1.").wait_for()
    assert answer_to(page, taught, changed[0].id) != learnt
    page.context.close()


@pytest.mark.parametrize("size", [pytest.param((1440, 900), marks=pytest.mark.soak), (1024, 768)])
def test_the_page_fits_the_window(
    browser: Any, taught: Server, tmp_path: Path, size: tuple[int, int]
) -> None:
    page = open_versions(browser, taught, size)
    for tab in ("Versions", "Train from corrections", "Import", "History"):
        page.get_by_role("tab", name=tab, exact=True).click()
        steps.settled(page)
        expect(page.get_by_test_id("stException")).to_have_count(0)
        page.screenshot(path=str(tmp_path / f"versions-{tab}-{size[0]}.png"))
        page.wait_for_function(
            "() => { const e = document.querySelector('[data-testid=stMain]');"
            " return e.scrollWidth - e.clientWidth <= 1 }"
        )
    page.context.close()
