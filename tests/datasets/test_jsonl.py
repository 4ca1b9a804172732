"""The project's own format."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from roc_core.datasets import read, size, write
from roc_core.errors import DataSetMissing, PictureMissing, RecordRejected, ValueRejected
from roc_core.schema import Box, Example, Label, Mention, Provenance, Record, Refusal, Span

LINE: dict[str, Any] = {
    "sentence": "👩‍🚀 Mira joins",
    "mentions": [{"span": [4, 8], "type": "person"}, {"box": [1, 2.5, 30, 40]}],
    "picture": "pictures/a.jpg",
    "relation": "/per/org/member_of",
    "direction": "forward",
}


def line(**changes: Any) -> str:
    values = {**LINE, **changes}
    return json.dumps({k: v for k, v in values.items() if v is not ...})


def mention(**changes: Any) -> str:
    return line(mentions=[changes, LINE["mentions"][1]])


def one(tmp_path: Path, text: str) -> Any:
    (tmp_path / "set.jsonl").write_bytes(text.encode())
    (found,) = read("jsonl", tmp_path / "set.jsonl")
    return found


def test_a_record_is_read(tmp_path: Path) -> None:
    found = one(tmp_path, line())
    mentions = (Mention(Span(4, 8), "person"), Mention(Box(1, 2.5, 30, 40)))
    picture = tmp_path / "pictures/a.jpg"
    assert found.example == Example("👩‍🚀 Mira joins", mentions, picture)
    assert found.label == Label("/per/org/member_of", "forward")
    assert found.provenance == Provenance("set", line=1)


def test_mentions_in_reverse_turn_the_direction_and_keep_the_head(tmp_path: Path) -> None:
    straight, turned = one(tmp_path, line()), one(tmp_path, line(mentions=LINE["mentions"][::-1]))
    assert turned.example == straight.example
    assert turned.label == Label("/per/org/member_of", "backward")
    assert turned.provenance.order == "backward"
    kept = one(tmp_path, line(mentions=LINE["mentions"][::-1], provenance={"order": "forward"}))
    assert kept.provenance == Provenance("", order="forward")


MALFORMED = [
    ("nonsense", "line", "one JSON object", "Expecting value at character 1"),
    ('{"sentence": NaN}', "line", "one JSON object", "NaN, which is not JSON"),
    ('{"a": 1e999}', "line", "one JSON object", "which is too large"),
    ('{"a": ' + "9" * 5000 + "}", "line", "one JSON object", "4300"),
    ('{"sentence": "a", "sentence": "b"}', "line", "one JSON object", "'sentence' twice"),
    ("[" * 100_000, "line", "one JSON object", "nested too deeply"),
    ("[1]", "line", "an object", "[1]"),
    (line(sentense="x"), "sentense", "only the fields sentence, mentions", "'sentense'"),
    (line(sentence=...), "sentence", "the field sentence", "none"),
    (line(sentence=None), "sentence", "text", "None"),
    (line(sentence="Mira\0 joins"), "sentence", "text without the NUL character", "\\x00"),
    (line(sentence="\ud83d Mira joi"), "sentence", "text without lone surrogates", "\\ud83d"),
    (line(mentions=...), "mentions", "the field mentions", "none"),
    (line(mentions={}), "mentions", "a list of exactly two mentions", "{}"),
    (line(mentions=LINE["mentions"] * 2), "mentions", "a list of exactly two mentions", "4"),
    (line(mentions=LINE["mentions"][:1] * 2), "mentions", "two different places", "twice"),
    (line(mentions=[3, 4]), "mentions[0]", "an object", "3"),
    (mention(), "mentions[0]", "either a span or a box", "neither"),
    (mention(span=[0, 1], box=[0, 0, 1, 1]), "mentions[0]", "either a span or a box", "both"),
    (mention(span=[0, 1], typ="x"), "mentions[0].typ", "only the fields span, box", "'typ'"),
    (mention(span=[0, 1], type="band"), "mentions[0].type", "one of person, organ", "'band'"),
    (mention(span=[0, 1], type=[]), "mentions[0].type", "one of person, organization", "[]"),
    (mention(span=[0]), "mentions[0].span", "[start, end] in code points", "[0]"),
    (mention(span=[1, 1]), "mentions[0].span", "0 <= start < end", "start 1, end 1"),
    (mention(span=[0, True]), "mentions[0].span", "a whole number of at least 0", "True"),
    (mention(span=[0, 2.0]), "mentions[0].span", "a whole number of at least 0", "2.0"),
    (mention(span=[-1, 2]), "mentions[0].span", "a whole number of at least 0", "-1"),
    (mention(span=[0, 99]), "mentions", "a span inside the sentence of 14 code", "end 99"),
    (mention(box=[5, 0, 1, 1]), "mentions[0].box", "0 <= left < right", "left 5"),
    (mention(box=[0, 0, 1, "1"]), "mentions[0].box", "[left, top, right, bottom]", "'1'"),
    (mention(box=[0, 0, 1, 10**400]), "mentions[0].box", "[left, top, right, bottom]", "000"),
    (line(picture=...), "picture", "a picture, because a mention is a box", "no picture"),
    (line(picture=None), "picture", "text", "None"),
    (line(picture=""), "picture", "a relative path that stays inside", "''"),
    (line(picture="../a.jpg"), "picture", "a relative path that stays inside", "'../a.jpg'"),
    (line(picture="p/../../a"), "picture", "a relative path that stays inside", "'p/../../a'"),
    (line(picture="/etc/a.jpg"), "picture", "a relative path that stays inside", "'/etc/a.jpg'"),
    (line(picture="..\\a.jpg"), "picture", "a relative path that stays inside", "a.jpg"),
    (line(picture="C:\\a.jpg"), "picture", "a relative path that stays inside", "a.jpg"),
    (line(picture_text=3), "picture_text", "text", "3"),
    (line(relation=...), "relation", "relation and direction together", "none"),
    (line(direction=...), "direction", "relation and direction together", "none"),
    (line(relation=""), "relation", "a relation id or None", "empty text"),
    (line(relation=None), "relation", "text", "None"),
    (line(direction="left"), "direction", "one of forward, backward, both", "'left'"),
    (line(relation="None"), "direction", "both, because the relation is None", "'forward'"),
    (line(provenance=[]), "provenance", "an object", "[]"),
    (line(provenance={"by": "x"}), "provenance.by", "only the fields source, split", "'by'"),
    (line(provenance={"line": -1}), "provenance.line", "a whole number of at least 0", "-1"),
    (line(provenance={"order": "first"}), "provenance.order", "forward or backward", "'first'"),
    (line(provenance={"extra": 1}), "provenance.extra", "an object", "1"),
    (line(provenance={"extra": {"\0": 1}}), "provenance.extra", "without the NUL", "\\x00"),
]


@pytest.mark.parametrize(("text", "field", "expected", "found"), MALFORMED)
def test_a_malformed_line_names_file_line_and_field_and_stops_nothing(
    tmp_path: Path, text: str, field: str, expected: str, found: str
) -> None:
    file = tmp_path / "set.jsonl"
    file.write_text(f"{line()}\n\n{text}\n{line()}\n")
    before, refusal, after = read("jsonl", file)
    assert isinstance(before, Record)
    assert isinstance(after, Record)
    assert isinstance(refusal, Refusal)
    assert (refusal.file, refusal.line, refusal.field) == ("set.jsonl", 3, field)
    assert expected in refusal.expected
    assert found in refusal.found
    assert len(refusal.expected + refusal.found) < 400
    with pytest.raises(RecordRejected, match=r"Mend field '.+' in set.jsonl, line 3"):
        list(read("jsonl", file, strict=True))


def test_byte_order_mark_line_ends_and_long_lines(tmp_path: Path) -> None:
    file = tmp_path / "set.jsonl"
    good, long = line().encode(), line(sentence="x" * 10_000_000).encode()
    file.write_bytes(b"\xef\xbb\xbf" + good + b"\r\n \r\n" + long + b"\n\xff\n" + good)
    first, too_long, not_text, last = read("jsonl", file)
    assert isinstance(first, Record)
    assert isinstance(last, Record)
    assert last.provenance.line == 5
    assert isinstance(too_long, Refusal)
    assert (too_long.line, too_long.expected) == (3, "at most 1,000,000 bytes")
    assert isinstance(not_text, Refusal)
    assert not_text.found == "byte 0xff at byte 0 of the line"
    assert size("jsonl", file) == 4


def record(**changes: Any) -> Record:
    mentions = (Mention(Span(0, 4)), Mention(Span(5, 10)))
    given = Example(changes.pop("sentence", "Mira sings"), mentions, changes.pop("picture", None))
    return Record(given, changes.pop("label", None), Provenance("made", **changes))


CANNOT = [
    (record(sentence="Mira\0sings"), "text without the NUL character"),
    (record(sentence="Mira \ud83dings"), "text without lone surrogates"),
    (record(sentence="Mira sings" + "x" * 1_000_000), "at most 1,000,000 bytes"),
    (record(label=Label("None", "forward")), "both, because the relation is None"),
    (record(label=Label("", "both")), "a relation id"),
    (record(extra=(("a", "no json"),)), "JSON text in provenance.extra"),
    (record(picture=Path("/elsewhere/a.jpg")), "a picture inside"),
]


@pytest.mark.parametrize("format", ["jsonl", "csv", "parquet", "label-studio"])
@pytest.mark.parametrize(("bad", "expected"), CANNOT)
def test_what_could_not_be_read_back_is_not_written(
    tmp_path: Path, format: str, bad: Record, expected: str
) -> None:
    out = tmp_path / "out"
    out.write_text("before")
    with pytest.raises(ValueRejected) as error:
        write(format, [record(), bad], out)
    assert expected in error.value.expected
    assert "in record 2 ('Mira" in error.value.found
    assert [p.name for p in tmp_path.iterdir()] == ["out"]
    assert out.read_text() == "before"


def test_an_error_of_the_source_leaves_the_old_file(tmp_path: Path) -> None:
    out = tmp_path / "deep/out.jsonl"
    write("jsonl", [record()], out)
    before = out.read_bytes()

    def broken() -> Any:
        yield record()
        raise DataSetMissing("a", "b", "c")

    with pytest.raises(DataSetMissing):
        write("jsonl", broken(), out)
    assert out.read_bytes() == before
    assert len(list(out.parent.iterdir())) == 1


def test_pictures_are_copied_once_beside_the_file(tmp_path: Path) -> None:
    picture = tmp_path / "from/A.JPG"
    picture.parent.mkdir()
    picture.write_bytes(b"some bytes")
    out = tmp_path / "to/set.jsonl"
    given = [record(picture=picture), record(picture=picture, line=2)]
    assert write("jsonl", given, out, copy_pictures=True) == 2
    found = [r.example.picture for r in read("jsonl", out, strict=True)]
    assert found[0] == found[1]
    assert found[0].read_bytes() == b"some bytes"
    assert found[0].parent == tmp_path / "to/set-pictures"
    assert len(list(found[0].parent.iterdir())) == 1
    picture.unlink()
    with pytest.raises(PictureMissing, match=r"the picture file .*A.JPG"):
        write("jsonl", given, tmp_path / "other/set.jsonl", copy_pictures=True)
    assert not (tmp_path / "other/set.jsonl").exists()


def test_unwritable_places_and_unknown_formats_are_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ValueRejected, match=r"to write .*Choose another place or make room"):
        write("jsonl", [record()], tmp_path / "file/out.jsonl")
    with pytest.raises(
        ValueRejected,
        match=r"one of the formats jsonl, csv, parquet, label-studio, mnre, more. Found 'xml'",
    ):
        write("xml", [record()], tmp_path / "out")
    with pytest.raises(
        ValueRejected, match=r"one of the formats jsonl, csv, parquet, label-studio, mnre, more"
    ):
        read("xml", tmp_path)
    with pytest.raises(DataSetMissing, match=r"a data set file. Found nothing at"):
        list(read("jsonl", tmp_path / "gone.jsonl"))
