"""What the description editor reports is read with care, whatever the browser sent."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from app.components.description_editor import MOST_POINTS, MOST_ROWS, written_of
from roc_core.schema import FACETS

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=8,
)


@given(
    rows=st.lists(st.tuples(st.sampled_from(FACETS), st.text(max_size=60)), max_size=20),
    seq=st.integers(min_value=0),
)
def test_a_report_gives_the_texts_without_blank_ones(rows: list[tuple[str, str]], seq: int) -> None:
    sent = json.loads(json.dumps({"token": "t", "seq": seq, "rows": rows}))
    found = written_of(sent)
    wanted = [(facet, " ".join(text.splitlines()).strip()) for facet, text in rows]
    assert list(found.rows) == [row for row in wanted if row[1]]
    assert (found.token, found.seq) == ("t", seq)
    assert not any(c in text for _, text in found.rows for c in "\r\n")


@given(raw=JSON)
def test_what_is_no_report_is_refused_quietly(raw: Any) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        written_of(raw)


@pytest.mark.parametrize(
    "rows",
    [
        [["nothing", "a facet that is none"]],
        [["definition", 3]],
        [["definition"]],
        [["wording", "x"]] * (MOST_ROWS + 1),
        {"definition": "x"},
    ],
)
def test_rows_that_cannot_be_are_refused(rows: Any) -> None:
    with pytest.raises((TypeError, ValueError)):
        written_of({"token": "t", "seq": 1, "rows": rows})


def test_a_huge_text_is_cut() -> None:
    found = written_of({"token": "t", "seq": 1, "rows": [["wording", "x" * 10**6]]})
    assert len(found.rows[0][1]) == MOST_POINTS


def test_only_a_report_on_what_is_edited_is_taken() -> None:
    def script() -> None:
        import streamlit as st

        from app.components import description_editor as editor

        editor.edit(
            [("wording", "old")], [("wording", "old")],
            key="words", token="now", seq=0, symmetric=False,
        )  # fmt: skip
        st.text(repr(editor.reported("words", "now")))

    at = AppTest.from_function(script).run()
    assert at.text[0].value == "None"
    for token, said in (("before", "None"), ("now", "(('wording', 'new'),)")):
        rows = [["wording", " new \n"], ["picture", ""]]
        at.session_state["words"] = {"written": {"token": token, "seq": 1, "rows": rows}}
        at.run()
        assert not at.exception
        assert said in at.text[0].value
    at.session_state["words"] = {"written": {"token": "now", "rows": 3}}
    at.run()
    assert at.text[0].value == "None"
