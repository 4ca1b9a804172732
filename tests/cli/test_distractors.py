"""The command that hides relations among made ones, on a made MNRE folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.running import Run
from tests.evaluation.made_mnre import write_mnre

pytestmark = pytest.mark.encoders


def test_it_measures_with_and_without_types_and_keeps_vectors(run: Run, tmp_path: Path) -> None:
    data, report = write_mnre(tmp_path / "mnre", val=20), tmp_path / "report.json"
    counts = ("--count", 0, "--count", 5, "--count", 12)
    keep = ("--keep", tmp_path / "kept")
    done = run("distractors", "mnre", data, *counts, "--seeds", 2, *keep, "--report", report)
    assert done.code == 0, done.err
    assert "22 relations of 20 pairs hidden among made ones" in done.out
    assert "protocol honest, sentences alone" in done.out
    found = json.loads(report.read_text("utf-8"))
    rows = [(r["distractors"], r["types_filtered"], r["draws"]) for r in found["rows"]]
    assert rows == [
        (0, False, 1), (5, False, 2), (12, False, 1),
        (0, True, 1), (5, True, 2), (12, True, 1),
    ]  # fmt: skip
    assert found["rows"][0]["made"] == found["rows"][3]["made"] == 0
    assert found["rows"][0]["hit3"] >= found["rows"][2]["hit3"]
    again = run("distractors", "mnre", data, *counts, "--seeds", 2, *keep, "--report", report)
    assert again.code == 0, again.err
    for one, other in zip(
        found["rows"], json.loads(report.read_text("utf-8"))["rows"], strict=True
    ):
        assert (other["f1"], other["hit3"]) == (one["f1"], one["hit3"])


def test_what_cannot_be_measured_is_refused(run: Run, tmp_path: Path) -> None:
    data = write_mnre(tmp_path / "mnre", val=4)
    done = run("distractors", "mnre", data, "--count", -3)
    assert done.code == 1
    assert "numbers of made relations from 0 to 200000" in done.err
    done = run("distractors", "mnre", data, "--model", tmp_path / "none")
    assert done.code == 1
    assert f"Expected a model version folder at {tmp_path / 'none'}." in done.err
