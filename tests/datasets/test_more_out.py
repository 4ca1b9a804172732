"""What is written as MORE comes back from it: pairs, boxes, pictures, labels, splits."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from roc_core.datasets import detect, read, size, write
from roc_core.errors import PictureMissing, ValueRejected
from roc_core.schema import Box, Example, Label, Mention, Provenance, Record, Span
from tests.datasets.more_made import write_more

MEMBER, PARTNER = "/per/org/member_of", "/per/per/partner"


def boxes(record: Record) -> list[Box]:
    return [m.place for m in record.example.mentions if isinstance(m.place, Box)]


def alike(one: Record, other: Record) -> bool:
    """Equal, but for where the picture lies and rounding of the box."""
    (a,), (b,) = boxes(one), boxes(other)
    near = all(
        abs(getattr(a, s) - getattr(b, s)) < 1e-3 for s in ("left", "top", "right", "bottom")
    )
    spans = [
        [m.place for m in r.example.mentions if isinstance(m.place, Span)] for r in (one, other)
    ]
    sentences = one.example.sentence == other.example.sentence
    return near and sentences and spans[0] == spans[1] and one.label == other.label


def test_a_set_in_its_published_form_comes_back(tmp_path: Path) -> None:
    found = list(read("more", write_more(tmp_path / "set"), strict=True))
    out = tmp_path / "again"
    assert write("more", found, out) == len(found) == size("more", out)
    assert detect(out) == "more"
    again = list(read("more", out, strict=True))
    assert all(alike(a, b) for a, b in zip(found, again, strict=True))
    assert [r.provenance for r in again] == [r.provenance for r in found]
    for one, other in zip(found, again, strict=True):
        assert one.example.picture
        assert other.example.picture
        assert other.example.picture.is_relative_to(out)
        assert one.example.picture.read_bytes() == other.example.picture.read_bytes()


@pytest.fixture(scope="module")
def picture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("pictures") / "a picture.png"
    Image.new("RGB", (200, 120), (9, 90, 9)).save(made)
    return made


BOX = Box(10, 20, 60, 80)


def pair(picture: Path | None, box: Box = BOX, first: bool = True) -> Record:
    words, thing = Mention(Span(0, 4)), Mention(box)
    both = (words, thing) if first else (thing, words)
    example = Example("Mira joins the Foxes", both, picture)
    way = example.mentions.index(thing)
    label = Label(MEMBER, ("forward", "backward")[way])
    return Record(example, label, Provenance("own"))


@settings(deadline=None, max_examples=30)
@given(drawn=st.lists(
    st.tuples(
        st.floats(0, 190), st.floats(0, 110), st.floats(2, 200), st.floats(2, 120), st.booleans(),
        st.sampled_from(["", "train", "val", "test"]),
    ),
    min_size=1, max_size=5,
))  # fmt: skip
def test_any_box_comes_back(
    picture: Path, drawn: list[tuple[float, float, float, float, bool, str]]
) -> None:
    made = [
        replace(
            pair(picture, Box(x, y, min(200.0, x + w), min(120.0, y + h)), first),
            provenance=Provenance("own", split),
        )
        for x, y, w, h, first, split in drawn
    ]
    with tempfile.TemporaryDirectory() as folder:
        assert write("more", made, Path(folder, "out")) == len(made)
        found = list(read("more", Path(folder, "out"), strict=True))
    order = {"": 0, "train": 0, "val": 1, "test": 2}
    wanted = sorted(made, key=lambda r: order[r.provenance.split])
    assert all(alike(a, b) for a, b in zip(wanted, found, strict=True))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda r: replace(r, label=None), "Expected a label. Found an unlabelled record in rec"),
        (lambda r: replace(r, label=Label(PARTNER, r.label.direction)), "without a direction"),
        (
            lambda r: replace(r, label=Label(MEMBER, "forward")),
            "which makes the text entity the head in record 1 ('Mira joins",
        ),
        (
            lambda r: replace(r, provenance=Provenance("own", "fold 3")),
            "one of the splits train, valid, test. Found 'fold 3' in record 1",
        ),
        (
            lambda r: replace(r, example=replace(
                r.example, mentions=(Mention(Span(0, 3)), r.example.mentions[1]))),
            "a mention of whole words",
        ),
        (
            lambda r: replace(r, example=replace(
                r.example, mentions=(Mention(Span(0, 4)), Mention(Span(5, 10))))),
            "one mention in the sentence and one in the picture. Found two mentions in the sent",
        ),
    ],
)  # fmt: skip
def test_what_more_cannot_hold_is_refused_and_nothing_is_written(
    picture: Path, tmp_path: Path, change: object, said: str
) -> None:
    with pytest.raises(ValueRejected) as raised:
        write("more", [change(pair(picture))], tmp_path / "out")  # type: ignore[operator]
    assert said in str(raised.value)
    assert not (tmp_path / "out").exists()


def test_a_picture_that_is_gone_and_two_of_one_name(picture: Path, tmp_path: Path) -> None:
    with pytest.raises(PictureMissing, match="leave the item out"):
        write("more", [pair(tmp_path / "gone.png")], tmp_path / "out")
    other = tmp_path / picture.name
    Image.new("RGB", (200, 120), (90, 9, 9)).save(other)
    with pytest.raises(ValueRejected, match="one picture of each name in a split"):
        write("more", [pair(picture), pair(other)], tmp_path / "out")
    assert write("more", [], tmp_path / "empty") == 0
    assert list(read("more", tmp_path / "empty")) == []
