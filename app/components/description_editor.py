"""The description editor: all descriptions of a relation, reported while they are typed.

One inline component (Components v2): Streamlit's own text area reports only when it is left.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, get_args

import streamlit as st

from app.views.words import FACET_WORDS
from roc_core.schema import FACETS, Facet

HERE = Path(__file__).parent
HTML = '<div class="rocd"></div>'

WAIT = 180
"""Milliseconds without a key before what was typed is reported."""

LONGEST = 500
"""Code points a description may have (the rule of every catalogue)."""

MOST_ROWS, MOST_POINTS = 200, 5000
"""What a report may bring; a longer text than a rule allows is reported too, to be refused in
words."""

HINTS: Mapping[Facet, str] = {
    "definition": "what it means, with {head} and {tail}",
    "wording": "how a sentence says it",
    "picture": "what a picture shows",
    "forward": "from {head} to {tail}",
    "backward": "from {tail} to {head}",
    "contrast": "shown to annotators, never scored",
}

Row = tuple[Facet, str]


@dataclass(frozen=True, slots=True)
class Written:
    """What the editor reported: descriptions as (facet, text), in the order of their facets.
    ``token`` names what is edited, ``seq`` grows with every report."""

    token: str
    seq: int
    rows: tuple[Row, ...]


@cache
def _sources() -> tuple[str, str]:
    files = (HERE / f"description_editor.{kind}" for kind in ("css", "js"))
    css, js = (file.read_text(encoding="utf-8") for file in files)
    return css, js


def edit(
    rows: Sequence[Row],
    base: Sequence[Row],
    *,
    key: str,
    token: str,
    seq: int,
    symmetric: bool,
    problems: Sequence[tuple[Facet, str, str]] = (),
    readonly: bool = False,
) -> None:
    """Draw the editor; its report is read with ``reported`` on the next run.

    Fields are filled with ``rows`` only when ``token`` is another: what is being typed is never
    overwritten. ``base`` are the descriptions as they were, to mark what differs. ``problems`` are
    (facet, text, what is wrong with it); ``seq`` is the last report that was handled.
    """
    css, js = _sources()
    component = st.components.v2.component("roc_description_editor", html=HTML, css=css, js=js)
    data = {
        "rows": [list(row) for row in rows],
        "base": {facet: [text for f, text in base if f == facet] for facet in FACETS},
        "facets": [{"id": f, "name": FACET_WORDS[f], "hint": HINTS[f]} for f in FACETS],
        "problems": [list(problem) for problem in problems],
        "token": token,
        "seq": seq,
        "symmetric": symmetric,
        "readonly": readonly,
        "wait": WAIT,
        "longest": LONGEST,
    }
    component(key=key, data=data, on_written_change=lambda: None)


def reported(key: str, token: str) -> Written | None:
    """The editor's last report on what ``token`` names; None when there is none or it is not a
    valid one."""
    known = st.session_state.get(key)
    raw = known.get("written") if known else None
    try:
        found = written_of(raw) if raw else None
    except (KeyError, TypeError, ValueError):
        return None
    return found if found and found.token == token else None


def written_of(raw: Any) -> Written:
    """A report as the browser sent it. Raises KeyError, TypeError or ValueError for what is none.

    Texts come without spaces at their ends; blank ones are left out, since a field that was just
    added is no description yet.
    """
    if not isinstance(raw["rows"], list) or len(raw["rows"]) > MOST_ROWS:
        raise ValueError(f"not a list of up to {MOST_ROWS} descriptions")
    rows = [_row(row) for row in raw["rows"]]
    return Written(str(raw["token"]), int(raw["seq"]), tuple(row for row in rows if row[1]))


def _row(raw: Any) -> Row:
    facet, text = raw
    if facet not in get_args(Facet) or not isinstance(text, str):
        raise ValueError("not a facet and a text")
    return facet, " ".join(text[:MOST_POINTS].splitlines()).strip()
