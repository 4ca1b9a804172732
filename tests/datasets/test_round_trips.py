"""What goes into a file comes out of it, and the same bytes again."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roc_core.datasets import detect, read, size, write
from roc_core.schema import Record
from tests.datasets.records import mnre_records, records

ROOT = Path(__file__).resolve().parents[2]
# Records are drawn with pictures in a folder that each example puts elsewhere.
DRAWN = Path("/drawn")


def moved(record: Record, folder: Path) -> Record:
    from dataclasses import replace

    picture = record.example.picture
    if picture is None:
        return record
    there = folder / picture.relative_to(DRAWN)
    return replace(record, example=replace(record.example, picture=there))


@pytest.mark.parametrize("format", ["jsonl", "csv", "parquet"])
@given(drawn=st.lists(records(DRAWN), max_size=4))
def test_any_record_comes_back_and_so_do_the_bytes(format: str, drawn: list[Record]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        given_ = [moved(r, Path(folder)) for r in drawn]
        file, again = Path(folder, "a"), Path(folder, "b")
        assert write(format, given_, file) == len(given_)
        assert list(read(format, file, strict=True)) == given_
        assert size(format, file) == len(given_)
        write(format, read(format, file), again)  # type: ignore[arg-type]
        assert again.read_bytes() == file.read_bytes()
        assert detect(file) == (format if given_ or format != "jsonl" else None)


@given(drawn=st.lists(mnre_records(), min_size=1, max_size=4))
def test_any_mnre_record_comes_back_and_so_do_the_bytes(drawn: list[Record]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file, again = Path(folder, "ours_train.txt"), Path(folder, "again.txt")
        assert write("mnre", drawn, file) == len(drawn)
        found = list(read("mnre", file, strict=True))
        assert [(r.example, r.label) for r in found] == [(r.example, r.label) for r in drawn]
        assert [r.provenance.line for r in found] == list(range(1, len(drawn) + 1))
        write("mnre", found, again)
        assert again.read_bytes() == file.read_bytes()
        assert detect(file) == "mnre"


@pytest.mark.parametrize("through", ["jsonl", "csv", "parquet", "label-studio"])
@given(record=mnre_records())
def test_mnre_survives_a_detour(through: str, record: Record) -> None:
    with tempfile.TemporaryDirectory() as folder:
        straight, detour, back = (Path(folder, n) for n in ("a.txt", "b", "c.txt"))
        write("mnre", [record], straight)
        write(through, [record], detour)
        write("mnre", read(through, detour, strict=True), back)  # type: ignore[arg-type]
        assert back.read_bytes() == straight.read_bytes()


def test_published_mnre_is_given_back_byte_for_byte(shared_data: Path, tmp_path: Path) -> None:
    source = shared_data / "mnre"
    found = list(read("mnre", source, strict=True))
    assert len(found) == 13_871 == size("mnre", source)
    assert write("mnre", found, tmp_path) == 13_871
    for split in ("train", "val"):
        name = f"txt/ours_{split}.txt"
        assert (tmp_path / name).read_bytes() == (source / name).read_bytes()
    again = list(read("mnre", tmp_path, strict=True, pictures=source / "img_org"))
    assert [(r.label, r.provenance) for r in again] == [(r.label, r.provenance) for r in found]
    assert sum(r.example.picture is not None for r in again) == 56


def test_published_mnre_has_captions_and_the_head_in_h(shared_data: Path) -> None:
    found = list(read("mnre", shared_data / "mnre", strict=True))
    assert all(r.example.picture_text for r in found)
    assert not any(m.type for r in found for m in r.example.mentions)
    none = sum(r.label.relation == "None" for r in found)
    assert round(none / len(found), 2) == 0.63
    directed = [r for r in found if r.label.direction != "both"]
    assert directed
    assert all(r.label.direction == r.provenance.order for r in directed)


def test_the_starter_set_is_spelt_as_the_writer_spells_it(tmp_path: Path) -> None:
    starter = ROOT / "assets/starter/starter.jsonl"
    if not starter.is_file():
        pytest.skip("skipped: assets/starter/starter.jsonl is not there")
    write("jsonl", read("jsonl", starter, strict=True, pictures=tmp_path), tmp_path / "a.jsonl")
    assert (tmp_path / "a.jsonl").read_bytes() == starter.read_bytes()
