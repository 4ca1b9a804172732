"""Figures and tables of an error analysis hold the counts they were given, user text as text."""

from __future__ import annotations

import csv
import io
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roc_core import figures
from roc_core.evaluation.analysis import confusion, threshold_curve
from roc_core.evaluation.analysis_report import report_of
from roc_core.evaluation.item_by_item import compare
from roc_core.schema import NONE, Analysis, Doubts
from tests.figures.made_analysis import IDS, NAMES, analysis

FIGURES = {
    "confusion": lambda dark: figures.confusion_cells(confusion(analysis()), NAMES, dark),
    "threshold": lambda dark: figures.threshold_plot(
        analysis(), threshold_curve(analysis()), 0.05, dark
    ),
    "slices": lambda dark: figures.f1_dots([("x", 0.5, (0.4, 0.7), 9)], "F1 of each slice", dark),
    "two": lambda dark: figures.two_dots(
        [("x", 0.5, 0.4, 9)], ("with", "without"), "F1 of two readings", dark
    ),
    "changes": lambda dark: figures.change_bars([("x", 3, 1)], ("one", "other"), dark),
}


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_says_what_it_shows_and_stays_the_same(name: str, dark: bool) -> None:
    figure = FIGURES[name](dark)
    assert len(figure.layout.title.text) > 10
    assert figure.to_json() == FIGURES[name](dark).to_json()
    light = figure.layout.template.layout.paper_bgcolor == "white"
    assert light is not dark


def test_every_cell_has_a_mark_that_names_it() -> None:
    table = confusion(analysis())
    heat, marks = FIGURES["confusion"](False).data
    cells = dict(zip(map(tuple, marks.customdata), marks.text, strict=True))
    assert set(cells) == {(g, p) for g in IDS for p in IDS}
    assert f"{table.counts[0, 2]} pairs" in cells["a", NONE]
    assert "label: <b>peer &lt;of&gt;</b>" in cells["a", NONE]
    assert heat.text[0][2] == str(table.counts[0, 2])
    assert heat.z[0][2] == pytest.approx(np.log10(table.counts[0, 2]))
    where = list(map(tuple, marks.customdata)).index(("a", NONE))
    assert (marks.x[where], marks.y[where]) == (2, 0), "answers go across, labels down"


def test_an_empty_cell_is_left_empty_and_can_still_be_clicked() -> None:
    table = confusion(analysis(pairs=3))
    heat, marks = figures.confusion_cells(table).data
    assert len(marks.x) == len(table.names) ** 2
    empty = table.counts == 0
    assert empty.any()
    assert np.isnan(np.array(heat.z, float)[empty]).all()
    assert {np.array(heat.text)[empty][0]} == {""}


def test_all_margins_are_in_the_histogram_and_the_curve_ends_at_no_answer() -> None:
    a = analysis()
    curve = threshold_curve(a)
    figure = figures.threshold_plot(a, curve, 0.05)
    bars = [t for t in figure.data if t.type == "bar"]
    assert [t.name for t in bars] == [
        "best relation right", "best relation wrong", "label is none of these",
    ]  # fmt: skip
    assert sum(sum(t.y) for t in bars) == len(a)
    assert sum(bars[2].y) == int((a.gold.values == a.none).sum())
    lines = {t.name: t for t in figure.data if t.type == "scatter"}
    assert list(lines["F1"].y)[-1] == 0.0
    assert lines["recall"].y[0] == pytest.approx(curve.recall[0])
    assert {s.x0 for s in figure.layout.shapes} == {0.0, 0.05}


def test_changes_go_both_ways() -> None:
    won, lost = FIGURES["changes"](False).data
    assert (list(won.x), list(lost.x)) == ([3], [-1])
    assert (won.name, lost.name) == ("only one right", "only other right")


def test_tables_add_up() -> None:
    a, b = analysis(), analysis(1, variant="without-pictures")
    table = confusion(a)
    wrong = figures.confusion_list(table)
    assert sum(n for _, _, n in wrong) == table.counts.sum() - np.trace(table.counts)
    assert [n for _, _, n in wrong] == sorted((n for _, _, n in wrong), reverse=True)
    found = compare(a, b)
    changes = figures.changes_table(a, found, NAMES)
    columns = changes.columns()
    assert (sum(columns["won"]), sum(columns["lost"])) == (len(found.won), len(found.lost))
    assert sum(columns["items"]) == len(a)
    assert set(columns["label"]) == set(NAMES.values())


VALUE = st.one_of(
    st.none(), st.text(st.characters(exclude_characters="\0\r\n", exclude_categories=["Cs"]))
)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(VALUE, VALUE), max_size=5))
def test_csv_reads_back(rows: list[tuple[str | None, str | None]]) -> None:
    table = figures.Table("made", ("first", "second"), tuple(rows))
    read = list(csv.reader(io.StringIO(table.csv().decode(), newline="")))
    assert read[0] == ["first", "second"]
    assert read[1:] == [[v or "" for v in row] for row in rows]


def doubts(a: Analysis) -> Doubts:
    n = len(a)
    quality = np.linspace(0, 1, n)
    likely = quality < 0.1
    return Doubts(a.reading, "", a.items, a.gold, a.best, quality, likely, seen="It saw them.")


def test_the_page_is_whole_and_shows_text_as_text() -> None:
    a, b = analysis(), analysis(1, variant="without-pictures")
    report = report_of(a, {"split": "<val>"}, {"mine <b>": a.ids()[:50]}, doubts(a), b)
    page = figures.analysis_page(
        report, NAMES, (("workspace", "a & b"),), lambda ids: {i: f"<script>{i}" for i in ids}
    )
    heads = re.findall(r"<h2>(.*?)</h2>", page)
    assert heads == [
        "Figures", "Confusion", "Relations", "Type pairs", "Slices", "Threshold", "Calibration",
        "Compared with made, without pictures", "Labels to check",
    ]  # fmt: skip
    assert "<script>0" not in page
    assert "&lt;script&gt;0000000000000000" in page
    assert "<td>a &amp; b</td>" in page
    assert "<td>&lt;val&gt;</td>" in page
    assert "mine &lt;b&gt;" in page
    assert "It saw them." in page
    assert page.count("Plotly.newPlot(") == 5
    assert page.count("plotly.js v") == 1, "the script is there once"
    assert not re.search(r"""<(?:script|link)[^>]+(?:src|href)=""", page)
    assert "must not be reported on these pairs" in page


def test_a_page_about_nothing_says_so() -> None:
    empty = report_of(analysis(pairs=0))
    assert "No labelled pair has an answer here." in figures.analysis_page(empty, NAMES)
