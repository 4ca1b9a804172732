"""Rules of style: what each says, and that the packaged catalogues are nearly free of problems."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roc_core.evaluation.style import problems, style_problems
from roc_core.relations import build_relation, load_catalogue
from roc_core.schema import Description


def said(text: str, facet: str = "wording") -> list[str]:
    return list(problems(Description(f"r#{facet}-1", "r", facet, text)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{head} leads {tail}.", "It has 3 words; 5 or more say what it means."),
        ("word", "It has 1 word; 5 or more say what it means."),
        (" ".join(f"w{n}" for n in range(41)), "It has 41 words; split it, 40 or fewer keep its "
         "vector sharp."),
        ("See https://example.org for all that there is", "It has a link, which says nothing about "
         "the relation."),
        ("Posts say <b>member</b> of a band here", "It has markup, which is read as text."),
        ("{head} is not a member of {tail} here", "It says what does not hold; encoders hardly "
         "read a 'not'. Say what holds, or make it a contrast."),
        ("{head} IS A MEMBER OF {tail} NOW", "It is in capitals, which the encoder reads as "
         "shouting or not at all."),
        ("Band of the band on tour with a band", "'band' stands in it 3 times or more and draws "
         "its vector to one word."),
    ],
)  # fmt: skip
def test_each_problem_is_said(text: str, problem: str) -> None:
    assert said(text) == [problem]


def test_what_is_fine() -> None:
    assert said("{head} is a member of {tail}, by name and by trade.") == []
    assert said("Not to be confused with 'peer of' among people", "contrast") == []
    assert said("The of the, of the and of the rest") == [], "small words may be repeated"


def test_the_same_twice_is_named() -> None:
    texts = {"wording": ["Posts put it with family words.", "posts put it with family words"]}
    one = build_relation("one", "one", "is one", "person", "person", True, texts)
    two = build_relation("two", "two", "is two", "person", "person", True, texts)
    assert [(p.description, p.problem) for p in style_problems((one, two))] == [
        (id, "It says the same as one#wording-1, so it adds nothing and tells nothing apart.")
        for id in ("one#wording-2", "two#wording-1", "two#wording-2")
    ]


@pytest.mark.parametrize("name", ["mnre", "more"])
def test_packaged_descriptions_have_few_problems(name: str) -> None:
    catalogue = load_catalogue(name)
    found = style_problems(catalogue)
    assert len(found) <= len(catalogue.descriptions()) // 20, found
    assert {p.description for p in found} <= {d.id for d in catalogue.descriptions(False)}


@given(st.text(max_size=600))
def test_any_text_is_judged(text: str) -> None:
    assert all(p.endswith(".") for p in said(text))
