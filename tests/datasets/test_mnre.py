"""MNRE's lines and layout."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from roc_core.datasets import detect, read, size, write
from roc_core.errors import DataSetInvalid, DataSetMissing, RecordRejected, ValueRejected
from roc_core.schema import Box, Example, Label, Mention, Provenance, Record, Refusal, Span

LINE: dict[str, Any] = {
    "token": ["👩‍🚀", "Mira", "Solano", "joins", "Ümlaut", "today"],
    "h": {"name": "Ümlaut", "pos": [4, 5]},
    "t": {"name": "Mira Solano", "pos": [1, 3]},
    "img_id": "a.jpg",
    "relation": "/org/per/employs",
}


def changed(path: str, value: Any) -> str:
    line = json.loads(json.dumps(LINE))
    *outer, last = path.split(".")
    inner = line
    for name in outer:
        inner = inner[name]
    inner[last] = value
    return repr(line)


def without(name: str) -> str:
    return repr({k: v for k, v in LINE.items() if k != name})


def one(tmp_path: Path, line: str | bytes) -> Any:
    file = tmp_path / "ours_val.txt"
    file.write_bytes(line if isinstance(line, bytes) else line.encode())
    (found,) = read("mnre", file)
    return found


def test_words_become_code_points_and_the_head_gives_the_direction(tmp_path: Path) -> None:
    found = one(tmp_path, repr(LINE))
    assert found.example.sentence == "👩‍🚀 Mira Solano joins Ümlaut today"
    assert found.example.names() == ("Mira Solano", "Ümlaut")
    assert found.example.first.place == Span(4, 15)
    assert found.label == Label("/org/per/employs", "backward")
    assert found.provenance == Provenance("mnre", "val", 1, "a.jpg", "backward")


@pytest.mark.parametrize("relation", ["None", "/per/per/peer", "/org/org/alternate_names"])
def test_symmetric_relations_have_no_direction_but_keep_the_order(
    tmp_path: Path, relation: str
) -> None:
    found = one(tmp_path, changed("relation", relation))
    assert found.label == Label(relation, "both")
    assert found.provenance.order == "backward"


def test_the_symmetric_relations_can_be_given(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text(repr(LINE))
    (found,) = read("mnre", tmp_path / "x.txt", symmetric=frozenset({"/org/per/employs"}))
    assert isinstance(found, Record)
    assert found.label == Label("/org/per/employs", "both")
    assert found.provenance.split == ""


MALFORMED = [
    ("nonsense", "line", "one Python dict of plain values", "malformed node"),
    ("[1, 2]", "line", "one Python dict with text for names", "[1, 2]"),
    ("{1: 2}", "line", "one Python dict with text for names", "{1: 2}"),
    ("{'token': [", "line", "one Python dict of plain values", "was never closed"),
    ("__import__('os').system('x')", "line", "one Python dict of plain values", "malformed"),
    ("{'a': open('x')}", "line", "one Python dict of plain values", "malformed node"),
    ("[" * 5000, "line", "one Python dict of plain values", "too many nested parentheses"),
    ("1+" * 40_000 + "1", "line", "one Python dict of plain values", "recursion"),
    ("-" * 90_000 + "1", "line", "one Python dict of plain values", "MemoryError"),
    ("{[]: 1}", "line", "one Python dict of plain values", "unhashable"),
    ("{'a': " + "9" * 5000 + "}", "line", "one Python dict of plain values", "4300"),
    ("x" * 100_001, "line", "at most 100,000 bytes", "a longer line"),
    (b"{'a': '\xff'}", "line", "UTF-8 text", "byte 0xff at byte 7 of the line"),
    (without("token"), "token", "the field token", "none"),
    (without("h"), "h.pos", "the field h.pos", "none"),
    (without("img_id"), "img_id", "the field img_id", "none"),
    (without("relation"), "relation", "the field relation", "none"),
    (changed("h", "Ümlaut"), "h.pos", "the field h.pos", "none"),
    (changed("token", "Mira Solano"), "token", "a list of words", "'Mira Solano'"),
    (changed("token", []), "token", "a list of words", "[]"),
    (changed("token", ["a", 3]), "token[1]", "text", "3"),
    (changed("token", ["a", ""]), "token[1]", "a word without white space", "''"),
    (changed("token", ["a b"]), "token[0]", "a word without white space", "'a b'"),
    (changed("token", ["a\u2028"]), "token[0]", "a word without white space", "'a\\u2028'"),
    (changed("token", ["a\0"]), "token[0]", "text without the NUL character", "'a\\x00'"),
    (changed("token", ["\ud83d"]), "token[0]", "text without lone surrogates", "'\\ud83d'"),
    (changed("h.pos", [4, 7]), "h.pos", "0 <= start < end <= 6, the number of words", "[4, 7]"),
    (changed("h.pos", [-1, 1]), "h.pos", "0 <= start < end <= 6", "[-1, 1]"),
    (changed("t.pos", [3, 3]), "t.pos", "0 <= start < end <= 6", "[3, 3]"),
    (changed("t.pos", [1, 3, 4]), "t.pos", "[start, end] in words", "[1, 3, 4]"),
    (changed("t.pos", [True, 3]), "t.pos", "[start, end] in words", "[True, 3]"),
    (changed("t.pos", [1.0, 3]), "t.pos", "[start, end] in words", "[1.0, 3]"),
    (changed("t.pos", "13"), "t.pos", "[start, end] in words", "'13'"),
    (changed("t.name", "Mira"), "t.name", "the words at t.pos, 'Mira Solano'", "'Mira'"),
    (changed("t.name", None), "t.name", "text", "None"),
    (changed("t", LINE["h"]), "t.pos", "another place than h.pos", "[4, 5] twice"),
    (changed("relation", 3), "relation", "text", "3"),
    (changed("relation", ""), "relation", "a label or None", "empty text"),
    (changed("img_id", "../a.jpg"), "img_id", "a plain file name without folders", "'../a.jpg'"),
    (changed("img_id", "a\\b.jpg"), "img_id", "a plain file name", "'a\\\\b.jpg'"),
    (changed("img_id", ".."), "img_id", "a plain file name", "'..'"),
    (changed("img_id", ""), "img_id", "a plain file name", "''"),
    (changed("img_id", "a" * 256), "img_id", "a plain file name", "aaa"),
    (changed("img_id", 7), "img_id", "text", "7"),
]


@pytest.mark.parametrize(("line", "field", "expected", "found"), MALFORMED)
def test_a_malformed_line_names_file_line_and_field_and_stops_nothing(
    tmp_path: Path, line: str | bytes, field: str, expected: str, found: str
) -> None:
    file = tmp_path / "ours_train.txt"
    data = line if isinstance(line, bytes) else line.encode()
    good = repr(LINE).encode()
    file.write_bytes(good + b"\n\n" + data + b"\n" + good + b"\n")
    before, refusal, after = read("mnre", file)
    assert isinstance(before, Record)
    assert isinstance(after, Record)
    assert after.provenance.line == 4
    assert isinstance(refusal, Refusal)
    assert (refusal.file, refusal.line, refusal.field) == ("ours_train.txt", 3, field)
    assert expected in refusal.expected
    assert found in refusal.found
    assert len(refusal.expected + refusal.found) < 400
    strict = read("mnre", file, strict=True)
    next(strict)
    with pytest.raises(RecordRejected, match=r"Mend field '.+' in ours_train.txt, line 3"):
        next(strict)


def test_byte_order_mark_and_other_line_ends_are_read(tmp_path: Path) -> None:
    file = tmp_path / "mnre_val .txt"
    line = repr(LINE).encode()
    file.write_bytes(b"\xef\xbb\xbf" + line + b"\r\n\r\n  \r\n" + line)
    found = list(read("mnre", tmp_path, strict=True))
    assert [(r.provenance.split, r.provenance.line) for r in found] == [("val", 1), ("val", 4)]
    assert not any(r.provenance.extra for r in found)
    assert size("mnre", tmp_path) == 2
    assert detect(tmp_path) == detect(file) == "mnre"


def test_a_line_of_ten_megabytes_is_refused_and_the_next_is_read(tmp_path: Path) -> None:
    file = tmp_path / "ours_train.txt"
    file.write_bytes(b"x" * 10_000_000 + b"\n" + repr(LINE).encode())
    refusal, record = read("mnre", file)
    assert isinstance(refusal, Refusal)
    assert refusal.expected == "at most 100,000 bytes"
    assert isinstance(record, Record)
    assert record.provenance.line == 2


UNUSUAL = [
    repr(dict(reversed(LINE.items()))),
    repr({**LINE, "source": {"url": (1, b"x")}}),
    changed("h.score", 0.5),
    changed("t.pos", (1, 3)),
    json.dumps(LINE, ensure_ascii=False),
    repr(LINE).replace("'", '"'),
    "  " + repr(LINE) + "\t",
]


@pytest.mark.parametrize("line", UNUSUAL)
def test_an_unusual_spelling_is_kept_and_a_correction_changes_only_the_label(
    tmp_path: Path, line: str
) -> None:
    found = one(tmp_path, line + "\n")
    assert [name for name, _ in found.provenance.extra] == ["as_written"]
    out = tmp_path / "out.txt"
    write("mnre", [found], out)
    assert out.read_text() == line + "\n"
    corrected = Record(found.example, Label("/per/org/member_of", "forward"), found.provenance)
    write("mnre", [corrected], out)
    (again,) = read("mnre", out)
    assert isinstance(again, Record)
    assert (again.example, again.label) == (corrected.example, corrected.label)
    assert ("source" in out.read_text(), "score" in out.read_text()) == (
        "'source'" in line,
        "'score'" in line,
    )


def example(sentence: str = "Mira sings", **more: Any) -> Example:
    mentions = more.pop("mentions", (Mention(Span(0, 4)), Mention(Span(5, 10))))
    return Example(sentence, mentions, more.pop("picture", Path("p/a.jpg")))


def held(example_: Example, label: Label | None = Label("None"), **origin: Any) -> Record:  # noqa: B008
    return Record(example_, label, Provenance("posts", **origin))


CANNOT = [
    (held(example(), None), "a label", "Label it, or write JSONL or CSV instead."),
    (
        held(example(mentions=(Mention(Span(0, 4)), Mention(Box(0, 0, 1, 1))))),
        "two mentions in the sentence",
        "Write JSONL or CSV, which hold boxes.",
    ),
    (
        held(example(mentions=(Mention(Span(0, 3)), Mention(Span(5, 10))))),
        "a mention of whole words, as spaces part them",
        "Mark whole words",
    ),
    (
        held(example(mentions=(Mention(Span(0, 5)), Mention(Span(5, 10))))),
        "a mention of whole words",
        "Mark whole words",
    ),
    (held(example("Mira sings  well")), "a word without white space", "Mend the record"),
    (held(example("Mira sings\nwell")), "a mention of whole words", "Mark whole words"),
    (held(example(picture=None)), "a picture, because MNRE names one", "Leave the record out"),
    (
        held(example(), Label("/per/per/peer", "forward")),
        "no direction for /per/per/peer in MNRE",
        "Correct the label",
    ),
    (
        held(example(), Label("/per/org/member_of", "both")),
        "a direction for /per/org/member_of in MNRE",
        "Correct the label",
    ),
]


@pytest.mark.parametrize(("record", "expected", "todo"), CANNOT)
def test_what_mnre_cannot_hold_is_said_and_nothing_is_written(
    tmp_path: Path, record: Record, expected: str, todo: str
) -> None:
    out = tmp_path / "out.txt"
    out.write_text("before")
    good = held(example())
    with pytest.raises(ValueRejected) as error:
        write("mnre", [good, record], out)
    assert expected in error.value.expected
    assert "in record 2 ('Mira sings" in error.value.found
    assert todo in error.value.todo
    assert [p.name for p in tmp_path.iterdir()] == ["out.txt"]
    assert out.read_text() == "before"


def test_a_folder_is_written_by_split(tmp_path: Path) -> None:
    records = [held(example(), split=split) for split in ("val", "train", "val")]
    assert write("mnre", records, tmp_path / "out") == 3
    files = {p.name: p.read_text().count("\n") for p in (tmp_path / "out/txt").iterdir()}
    assert files == {"ours_train.txt": 1, "ours_val.txt": 2}
    with pytest.raises(ValueRejected, match=r"one of the splits train, val, test.*'x' in record 1"):
        write("mnre", [held(example(), split="x")], tmp_path / "out")


def test_pictures_and_captions_are_found_by_split(tmp_path: Path) -> None:
    (tmp_path / "txt").mkdir()
    (tmp_path / "txt/ours_val.txt").write_text(repr(LINE))
    (tmp_path / "img_org/val").mkdir(parents=True)
    Image.new("RGB", (2, 2)).save(tmp_path / "img_org/val/a.jpg")
    (tmp_path / "captions").mkdir()
    captions = {"img_id": "a.jpg", "blip": "a stage", "llavanext": " ", "minicpm": "a hall"}
    (tmp_path / "captions/val.jsonl").write_text(json.dumps(captions) + "\n{}\nnull\n")
    no_name, no_object, found = read("mnre", tmp_path)
    assert isinstance(no_name, Refusal)
    assert (no_name.file, no_name.line, no_name.field) == ("val.jsonl", 2, "img_id")
    assert isinstance(no_object, Refusal)
    assert no_object.expected == "one JSON object"
    assert isinstance(found, Record)
    assert found.example.picture == tmp_path / "img_org/val/a.jpg"
    assert found.example.picture_text == "a hall"
    *_, other = read("mnre", tmp_path / "txt/ours_val.txt", captioners=("blip",))
    assert isinstance(other, Record)
    assert other.example.picture_text == "a stage"


def test_missing_and_ambiguous_sets_are_named(tmp_path: Path) -> None:
    with pytest.raises(DataSetMissing, match=r"an MNRE folder with txt/ours_train.txt.*nothing at"):
        list(read("mnre", tmp_path / "gone"))
    with pytest.raises(DataSetMissing, match=r"no such file in"):
        list(read("mnre", tmp_path))
    for name in ("ours_val.txt", "mnre_val .txt"):
        (tmp_path / name).write_text(repr(LINE))
    with pytest.raises(DataSetInvalid, match=r"one text file for split val. Found mnre_val .txt"):
        list(read("mnre", tmp_path))
