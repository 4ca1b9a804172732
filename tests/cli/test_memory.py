"""The command that measures the correction memory."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.running import Run
from tests.evaluation.made_mnre import write_mnre

pytestmark = pytest.mark.encoders


def test_it_counts_fixed_and_broken_and_writes_a_report(run: Run, tmp_path: Path) -> None:
    data, report = write_mnre(tmp_path / "mnre", val=80), tmp_path / "memory.json"
    done = run("memory", "mnre", data, "--least", "6", "--draws", "2", "--report", report)
    assert done.code == 0, done.err
    assert "share fixed" in done.out
    assert "weight 0.5, 5 neighbours, floor 0.97" in done.out
    found = json.loads(report.read_text("utf-8"))
    assert found["pairs"] == 80
    assert found["rows"][0]["corrections"] == 1
    for trial in found["trials"]:
        assert trial["gold"] != trial["answered"]
        assert 0 <= trial["fixed"] <= trial["members"] - trial["corrections"]
        assert 0 <= trial["broken"] <= found["right"]


def test_too_small_a_split_and_wrong_settings_are_refused(run: Run, tmp_path: Path) -> None:
    data = write_mnre(tmp_path / "mnre", val=20)
    done = run("memory", "mnre", data)
    assert done.code == 1
    assert "Expected a confusion of at least 25 pairs." in done.err
    done = run("memory", "mnre", data, "--weight", "2")
    assert done.code == 1
    assert "weight 0..1" in done.err
