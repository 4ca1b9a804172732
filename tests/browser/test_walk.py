"""The main job, end to end, as a user does it."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import expect

from tests.browser import steps

pytestmark = pytest.mark.browser
MNRE = Path(__file__).resolve().parents[2] / "../shared/data/mnre"
EMOJI = "\U0001f600 "


def made_picture(folder: Path) -> Path:
    picture = Image.new("RGB", (900, 600), "#88aacc")
    draw = ImageDraw.Draw(picture)
    draw.ellipse((100, 100, 400, 500), fill="#cc4444")
    draw.rectangle((500, 150, 800, 550), fill="#226622")
    path = folder / "stage.jpg"
    picture.save(path)
    return path


def real_pair() -> tuple[Path, str, str, str] | None:
    """A published picture with its sentence and the first words of its two mentions."""
    for file in sorted((MNRE / "txt").glob("*train*")) if MNRE.is_dir() else []:
        for line in file.read_text(encoding="utf-8").splitlines():
            record = ast.literal_eval(line)
            picture = MNRE / "img_org" / "train" / record["img_id"]
            first, second = record["h"]["name"].split()[0], record["t"]["name"].split()[0]
            tokens = record["token"]
            plain = all(n.isalpha() and tokens.count(n) == 1 for n in (first, second))
            if picture.exists() and plain and first != second:
                return picture, " ".join(tokens), first, second
    return None


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, str, str, str]:
    return real_pair() or (
        made_picture(tmp_path),
        "Katy sings with Fireflies at the harbour",
        "Katy",
        "Fireflies",
    )


def test_from_a_picture_and_a_sentence_to_a_correction_that_is_kept(
    page: Any, pair: tuple[Path, str, str, str]
) -> None:
    picture, sentence, first, second = pair
    steps.start_anew(page)
    steps.add_picture(page, picture)
    steps.write(page, EMOJI + sentence)
    assert steps.shown_text(page) == EMOJI + sentence
    steps.click_word(page, first, 1)
    steps.click_word(page, second, 2)
    steps.answered(page)
    assert {steps.mention(page, 1), steps.mention(page, 2)} == {first, second}
    cards = page.locator(".roc-card")
    assert cards.count() >= 9
    assert {first, second} <= set(cards.first.locator("bdi").all_inner_texts())
    expect(page.locator(".roc-none")).to_be_visible()
    page.locator("summary").nth(1).click()
    expect(page.get_by_text("Its descriptions")).to_have_count(2)
    expect(page.locator(".rocm-legend:visible")).to_have_count(2)
    steps.settled(page)

    page.keyboard.press("2")
    expect(steps.state_text(page)).to_have_text(re.compile(r"^Saved \d\d:\d\d · correction \d+ · "))
    saved = steps.state_text(page).inner_text()
    page.reload()
    steps.answered(page)
    assert steps.state_text(page).inner_text() == saved
    assert {steps.mention(page, 1), steps.mention(page, 2)} == {first, second}

    page.get_by_test_id(steps.BAR).get_by_role("button", name="Undo").click()
    expect(steps.state_text(page)).to_have_text("Not saved yet")
    page.get_by_test_id(steps.BAR).get_by_text("History (2)").click()
    expect(page.get_by_text(re.compile("took back correction"))).to_be_visible()
    expect(page.get_by_text(re.compile(r"\(taken back\)"))).to_be_visible()


def test_a_box_is_drawn_saved_and_there_after_a_reload(page: Any, tmp_path: Path) -> None:
    steps.start_anew(page)
    steps.add_picture(page, made_picture(tmp_path))
    steps.write(page, "Katy sings with Fireflies")
    steps.click_word(page, "Katy", 1)
    area = page.locator("canvas").last.bounding_box()
    page.mouse.move(area["x"] + 60, area["y"] + 60)
    page.mouse.down()
    page.mouse.move(area["x"] + 200, area["y"] + 200, steps=6)
    page.mouse.up()
    steps.answered(page)
    assert "the box" in page.locator(".roc-card bdi").all_inner_texts()
    page.keyboard.press("n")
    expect(steps.state_text(page)).to_have_text(re.compile("none of these$"))
    page.reload()
    steps.answered(page)
    expect(page.locator(".rocm-slot2 .rocm-name")).to_have_text("a box")


def test_words_are_marked_by_dragging_and_by_keys(page: Any) -> None:
    steps.start_anew(page)
    steps.write(page, "Katy Perry joins the Fireflies tonight")
    steps.drag_words(page, "Katy", "Perry", 1)
    assert steps.mention(page, 1) == "Katy Perry"
    steps.marker(page).focus()
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("Enter")
    steps.settled(page)
    assert steps.mention(page, 2) == "the Fireflies"
    steps.answered(page)
    page.keyboard.press("Backspace")
    expect(steps.marker(page).locator(".rocm-m2")).to_have_count(0)
    steps.settled(page)
    word = steps.word(page, "Katy")
    word.click()
    expect(steps.marker(page).locator(".rocm-m1")).to_have_count(0)


def test_the_annotator_s_name_is_remembered_by_the_browser(page: Any, server: Any) -> None:
    field = page.get_by_role("textbox", name="Annotator")
    field.fill("Zoë & co")
    field.press("Enter")
    steps.settled(page)
    page.wait_for_timeout(300)
    page.goto(server.url)
    expect(page.get_by_role("textbox", name="Annotator")).to_have_value("Zoë & co")


def test_an_item_of_the_data_page_opens_on_analyze(page: Any) -> None:
    page.get_by_role("link", name="Data").click()
    page.get_by_role("link", name="Open").first.click()
    steps.answered(page)
    expect(steps.marker(page).locator(".rocm-m1").first).to_be_visible()
