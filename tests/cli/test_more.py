"""MORE from files to figures through the commands: pictures with boxes, its own catalogue."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from roc_core.workspace import Workspace
from tests.cli.running import Run
from tests.datasets.more_made import SIZES, write_more
from tests.tiny import make_checkpoint


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_more(tmp_path_factory.mktemp("more") / "more")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a text encoder small enough to train in seconds."""
    return make_checkpoint(tmp_path_factory.mktemp("tiny"))


def small(encoder: Path) -> list[str]:
    """Settings for the tiny text encoder; pictures are read by the packaged vision encoder."""
    wanted = {
        "text_encoder": encoder, "shared_layers": 1, "pair_width": 64, "lora_rank": 8,
        "epochs": 4, "batch": 8, "encoder_rate": 5e-3, "head_rate": 5e-3,
    }  # fmt: skip
    return [part for key, value in wanted.items() for part in ("--set", f"{key}={value}")]


def figures(folder: Path) -> dict[str, object]:
    """The written report, wherever the command puts it in its folder."""
    found: dict[str, object] = json.loads((folder / "report.json").read_text("utf-8"))
    return found


@pytest.mark.encoders
def test_a_version_is_trained_and_scored_on_text_entities_and_objects(
    run: Run, data: Path, tiny: Path, tmp_path: Path
) -> None:
    out = tmp_path / "models" / "made"
    done = run("train", "more", data, "--catalogue", "more", "--out", out, *small(tiny))
    assert done.code == 0, done.err
    card = json.loads((out / "card.json").read_text("utf-8"))
    assert card["catalogue"]["name"] == "more"
    losses = [row["loss"] for row in card["log"]]
    assert losses[-1] < losses[0]
    common = ("evaluate", "more", data, "--split", "val", "--catalogue", "more", "--model", out)
    for use in ("none", "given"):
        scored = run(*common, "--pictures", use, "--out", tmp_path / use)
        assert scored.code == 0, scored.err
        assert "/org/loc/locate_at" in json.dumps(figures(tmp_path / use))
    assert f"{SIZES['valid']}" in scored.out


@pytest.mark.encoders
def test_the_packaged_version_ranks_relations_it_was_not_trained_on(run: Run, data: Path) -> None:
    done = run("evaluate", "more", data, "--split", "val", "--catalogue", "more")
    assert done.code == 0, done.err
    assert f"{SIZES['valid']} pairs" in done.out


def test_the_wrong_catalogue_is_named_in_one_line(
    run: Run, data: Path, tiny: Path, tmp_path: Path
) -> None:
    out = tmp_path / "models" / "made"
    done = run("train", "more", data, "--out", out, *small(tiny), "--set", "vision_encoder=none")
    assert done.code == 1
    (error,) = [x for x in done.err.splitlines() if x.startswith("Error: ")]
    assert "a relation id of catalogue 'mnre'" in error
    assert "Traceback" not in done.err
    assert not out.exists()


def test_a_missing_box_file_is_named(run: Run, tmp_path: Path) -> None:
    folder = write_more(tmp_path / "more", sizes={"train": 8})
    (folder / "ent_train_dict.pth").unlink()
    done = run("train", "more", folder, "--catalogue", "more", "--out", tmp_path / "made")
    assert done.code == 1
    assert "Expected the boxes of MORE's objects in ent_train_dict.pth." in done.err
    assert "Put it beside the folder txt" in done.err


def test_a_split_that_is_not_there_is_named(run: Run, tmp_path: Path) -> None:
    folder = write_more(tmp_path / "more", sizes={"train": 8})
    done = run("evaluate", "more", folder, "--split", "val", "--catalogue", "more")
    assert done.code == 1
    assert "Expected labelled records of split val" in done.err


def test_an_import_counts_labels_and_pictures(run: Run, data: Path, tmp_path: Path) -> None:
    folder = Workspace.create(tmp_path / "ws", starter=False).path
    done = run("import", "more", data, "--workspace", folder)
    assert done.code == 0, done.err
    every = sum(SIZES.values())
    assert f"{every} lines read, {every} added, 0 already there, 0 refused" in done.out
    assert f"{every} pictures, 0 missing" in done.out
    counts = Workspace.open(folder).counts()
    assert sum(c.items for c in counts) == every
