"""An expert's way: other words for a relation, what they move while they are typed, keep, the
Analyze page answers with them, take them back."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from roc_core.schema import ItemFilter
from roc_core.workspace import Workspace
from roc_core.workspace.pair_vectors import vectors_job
from tests.browser import steps
from tests.browser.conftest import Server
from tests.training.made import LIVES, MEMBER
from tests.workspace.learnt import taught_workspace

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]
TABS = ("Relations", "New relation", "Quality", "Writing", "History", "Catalogues")
WORDS = "a tour with the band"


@pytest.fixture(scope="module")
def taught(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server on a workspace whose items were read by its tiny version."""
    folder = tmp_path_factory.mktemp("relations")
    shutil.copytree(taught_workspace(), folder / "workspace")
    vectors_job(folder / "workspace", {}, lambda done, total, stage: None)
    running = Server(folder / "workspace", folder / "log.txt")
    running.start()
    yield running
    running.kill()


def open_relations(browser: Any, server: Server, **given: Any) -> Any:
    """The Relations page in a browser of its own."""
    given.setdefault("viewport", {"width": 1440, "height": 900})
    page = browser.new_context(**given).new_page()
    page.set_default_timeout(60_000)
    page.goto(server.url)
    page.get_by_role("link", name="Relations").click()
    page.get_by_role("tab", name="Catalogues").wait_for()
    steps.settled(page)
    return page


def open_relation(page: Any, id: str, see: str = "Remove definition 1") -> None:
    """Find a relation by its id and open its card."""
    page.get_by_text("Cards", exact=True).click()
    search = page.get_by_label("Search relations")
    search.fill(id)
    search.press("Enter")
    page.get_by_text("1 to 1 of 1 relations").wait_for()
    steps.settled(page)  # a button of the list before may still be there
    page.get_by_role("button", name="Open").first.click()
    page.get_by_role("button", name=see).wait_for()
    steps.settled(page)


def field(page: Any, facet: str, number: int) -> Any:
    return page.get_by_role("textbox", name=f"{facet} {number}", exact=True)


def answer_to(page: Any, server: Server, item: str) -> str:
    """The first card of an item on the Analyze page."""
    page.goto(f"{server.url}/?item={item}")
    page.locator(".roc-card").first.wait_for()
    steps.settled(page)
    return str(page.locator(".roc-card").first.inner_text())


def keep(page: Any, said: str) -> None:
    """Press Keep, once."""
    page.get_by_role("button", name="Keep", exact=True).click()
    page.get_by_text(said).first.wait_for()


def test_what_is_typed_and_pressed_while_the_page_is_drawn_anew_is_heard(
    browser: Any, taught: Server
) -> None:
    workspace = Workspace.open(taught.workspace)
    page = open_relations(browser, taught)
    open_relation(page, MEMBER)
    cue, press = field(page, "wording cue", 1), page.get_by_role("button", name="Keep", exact=True)
    for number in range(4):
        cue.click()
        page.keyboard.press("Control+a")
        page.keyboard.type(f"plays in {number} bands", delay=10)
        press.click()
        for _ in range(100):  # Kept, but not yet drawn: the next words are typed at once.
            kept = [d.text for d in workspace.catalogue.get(MEMBER).descriptions]
            if f"plays in {number} bands" in kept:
                break
            page.wait_for_timeout(100)
        else:
            raise AssertionError(f"press {number} was not heard: {kept}")
    assert cue.input_value() == "plays in 3 bands"
    assert len(workspace.relations.history(MEMBER)) >= 4
    page.context.close()


def test_edit_see_keep_answer_and_take_back(browser: Any, taught: Server) -> None:
    workspace = Workspace.open(taught.workspace)
    relation = workspace.catalogue.get(LIVES)
    items = workspace.items(ItemFilter(relation=LIVES), limit=200).items
    right = [i for i in items if workspace.predict(i.example).label.relation == LIVES]
    page = open_relations(browser, taught)
    before = answer_to(page, taught, right[0].id)
    assert relation.name in before
    page.get_by_role("link", name="Relations").click()
    open_relation(page, LIVES)
    page.get_by_text("Nothing is changed yet.").wait_for()

    # One cue alone stays, and it becomes another one under the keys, without leaving its field.
    for button in reversed(page.locator(".rocd-drop").all()):
        if button.get_attribute("aria-label") != "Remove wording cue 1":
            button.click()
    cue = field(page, "wording cue", 1)
    cue.click()
    page.keyboard.press("Control+a")
    page.keyboard.type(WORDS, delay=20)
    lost = page.get_by_text("lost;").first
    expect(lost).to_contain_text("answers would be others")
    expect(lost).not_to_contain_text("0 won, 0 lost")
    moved = page.locator(".roc-moves .roc-down").first
    expect(moved).to_contain_text("−")
    assert page.evaluate("document.activeElement.shadowRoot.activeElement.value") == WORDS
    page.get_by_text("then: ").first.wait_for()
    assert workspace.catalogue.get(LIVES) == relation, "nothing is kept by typing"

    page.get_by_label("Reason", exact=True).first.fill("one cue is enough")
    keep(page, "is answered with these words now")
    (kept,) = workspace.catalogue.get(LIVES).descriptions
    assert kept.text == WORDS
    after = answer_to(page, taught, right[0].id)
    assert after != before
    wrong = workspace.what_if(LIVES).try_(relation)
    assert wrong.won > 0, "the words before would win items back"

    page.get_by_role("link", name="Relations").click()
    open_relation(page, LIVES, "Remove wording cue 1")
    page.get_by_role("tab", name="Its history").click()
    page.get_by_text("one cue is enough").first.wait_for()
    steps.settled(page)  # the rows come one by one, and the first state is the last of them
    page.get_by_role("button", name="Back to this …").last.click()
    page.get_by_role("button", name="Bring back change").click()
    page.get_by_text("is again as it was after change").wait_for()
    assert workspace.catalogue.get(LIVES) == relation
    assert answer_to(page, taught, right[0].id) == before
    page.context.close()


@pytest.mark.soak  # tests/app/test_relations.py goes through the same without a browser
def test_two_people_edit_one_relation(browser: Any, taught: Server) -> None:
    workspace = Workspace.open(taught.workspace)
    mine, theirs = (open_relations(browser, taught) for _ in range(2))
    for page, words in ((theirs, "dwells in"), (mine, "has a flat in")):
        open_relation(page, LIVES)
        field(page, "wording cue", 1).fill(words)
    keep(theirs, "is answered with these words now")
    keep(mine, "changed this relation meanwhile")
    assert field(mine, "wording cue", 1).input_value() == "has a flat in"
    mine.get_by_role("button", name="Go on with mine").click()
    keep(mine, "is answered with these words now")
    texts = [d.text for d in workspace.catalogue.get(LIVES).descriptions]
    assert "has a flat in" in texts
    assert len(workspace.relations.history(LIVES)) >= 3, "theirs stays in the history"
    for page in (mine, theirs):
        page.context.close()


@pytest.mark.parametrize(
    ("size", "scheme"),
    [pytest.param((1440, 900), "light", marks=pytest.mark.soak), ((1024, 768), "dark")],
    ids=str,
)
def test_the_page_fits_the_window(
    browser: Any, taught: Server, tmp_path: Path, size: tuple[int, int], scheme: str
) -> None:
    viewport = {"width": size[0], "height": size[1]}
    page = open_relations(browser, taught, viewport=viewport, color_scheme=scheme)
    for tab in TABS:
        page.get_by_role("tab", name=tab, exact=True).click()
        steps.settled(page)
        check(page, tmp_path / f"relations-{tab}-{size[0]}.png")
    page.get_by_role("tab", name="Relations", exact=True).click()
    open_relation(page, LIVES)
    field(page, "wording cue", 1).fill("{head} lives {who} there")
    page.get_by_text("It cannot be kept like this.").wait_for()
    check(page, tmp_path / f"relations-refused-{size[0]}.png")
    field(page, "wording cue", 1).fill("is at home in")
    page.get_by_text("answers would be others").or_(
        page.get_by_text("No answer of")
    ).first.wait_for()
    check(page, tmp_path / f"relations-edit-{size[0]}.png")
    for part in ("Labelled items", "Its history"):
        page.get_by_role("tab", name=part).click()
        steps.settled(page)
        check(page, tmp_path / f"relations-{part}-{size[0]}.png")
    page.context.close()


def check(page: Any, path: Path) -> None:
    """A screenshot; no error, and nothing runs out of the window."""
    expect(page.get_by_test_id("stException")).to_have_count(0)
    page.screenshot(path=str(path))
    page.wait_for_function(
        "() => { const e = document.querySelector('[data-testid=stMain]');"
        " return e.scrollWidth - e.clientWidth <= 1 }"
    )
