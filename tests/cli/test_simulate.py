"""The command that replays a data set as a stream of labels."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.running import Run
from tests.evaluation.made_mnre import tiny_preset, write_mnre
from tests.tiny import make_checkpoint


def test_the_command_writes_and_goes_on(run: Run, tmp_path: Path) -> None:
    (tmp_path / "encoder").mkdir()
    make_checkpoint(tmp_path / "encoder")
    preset = tiny_preset(tmp_path / "tiny.toml", tmp_path / "encoder")
    data = write_mnre(tmp_path / "mnre", train=240, val=20)
    given = (
        "simulate", "mnre", data, "--out", tmp_path / "out", "--base-share", "0.2",
        "--steps", "10,30", "--orders", "uncertainty", "--with", "memory", "--split", "dev",
        "--preset", preset, "--full",
    )  # fmt: skip
    done = run(*given)
    assert done.code == 0, done.err
    assert "A version trained on all labels: F1 0." in done.out
    assert "memory, uncertainty" in done.out
    found = json.loads((tmp_path / "out/simulation.json").read_text("utf-8"))
    assert [p["labels"] for p in found["points"]] == [10, 30]
    assert run(*given).out == done.out
    refused = run(*given[:-1], "--steps", "many")
    assert (refused.code, "Expected numbers such as 200,500. Found many." in refused.err) == (
        1,
        True,
    )
