"""Data sets in and out: the dry run tells the truth, nothing is lost, nothing half done."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from roc_core.errors import DataSetInvalid, DataSetMissing, RecordRejected, ValueRejected
from roc_core.schema import ImportReport, Item
from roc_core.workspace import Workspace

Write = Callable[..., Path]
GOOD: dict[str, Any] = {
    "sentence": "Mira joins Ümlaut 🎸",
    "mentions": [{"span": [0, 4], "type": "person"}, {"span": [11, 17]}],
    "relation": "/per/org/member_of",
    "direction": "forward",
}
BOXED: dict[str, Any] = {
    "sentence": "Mira on stage",
    "mentions": [{"span": [0, 4]}, {"box": [1, 2, 30, 39.5]}],
    "picture": "blue.png",
}
MNRE: dict[str, Any] = {
    "token": ["Mira", "joins", "Ümlaut", "🎸"],
    "h": {"name": "Ümlaut", "pos": [2, 3]},
    "t": {"name": "Mira", "pos": [0, 1]},
    "img_id": "a.jpg",
    "relation": "/org/per/employs",
}


def figures(report: ImportReport) -> tuple[object, ...]:
    """What a dry run and the real import must agree on."""
    return (
        report.format, report.files, report.read, report.added, report.known, report.refused,
        report.labels, report.pictures, report.pictures_missing, report.samples,
    )  # fmt: skip


def content(item: Item) -> tuple[object, ...]:
    """An item's content without the place its picture is stored at."""
    e, name = item.example, item.example.picture.name if item.example.picture else ""
    return (item.id, e.sentence, e.mentions, name, e.picture_text, item.label,
            item.record.provenance)  # fmt: skip


def contents(workspace: Workspace) -> list[tuple[object, ...]]:
    return sorted(map(content, workspace.items(limit=1000).items), key=repr)


def mnre_folder(tmp_path: Path, *lines: dict[str, Any] | str) -> Path:
    (tmp_path / "mnre" / "txt").mkdir(parents=True)
    text = "".join(f"{x}\n" for x in lines)
    (tmp_path / "mnre" / "txt" / "ours_val.txt").write_text(text, "utf-8")
    return tmp_path / "mnre"


@pytest.fixture
def files(tmp_path: Path, write_jsonl: Write, picture: Path, empty: Workspace) -> dict[str, Path]:
    """A file of each format that can be made here, with refused lines and a missing picture."""
    lost = {**GOOD, "sentence": "Mira joined Ümlau", "picture": "lost.png"}
    twice = {**GOOD, "provenance": {"source": "posts", "line": 1}}
    made = write_jsonl(GOOD, BOXED, "{nonsense", lost, twice)
    other = Workspace.create(tmp_path / "other", starter=False)
    other.import_data("jsonl", made)
    other.export("csv", tmp_path / "posts.csv")
    with (tmp_path / "posts.csv").open("a", encoding="utf-8") as handle:
        handle.write("a row,that is,too short\n")
    folder = mnre_folder(tmp_path, MNRE, "{'token': ['half'", {**MNRE, "relation": "None"}, MNRE)
    (folder / "img_org").mkdir()
    Image.new("RGB", (8, 8)).save(folder / "img_org" / "a.jpg")
    return {"jsonl": made, "csv": tmp_path / "posts.csv", "mnre": folder}


@pytest.mark.parametrize("format", ["jsonl", "csv", "mnre"])
def test_a_dry_run_and_the_import_agree(
    format: str, files: dict[str, Path], empty: Workspace
) -> None:
    dry = empty.import_data(format, files[format], dry_run=True)
    assert dry.dry_run
    assert empty.counts() == ()
    assert empty.pictures() == ()
    real = empty.import_data(format, files[format])
    assert figures(dry) == figures(real)
    assert not real.dry_run
    assert real.added == empty.items().total > 0
    assert real.read == real.added + real.known + len(real.refused)
    assert len(real.refused) == 1
    assert len(empty.pictures()) == real.pictures == 1
    again = empty.import_data(format, files[format])
    assert (again.added, again.known) == (0, real.added + real.known)
    dry_again = empty.import_data(format, files[format], dry_run=True)
    assert figures(again) == figures(dry_again)


def test_refused_lines_are_listed_and_the_rest_comes_in(
    files: dict[str, Path], empty: Workspace
) -> None:
    done = empty.import_data("jsonl", files["jsonl"])
    (refused,) = done.refused
    assert (refused.file, refused.line, refused.field) == ("posts.jsonl", 3, "line")
    assert refused.expected == "one JSON object"
    assert (done.added, done.known, done.pictures_missing) == (3, 1, 1)
    assert dict(done.labels) == {"/per/org/member_of": 3, "no label": 1}


def test_strict_stops_at_the_first_malformed_line_and_leaves_nothing(
    files: dict[str, Path], empty: Workspace
) -> None:
    with pytest.raises(RecordRejected, match=r"Mend field 'line' in posts\.jsonl, line 3\."):
        empty.import_data("jsonl", files["jsonl"], strict=True)
    assert empty.counts() == ()


@pytest.mark.parametrize("strict", [False, True])
def test_a_box_without_its_picture_is_refused(
    strict: bool, write_jsonl: Write, empty: Workspace, tmp_path: Path
) -> None:
    path = write_jsonl(GOOD, BOXED)
    if strict:
        with pytest.raises(RecordRejected, match="a readable picture, as a mention is a box"):
            empty.import_data("jsonl", path, strict=True)
        assert empty.counts() == ()
        return
    done = empty.import_data("jsonl", path)
    (refused,) = done.refused
    assert (refused.line, refused.field) == (2, "picture")
    assert refused.found == str(tmp_path / "blue.png")
    assert (done.added, done.pictures, done.pictures_missing) == (1, 0, 1)


def test_a_damaged_picture_is_counted_and_its_spans_come_in(
    write_jsonl: Write, empty: Workspace, tmp_path: Path
) -> None:
    (tmp_path / "bad.png").write_bytes(b"\x89PNG\r\n\x1a\nno picture")
    done = empty.import_data("jsonl", write_jsonl({**GOOD, "picture": "bad.png"}))
    assert (done.added, done.pictures, done.pictures_missing) == (1, 0, 1)
    assert empty.items().items[0].example.picture is None


@pytest.mark.parametrize("dry_run", [False, True])
def test_what_cannot_be_imported_at_all_is_said(
    dry_run: bool, empty: Workspace, tmp_path: Path
) -> None:
    with pytest.raises(
        ValueRejected,
        match="Expected one of the formats jsonl, csv, parquet, label-studio, mnre, more",
    ):
        empty.import_data("xml", tmp_path, dry_run)
    with pytest.raises(DataSetMissing, match=f"Found nothing at {tmp_path / 'none'}"):
        empty.import_data("jsonl", tmp_path / "none", dry_run)
    with pytest.raises(DataSetMissing, match="an MNRE folder with txt/ours_train"):
        empty.import_data("mnre", tmp_path / "none", dry_run)
    with pytest.raises(DataSetInvalid):
        empty.import_data("jsonl", tmp_path, dry_run)
    assert empty.counts() == ()


@pytest.mark.parametrize("format", ["jsonl", "csv"])
def test_export_and_import_elsewhere_give_the_same_items(
    format: str, files: dict[str, Path], empty: Workspace, tmp_path: Path
) -> None:
    empty.import_data("jsonl", files["jsonl"])
    out = tmp_path / "out" / f"all.{format}"
    assert empty.export(format, out) == 3
    elsewhere = Workspace.create(tmp_path / "elsewhere", starter=False)
    done = elsewhere.import_data(format, out, strict=True)
    assert (done.added, done.pictures, done.pictures_missing) == (3, 1, 0)
    assert contents(elsewhere) == contents(empty)
    assert [p.sha256 for p in elsewhere.pictures()] == [p.sha256 for p in empty.pictures()]


def test_mnre_comes_out_byte_for_byte(empty: Workspace, tmp_path: Path) -> None:
    odd = json.dumps({**MNRE, "further": [1, 2]}, ensure_ascii=False)
    folder = mnre_folder(tmp_path, MNRE, {**MNRE, "relation": "None"}, odd)
    empty.import_data("mnre", folder, strict=True)
    assert empty.export("mnre", tmp_path / "out") == 3
    given, back = (p / "txt" / "ours_val.txt" for p in (folder, tmp_path / "out"))
    assert back.read_bytes() == given.read_bytes()


@pytest.mark.timeout(60)
def test_all_of_mnre_train_and_val_comes_out_byte_for_byte(
    empty: Workspace, tmp_path: Path, shared_data: Path
) -> None:
    done = empty.import_data("mnre", shared_data / "mnre", strict=True)
    assert (done.read, done.refused) == (13_871, ())
    assert done.added + done.known == 13_871
    empty.export("mnre", tmp_path / "out")
    for split in ("train", "val"):
        given = (shared_data / "mnre" / "txt" / f"ours_{split}.txt").read_bytes().splitlines(True)
        back = (tmp_path / "out" / "txt" / f"ours_{split}.txt").read_bytes().splitlines(True)
        assert back == given, split
