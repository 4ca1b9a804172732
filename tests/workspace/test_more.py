"""A made MORE set through the reader, the splits, the store and the training's reading."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from PIL import Image

from roc_core import datasets
from roc_core.evaluation.protocols import is_dev
from roc_core.relations import load_catalogue
from roc_core.schema import NONE, Box, Record, Span
from roc_core.workspace import Workspace
from roc_core.workspace.evaluating import read_split, with_pictures
from tests.datasets.more_made import RELATIONS, SIZES, write_more


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_more(tmp_path_factory.mktemp("more") / "more")


def every(folder: Path) -> list[Record]:
    found = list(datasets.read("more", folder))
    assert [f for f in found if not isinstance(f, Record)] == []
    return [f for f in found if isinstance(f, Record)]


def test_the_set_is_read_without_a_refusal_and_the_same_for_a_seed(
    folder: Path, tmp_path: Path
) -> None:
    again = write_more(tmp_path / "again")
    records = every(folder)
    assert datasets.detect(folder) == "more"
    assert datasets.size("more", folder) == len(records) == sum(SIZES.values())
    files = [p.relative_to(folder) for p in sorted(folder.rglob("*")) if p.suffix != ".pth"]
    assert files == [p.relative_to(again) for p in sorted(again.rglob("*")) if p.suffix != ".pth"]
    for file in (f for f in files if (folder / f).is_file()):
        assert (folder / file).read_bytes() == (again / file).read_bytes(), file
    assert [r.example.mentions for r in every(again)] == [r.example.mentions for r in records]


def test_a_text_entity_and_an_object_whose_slot_comes_first(folder: Path) -> None:
    catalogue = load_catalogue("more")
    for record in every(folder):
        entity, thing = record.example.mentions
        assert isinstance(entity.place, Span)
        assert isinstance(thing.place, Box)
        label = record.label
        assert label is not None
        if label.relation == NONE:
            assert label.direction == "both"
            continue
        # The object, a mention's second place, is the head: directed relations hold backward.
        relation = catalogue.get(label.relation)
        assert label.direction == ("both" if relation.symmetric else "backward")


def test_a_box_holds_its_drawn_thing(folder: Path) -> None:
    """The corners of the box of a badge are its blue outline; just outside is the background."""
    badges = 0
    for record in every(folder):
        box = record.example.second.place
        assert isinstance(box, Box)
        if record.label is None or record.label.relation != "/org/org/subsidiary":
            continue
        assert record.example.picture is not None
        with Image.open(record.example.picture) as opened:
            pixels = opened.convert("RGB")
        red, _, blue = pixels.getpixel((round(box.left) + 2, round(box.top) + 2))  # type: ignore[misc]
        assert blue > red + 60
        outside = pixels.getpixel((round(box.left) + 2, round(box.bottom) + 3))
        assert outside[1] > 180  # type: ignore[index]
        badges += 1
    assert badges >= 8


def test_splits_are_read_by_the_names_the_commands_use(folder: Path) -> None:
    parts = {s: read_split("more", folder, s) for s in ("train", "dev", "val", "test")}
    assert len(parts["train"]) + len(parts["dev"]) == SIZES["train"]
    assert len(parts["val"]) == SIZES["valid"]
    assert {r.provenance.split for r in parts["val"]} == {"valid"}
    assert parts["dev"]
    assert all(is_dev(r.example.sentence) for r in parts["dev"])
    sentences = Counter(s for p in parts.values() for s in {r.example.sentence for r in p})
    assert sentences.most_common(1)[0][1] == 1
    relations = {r.label.relation for r in parts["train"] if r.label}
    assert relations == {*RELATIONS, NONE}


def test_a_split_whose_boxes_are_not_there_does_not_stop_another(tmp_path: Path) -> None:
    folder = write_more(tmp_path / "more", sizes={"train": 30, "valid": 4})
    (folder / "ent_train_dict.pth").unlink()
    assert len(read_split("more", folder, "val")) == 4


@pytest.mark.parametrize("use", ["none", "shuffled"])
def test_a_box_never_loses_its_picture(folder: Path, use: str) -> None:
    for record in with_pictures(read_split("more", folder, "val"), use, seed=1):  # type: ignore[arg-type]
        assert record.example.picture is not None
        assert record.example.picture.is_file()


def test_an_import_brings_the_pictures_and_the_export_gives_them_back(
    folder: Path, tmp_path: Path
) -> None:
    workspace = Workspace.create(tmp_path / "ws", starter=False)
    report = workspace.import_data("more", folder)
    assert (report.read, report.added, report.refused) == (100, 100, ())
    assert (report.pictures, report.pictures_missing) == (100, 0)
    assert workspace.import_data("more", folder).added == 0
    workspace.export("jsonl", tmp_path / "out.jsonl")
    back = list(datasets.read("jsonl", tmp_path / "out.jsonl"))
    given = {(r.example.sentence, r.example.mentions, r.label) for r in every(folder)}
    assert {(r.example.sentence, r.example.mentions, r.label) for r in back} == given  # type: ignore[union-attr]
