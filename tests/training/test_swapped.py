"""Copies of training pairs with other names: only the names change, and they fit."""

from __future__ import annotations

from dataclasses import replace

import torch
from hypothesis import given
from hypothesis import strategies as st

from roc_core.schema import Box, Example, Mention, Provenance, Record, Span
from roc_core.training.swapped import swap_names
from roc_core.training.trainer import train_version
from tests.tiny import tiny_text_encoder
from tests.training.made import catalogue, parts, preset

WORDS = st.text(st.sampled_from("abé🎸שא "), min_size=0, max_size=6)
NAMES = st.text(st.sampled_from("xyZ👩‍🚀ñ"), min_size=1, max_size=5)
TYPES = st.sampled_from([None, "person", "location"])


@st.composite
def typed_records(draw: st.DrawFn) -> tuple[Record, tuple[str | None, str | None]]:
    before, first, between, second, after = (draw(s) for s in (WORDS, NAMES, WORDS, NAMES, WORDS))
    start = len(before) + len(first) + len(between)
    spans = (Span(len(before), len(before) + len(first)), Span(start, start + len(second)))
    mentions = tuple(Mention(s) for s in spans)
    turned = draw(st.booleans())
    example = Example(
        before + first + between + second + after,
        mentions[::-1] if turned else mentions,
        as_given=draw(st.booleans()),
    )
    return Record(example, None, Provenance("made")), (draw(TYPES), draw(TYPES))


def names(record: Record) -> tuple[str, ...]:
    example = record.example
    return tuple(example.name(m) for m in example.mentions)


def frame(record: Record) -> list[str]:
    """What stands around the two mentions."""
    places = sorted(m.place for m in record.example.mentions if isinstance(m.place, Span))
    text = record.example.sentence
    return [text[: places[0].start], text[places[0].end : places[1].start], text[places[1].end :]]


@given(st.lists(typed_records(), max_size=6), st.integers(0, 3))
def test_only_names_change_and_each_new_one_is_of_the_old_ones_type(
    made: list[tuple[Record, tuple[str | None, str | None]]], seed: int
) -> None:
    records = [replace(r, example=replace(r.example, picture_text=str(i)))
               for i, (r, _) in enumerate(made)]  # fmt: skip
    types = [t for _, t in made]
    copies = swap_names(records, types, seed)
    assert copies == swap_names(records, types, seed)
    known = {(n, t) for r, own in zip(records, types, strict=True)
             for n, t in zip(names(r), own, strict=True)}  # fmt: skip
    for copy in copies:
        row = int(copy.example.picture_text)
        assert copy.label is None
        assert frame(copy) == frame(records[row])
        assert copy.example.as_given == records[row].example.as_given
        changed = 0
        for new, old, kind in zip(names(copy), names(records[row]), types[row], strict=True):
            changed += new != old
            assert new == old or (kind is not None and (new, kind) in known)
        assert changed


def test_what_cannot_be_exchanged_is_left_out(tmp_path) -> None:  # type: ignore[no-untyped-def]
    alone = Example("Ada met Bo", (Mention(Span(0, 3)), Mention(Span(8, 10))))
    within = Example("New York City", (Mention(Span(0, 8)), Mention(Span(0, 13))))
    boxed = Example("Ada sings", (Mention(Span(0, 3)), Mention(Box(0, 0, 9, 9))), tmp_path / "a")
    records = [Record(e, None, Provenance("made")) for e in (alone, within, boxed)]
    both = ("person", "person")
    assert swap_names(records[:1], [("person", None)], 0) == []
    assert swap_names(records[1:], [both, both], 0) == []
    found = swap_names(records, [both, both, both], 0)
    assert [f.example.sentence == alone.sentence for f in found] == [False]


def test_copies_are_learnt_from_their_teacher_alone() -> None:
    train, dev = parts()
    few, settings = train[:24], preset(epochs=1, swapped=1.0)
    copies = swap_names(few, [("person", "person")] * len(few), 0)
    assert len(copies) == len(few)
    count = len([d for r in catalogue() for d in r.directions]) + 1
    taught = torch.zeros(len(few) + len(copies), count)
    far = taught.clone()
    far[len(few) :, 0] = 40.0

    def trained(given: torch.Tensor, more: list[Record]) -> torch.Tensor:
        done = train_version(
            few, dev[:8], tiny_text_encoder(), catalogue(), settings, name="copies",
            taught=given[: len(few) + len(more)], copies=more,
        )  # fmt: skip
        return done.version.network.trained_state()["relation.linear.weight"]

    with_copies = trained(taught, copies)
    assert not torch.equal(with_copies, trained(taught, []))
    assert not torch.equal(with_copies, trained(far, copies))
