"""MORE's layout and its box files, on a small set in the published form."""

from __future__ import annotations

import collections
import io
import pickle
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from roc_core.datasets import detect, read, size
from roc_core.datasets.boxes import read_boxes
from roc_core.errors import DataSetInvalid, DataSetMissing, ValueRejected
from roc_core.schema import Box, Label, Record, Refusal, Span

BOXES = {
    "a.jpg": {"[OBJ0]": (0.5, 0.5, 0.5, 1.0), "[OBJ1]": (0.1, 0.1, 0.4, 0.4)},
    "side.jpg": {"[OBJ0]": (0.5, 0.25, 1.0, 0.5)},
    "gone.jpg": {"[OBJ0]": (0.5, 0.5, 1.0, 1.0)},
    "damaged.jpg": {"[OBJ0]": (0.5, 0.5, 1.0, 1.0)},
    "odd.jpg": {"out": (2, 2, 0.1, 0.1), "three": (1, 2, 3), "nan": (float("nan"),) * 4, "n": None},
}


def line(**changes: Any) -> dict[str, Any]:
    return {
        "token": ["Mira", "Solano", "joins", "@band"],
        "h": {"name": "@band", "pos": [3, 4]},
        "t": {"name": "[OBJ0]", "pos": [0.5, 0.5, 0.5, 1.0]},
        "img_id": "a.jpg",
        "relation": "/per/org/member_of",
        **changes,
    }


def save(path: Path, value: Any, kind: str = "pickle") -> None:
    if kind == "pickle":
        path.write_bytes(pickle.dumps(value))
    else:
        import torch

        torch.save(value, path, _use_new_zipfile_serialization=kind == "zip")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "txt").mkdir()
    pictures = tmp_path / "img_org/valid"
    pictures.mkdir(parents=True)
    Image.new("RGB", (200, 100)).save(pictures / "a.jpg")
    Image.new("RGB", (10, 10)).save(pictures / "odd.jpg")
    lying = Image.new("RGB", (200, 100))
    exif = lying.getexif()
    exif[0x0112] = 6
    lying.save(pictures / "side.jpg", exif=exif)
    (pictures / "damaged.jpg").write_text("no picture")
    save(tmp_path / "ent_valid_dict.pth", BOXES)
    return tmp_path


def found(folder: Path, *lines: dict[str, Any] | str) -> list[Any]:
    text = "\n".join(x if isinstance(x, str) else repr(x) for x in lines)
    (folder / "txt/valid.txt").write_text(text)
    assert detect(folder) == "more"
    assert size("more", folder) == len(lines)
    return list(read("more", folder))


@pytest.mark.parametrize("kind", ["pickle", "zip", "legacy"])
def test_the_object_is_the_head_and_its_box_is_in_pixels(folder: Path, kind: str) -> None:
    save(folder / "ent_valid_dict.pth", BOXES, kind)
    (record,) = found(folder, line())
    assert record.example.sentence == "Mira Solano joins @band"
    assert record.example.first.place == Span(18, 23)
    assert record.example.second.place == Box(50, 0, 150, 100)
    assert record.example.picture == folder / "img_org/valid/a.jpg"
    assert record.label == Label("/per/org/member_of", "backward")
    origin = record.provenance
    assert (origin.source, origin.split, origin.line, origin.key) == ("more", "valid", 1, "a.jpg")
    assert (origin.order, origin.extra) == ("forward", (("object", '"[OBJ0]"'),))


def test_boxes_follow_the_upright_picture_and_are_cut_at_its_border(folder: Path) -> None:
    side = line(img_id="side.jpg")
    cut = line(t={"name": "[OBJ1]"})
    upright, at_border = found(folder, side, cut)
    assert upright.example.second.place == Box(0, 0, 100, 100)
    assert at_border.example.second.place.left == 0
    assert at_border.example.second.place.right == pytest.approx(60)
    assert at_border.example.second.place.bottom == pytest.approx(30)


def test_labels_without_direction(folder: Path) -> None:
    none, peers, given = found(
        folder,
        line(relation="none"),
        line(relation="/per/per/partner"),
        line(h={"name": "@ BAND", "pos": (3, 4)}),
    )
    assert none.label == Label("None", "both")
    assert peers.label == Label("/per/per/partner", "both")
    assert isinstance(given, Record)


MALFORMED = [
    ("nonsense", "line", "one Python dict of plain values", "malformed"),
    (line(token="x"), "token", "a list of words", "'x'"),
    (line(h={"name": "@band"}), "h.pos", "the field h.pos", "none"),
    (line(h={"name": "Mira", "pos": [3, 4]}), "h.name", "the words at h.pos, '@band'", "'Mira'"),
    (line(h={"pos": [3, 9]}), "h.pos", "0 <= start < end <= 4", "[3, 9]"),
    (line(t="[OBJ0]"), "t.name", "the field t.name", "none"),
    (line(t={"name": "[OBJ7]"}), "t.name", "an object of a.jpg (known: [OBJ0], [OBJ1])", "[OBJ7]"),
    (line(img_id="x/a.jpg"), "img_id", "a plain file name", "'x/a.jpg'"),
    (line(img_id="gone.jpg"), "img_id", "the picture that the box lies in", "no file gone.jpg in"),
    (line(img_id="damaged.jpg"), "img_id", "a picture that can be opened", "cannot identify"),
    (line(img_id="odd.jpg", t={"name": "out"}), "t.name", "a box inside the picture", "(2, 2,"),
    (line(img_id="odd.jpg", t={"name": "three"}), "t.name", "four numbers for three", "(1, 2, 3)"),
    (line(img_id="odd.jpg", t={"name": "nan"}), "t.name", "four finite numbers", "nan"),
    (line(img_id="odd.jpg", t={"name": "n"}), "t.name", "four numbers for n", "None"),
    (line(relation=""), "relation", "a label or none", "empty text"),
]


@pytest.mark.parametrize(("bad", "field", "expected", "said"), MALFORMED)
def test_a_malformed_line_is_named_and_stops_nothing(
    folder: Path, bad: Any, field: str, expected: str, said: str
) -> None:
    before, refusal, after = found(folder, line(), bad, line())
    assert isinstance(before, Record)
    assert isinstance(after, Record)
    assert isinstance(refusal, Refusal)
    assert (refusal.file, refusal.line, refusal.field) == ("valid.txt", 2, field)
    assert expected in refusal.expected
    assert said in refusal.found


class Hostile:
    """Would create a file when loaded without care."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> Any:
        return Path.touch, (self.target,)


@pytest.mark.parametrize("kind", ["pickle", "zip", "legacy"])
@pytest.mark.parametrize("protocol", [0, 2, 4])
def test_a_hostile_box_file_never_runs(folder: Path, kind: str, protocol: int) -> None:
    target, file = folder / "ran", folder / "ent_valid_dict.pth"
    if kind == "pickle":
        file.write_bytes(pickle.dumps({"a.jpg": Hostile(target)}, protocol=protocol))
    else:
        import torch

        new = kind == "zip"
        hostile = {"a": Hostile(target)}
        torch.save(
            hostile, file, pickle_protocol=max(protocol, 2), _use_new_zipfile_serialization=new
        )
    (folder / "txt/valid.txt").write_text(repr(line()))
    with pytest.raises(DataSetInvalid) as error:
        list(read("more", folder))
    assert "without any code in ent_valid_dict.pth" in error.value.expected
    assert "a file that was not loaded" in error.value.found
    assert "\n" not in str(error.value)
    assert not target.exists()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"cos\nsystem\n(S'true'\ntR.", "it asks for os.system"),
        (b"cbuiltins\neval\n(S'1'\ntR.", "it asks for builtins.eval"),
        (b"\x80\x04\x8c\x08builtins\x8c\x07getattr\x93.", "it asks for builtins.getattr"),
        (b"Pplace\n.", "it refers to data outside the file"),
        (b"", "Ran out of input"),
        (b"PK\x03\x04 no zip", "a file that was not loaded"),
        (pickle.dumps({"a": {}})[:-3], "a file that was not loaded"),
        (pickle.dumps([1]), "values of another form"),
        (pickle.dumps({"a": [1]}), "values of another form"),
        (pickle.dumps({1: {}}), "values of another form"),
    ],
)
def test_unsafe_damaged_and_other_files_are_refused(tmp_path: Path, data: bytes, said: str) -> None:
    (tmp_path / "x.pth").write_bytes(data)
    with pytest.raises(DataSetInvalid) as error:
        read_boxes(tmp_path / "x.pth")
    assert said in error.value.found


def test_ordered_dicts_and_tensors_are_boxes_too(tmp_path: Path) -> None:
    import torch

    file = tmp_path / "x.pth"
    ordered = collections.OrderedDict({"a": collections.OrderedDict({"[OBJ0]": [0.5] * 4})})
    save(file, ordered)
    assert read_boxes(file) == ordered
    buffer = io.BytesIO()
    torch.save({"a": {"[OBJ0]": torch.tensor([0.5] * 4)}}, buffer)
    file.write_bytes(buffer.getvalue())
    assert [float(v) for v in read_boxes(file)["a"]["[OBJ0]"]] == [0.5] * 4


def test_what_is_missing_is_named(folder: Path) -> None:
    with pytest.raises(DataSetMissing, match=r"a MORE folder with txt/train.txt"):
        list(read("more", folder / "img_org"))
    (folder / "txt/train.txt").write_text(repr(line()))
    with pytest.raises(DataSetMissing, match=r"MORE's objects in ent_train_dict.pth"):
        list(read("more", folder))
    (folder / "txt/odd.txt").write_text(repr(line()))
    with pytest.raises(DataSetMissing, match=r"by its published name"):
        list(read("more", folder / "txt/odd.txt"))


def test_one_file_and_another_picture_folder(folder: Path, tmp_path: Path) -> None:
    (folder / "txt/valid.txt").write_text(repr(line()))
    (folder / "img_org").rename(folder / "elsewhere")
    (record,) = read("more", folder / "txt/valid.txt", pictures=folder / "elsewhere")
    assert isinstance(record, Record)
    assert detect(folder / "txt/valid.txt") == "more"


def test_detect_says_none_for_other_files(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("some notes\n")
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "other.jsonl").write_text('{"text": "x"}\n')
    names = ("notes.txt", "empty.csv", "other.jsonl", ".")
    assert [detect(tmp_path / name) for name in names] == [None] * 4
    with pytest.raises(DataSetMissing, match=r"a data set. Found nothing at"):
        detect(tmp_path / "gone")
    with pytest.raises(ValueRejected):
        size("xml", tmp_path)
