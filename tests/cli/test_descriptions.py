"""``re-add`` and ``wording`` as a person types them, on folds that were really trained."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from roc_core.evaluation.wording_cases import swapped
from roc_core.relations import dump_catalogue, load_catalogue
from tests.cli.running import Run
from tests.evaluation.made_mnre import tiny_preset, write_mnre
from tests.tiny import make_checkpoint


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return write_mnre(tmp_path / "set")


def test_both_measurements_on_trained_folds(run: Run, data: Path, tmp_path: Path) -> None:
    preset, folds, out = (tmp_path / n for n in ("tiny.toml", "folds", "out"))
    tiny_preset(preset, make_checkpoint(tmp_path))
    done = run("zero-shot", "mnre", data, "--out", folds, "--preset", preset, "--set", "epochs=1")
    assert done.code == 0, done.err
    beside = ("--beside", folds / "fold-0")
    code, said, errors = run(
        "re-add", "mnre", data, "--folds", folds, "--least", "5", "--answers", "2", "--answers",
        "8", "--floor", "0.9", *beside, "--out", out,
    )  # fmt: skip
    assert code == 0, errors
    found = json.loads((out / "re-add.json").read_text("utf-8"))
    assert found["sizes"] == [0, 2, 8]
    assert found["split"] == "dev"
    assert found["settings"]["floor"] == 0.9
    named = {r["relation"]: r for r in found["rows"]}
    assert {"/per/per/peer", "/per/org/member_of"} <= set(named)
    for row in found["rows"]:
        assert row["relation"] in said
        assert row["train"] >= 5
        assert 0 == row["accepted"][0] <= row["accepted"][1] <= row["accepted"][2] <= 8
        for score, (low, high) in zip(row["scores"], row["intervals"], strict=True):
            assert low - 1e-9 <= score["f1"] <= high + 1e-9
    assert found["macro"][2] == pytest.approx(
        sum(r["scores"][2]["f1"] for r in found["rows"]) / len(found["rows"])
    )
    assert (out / "re-add.md").read_text("utf-8").startswith("# Relations taken out")

    other = tmp_path / "other.toml"
    other.write_text(dump_catalogue(swapped(load_catalogue("mnre"), 9)), "utf-8")
    model = ("--model", folds / "fold-1")
    code, said, errors = run(
        "wording", "mnre", data, *model, "--folds", folds, "--written", other, "--out", out,
        "--split", "val",
    )  # fmt: skip
    assert code == 0, errors
    found = json.loads((out / "wording.json").read_text("utf-8"))
    assert found["pairs"] == 40
    rows = {r["name"]: r for r in found["rows"]}
    assert {"hand-written", "label names only", "from other.toml"} <= set(rows)
    held = [r for r in rows.values() if r["zero_shot"] is None]
    assert held == []
    assert "zero-shot macro hit@3" in said
    assert "swapped between relations" in said
    assert "drawn anew for every row, on dev" in (out / "wording.md").read_text("utf-8")


def test_folds_that_are_not_there_say_how_to_train_them(
    run: Run, data: Path, tmp_path: Path
) -> None:
    code, said, errors = run("re-add", "mnre", data, "--folds", tmp_path / "none")
    assert (code, said) == (1, "")
    assert f"Expected a version trained by zero-shot in {tmp_path / 'none' / 'fold-0'}" in errors
    assert "Train it: python -m roc_core zero-shot mnre <data> --out" in errors


def test_folds_of_another_catalogue_are_refused(run: Run, data: Path, tmp_path: Path) -> None:
    for number in range(3):
        folder = tmp_path / f"fold-{number}"
        folder.mkdir()
        card = {"held_out": ["x"], "catalogue": {"digest": "0"}}
        (folder / "card.json").write_text(json.dumps(card), "utf-8")
    code, _, errors = run("wording", "mnre", data, "--folds", tmp_path)
    assert code == 1
    assert "Found one trained with another catalogue or without other relations." in errors
    code, _, errors = run("wording", "mnre", data, "--model", tmp_path / "nothing")
    assert code == 1
    assert "Expected a model version folder at" in errors


def test_a_report_folder_that_is_a_file_is_refused_first(
    run: Run, data: Path, tmp_path: Path
) -> None:
    file = tmp_path / "report"
    file.write_text("", "utf-8")
    for command in (("re-add", "mnre", data, "--folds", tmp_path), ("wording", "mnre", data)):
        code, _, errors = run(*command, "--out", file)
        assert code == 1
        assert f"Expected a folder for the reports at {file}. Found a file." in errors
