"""Predictions, explanations and types on the packaged encoders and model version."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest

from roc_core.errors import ValueRejected
from roc_core.schema import Box, Example, ItemFilter, Mention, Prediction, RankedRelation, Span
from roc_core.workspace import Workspace
from roc_core.workspace.answers import answer_dict, answers, arguments, explanation_dict

pytestmark = pytest.mark.encoders
SAID = Example(
    "Mira Solano joins the band Ümlaut 🎸", (Mention(Span(0, 11)), Mention(Span(27, 33)))
)


def scores(prediction: Prediction) -> dict[str, float]:
    return {r.relation: r.score for r in prediction.ranked}


@pytest.fixture(scope="module")
def pictured(starter: Workspace) -> Example:
    """A starter example with a picture and two spans."""
    found = starter.items(ItemFilter(picture="with"), limit=500).items
    return next(
        i.example for i in found if all(isinstance(m.place, Span) for m in i.example.mentions)
    )


@pytest.fixture(scope="module")
def boxed(starter: Workspace) -> Example:
    """A starter example with a box."""
    found = starter.items(ItemFilter(picture="with"), limit=500).items
    return next(i.example for i in found if isinstance(i.example.second.place, Box))


def test_a_prediction_ranks_every_relation_by_its_margin(starter: Workspace) -> None:
    found = starter.predict(SAID)
    assert sorted(r.relation for r in found.ranked) == sorted(starter.catalogue.ids)
    margins = [r.score - r.line for r in found.ranked]
    assert margins == sorted(margins, reverse=True)
    assert all(-1 <= r.score <= 1 for r in found.ranked)
    assert found.model_version == starter.model_version
    assert found.concepts == ()


def test_the_order_of_clicks_changes_nothing(starter: Workspace) -> None:
    turned = replace(SAID, mentions=(SAID.second, SAID.first))
    assert starter.predict(turned) == starter.predict(SAID)


def test_many_are_answered_in_order_and_as_one_by_one(starter: Workspace) -> None:
    every = [i.example for i in starter.items(ItemFilter(picture="without"), limit=7).items]
    told: list[tuple[int, int]] = []
    many = list(starter.predict_many(every, lambda *at: told.append(at), batch=3))
    assert told == [(3, 7), (6, 7), (7, 7)]
    for example, one in zip(every, many, strict=True):
        assert scores(one) == pytest.approx(scores(starter.predict(example)), abs=1e-5)


def test_a_picture_is_seen_and_explained(starter: Workspace, pictured: Example) -> None:
    found = starter.predict(pictured)
    assert found.concepts, "nothing seen in a starter picture"
    assert all(0 <= c.weight <= 1 for c in found.concepts)
    without = starter.predict(replace(pictured, picture=None))
    assert scores(without) != scores(found)
    why = starter.explain(pictured, found.ranked[0].relation, found.ranked[0].direction)
    assert why.score == pytest.approx(found.ranked[0].score, abs=1e-5)
    kinds = {s.kind for s in why.shares}
    assert {"mention", "word", "concept"} <= kinds


def test_a_box_is_answered_with_a_note_and_has_no_type(starter: Workspace, boxed: Example) -> None:
    found = starter.predict(boxed)
    assert any(n.startswith("A box is read through the concept words") for n in found.notes)
    guesses = starter.suggest_types(boxed)
    assert guesses[1] is None


def test_suggested_types_have_probabilities(starter: Workspace) -> None:
    for guess in starter.suggest_types(SAID):
        assert guess is not None
        assert guess[0] in ("person", "organization", "location", "thing")
        assert 0.25 <= guess[1] <= 1


def test_two_threads_may_ask_at_once(starter: Workspace) -> None:
    fresh = Workspace.open(starter.path)
    expected = scores(starter.predict(SAID))
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(fresh.predict, [SAID] * 8))
    assert all(scores(f) == pytest.approx(expected, abs=1e-5) for f in found)


def test_a_notebook_needs_five_lines(tmp_path: Path) -> None:
    ws = Workspace.create(tmp_path / "ws", starter=False)
    item = ws.save_item(SAID)
    best = ws.predict(item.example).ranked[0]
    why = ws.explain(item.example, best.relation, best.direction)
    assert isinstance(best, RankedRelation)
    assert why.relation == best.relation


def test_an_answer_as_plain_values_says_what_decided(starter: Workspace) -> None:
    found = starter.predict(SAID)
    plain = answer_dict(SAID, found, starter.catalogue, 3)
    assert (plain["label"], plain["direction"]) == (found.label.relation, found.label.direction)
    assert len(plain["relations"]) == 3
    for given, entry in zip(plain["relations"], found.ranked, strict=False):
        head, tail = arguments(SAID, entry)
        assert {head, tail} == {"Mira Solano", "Ümlaut"}
        assert given["says"] == f"{head} {starter.catalogue.get(entry.relation).phrase} {tail}"
        assert "{" not in given["decided_by"]["text"]
    why = starter.explain(SAID, found.ranked[0].relation, found.ranked[0].direction)
    shares = [abs(s["share"]) for s in explanation_dict(why)["shares"]]
    assert shares == sorted(shares, reverse=True)


def test_a_stream_is_answered_line_by_line_in_order(starter: Workspace, tmp_path: Path) -> None:
    good = '{"sentence": "Mira joins Ulm", "mentions": [{"span": [0, 4]}, {"span": [11, 14]}]%s}'
    (tmp_path / "bad.png").write_bytes(b"no picture")
    lines = [good % "", "{nonsense", "", good % ', "picture": "bad.png"', good % ""]
    stream = BytesIO("\n".join(lines).encode())
    found = list(answers(starter, stream, "posts", tmp_path, 2, False, 32))
    assert [f["line"] for f in found] == [1, 2, 4, 5]
    assert ["error" in f for f in found] == [False, True, True, False]
    assert found[1]["error"].startswith("field line: expected one JSON object, found ")
    assert "bad.png" in found[2]["error"]
    assert found[0]["relations"][0]["relation"] == found[3]["relations"][0]["relation"]


def test_text_that_is_no_unicode_is_refused(starter: Workspace) -> None:
    broken = Example("Mira \ud83d joins", (Mention(Span(0, 4)), Mention(Span(7, 12))))
    for ask in (starter.predict, starter.suggest_types):
        with pytest.raises(ValueRejected) as error:
            ask(broken)
        assert str(error.value) == (
            "Expected text of whole Unicode characters. Found half of a surrogate pair. Paste the "
            "text again, or read the file as UTF-8."
        )
