"""Figures of learning hold the figures they were given, names as text."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from roc_core import figures
from roc_core.schema import (
    Codes,
    GuardFigures,
    GuardPart,
    GuardReport,
    GuardRule,
    ItemDiff,
    Label,
    LearnRow,
    MapView,
    Moves,
)

ROWS = (LearnRow(1, 2.0, 0.4), LearnRow(2, 1.0, 0.6))
PART = GuardPart("x <b> dev", 30, GuardFigures(0.5, 0.6, 1, 12), GuardFigures(0.7, 0.8, 1, 20))
GUARD = GuardReport(GuardRule(), (PART,), True, ())
CODES = Codes(("right",), np.zeros(4, int))
IDS = np.array([f"{n:016x}" for n in range(4)], "S16")
PLACES = np.array([[0, 0], [100, 200], [300, 400], [500, 600]], np.uint16)
VIEW = MapView(
    "mini", "2026-01-01T00:00:00+00:00", IDS, PLACES[:, 0], PLACES[:, 1], np.zeros(4, bool),
    CODES, CODES, CODES, CODES, CODES, np.zeros(4), np.zeros(4), (), (),
    np.zeros((4, 4), np.uint8), 1.0, 4, 4, False,
)  # fmt: skip
MOVES = Moves("mini-1", "mini", IDS[1:], np.arange(1, 4), PLACES[1:], PLACES[1:] + 7, 0)
LOST = ItemDiff("1", "x", Label("None"), Label("None"), Label("a", "forward"), 0, 0, "lost")
CHANGES = (LOST, replace(LOST, outcome="won"), replace(LOST, outcome="won", after_rank=3))

FIGURES = {
    "curve": lambda dark: figures.learn_curve(ROWS, dark),
    "guard": lambda dark: figures.guard_plot(GUARD, ("mini", "mini-1"), dark),
    "moves": lambda dark: figures.moves_plot(VIEW, MOVES, CHANGES, ("a <b>", "b", "c"), dark),
}


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_says_what_it_shows_and_stays_the_same(name: str, dark: bool) -> None:
    figure = FIGURES[name](dark)
    assert len(figure.layout.title.text) > 10
    assert figure.to_json() == FIGURES[name](dark).to_json()
    light = figure.layout.template.layout.paper_bgcolor == "white"
    assert light is not dark


def test_the_curve_has_loss_and_f1_of_each_epoch() -> None:
    loss, f1 = FIGURES["curve"](False).data
    assert (loss.x, loss.y) == ((1, 2), (2.0, 1.0))
    assert (f1.y, f1.yaxis) == ((0.4, 0.6), "y2")


def test_guard_bars_are_before_and_after() -> None:
    figure = FIGURES["guard"](False)
    assert [(t.name, t.x) for t in figure.data] == [("mini", (0.5,)), ("mini-1", (0.7,))]
    assert figure.layout.yaxis.ticktext == ("x &lt;b&gt; dev (30)",)


def test_arrows_go_from_start_to_end_and_know_their_row() -> None:
    points, lost, won = FIGURES["moves"](False).data
    assert len(points.x) == 4
    assert (lost.name, won.name) == ("lost (1)", "won (2)")
    assert (lost.x, lost.y) == ((100, 107, None), (200, 207, None))
    assert won.customdata == (1, 1, None, 2, 2, None)
    assert lost.marker.symbol[1] == "arrow"
    assert "a &lt;b&gt;" in lost.text[0]
    assert "rank – → 3" in won.text[3]
