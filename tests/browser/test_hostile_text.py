"""Text that breaks other tools is shown and marked to the character."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser import steps

pytestmark = pytest.mark.browser

CASES = {
    "script": ("<script>window.broken = 1</script> Anna & <b>Ben</b>", "Anna", "Ben"),
    "entity": ("Anna &amp; &lt;i&gt; Ben", "Anna", "Ben"),
    "emoji": (
        "\U0001f468\u200d\U0001f469\u200d\U0001f467 \U0001f1eb\U0001f1f7 Anna Ben",
        "Anna",
        "Ben",
    ),
    "combining": ("Ame\u0301lie visite Zu\u0308rich", "Ame\u0301lie", "Zu\u0308rich"),
    "right to left": (
        "\u0639\u0627\u0634 \u0645\u062d\u0645\u062f \u0641\u064a "
        "\u0627\u0644\u0642\u0627\u0647\u0631\u0629",
        "\u0645\u062d\u0645\u062f",
        "\u0627\u0644\u0642\u0627\u0647\u0631\u0629",
    ),
    "markdown": ("**Anna** `likes` [Ben](http://x) $a$ :smile:", "Anna", "Ben"),
    "lines": ("Anna\n\n  went\tto Ben", "Anna", "Ben"),
    "5,000 characters": ("Anna met Ben. " + "word " * 997 + "\U0001f600", "Anna", "Ben"),
}


OFTEN = ("script", "emoji", "right to left")
"""Cases of every test run; the app's own tests go through the others without a browser."""


@pytest.mark.parametrize(
    "name", [n if n in OFTEN else pytest.param(n, marks=pytest.mark.soak) for n in CASES]
)
def test_text_is_shown_and_marked_exactly(page: Any, name: str) -> None:
    sentence, first, second = CASES[name]
    steps.start_anew(page)
    steps.write(page, sentence)
    assert steps.shown_text(page) == sentence
    steps.click_word(page, first, 1)
    steps.click_word(page, second, 2)
    page.locator(".roc-card").first.wait_for()
    assert (steps.mention(page, 1), steps.mention(page, 2)) == (first, second)
    names = page.locator(".roc-card").first.locator(".roc-name bdi").all_inner_texts()
    assert set(names) == {first, second}
    assert page.evaluate("window.broken") is None


def test_a_drag_never_cuts_a_character_in_two(page: Any) -> None:
    family = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
    steps.start_anew(page)
    steps.write(page, f"x{family}y e\u0301e\u0301 end")
    box = steps.word(page, family).bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.3, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.7, box["y"] + box["height"] / 2, steps=4)
    page.mouse.up()
    steps.settled(page)
    assert steps.mention(page, 1) in (family, f"x{family}", f"{family}y", f"x{family}y")
