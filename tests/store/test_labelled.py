"""Columns of items: as the items themselves say, in scope, in order."""

from __future__ import annotations

from pathlib import Path
from tempfile import mkdtemp

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roc_core.errors import ValueRejected
from roc_core.schema import (
    Box,
    Example,
    ItemFilter,
    Label,
    Mention,
    Picture,
    Provenance,
    Record,
    Span,
)
from roc_core.store import Store
from tests.store.conftest import MakeRecord

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


@given(sentence=TEXT.map(lambda t: f"ab {t}"), text=TEXT, source=TEXT, split=TEXT)
@settings(max_examples=25)
def test_columns_are_those_of_the_item(sentence: str, text: str, source: str, split: str) -> None:
    store = Store.create(Path(mkdtemp(prefix="roc-labelled-")) / "ws")
    example = Example(sentence, (Mention(Span(1, 2)), Mention(Span(0, 1))), None, text)
    item = store.save_item(Record(example, Label("peer"), Provenance(source, split)), None)
    found = store.labelled.columns(ItemFilter())
    assert found.items.tolist() == [item.id.encode()]
    assert (found.relations, found.directions, found.sentences) == (
        ("peer",),
        ("both",),
        (sentence,),
    )
    assert found.places == ((0, 1, 1, 2),)
    assert (found.pictures, found.texts) == ((0,), (int(bool(text)),))
    assert (found.sources, found.splits, found.annotators) == ((source,), (split,), ("",))


def test_labels_and_annotators_are_those_of_now(store: Store, make: MakeRecord) -> None:
    ids = [store.save_item(make(line=n, split="val" * (n % 2)), None).id for n in range(4)]
    store.add_correction(ids[1], Label("peer", "backward"), "ann")
    row = store.add_correction(ids[2], Label("peer"), "ben")
    store.undo(row.id, "ben")
    found = store.labelled.columns(ItemFilter())
    assert found.relations == ("", "peer", "", "")
    assert found.directions == ("", "backward", "", "")
    assert found.annotators == ("", "ann", "", "")
    val = store.labelled.columns(ItemFilter(split="val"))
    assert val.items.tolist() == [i.encode() for i in ids[1::2]]
    two = store.labelled.columns(ItemFilter(only=(ids[3], ids[0], "f" * 16)))
    assert two.items.tolist() == [ids[0].encode(), ids[3].encode()]
    with pytest.raises(ValueRejected):
        store.labelled.columns(ItemFilter(state="odd"))  # type: ignore[arg-type]


def test_a_box_has_no_words_between(store: Store, picture_of: Picture) -> None:
    mentions = (Mention(Span(0, 2)), Mention(Box(0, 0, 5, 5)))
    record = Record(Example("ab cd", mentions, picture_of.path), None, Provenance("t"))
    store.save_item(record, picture_of.sha256)
    found = store.labelled.columns(ItemFilter())
    assert (found.places, found.pictures) == ((None,), (1,))


@pytest.fixture
def picture_of(add_picture: object) -> Picture:
    return add_picture(b"picture")  # type: ignore[operator, no-any-return]


def test_nothing_to_show(store: Store) -> None:
    assert len(store.labelled.columns(ItemFilter())) == 0
