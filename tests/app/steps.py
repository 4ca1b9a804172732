"""What a user does on a page, for tests that drive the app without a browser."""

from __future__ import annotations

import itertools
from typing import Any

from streamlit.testing.v1 import AppTest

SEQUENCE = itertools.count(1)


def mark(at: AppTest, *places: object) -> AppTest:
    """What the span marker sends after both places were marked."""
    draft = at.session_state["draft"]
    at.session_state[f"marker:{draft.id}"] = {
        "marks": {
            "token": f"{draft.id}:{draft.sentence}",
            "session": at.session_state["nonce"],
            "base": [None, None],
            "seq": next(SEQUENCE),
            "active": 0,
            "marks": list(places),
        }
    }
    return at.run()


def write(at: AppTest, sentence: str) -> AppTest:
    """Type a sentence into the empty page."""
    return at.text_area[0].set_value(sentence).run()


def texts(at: AppTest) -> str:
    """All plain text, captions and notices of the page."""
    kinds = (at.text, at.caption, at.info, at.warning, at.error, at.success, at.toast, at.markdown)
    return "\n".join(str(element.value) for kind in kinds for element in kind)


def button(at: AppTest, label: str) -> Any:
    """The one button whose label starts with ``label``."""
    found = [b for b in at.button if b.label.startswith(label)]
    assert len(found) == 1, [b.label for b in at.button]
    return found[0]
