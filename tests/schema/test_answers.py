"""Answers and relations: what passes, what decided, and how descriptions are named."""

from __future__ import annotations

import dataclasses

import pytest

from roc_core import schema
from roc_core.schema import (
    NONE,
    Description,
    DescriptionScore,
    Label,
    Prediction,
    RankedRelation,
    Relation,
)

SAYS = Description("r#definition-1", "r", "definition", "{head} owns {tail}; {tail} is {head}'s.")


def ranked(id: str, score: float, line: float) -> RankedRelation:
    return RankedRelation(id, "forward", score, line, (DescriptionScore(SAYS, score, 1.0),))


def test_a_score_on_the_line_passes() -> None:
    assert ranked("r", 0.5, 0.5).passes
    assert not ranked("r", 0.49, 0.5).passes


def test_the_label_is_the_best_relation_if_it_passes() -> None:
    answer = Prediction((ranked("a", 0.6, 0.5), ranked("b", 0.5, 0.5)), "v")
    assert answer.label == Label("a", "forward")
    assert Prediction((ranked("a", 0.4, 0.5),), "v").label == Label(NONE, "both")
    assert Prediction((), "v").label == Label(NONE, "both")


def test_find_gives_the_entry_or_none() -> None:
    answer = Prediction((ranked("a", 0.6, 0.5), ranked("b", 0.5, 0.5)), "v")
    assert answer.find("b") is answer.ranked[1]
    assert answer.find("c") is None


def test_render_fills_every_slot_and_nothing_else() -> None:
    assert SAYS.render("Ana", "Rex") == "Ana owns Rex; Rex is Ana's."
    assert SAYS.render("100 %", r"\1") == r"100 % owns \1; \1 is 100 %'s."


@pytest.mark.parametrize(
    ("symmetric", "directions"), [(True, ("both",)), (False, ("forward", "backward"))]
)
def test_directions_of_a_relation(symmetric: bool, directions: tuple[str, ...]) -> None:
    made = Relation("r", "r", "is", "person", "person", symmetric, (SAYS,))
    assert made.directions == directions


def test_every_value_is_frozen_and_exported() -> None:
    kinds = [
        c for c in vars(schema).values() if isinstance(c, type) and dataclasses.is_dataclass(c)
    ]
    assert len(kinds) >= 20
    assert {c.__name__ for c in kinds} <= set(schema.__all__)
    assert all(c.__dataclass_params__.frozen for c in kinds)  # type: ignore[attr-defined]
