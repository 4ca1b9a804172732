"""Label Studio's JSON export, as its own versions write it."""

from __future__ import annotations

import json
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from roc_core.datasets import detect, read, size, write
from roc_core.errors import DataSetInvalid, PictureMissing, RecordRejected, ValueRejected
from roc_core.schema import Box, Example, Label, Mention, Provenance, Record, Refusal, Span
from tests.datasets.records import records

TEXT = "👩‍🚀 Mira joins Ulm"
MIRA = {"start": 4, "end": 8, "text": "Mira", "labels": ["person"]}
ULM = {"start": 15, "end": 18, "text": "Ulm", "labels": ["mention"]}
BOX = {"x": 10, "y": 20.0, "width": 25, "height": 50, "rotation": 0, "rectanglelabels": ["thing"]}


def region(id: str, value: dict[str, Any], **further: Any) -> dict[str, Any]:
    kind = "rectanglelabels" if "x" in value else "labels"
    return {"id": id, "type": kind, "from_name": "n", "to_name": "t", "value": value, **further}


def link(**changes: Any) -> dict[str, Any]:
    given = {
        "type": "relation",
        "from_id": "a",
        "to_id": "b",
        "direction": "right",
        "labels": ["x"],
    }
    return {k: v for k, v in {**given, **changes}.items() if v is not ...}


def task(*results: Any, text: str = TEXT, id: int = 7, **data: Any) -> dict[str, Any]:
    return {"id": id, "data": {"text": text, **data}, "annotations": [{"result": list(results)}]}


A, B = region("a", MIRA), region("b", ULM)
PIXELS = {"original_width": 640, "original_height": 480}


def read_all(tmp_path: Path, *tasks: Any, **options: Any) -> list[Any]:
    (tmp_path / "export.json").write_text(json.dumps(tasks), "utf-8")
    return list(read("label-studio", tmp_path / "export.json", **options))


def one(tmp_path: Path, *results: Any, **data: Any) -> Any:
    (found,) = read_all(tmp_path, task(*results, **data))
    return found


def test_spans_and_a_relation_are_a_record(tmp_path: Path) -> None:
    found = one(tmp_path, A, B, link())
    assert found.example == Example(TEXT, (Mention(Span(4, 8), "person"), Mention(Span(15, 18))))
    assert found.label == Label("x", "forward")
    assert found.provenance == Provenance("export", line=1, key="7")


@pytest.mark.parametrize(
    ("changes", "direction", "order"),
    [
        ({}, "forward", "forward"),
        ({"direction": ...}, "forward", "forward"),
        ({"direction": "left"}, "backward", "forward"),
        ({"direction": "bi"}, "both", "forward"),
        ({"from_id": "b", "to_id": "a"}, "backward", "backward"),
        ({"from_id": "b", "to_id": "a", "direction": "left"}, "forward", "backward"),
        ({"labels": ["None"]}, "both", "forward"),
        ({"labels": ["same"], "from_id": "b", "to_id": "a"}, "both", "backward"),
    ],
)
def test_the_arrow_says_who_is_the_head(
    tmp_path: Path, changes: dict[str, Any], direction: str, order: str
) -> None:
    given = read_all(tmp_path, task(A, B, link(**changes)), symmetric=frozenset({"same"}))
    assert (given[0].label.direction, given[0].provenance.order) == (direction, order)


def test_a_box_in_per_cent_becomes_pixels(tmp_path: Path) -> None:
    found = one(tmp_path, A, region("b", BOX, **PIXELS), link(), image="pictures/a.png")
    assert found.example.second == Mention(Box(64, 96, 224, 336), "thing")
    assert found.example.picture == tmp_path / "pictures/a.png"


def test_the_picture_is_measured_when_the_file_does_not_say(tmp_path: Path) -> None:
    sideways = Image.new("RGB", (480, 640))
    exif = sideways.getexif()
    exif[0x0112] = 6
    sideways.save(tmp_path / "a.jpg", exif=exif)
    found = one(tmp_path, A, region("b", BOX), link(), image="a.jpg")
    assert found.example.second.place == Box(64, 96, 224, 336)


def test_older_files_count_utf16(tmp_path: Path) -> None:
    # 👩‍🚀 is three code points and five UTF-16 units; Label Studio before 1.4 counted the latter.
    old = [
        region("a", {**MIRA, "start": 6, "end": 10}),
        region("b", {**ULM, "start": 17, "end": 20}),
    ]
    found = one(tmp_path, *old, link())
    assert [m.place for m in found.example.mentions] == [Span(4, 8), Span(15, 18)]
    refused = one(tmp_path, old[0], B, link())
    assert isinstance(refused, Refusal)
    assert refused.field == "value.text"
    assert refused.found == "'Mira' at 6 to 10"


def test_an_emoji_survives_writing_and_counts_as_one(tmp_path: Path) -> None:
    text = "💩 Mira and 🇩🇪 Ulm"
    start = text.index("Ulm")
    mentions = (Mention(Span(0, 1)), Mention(Span(start, start + 3)))
    given_ = Record(Example(text, mentions), Label("x", "forward"), Provenance("s", line=1))
    write("label-studio", [given_], tmp_path / "a.json")
    (made,) = json.loads((tmp_path / "a.json").read_text("utf-8"))
    first, second, _ = made["annotations"][0]["result"]
    assert first["value"] == {"start": 0, "end": 1, "text": "💩", "labels": ["mention"]}
    assert (second["value"]["start"], second["value"]["end"]) == (14, 17)
    assert list(read("label-studio", tmp_path / "a.json")) == [given_]


def test_several_relations_are_several_records_and_one_bad_one_stops_no_other(
    tmp_path: Path,
) -> None:
    third = region("c", {"start": 9, "end": 14, "text": "joins", "labels": ["thing"]})
    found = read_all(
        tmp_path,
        task(A, B, third, link(), link(to_id="c"), link(from_id="c"), link(to_id="zz")),
        task(A, third, id=8),
    )
    *good, bad, unlabelled = found
    assert [r.label.relation for r in good] == ["x"] * 3
    assert (bad.line, bad.field, bad.found) == (1, "relation.to_id", "'zz'")
    assert unlabelled.label is None
    assert unlabelled.provenance.line == 2
    assert size("label-studio", tmp_path / "export.json") == 5


def test_which_annotation_counts(tmp_path: Path) -> None:
    def result(label: str) -> list[Any]:
        return [A, B, link(labels=[label])]

    def annotation(label: str, **further: Any) -> dict[str, Any]:
        return {"result": result(label), **further}

    older = annotation("old", updated_at="2024-01-01T00:00:00Z")
    newer = annotation("new", updated_at="2024-02-01T00:00:00Z")
    truth = annotation("truth", updated_at="2023-01-01T00:00:00Z", ground_truth=True)
    skipped = annotation("skipped", updated_at="2025-01-01T00:00:00Z", was_cancelled=True)
    data = {"text": TEXT}
    found = read_all(
        tmp_path,
        {"data": data, "annotations": [newer, older, skipped]},
        {"data": data, "annotations": [newer, truth]},
        {"data": data, "annotations": [skipped], "predictions": [{"result": result("guess")}]},
        {"data": data, "annotations": [skipped]},
    )
    assert [r.label and r.label.relation for r in found[:3]] == ["new", "truth", None]
    assert (found[3].line, found[3].field) == (4, "annotations")


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ("pictures/a b.png", "pictures/a b.png"),
        ("/data/local-files/?d=pictures/a%20b.png", "pictures/a b.png"),
        ("/data/upload/3/0a1b-a%20b.png", "0a1b-a b.png"),
        ("https://example.com/x/a.png?size=2", "a.png"),
        ("s3://bucket/x/a.png", "a.png"),
        ("https://example.com/x/kept.png", "images/kept.png"),
    ],
)
def test_pictures_are_found_by_path_or_the_end_of_an_address(
    tmp_path: Path, image: str, expected: str
) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "images/kept.png").write_bytes(b"")
    assert one(tmp_path, A, B, image=image).example.picture == tmp_path / expected


MALFORMED: list[tuple[Any, str, str, str]] = [
    (3, "task", "an object", "3"),
    ({"id": 1}, "data", "an object", "None"),
    ({"data": {}, "annotations": []}, "data.text", "text", "None"),
    ({"data": {"text": "a"}, "annotations": {}}, "annotations", "an annotation", "none"),
    ({"data": {"text": "a"}, "annotations": [1]}, "annotations", "a list of objects", "[1]"),
    ({"data": {"text": "a"}, "annotations": [{}]}, "annotations.result", "a list", "None"),
    (task(A), "result", "a relation, or exactly two regions", "1"),
    (task(A, A, B, region("c", MIRA)), "result", "exactly two regions", "3"),
    (task(A, region("b", {**ULM, "start": 18, "end": 15})), "value.text", "the sentence's", "Ulm"),
    (task(A, region("b", {**ULM, "start": "15"})), "value.text", "the sentence's own", "15"),
    (task(A, region("b", {"start": 15, "end": 99, "labels": ["thing"]})), "mentions", "inside", ""),
    (task(A, region("b", {**ULM, "labels": ["Verb"]})), "result[1].value.labels", "one of", "verb"),
    (task(A, region("b", {**ULM, "labels": []})), "result[1].value.labels", "of one label", "[]"),
    (task(A, {**B, "id": 3}), "result[1].id", "text", "3"),
    (task(A, {**B, "value": 3}), "value", "an object", "3"),
    (task(A, B, link(from_id="a", to_id="a")), "mentions", "two different places", "twice"),
    (task(A, B, link(direction="up")), "relation.direction", "one of right, left, bi", "'up'"),
    (task(A, B, link(direction=["right"])), "relation.direction", "one of right", "['right']"),
    (task(A, B, link(labels=["x", "y"])), "relation.labels", "one label", "['x', 'y']"),
    (task(A, B, link(labels="x")), "relation.labels", "a list of one label", "'x'"),
    (task(A, region("b", BOX, **PIXELS)), "data.image", "because a region is a box", "none"),
    (task(A, region("b", BOX), image="a.png"), "result[1]", "original_width and", "a.png"),
    (task(A, region("b", {**BOX, "rotation": 5}, **PIXELS), image="a"), "result[1].value.rotation",
     "an upright box", "5"),
    (task(A, region("b", {**BOX, "x": 80}, **PIXELS), image="a"), "result[1].value", "per cent",
     "x 80"),
    (task(A, region("b", {**BOX, "x": "1"}, **PIXELS), image="a"), "result[1].value.x", "a number",
     "'1'"),
    (task(A, B, image="../a.png"), "picture", "stays inside", "../a.png"),
    (task(A, B, provenance={"by": 1}), "provenance.by", "only the fields source", "'by'"),
]  # fmt: skip


@pytest.mark.parametrize(("bad", "field", "expected", "found"), MALFORMED)
def test_a_malformed_task_names_file_task_and_field_and_stops_nothing(
    tmp_path: Path, bad: Any, field: str, expected: str, found: str
) -> None:
    before, refusal, after = read_all(tmp_path, task(A, B), bad, task(A, B))
    assert isinstance(before, Record)
    assert isinstance(after, Record)
    assert isinstance(refusal, Refusal)
    assert (refusal.file, refusal.line, refusal.field) == ("export.json", 2, field)
    assert expected in refusal.expected
    assert found in refusal.found
    with pytest.raises(RecordRejected, match=r"Mend field '.+' in export.json, task 2\."):
        list(read("label-studio", tmp_path / "export.json", strict=True))


@pytest.mark.parametrize(
    ("text", "records_", "expected"),
    [
        ("[", 0, "a JSON object, then the rest of the array"),
        ('[{"a": 1, "a": 2}]', 0, "one JSON object"),
        ("[GOOD, {nonsense]", 1, "a JSON object, then the rest"),
        ("[GOOD", 1, "a comma or ] after it"),
        ("[GOOD GOOD]", 1, "a comma or ] after it"),
        ("[" + "[" * 100_000, 0, "a JSON object, then the rest"),
    ],
)
def test_where_the_array_breaks_off_the_last_refusal_says_so(
    tmp_path: Path, text: str, records_: int, expected: str
) -> None:
    file = tmp_path / "x.json"
    file.write_text(text.replace("GOOD", json.dumps(task(A, B))), "utf-8")
    *good, refusal = read("label-studio", file)
    assert len(good) == records_
    assert isinstance(refusal, Refusal)
    assert expected in refusal.expected


@pytest.mark.parametrize("text", ["", "{}", "nonsense", "\udcff"])
def test_what_is_no_array_is_refused_as_a_whole(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(DataSetInvalid, match=r"an array of Label Studio tasks"):
        list(read("label-studio", tmp_path / "x.json"))


def test_a_box_needs_its_picture_to_be_written(tmp_path: Path) -> None:
    example = Example("a b", (Mention(Span(0, 1)), Mention(Box(1, 2, 3, 4))), tmp_path / "no.png")
    record = Record(example, None, Provenance("s"))
    with pytest.raises(PictureMissing, match=r"whose size a box in per cent needs"):
        write("label-studio", [record], tmp_path / "out.json")
    assert list(tmp_path.iterdir()) == []
    Image.new("1", (50, 50)).save(tmp_path / "no.png")
    outside = replace(
        record, example=replace(example, mentions=(example.first, Mention(Box(1, 2, 60, 4))))
    )
    with pytest.raises(ValueRejected, match="per cent of the picture"):
        write("label-studio", [outside], tmp_path / "out.json")


DRAWN = Path("/drawn")


def placed(record: Record, picture: Path) -> Record:
    """The record with its picture in ``picture`` and its boxes at millionths of a pixel."""
    example = record.example
    mentions = tuple(
        replace(m, place=Box(*(round(float(v), 6) for v in vars_of(m.place))))
        if isinstance(m.place, Box)
        else m
        for m in example.mentions
    )
    there = picture if example.picture else None
    return replace(record, example=replace(example, mentions=mentions, picture=there))


def vars_of(box: Box) -> tuple[float, float, float, float]:
    return box.left, box.top, box.right, box.bottom


@settings(deadline=None)
@given(drawn=st.lists(records(DRAWN), max_size=4))
def test_any_record_comes_back_and_so_do_the_bytes(
    drawn: list[Record], tmp_path_factory: pytest.TempPathFactory
) -> None:
    picture = tmp_path_factory.getbasetemp() / "big.png"
    if not picture.exists():
        Image.new("1", (9000, 9000)).save(picture)
    with tempfile.TemporaryDirectory(dir=picture.parent) as folder:
        given_ = []
        for record in drawn:
            try:
                one = placed(record, picture)
                boxes = [m.place for m in one.example.mentions if isinstance(m.place, Box)]
                if all(b.right <= 9000 and b.bottom <= 9000 for b in boxes):
                    given_.append(one)
            except ValueRejected:
                continue  # a box thinner than a millionth of a pixel
        file, again = Path(folder, "a"), Path(folder, "b")
        assert write("label-studio", given_, file, copy_pictures=True) == len(given_)
        found: Any = list(read("label-studio", file, strict=True))
        assert size("label-studio", file) == len(given_)
        unpictured = [placed(r, picture) for r in found]
        assert unpictured == given_
        write("label-studio", found, again)
        assert again.read_bytes() == file.read_bytes()
        assert detect(file) == ("label-studio" if given_ else None)


PIECES = st.binary(max_size=6) | st.sampled_from(
    [b'"', b"[", b"{", b"]", b"}", b",", b"-", b"9" * 400, b"\\ud800", b"\0", b"null", b"1e999"]
)
EDITS = st.lists(st.tuples(st.integers(0, 900), st.integers(0, 30), PIECES), min_size=1, max_size=4)


@given(edits=EDITS)
def test_a_damaged_file_gives_records_and_refusals_or_is_refused(
    edits: list[tuple[int, int, bytes]],
) -> None:
    good = task(A, region("b", BOX, **PIXELS), link(), image="a.png", picture_text="t")
    data = json.dumps([good, good], ensure_ascii=False).encode()
    for at, length, piece in edits:
        data = data[:at] + piece + data[at + length :]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "x.json")
        file.write_bytes(data)
        try:
            found = list(read("label-studio", file))
        except DataSetInvalid:
            return
        assert all(isinstance(one, Record | Refusal) for one in found)
        assert size("label-studio", file) == len(found)
        detect(file)
