"""Shares: parts that cover the input once, and scores worked out again by hand."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roc_core.errors import RelationUnknown, ValueRejected
from roc_core.explanation import explain, without_sets
from roc_core.explanation.parts import MOST_WORDS, parts_of, together, word_parts
from roc_core.model.reader import Hidden
from roc_core.retrieval import RelationRetriever
from roc_core.schema import Box, Example, Explanation, Label, Mention, Share, Span
from tests.model.small import SENTENCE, marked, small_retriever, two_colours

MEMBER = "/per/org/member"


@pytest.fixture(scope="module")
def explanation(retriever: RelationRetriever, full: Example) -> Explanation:
    return explain(retriever, full, MEMBER, "backward")


def kind(found: Explanation, name: str) -> list[Share]:
    return [s for s in found.shares if s.kind == name]


@st.composite
def sentences(draw: st.DrawFn) -> Example:
    text = st.text(st.sampled_from("ab é\n\u3000👩.-"), min_size=2, max_size=200)
    sentence = draw(text)
    ends = st.lists(st.integers(0, len(sentence)), min_size=2, max_size=2, unique=True).map(sorted)
    spans = st.lists(ends.map(lambda e: Span(e[0], e[1])), min_size=2, max_size=2, unique=True)
    one, two = draw(spans.filter(lambda s: s[0] != s[1]))
    return Example(sentence, (Mention(one), Mention(two)))


@given(sentences())
def test_words_cover_everything_outside_the_mentions_once(example: Example) -> None:
    parts = word_parts(example)
    hidden = [i for p in parts for w in p.hide.words for i in range(w.start, w.end)]
    marks = {
        i for m in example.mentions if isinstance(m.place, Span)
        for i in range(m.place.start, m.place.end)
    }  # fmt: skip
    expected = [i for i, c in enumerate(example.sentence) if not c.isspace() and i not in marks]
    assert hidden == expected
    assert len(parts) <= MOST_WORDS
    for part in parts:
        words = part.hide.words
        assert part.place == Span(words[0].start, words[-1].end)
        assert part.name == " ".join(w.of(example.sentence) for w in words)


def test_long_sentences_are_explained_in_even_runs() -> None:
    example = marked("Ana", "band", "Ana band " + "a " * 150)
    parts = word_parts(example)
    assert [len(p.hide.words) for p in parts] == [3] * 50
    assert [len(p.hide.words) for p in word_parts(marked("Ana", "band", "Ana a a band"))] == [1, 1]


def test_a_mention_inside_a_word_leaves_both_ends() -> None:
    example = Example("preAnapost band", (Mention(Span(3, 6)), Mention(Span(11, 15))))
    assert [p.name for p in word_parts(example)] == ["pre", "post"]


def test_every_part_of_the_input_has_its_share(explanation: Explanation) -> None:
    words = "joins the in a city with the team on tour"
    assert [s.name for s in kind(explanation, "word")] == words.split()
    assert [(s.name, s.place) for s in kind(explanation, "mention")] == [
        ("Ana", Span(0, 3)),
        ("band", Span(SENTENCE.index("band"), SENTENCE.index("band") + 4)),
    ]
    types = [s.name for s in kind(explanation, "type")]
    assert types[0] == "first is a person"
    assert types[1].startswith("second is a ")
    assert {s.name for s in kind(explanation, "concept")} >= {"red", "blue"}
    assert [s.name for s in kind(explanation, "picture text")] == ["picture text"]
    assert len(kind(explanation, "cell")) == 16
    assert (explanation.relation, explanation.direction) == (MEMBER, "backward")


def test_a_share_is_what_the_score_loses(
    retriever: RelationRetriever, full: Example, explanation: Explanation
) -> None:
    at = SENTENCE.index("city")
    hides = {
        "city": Hidden(words=(Span(at, at + 4),)),
        "band": Hidden(mentions=(False, True)),
        "first is a person": Hidden(types=(True, False)),
        "red": Hidden(concepts=frozenset({"red"})),
        "picture text": Hidden(picture_text=True),
        # Four columns of blocks over six columns of cells: cut at 0, 2, 3, 4, 6.
        "picture part, row 1, column 1": Hidden(cells=frozenset({(0, 0), (0, 1)})),
    }
    shares = {s.name: s.share for s in explanation.shares if s.kind != "word" or s.name == "city"}
    for name, hide in hides.items():
        # Each alone, so that neither batching nor order can have made the number.
        (whole,) = retriever.scores_of(full, [Hidden()], MEMBER, "backward")
        (less,) = retriever.scores_of(full, [hide], MEMBER, "backward")
        assert shares[name] == pytest.approx(float(whole - less), abs=1e-5), name
        assert explanation.score == pytest.approx(float(whole), abs=1e-5)
    assert max(abs(shares[n]) for n in hides) > 1e-3


def test_the_remainder_is_what_shares_do_not_explain(
    retriever: RelationRetriever, full: Example, explanation: Explanation
) -> None:
    words = tuple(w for p in word_parts(full) for w in p.hide.words)
    nothing = Hidden(words, (True, True), (True, True), picture=True, picture_text=True)
    (empty,) = retriever.scores_of(full, [nothing], MEMBER, "backward")
    added = sum(s.share for s in explanation.shares if s.kind != "cell")
    assert explanation.remainder == pytest.approx(
        explanation.score - float(empty) - added, abs=1e-5
    )


def test_cells_tile_the_picture(explanation: Explanation) -> None:
    boxes = [s.place for s in kind(explanation, "cell") if isinstance(s.place, Box)]
    assert len(boxes) == 16
    assert sum(b.area for b in boxes) == pytest.approx(60 * 40)
    for x in range(60):
        for y in range(0, 40, 3):
            inside = [
                b for b in boxes if b.left <= x + 0.5 < b.right and b.top <= y + 0.5 < b.bottom
            ]
            assert len(inside) == 1


def test_without_a_picture_there_are_words_and_types_only(retriever: RelationRetriever) -> None:
    found = explain(retriever, marked("Ana", "band"), "/per/per/peer", "both")
    assert {s.kind for s in found.shares} == {"word", "mention", "type"}
    blank = marked("Ana", "band", picture_text="  ")
    assert explain(retriever, blank, "/per/per/peer", "both") == found
    untagged = explain(small_retriever(), marked("Ana", "band"), MEMBER, "forward")
    assert {s.kind for s in untagged.shares} == {"word", "mention"}


def test_a_box_has_a_share_as_a_mention(retriever: RelationRetriever, tmp_path: Path) -> None:
    box = Box(0, 0, 20, 20)
    example = Example(SENTENCE, (Mention(box), Mention(Span(0, 3))), two_colours(tmp_path))
    found = explain(retriever, example, MEMBER, "forward")
    mentions = kind(found, "mention")
    assert [(s.name, s.place) for s in mentions] == [("Ana", Span(0, 3)), ("the box", box)]
    assert abs(mentions[1].share) > 1e-4


def test_explaining_twice_gives_the_same_answer(
    retriever: RelationRetriever, full: Example, explanation: Explanation
) -> None:
    assert explain(retriever, full, MEMBER, "backward") == explanation


def test_only_relations_and_directions_that_exist(
    retriever: RelationRetriever, full: Example
) -> None:
    with pytest.raises(RelationUnknown, match="Expected a relation id of catalogue 'small'"):
        explain(retriever, full, "/no", "forward")
    with pytest.raises(ValueRejected, match=r"one of forward, backward\. Found 'both'"):
        explain(retriever, full, MEMBER, "both")


def test_sets_of_parts_are_hidden_together(retriever: RelationRetriever, full: Example) -> None:
    parts = {p.name: p for p in parts_of(retriever, full)}
    at = SENTENCE.index("city")
    some = [parts[n] for n in ("city", "band", "first is a person", "red", "picture text")]
    cell = parts["picture part, row 1, column 1"]
    hide = Hidden(
        (Span(at, at + 4),), (False, True), (True, False), cell.hide.cells, frozenset({"red"}),
        picture_text=True,
    )  # fmt: skip
    assert together([*some, cell]) == hide
    label, other = Label(MEMBER, "backward"), Label("/per/per/peer", "both")
    found = without_sets(retriever, full, [[], some, [*some, cell]], label)
    whole, less = (
        float(retriever.scores_of(full, [h], MEMBER, "backward")[0]) for h in (Hidden(), hide)
    )
    assert found == pytest.approx([0.0, found[1], whole - less], abs=1e-5)
    apart = without_sets(retriever, full, [some], label, other)
    second = without_sets(retriever, full, [some], other)
    assert apart == pytest.approx(found[1] - second, abs=1e-5)
    assert abs(found[1]) > 1e-3
