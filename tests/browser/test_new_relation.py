"""A new relation from one sentence in a real browser: answered by keys, saved, and a relation like
the others from then on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from roc_core.schema import Label
from roc_core.workspace import Workspace
from tests.app.relations_steps import make
from tests.browser import steps
from tests.browser.conftest import Server

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
NAME, SENTENCE = "sponsor of", "{head} pays for {tail} and is named as its sponsor."


@pytest.fixture(scope="module")
def served(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app on a workspace of made items that a tiny version has not read yet."""
    folder = tmp_path_factory.mktemp("new-relation")
    running = Server(make(folder, read=False), folder / "log.txt")
    running.start()
    yield running
    running.kill()


@pytest.fixture
def page(browser: Any, served: Server) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.add_cookies([{"name": "roc_annotator", "value": "Kim", "url": served.url}])
    opened = context.new_page()
    opened.set_default_timeout(60_000)
    opened.goto(f"{served.url}/relations")
    yield opened
    context.close()


def accept(page: Any, done: int) -> None:
    """Accept the pair at hand with its key, and wait until that is counted."""
    expect(page.get_by_role("button", name="Yes:").first).to_be_enabled()
    page.keyboard.press("1")
    expect(page.get_by_text(f"{done} of 20 answered")).to_be_visible()
    steps.settled(page)


def test_a_sentence_five_pairs_a_relation(page: Any, served: Server) -> None:
    page.get_by_role("tab", name="New relation").click()
    page.get_by_label("Name", exact=True).fill(NAME)
    page.get_by_role("textbox", name="When does it hold?").fill(SENTENCE)
    page.get_by_role("button", name="Find pairs").click()
    page.get_by_role("button", name="Read all items").click()
    expect(page.get_by_text("0 of 20 answered")).to_be_visible(timeout=300_000)
    steps.settled(page)
    for done in range(1, 6):
        accept(page, done)
    page.keyboard.press("n")
    expect(page.get_by_text("5 accepted, 1 rejected")).to_be_visible()
    page.keyboard.press("u")
    expect(page.get_by_text("5 accepted, 0 rejected")).to_be_visible()
    expect(page.get_by_text("Your answers (5)")).to_be_visible()
    steps.settled(page)
    page.get_by_role("button", name=f"Save “{NAME}” with 5 examples").click()
    expect(page.get_by_text("is a relation like the others now; 5 items carry")).to_be_visible()

    workspace = Workspace.open(served.workspace)
    relation = next(r for r in workspace.catalogue if r.name == NAME)
    assert [d.text for d in relation.descriptions] == [SENTENCE]
    labelled = [i for i in workspace.items(limit=100).items if _has(i.label, relation.id)]
    assert len(labelled) == 5
    assert workspace.history(labelled[0].id)[-1].annotator == "Kim"
    assert workspace.relations.state(relation.id).labels == 5

    page.get_by_role("tab", name="Relations", exact=True).click()
    page.get_by_label("Search relations").fill(NAME)
    page.get_by_label("Search relations").press("Enter")
    expect(page.get_by_text("1 to 1 of 1 relations")).to_be_visible()


def _has(label: Label | None, relation: str) -> bool:
    return label is not None and label.relation == relation


def test_the_tabs_fit_the_window(browser: Any, served: Server, tmp_path: Path) -> None:
    for width, height, scheme in ((1440, 900, "light"), (1024, 768, "dark")):
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme
        )
        opened = context.new_page()
        opened.set_default_timeout(60_000)
        opened.goto(f"{served.url}/relations")
        for tab in ("New relation", "Quality", "Writing"):
            opened.get_by_role("tab", name=tab).click()
            steps.settled(opened)
            opened.screenshot(path=str(tmp_path / f"{tab}-{width}-{scheme}.png"))
            opened.wait_for_function(
                "() => { const e = document.querySelector('[data-testid=stMain]');"
                " return e.scrollWidth - e.clientWidth <= 1 }"
            )
        context.close()
