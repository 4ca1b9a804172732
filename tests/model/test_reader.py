"""What the pair encoder is given: marks, types, picture evidence, and what hiding takes away."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from roc_core.errors import ValueRejected
from roc_core.model.inputs import CONCEPT, PICTURE_TEXT, PairInput
from roc_core.model.reader import Hidden, PairReader, StateCache
from roc_core.schema import Box, Example, Mention, Span
from tests.model.small import SENTENCE, SETTINGS, marked, small_reader, small_tagger, two_colours
from tests.tiny import tiny_text_encoder

TAGGER = small_tagger()


@pytest.fixture(scope="module")
def reader() -> PairReader:
    return small_reader(tagger=TAGGER)


@pytest.fixture(scope="module")
def picture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return two_colours(tmp_path_factory.mktemp("pictures"))


def seen(reader: PairReader, example: Example, **hidden: Any) -> PairInput:
    return reader.read([example], [Hidden(**hidden)])[0]


def same(one: PairInput, two: PairInput, *fields: str) -> bool:
    return all(torch.equal(getattr(one, f), getattr(two, f)) for f in fields)


def pieces(sentence: str, part: str) -> list[int]:
    """Rows of a state tensor that hold the pieces of a part ([CLS] is row 0)."""
    (tokens,) = tiny_text_encoder().tokenize([sentence])
    start = sentence.index(part)
    span = range(start, start + len(part))
    return [i + 1 for i, (s, e) in enumerate(tokens.offsets) if set(range(s, e)) & set(span)]


def test_marks_stand_on_the_pieces_of_each_mention(reader: PairReader) -> None:
    pair = seen(reader, marked("band", "Ana"))
    assert torch.nonzero(pair.marks[0]).flatten().tolist() == pieces(SENTENCE, "Ana")
    assert torch.nonzero(pair.marks[1]).flatten().tolist() == pieces(SENTENCE, "band")
    for row in (0, 1):
        mean = pair.states[pair.marks[row].bool()].mean(0)
        assert torch.allclose(pair.mentions[row], mean, atol=1e-6)
    assert not pair.hidden.any()
    assert not pair.boxes.any()
    assert len(pair.evidence) == 0
    assert pair.notes == ()


def test_the_distance_is_in_pieces(reader: PairReader) -> None:
    assert seen(reader, marked("the", "city", "the band in city")).distance == 3
    assert seen(reader, marked("band", "tour", "band " + "a " * 60 + "tour")).distance == 61


def test_the_order_of_clicks_changes_nothing(reader: PairReader) -> None:
    one, two = seen(reader, marked("band", "Ana")), seen(reader, marked("Ana", "band"))
    assert same(one, two, "states", "marks", "mentions", "types")


def test_given_types_are_certain_and_others_suggested(reader: PairReader) -> None:
    pair = seen(reader, marked("Ana", "band").with_types("organization", None))
    assert pair.types[0].tolist() == [0, 1, 0, 0]
    expected = TAGGER.probabilities(pair.mentions[1], pair.states.mean(0))
    assert torch.equal(pair.types[1], expected)
    assert float(pair.types[1].sum()) == pytest.approx(1.0)
    assert not small_reader().read([marked("Ana", "band")])[0].types.any()


def test_a_hidden_word_says_nothing(reader: PairReader) -> None:
    one, other = marked("Ana", "band"), marked("Ana", "band", SENTENCE.replace("city", "tour"))
    at = SENTENCE.index("city")
    word = (Span(at, at + 4),)
    rows = pieces(SENTENCE, "city")
    open_, gone = seen(reader, one), seen(reader, one, words=word)
    assert torch.nonzero(gone.hidden).flatten().tolist() == rows
    assert not torch.allclose(open_.mentions, gone.mentions)
    stays = [i for i in range(len(gone.states)) if i not in rows]
    assert torch.allclose(
        gone.states[stays], seen(reader, other, words=word).states[stays], atol=1e-6
    )
    assert not torch.allclose(open_.states[stays], seen(reader, other).states[stays], atol=1e-4)


def test_a_hidden_mention_is_masked_and_stays_marked(reader: PairReader) -> None:
    text = tiny_text_encoder()
    pair = seen(reader, marked("Ana", "band"), mentions=(False, True))
    ids = list(text.tokenize([SENTENCE])[0].ids)
    for row in pieces(SENTENCE, "band"):
        ids[row - 1] = text.mask_id
    assert torch.allclose(pair.states, text.read([ids], 1)[0], atol=1e-6)
    assert same(pair, seen(reader, marked("Ana", "band")), "marks", "hidden")


def test_a_hidden_type_is_unknown(reader: PairReader) -> None:
    example = marked("Ana", "band").with_types("person", "organization")
    open_, gone = seen(reader, example), seen(reader, example, types=(True, False))
    assert gone.types.tolist() == [[0, 0, 0, 0], [0, 1, 0, 0]]
    assert same(open_, gone, "states", "marks", "mentions")
    assert not seen(reader, marked("Ana", "band"), types=(True, True)).types.any()


def test_concept_words_are_read_by_the_text_encoder(reader: PairReader, picture: Path) -> None:
    pair = seen(reader, marked("Ana", "band", picture=picture))
    evidence = reader.look(picture)
    assert evidence is not None
    words = [c.word for c in evidence.concepts]
    assert set(words[:2]) == {"red", "blue"}
    assert pair.kinds.tolist() == [CONCEPT] * SETTINGS.concepts
    assert torch.equal(pair.evidence, reader.words_of(words))
    assert torch.allclose(pair.places[:, 4], torch.tensor([c.weight for c in evidence.concepts]))
    # The strongest cell of red lies left, that of blue right; cells are 1/6 wide and 1/4 high.
    centre = dict(zip(words, pair.places[:, 0].tolist(), strict=True))
    assert centre["red"] < 0.5 < centre["blue"]
    assert pair.places[0, 2:4].tolist() == pytest.approx([1 / 6, 1 / 4])


def test_a_concept_word_is_its_mean_state_alone(reader: PairReader) -> None:
    text = tiny_text_encoder()
    states = text.read([text.tokenize(["red"])[0].ids], 1)[0]
    assert torch.allclose(reader.words_of(["blue", "red"])[1], states[1:-1].mean(0), atol=1e-6)


def test_hidden_cells_are_not_seen(reader: PairReader, picture: Path) -> None:
    example = marked("Ana", "band", picture=picture)
    right = frozenset((r, c) for r in range(4) for c in range(3, 6))
    left = frozenset((r, c) for r in range(4) for c in range(3))
    gone = seen(reader, example, cells=right)
    assert torch.equal(gone.evidence[0], reader.words_of(["red"])[0])
    assert float(gone.places[0, 4]) > 0.9
    assert len(seen(reader, example, cells=right | left).evidence) == 0


def test_a_hidden_concept_goes_alone(reader: PairReader, picture: Path) -> None:
    example = marked("Ana", "band", picture=picture)
    open_, gone = seen(reader, example), seen(reader, example, concepts=frozenset({"red"}))
    red = reader.words_of(["red"])[0]
    keep = [i for i, row in enumerate(open_.evidence) if not torch.equal(row, red)]
    assert len(keep) == len(open_.evidence) - 1
    assert torch.equal(gone.evidence, open_.evidence[keep])
    assert torch.equal(gone.places, open_.places[keep])


def test_picture_and_its_text_are_hidden_apart(reader: PairReader, picture: Path) -> None:
    example = marked("Ana", "band", picture=picture, picture_text="  a band on tour ")
    text = tiny_text_encoder()
    caption = text.read([text.tokenize(["a band on tour"])[0].ids], 1)[0][1:-1]
    both = seen(reader, example)
    assert both.kinds.tolist() == [CONCEPT] * 3 + [PICTURE_TEXT] * 4
    assert torch.allclose(both.evidence[3:], caption, atol=1e-6)
    assert both.places[3:].tolist() == [[0, 0, 0, 0, 1]] * 4
    assert seen(reader, example, picture_text=True).kinds.tolist() == [CONCEPT] * 3
    assert seen(reader, example, picture=True).kinds.tolist() == [PICTURE_TEXT] * 4
    assert len(seen(reader, example, picture=True, picture_text=True).evidence) == 0


def test_picture_text_is_cut_to_its_window(reader: PairReader) -> None:
    pair = seen(reader, marked("Ana", "band", picture_text="band " * 100))
    assert len(pair.evidence) == SETTINGS.picture_text_window


def test_a_model_without_eyes_reads_the_text_alone(picture: Path) -> None:
    pair = small_reader(vision=False).read([marked("Ana", "band", picture=picture)])[0]
    assert len(pair.evidence) == 0


def test_a_box_is_read_through_the_words_seen_in_it(reader: PairReader, picture: Path) -> None:
    box = Box(0, 0, 30, 20)
    example = Example(SENTENCE, (Mention(box, "thing"), Mention(Span(0, 3))), picture)
    pair = seen(reader, example)
    evidence = reader.look(picture)
    assert evidence is not None
    inside = evidence.within(box).concepts
    weights = torch.tensor([c.weight for c in inside])
    mean = weights @ reader.words_of([c.word for c in inside]) / weights.sum()
    assert inside[0].word == "red"
    assert torch.allclose(pair.mentions[1], mean, atol=1e-6)
    assert pair.boxes[1].tolist() == pytest.approx([0.25, 0.25, 0.5, 0.5, 1.0])
    assert not pair.marks[1].any()
    assert pair.types[1].tolist() == [0, 0, 0, 1]
    assert not seen(reader, example, mentions=(False, True)).mentions[1].any()
    hidden = seen(reader, example, picture=True)
    assert not hidden.mentions[1].any()
    assert not hidden.boxes.any()


def test_a_box_gets_no_suggested_type(reader: PairReader, picture: Path) -> None:
    example = Example(SENTENCE, (Mention(Box(0, 0, 30, 20)), Mention(Span(0, 3))), picture)
    assert not seen(reader, example).types[1].any()


def test_a_box_beside_the_picture_is_refused(reader: PairReader, picture: Path) -> None:
    example = Example(SENTENCE, (Mention(Box(70, 0, 90, 20)), Mention(Span(0, 3))), picture)
    with pytest.raises(ValueRejected, match="Expected a box that touches the picture of 60 × 40"):
        seen(reader, example)


def test_a_long_sentence_is_read_around_its_mentions(reader: PairReader) -> None:
    sentence = "a " * 300 + "band " + "in " * 300 + "city " + "on " * 300
    pair = seen(reader, marked("city", "band", sentence))
    assert pair.notes == (
        "The sentence is longer than the model reads at once: 124 of its 902 word pieces were "
        "read, those around the two mentions.",
    )
    assert len(pair.states) == tiny_text_encoder().window
    assert pair.marks.sum(1).tolist() == [1.0, 1.0]


@settings(max_examples=40)
@given(st.data())
def test_any_sentence_can_be_read(reader: PairReader, data: st.DataObject) -> None:
    sentence = data.draw(st.text(st.characters(exclude_categories=["Cs"]), min_size=2, max_size=30))
    cut = data.draw(st.integers(1, len(sentence) - 1))
    example = Example(sentence, (Mention(Span(0, cut)), Mention(Span(cut, len(sentence)))))
    pair = seen(reader, example)
    has_pieces = len(pair.states) > 2
    assert (pair.marks.sum(1) > 0).tolist() == [has_pieces, has_pieces]
    assert all(torch.isfinite(getattr(pair, f)).all() for f in ("states", "mentions", "types"))


def test_reading_together_is_reading_apart(reader: PairReader, picture: Path) -> None:
    examples = [
        marked("Ana", "band"),
        marked("a", "tour", "a tour", picture=picture),
        marked("band", "team", picture_text="the team"),
    ]
    for one, example in zip(small_reader(tagger=TAGGER).read(examples), examples, strict=True):
        apart = small_reader(tagger=TAGGER).read([example])[0]
        for field in ("states", "mentions", "types", "evidence", "places"):
            assert torch.allclose(getattr(one, field), getattr(apart, field), atol=1e-5), field
        assert same(one, apart, "marks", "hidden", "kinds")


def test_a_sentence_is_read_once_whatever_is_marked(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = small_reader()
    calls: list[int] = []
    read = reader.text.read
    monkeypatch.setattr(
        reader.text, "read", lambda ids, *rest: calls.append(len(ids)) or read(ids, *rest)
    )
    reader.read([marked("Ana", "band"), marked("band", "city"), marked("team", "tour")])
    reader.read([marked("Ana", "tour")])
    assert calls == [1]


def test_the_cache_forgets_what_was_used_longest_ago() -> None:
    cache, states = StateCache(2), torch.zeros(1)
    cache.put(("a",), states)
    cache.put(("b",), states)
    assert cache.get(("a",)) is states
    cache.put(("c",), states)
    assert cache.get(("b",)) is None
    assert cache.get(("a",)) is states
