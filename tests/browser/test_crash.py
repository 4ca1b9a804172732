"""``kill -9`` of the server between a mark and the next click loses nothing older."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser import steps

pytestmark = pytest.mark.browser


def test_a_killed_server_loses_nothing_that_was_marked(page: Any, server: Any) -> None:
    steps.start_anew(page)
    steps.write(page, "\U0001f600 Katy joins the Fireflies")
    steps.click_word(page, "Katy", 1)
    server.kill()
    server.start()
    page.reload()
    steps.marker(page).wait_for()
    assert steps.shown_text(page) == "\U0001f600 Katy joins the Fireflies"
    assert steps.mention(page, 1) == "Katy"
    steps.click_word(page, "Fireflies", 2)
    steps.answered(page)
    page.keyboard.press("1")
    expect(steps.state_text(page)).to_contain_text("correction")
    server.kill()
    server.start()
    page.reload()
    steps.answered(page)
    expect(steps.state_text(page)).to_contain_text("correction")


@pytest.mark.soak
def test_a_mark_made_while_the_server_was_away_is_kept(page: Any, server: Any) -> None:
    steps.start_anew(page)
    steps.write(page, "Anna greets Ben today")
    steps.click_word(page, "Anna", 1)
    server.kill()
    steps.word(page, "Ben").click()
    server.start()
    steps.answered(page)
    assert (steps.mention(page, 1), steps.mention(page, 2)) == ("Anna", "Ben")
