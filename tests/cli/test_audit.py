"""The audit command as a person types it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.running import Run

FIGURES = ("fitted", "tuned", "scored", "split", "constant", "rows", "overlaps", "verdict")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A made MNRE folder whose relations, and no ``None`` pair, are written tail first."""
    (tmp_path / "txt").mkdir()
    for split, pairs in (("train", 240), ("val", 60)):
        lines = []
        for n in range(pairs):
            member = n % 3 == 0
            words = ["Mira", "sees", f"w{n % 7}", "the", f"Ulm{n % 11}", f"{split}{n}"]
            first, last = {"name": "Mira", "pos": [0, 1]}, {"name": words[4], "pos": [4, 5]}
            h, t = (last, first) if member else (first, last)
            relation = "/org/loc/locate_at" if member else "None"
            given = {"token": words, "h": h, "t": t, "img_id": "a.jpg", "relation": relation}
            lines.append(repr(given))
        (tmp_path / "txt" / f"ours_{split}.txt").write_text("\n".join(lines), "utf-8")
    return tmp_path


def test_order_of_an_mnre_folder_is_named_and_written(run: Run, folder: Path) -> None:
    done = run("audit", "mnre", folder, "--no-model", "--out", folder / "audit.json")
    assert done.code == 0, done.err
    assert "scored on 60 pairs of val" in done.out.replace("\n", " ")
    assert "- Mention order alone gives 100.0 F1" in done.out
    found = json.loads((folder / "audit.json").read_text("utf-8"))
    assert tuple(found) == FIGURES
    assert {r["name"]: r["f1"] for r in found["rows"]}["mention order"] == 1.0


def test_side_files_are_audited_and_refused_by_name(run: Run, folder: Path) -> None:
    rows = [f"{s},{n},{2 + (n % 3 == 1)}" for s, m in (("train", 240), ("val", 60))
            for n in range(1, m + 1)]  # fmt: skip
    (folder / "crops.csv").write_text("\n".join(["split,item,n", *rows]), "utf-8")
    done = run("audit", "mnre", folder, "--no-model", "--side", f"crops={folder / 'crops.csv'}")
    assert "- Crops alone gives 100.0 F1" in done.out
    refused = run("audit", "mnre", folder, "--no-model", "--side", "crops.csv")
    assert (refused.code, refused.out) == (1, "")
    assert refused.err.startswith("Error: Expected name=file.csv. Found 'crops.csv'.")


def test_malformed_lines_are_counted_but_forbid_side_columns(run: Run, folder: Path) -> None:
    with (folder / "txt" / "ours_train.txt").open("a", encoding="utf-8") as file:
        file.write("\nnonsense\n")
    (folder / "crops.csv").write_text("split,item,n\ntrain,1,2\n", "utf-8")
    assert "1 malformed lines were left out." in run("audit", "mnre", folder, "--no-model").err
    refused = run("audit", "mnre", folder, "--no-model", "--side", f"crops={folder / 'crops.csv'}")
    assert refused.code == 1
    assert "side columns go by item number. Found 1 malformed." in refused.err


def test_a_set_of_ones_own_relations_is_audited_without_a_catalogue(
    run: Run, tmp_path: Path
) -> None:
    lines = []
    for n in range(300):
        given = {
            "sentence": f"Ana w{n % 7} Bo n{n}",
            "mentions": [{"span": [0, 3]}, {"span": [7, 9]}],
            "relation": "knows" if n % 3 else "None",
            "direction": "forward" if n % 3 else "both",
        }
        lines.append(json.dumps(given))
    (tmp_path / "own.jsonl").write_text("\n".join(lines), "utf-8")
    done = run("audit", "jsonl", tmp_path / "own.jsonl")
    assert done.code == 0, done.err
    assert "pairs of dev" in done.out.replace("\n", " ")
    assert "Model version" not in done.out
    refused = run("audit", "jsonl", tmp_path / "own.jsonl", "--catalogue", "mnre")
    assert refused.code == 1
    assert "Expected a relation id of catalogue 'mnre'. Found 'knows'." in refused.err
    missing = run("audit", "jsonl", tmp_path / "own.jsonl", "--model", tmp_path / "none")
    assert "Expected a model version folder at" in missing.err


def test_a_workspace_is_audited_as_the_data_set_it_holds(
    run: Run, folder: Path, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    assert run("init", home, "--no-starter").code == 0
    assert run("import", "mnre", folder, "--workspace", home).code == 0
    files, kept = tmp_path / "files.json", tmp_path / "kept.json"
    assert run("audit", "mnre", folder, "--no-model", "--out", files).code == 0
    done = run("audit", "workspace", home, "--no-model", "--out", kept)
    assert done.code == 0, done.err
    assert "- Mention order alone gives 100.0 F1" in done.out
    one, other = (json.loads(p.read_text("utf-8")) for p in (files, kept))
    assert [r["f1"] for r in one["rows"]] == [r["f1"] for r in other["rows"]]
    assert (one["fitted"], one["scored"]) == (other["fitted"], other["scored"])
    own = tmp_path / "own.jsonl"
    given = {"sentence": "Ana w Bo", "mentions": [{"span": [0, 3]}, {"span": [6, 8]}],
             "relation": "knows", "direction": "forward"}  # fmt: skip
    own.write_text(json.dumps(given), "utf-8")
    assert run("import", "jsonl", own, "--workspace", home).code == 0
    done = run("audit", "workspace", home)
    assert (done.code, "Model version" in done.out) == (0, False), "a label no catalogue knows"
    missing = run("audit", "workspace", tmp_path / "nowhere", "--no-model")
    assert missing.code == 1
    assert "python -m roc_core init" in missing.err


@pytest.mark.encoders
def test_the_default_model_is_compared_where_the_catalogue_fits(run: Run, folder: Path) -> None:
    done = run("audit", "mnre", folder)
    assert done.code == 0, done.err
    assert "- Model version mini, sentence only reaches" in done.out
