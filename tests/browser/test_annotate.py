"""An annotator's session in a real browser: by keys alone, beside a colleague, through a locked
database and a server that went away."""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from roc_core.schema import NONE, ItemFilter, Label
from roc_core.store import Store
from roc_core.workspace import Workspace
from roc_core.workspace.pair_vectors import vectors_job
from tests.browser.conftest import Server
from tests.tiny import make_checkpoint
from tests.workspace.made_workspace import add_version, record

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
ITEMS = 60
NAME = "annotator"


@pytest.fixture(scope="module")
def served(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app on a workspace of made items and a tiny version."""
    folder = tmp_path_factory.mktemp("annotate")
    workspace = Workspace.create(folder / "ws", starter=False)
    store = Store.open(workspace.path)
    store.set_setting("starter", "1")  # the app would add the starter set
    store.add_records((record(number, labelled=False), None) for number in range(ITEMS))
    add_version(workspace.path / "models" / "tiny", make_checkpoint(folder))
    workspace.use_model("tiny")
    running = Server(folder / "ws", folder / "log.txt")
    running.start()
    yield running
    running.kill()


@pytest.fixture
def ws(served: Server) -> Workspace:
    return Workspace.open(served.workspace)


@pytest.fixture
def contexts(browser: Any) -> Iterator[list[Any]]:
    made: list[Any] = []
    yield made
    for context in made:
        context.close()


@pytest.fixture
def new_page(browser: Any, served: Server, contexts: list[Any]) -> Any:
    """Opens the Annotate page as a new browser, of an annotator with that name."""

    def run(name: str = NAME) -> Any:
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        context.add_cookies([{"name": "roc_annotator", "value": name, "url": served.url}])
        contexts.append(context)
        return opened(context, served)

    return run


def opened(context: Any, served: Server) -> Any:
    page = context.new_page()
    page.set_default_timeout(120_000)
    page.goto(f"{served.url}/annotate")
    ready(page)
    return page


def ready(page: Any, after: str = "") -> str:
    """Wait until an item, another one than ``after``, and its suggestions are on screen; its id."""
    page.wait_for_function(
        "after => { const d = document.querySelector('.roca')?.dataset;"
        " return d && d.at && d.at !== after && d.ready === '1'; }",
        arg=after,
        polling=20,
    )
    return str(page.locator(".roca").get_attribute("data-at"))


def press(page: Any, key: str) -> str:
    """Press a key that goes on to another item; the id of that item."""
    before = str(page.locator(".roca").get_attribute("data-at"))
    page.keyboard.press(key)
    return ready(page, before)


def saved(page: Any) -> None:
    """Wait until nothing is unsaved."""
    expect(page.locator(".roca-saved")).to_have_attribute("data-unsaved", "0", timeout=60_000)


def suggestion(page: Any, ws: Workspace, number: int) -> Label:
    """The label that a number key stands for now, as the words on screen say."""
    row = page.locator(".roca-suggestion").nth(number - 1)
    relation = ws.catalogue.get(str(row.get_attribute("data-relation")))
    words = row.locator(".roca-words").inner_text()
    if relation.symmetric:
        assert "↔" in words
        return Label(relation.id, "both")
    ends = row.locator(".roca-words bdi").evaluate_all("all => all.map(e => e.className)")
    return Label(relation.id, "forward" if ends == ["roca-end1", "roca-end2"] else "backward")


def own(ws: Workspace, item: str, name: str = NAME) -> Label | None:
    (status,) = ws.annotation.status([item], name)
    return status.own


def everything(ws: Workspace) -> tuple[str, ...]:
    return ws.annotation.queue("everything", NAME).items


# --- one annotator -------------------------------------------------------------------------


def test_thirty_items_by_keys_alone(new_page: Any, ws: Workspace) -> None:
    page = new_page()
    at = ready(page)
    said: dict[str, Label | None] = {}
    while len(said) < 23:
        number = len(said) % 6
        key = ("1", "2", "9", "0", "Enter", "s")[number]
        fixed = {"0": Label(NONE), "s": None}
        said[at] = (
            fixed[key] if key in fixed else suggestion(page, ws, int(key.replace("Enter", "1")))
        )
        at = press(page, key)
    for turn in range(2):  # the direction is swapped before a number is pressed
        page.keyboard.press("d")
        rows = page.locator(".roca-suggestion")
        number = next(n for n in range(1, 10) if "→" in rows.nth(n - 1).inner_text())
        said[at] = suggestion(page, ws, number)
        at = press(page, str(number))
        assert len(said) == 24 + turn
    page.keyboard.press("/")
    page.keyboard.type("peer")  # keys do nothing while one types
    expect(page.locator(".roca-option").first).to_contain_text("peer of")
    said[at] = Label("/per/per/peer", "both")
    at = press(page, "Enter")
    page.keyboard.press("h")
    assert page.locator(".roca-suggestion").count() == 0
    page.keyboard.press("1")  # a hidden suggestion is not accepted
    said[at] = Label(NONE)  # looked at before it was hidden, and so it is recorded
    at = press(page, "0")
    assert page.locator(".roca-suggestion").count() == 0
    expect(page.locator(".roca-meta").first).to_contain_text("1 ?, 2 ?")
    said[at] = Label(NONE)
    hidden = at
    at = press(page, "0")
    page.keyboard.press("h")
    flagged = at
    page.keyboard.press("f")
    page.keyboard.type("0 blurred 1")
    page.keyboard.press("Enter")
    page.keyboard.press("c")
    page.keyboard.type("see the caption")
    page.keyboard.press("Enter")
    page.keyboard.press("w")
    page.keyboard.type("too wide")
    page.keyboard.press("Enter")
    said[at] = suggestion(page, ws, 1)
    at = press(page, "1")
    said[at] = suggestion(page, ws, 2)
    at = press(page, "2")
    assert len(said) == 30
    saved(page)

    assert {item: own(ws, item) for item in said} == said
    rows = [mark for item in said for mark in ws.annotation.marks(item) if mark.annotator == NAME]
    assert len([m for m in rows if m.action in ("label", "skip")]) == 30
    assert {m.shown for m in rows if m.item == hidden} == {False}
    assert all(m.shown for m in rows if m.action == "label" and m.item != hidden)
    assert [(m.action, m.text) for m in rows if m.item == flagged][:3] == [
        ("flag", "0 blurred 1"),
        ("comment", "see the caption"),
        ("wrong-description", "too wide"),
    ]
    expect(page.locator(".roca-count")).to_contain_text(re.compile(r"30 of \d+ done · .* left"))


def test_undo_back_redo_and_marking_again_by_keys(new_page: Any, ws: Workspace) -> None:
    page = new_page()
    first = ready(page)
    wanted = suggestion(page, ws, 1)
    second = press(page, "1")
    assert press(page, "ArrowLeft") == first
    expect(page.locator(".roca-standing")).to_contain_text("Your label:")
    assert press(page, "ArrowRight") == second
    assert press(page, "Control+z") == first
    saved(page)
    assert own(ws, first) is None
    page.keyboard.press("Control+Shift+z")
    saved(page)
    assert own(ws, first) == wanted
    page.reload()  # as after a restart: what was done is in the log
    page.wait_for_timeout(500)
    ready(page)
    page.keyboard.press("Control+z")
    page.wait_for_function("at => document.querySelector('.roca').dataset.at === at", arg=first)
    ready(page)

    old = ws.item(first).example
    page.keyboard.press("m")
    marker = page.locator(".rocm:not(.rocm-read) .rocm-text")
    expect(marker).to_be_focused()
    page.keyboard.press("1")
    page.keyboard.press("Home")
    for _ in range(2):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    new = press(page, "Control+Enter")
    saved(page)
    assert ws.item(new).example.sentence == old.sentence
    assert ws.item(new).example.mentions != old.mentions
    assert ws.annotation.marks(first)[-1].text == f"marked again as item {new}"
    press(page, "1")
    saved(page)
    assert own(ws, new) is not None


def test_look_alikes_are_confirmed_as_a_batch_by_keys(new_page: Any, ws: Workspace) -> None:
    vectors_job(ws.path, {}, lambda *_: None)
    free = ws.items(ItemFilter(state="unlabelled"), limit=100).items
    answers = dict(
        zip((i.id for i in free), ws.predict_many([i.example for i in free]), strict=True)
    )
    (common, many), *_ = Counter(p.label.relation for p in answers.values()).most_common()
    assert many > 2, "this workspace has no look-alikes"
    page = new_page("batcher")
    at = ready(page)
    while at not in answers or answers[at].label.relation != common:
        at = press(page, "ArrowRight")
    numbers = (n for n in (1, 2, 3) if suggestion(page, ws, n).relation != common)
    press(page, str(next(numbers)))
    page.locator(".roca-alike").wait_for()
    page.keyboard.press("l")
    rows = page.locator(".roca-alikerow")
    shown = rows.count()
    assert shown >= 2
    page.keyboard.press("Space")  # the first one, on and off again
    expect(page.get_by_role("button", name="Save 1 label")).to_be_visible()
    page.keyboard.press("a")
    expect(page.get_by_role("button", name=f"Save {shown} labels")).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")  # not the second one
    page.keyboard.press("Enter")
    expect(rows).to_have_count(0)
    saved(page)
    kept = [o for o in ws.annotation.own_labels() if o.annotator == "batcher"]
    assert len(kept) == shown  # all but one, and the correction itself
    assert {answers[o.item].label.relation for o in kept} == {common}
    assert len({o.correction for o in kept}) == len(kept)
    assert {o.label.relation for o in kept} == {own(ws, at, "batcher").relation}  # type: ignore[union-attr]
    page.keyboard.press("Control+z")  # each is undone by itself
    saved(page)
    left = [o for o in ws.annotation.own_labels() if o.annotator == "batcher"]
    assert len(left) == len(kept) - 1


def test_keys_are_said_and_do_nothing_in_a_field(new_page: Any, ws: Workspace) -> None:
    page = new_page()
    at = ready(page)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("undo your own last step")
    page.keyboard.press("1")
    page.keyboard.press("Escape")
    field = page.get_by_label("Annotator", exact=True)
    field.focus()
    page.keyboard.type("10s")
    assert page.locator(".roca").get_attribute("data-at") == at
    assert not [m for m in ws.annotation.marks(at) if not m.undone and m.action == "label"]


# --- several -------------------------------------------------------------------------------


def test_two_annotators_on_overlapping_items(new_page: Any, ws: Workspace) -> None:
    items = everything(ws)[-12:]
    ws.annotation.assign(items, ["Ann", "Ben"], overlap=0.5)
    pages = {name: new_page(name) for name in ("Ann", "Ben")}
    said: dict[str, dict[str, Label]] = {"Ann": {}, "Ben": {}}
    for page in pages.values():
        before = page.locator(".roca").get_attribute("data-at")
        page.get_by_role("combobox", name=re.compile("Queue")).click()
        page.get_by_role("option", name="Assigned to me").click()
        expect(page.locator(".roca-count")).to_contain_text("0 of 9 done")
        assert before
    for turn in range(9):
        for name, page in pages.items():  # both are at work at the same time
            at = ready(page)
            if name == "Ben" and turn % 2:
                said[name][at] = Label(NONE)
                page.keyboard.press("0")
            else:
                said[name][at] = suggestion(page, ws, 1)
                page.keyboard.press("1")
            page.wait_for_function(
                "at => document.querySelector('.roca').dataset.at !== at", arg=at
            )
    for page in pages.values():
        saved(page)
        expect(page.locator(".roca-item")).to_contain_text("This queue is finished.")
    for name, labels in said.items():
        assert len(labels) == 9
        assert {item: own(ws, item, name) for item in labels} == labels
    both = set(said["Ann"]) & set(said["Ben"])
    assert len(both) == 6
    differ = {item for item in both if said["Ann"][item] != said["Ben"][item]}
    assert differ
    assert differ <= {d.item for d in ws.annotation.disputes()}
    page = pages["Ann"]
    page.get_by_role("tab", name="Team").click()
    expect(page.get_by_text("Krippendorff's alpha:")).to_be_visible()


# --- when saving fails -----------------------------------------------------------------------


def locked(workspace: Path) -> sqlite3.Connection:
    """A connection that keeps everybody else from writing until it is closed."""
    connection = sqlite3.connect(workspace / "workspace.db", isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    return connection


def test_a_locked_database_is_said_so_and_the_work_is_saved_later(
    new_page: Any, ws: Workspace, served: Server
) -> None:
    page = new_page("Locked")
    at = ready(page)
    wanted = suggestion(page, ws, 1)
    saved(page)
    assert page.locator(".roca-alert > *").count() == 0  # a good save shows no error
    lock = locked(served.workspace)
    press(page, "1")
    alert = page.locator(".roca-alert")
    expect(alert).to_contain_text("Not saved yet. Nothing is lost", timeout=60_000)
    expect(page.locator(".roca-saved")).to_contain_text("Not saved: 1 step")
    assert own(ws, at, "Locked") is None
    lock.close()
    saved(page)
    expect(page.locator(".roca-alert > *")).to_have_count(0)
    assert own(ws, at, "Locked") == wanted
    rows = [m for m in ws.annotation.marks(at) if m.annotator == "Locked"]
    assert len(rows) == 1


def test_a_killed_server_and_a_closed_page_lose_no_step(
    new_page: Any, ws: Workspace, served: Server, contexts: list[Any]
) -> None:
    page = new_page("Killed")
    first = ready(page)
    wanted = {first: suggestion(page, ws, 1)}
    served.kill()
    second = press(page, "1")
    wanted[second] = suggestion(page, ws, 2)
    press(page, "2")
    expect(page.locator(".roca-alert")).to_contain_text("Not saved yet.", timeout=30_000)
    page.close()
    served.start()
    page = opened(contexts[-1], served)
    saved(page)
    page.wait_for_timeout(1000)
    saved(page)
    assert {item: own(ws, item, "Killed") for item in wanted} == wanted
