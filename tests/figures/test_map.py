"""The map's figure holds every point once with its row, names its landmarks, and is the same for
the same arguments."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roc_core.figures import LAYERS, hover_texts, map_plot
from roc_core.schema import AGREEMENT, NONE, Codes, Landmark, MapView, Region

PEER, NAMES = "/per/per/peer", {"/per/per/peer": "peer of", NONE: "none of these"}


def codes(values: list[str]) -> Codes:
    names, numbers = np.unique(values, return_inverse=True)
    return Codes(tuple(names.tolist()), numbers)


def made(points: int = 30) -> MapView:
    rng = np.random.default_rng(0)
    labels = codes([(PEER, NONE, "")[n % 3] for n in range(points)])
    places = rng.integers(0, 65536, (2, points)).astype(np.uint16)
    marks = [("definition", 100), ("definition", 30_000), ("definition", 31_000), ("picture", 9)]
    return MapView(
        version="made",
        created="2026-01-01T00:00:00+00:00",
        items=np.array([f"{n:016x}" for n in range(points)], "S16"),
        xs=places[0],
        ys=places[1],
        placed=np.zeros(points, bool),
        label=labels,
        prediction=labels,
        outcome=codes([("right", "wrong")[n % 2] for n in range(points)]),
        types=labels,
        annotator=labels,
        scores=np.zeros(points, np.float16),
        margins=rng.normal(size=points).astype(np.float16),
        landmarks=tuple(
            Landmark(PEER, "both", facet, f"they work <b>{x}</b>", x, x)  # type: ignore[arg-type]
            for facet, x in marks
        ),
        regions=(Region(200, 60_000, 9, PEER, 0.5, ("cup", "<i>court")),),
        density=np.arange(16, dtype=np.uint8).reshape(4, 4),
        aspect=1.25,
        total=points,
        known=points,
        sampled=False,
    )


def points_of(figure: Any) -> list[Any]:
    return [t for t in figure.data if t.customdata is not None]


def rows_of(figure: Any) -> list[int]:
    return sorted(int(row) for t in points_of(figure) for row in t.customdata)


@pytest.mark.parametrize("colour", ["label", "outcome", "margins"])
def test_every_point_is_there_once_at_its_place(colour: str) -> None:
    view = made()
    figure = map_plot(view, getattr(view, colour), NAMES)
    assert rows_of(figure) == list(range(30))
    for trace in figure.data:
        if trace.customdata is not None:
            assert list(trace.x) == view.xs[trace.customdata].tolist()
            assert list(trace.y) == view.ys[trace.customdata].tolist()


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(0, 60).map(str), min_size=1, max_size=200))
def test_many_categories_keep_every_point(values: list[str]) -> None:
    view = made(len(values))
    figure = map_plot(view, codes(values), {}, layers=())
    assert rows_of(figure) == list(range(len(values)))
    looks = [(t.marker.color, t.marker.symbol) for t in figure.data]
    assert len(set(looks)) == len(looks) <= 25


def test_the_legend_uses_words_and_counts() -> None:
    names = {t.name for t in map_plot(made(), made().label, NAMES, layers=()).data}
    assert names == {"peer of (10)", "none of these (10)", "none given (10)"}


def test_layers_add_what_they_say() -> None:
    view = made()
    bare = map_plot(view, view.label, NAMES, layers=())
    full = map_plot(view, view.label, NAMES, layers=LAYERS)
    assert not bare.layout.annotations
    assert [a.text for a in full.layout.annotations] == [
        "<b>peer of</b>",
        "<i>cup, &lt;i&gt;court</i><br>peer of 50%",
    ]
    assert full.layout.annotations[0].x == 30_000, "the definition nearest to the middle"
    assert [t.type for t in full.data].count("contour") == 1
    assert len(full.data) == len(bare.data) + 3


def test_a_name_without_room_is_left_out_only_if_not_needed() -> None:
    view = made()
    crowd = replace(view, regions=(Region(30_000, 30_000, 9, PEER, 0.5, ("cup",)),) * 4)
    texts = [a.text for a in map_plot(crowd, view.label, NAMES, layers=LAYERS).layout.annotations]
    assert texts[0] == "<b>peer of</b>"
    assert len(texts) < 4


def test_chosen_rows_are_marked_and_the_figure_is_stable() -> None:
    view = made()
    figure = map_plot(view, view.label, NAMES, chosen=(0, 4))
    marked = [int(t.customdata[i]) for t in points_of(figure) for i in t.selectedpoints or ()]
    assert sorted(marked) == [0, 4]
    assert figure.to_json() == map_plot(view, view.label, NAMES, chosen=(0, 4)).to_json()
    plain = map_plot(view, view.label, NAMES)
    assert all(t.selectedpoints is None for t in points_of(plain))


def test_every_way_of_agreeing_has_its_own_colour() -> None:
    view = made(7 * len(AGREEMENT))
    figure = map_plot(view, codes(list(AGREEMENT) * 7), {}, layers=())
    colour = {t.name.partition(" (")[0]: t.marker.color for t in figure.data}
    assert set(colour) == set(AGREEMENT)
    assert colour["same answer"] == colour["no answer of the other"] == "#8a8a8a"
    assert len(set(colour.values())) == len(AGREEMENT) - 1


@settings(deadline=None)
@given(st.text(max_size=300), st.text(max_size=80))
def test_hover_shows_text_as_text(sentence: str, name: str) -> None:
    (text, *_) = hover_texts(made(1), [(sentence, name, "<b>x</b> & y")], NAMES)
    assert "&lt;b&gt;x&lt;/b&gt; &amp; y" in text
    without = text.replace("<b>", "").replace("</b>", "").replace("<br>", "")
    assert "<" not in without
    assert "label: peer of; answer: peer of" in text


def test_50_000_points_stay_under_2_mb_without_hover() -> None:
    view = made(50_000)
    assert len(map_plot(view, view.label, NAMES).to_json()) < 2_000_000


def test_15_000_points_stay_under_2_mb_with_hover() -> None:
    view = made(15_000)
    hover = hover_texts(view, [("word " * 40, "Katy Perry", "the harbour")] * 15_000, NAMES)
    assert len(map_plot(view, view.label, NAMES, hover).to_json()) < 2_000_000
