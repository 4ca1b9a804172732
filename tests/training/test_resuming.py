"""A training that was really killed goes on to the very same result; a foreign state is refused."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from roc_core.errors import ModelVersionInvalid, ValueRejected
from roc_core.training.checkpoint import STATE, Checkpoints, digest, flat, move_logs
from tests.training.made import parts
from tests.training.one_run import outcome, trained

ROOT = Path(__file__).resolve().parents[2]
KILLED_AT = 9
"""In the second of three epochs of six steps."""


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.training.one_run", *map(str, arguments)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True,
                          timeout=240)  # fmt: skip


@pytest.fixture(scope="module")
def unkilled(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What the training ends with in one go."""
    return json.loads(json.dumps(outcome(trained(tmp_path_factory.mktemp("whole") / "state"))))


def test_a_killed_training_goes_on_to_the_very_same_result(unkilled: Any, tmp_path: Path) -> None:
    folder = tmp_path / "made.training"
    killed = run(folder, KILLED_AT)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    position = torch.load(folder / STATE, weights_only=True)["state"]["position"]
    assert (position["epoch"], position["batch"], position["step"]) == (2, 2, KILLED_AT - 1)
    taken_up = run(folder)
    assert taken_up.returncode == 0, taken_up.stderr
    assert json.loads(taken_up.stdout) == unkilled
    log = (folder / "train.log").read_text("utf-8")
    assert "taken up in epoch 2 after step 8" in log
    with (folder / "train.csv").open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    names = ["epoch", "step", "loss", "dev_f1", "examples_per_second", "seconds"]
    assert list(rows[0]) == names
    assert [(int(r["epoch"]), int(r["step"])) for r in rows] == [(1, 6), (2, 12), (3, 18)]
    assert all(float(r["examples_per_second"]) > 0 for r in rows)


def test_a_finished_training_that_was_not_saved_is_not_trained_again(
    unkilled: Any, tmp_path: Path
) -> None:
    trained(tmp_path / "state")
    again = trained(tmp_path / "state", kill_at=1)  # would end this process if it made a step
    assert json.loads(json.dumps(outcome(again))) == unkilled


def test_a_state_of_other_settings_is_refused_and_kept(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    trained(folder, epochs=1)
    before = (folder / STATE).read_bytes()
    with pytest.raises(ValueRejected) as raised:
        trained(folder, epochs=2)
    assert str(raised.value) == (
        f"Expected the settings of the unfinished training in {folder}: train.epochs 1. "
        "Found train.epochs 2. "
        "Finish it with the same settings, or delete that folder."
    )
    assert (folder / STATE).read_bytes() == before


def test_a_damaged_state_is_named(tmp_path: Path) -> None:
    (tmp_path / STATE).write_bytes(b"PK\x03\x04 cut")
    with pytest.raises(ModelVersionInvalid) as raised:
        Checkpoints(tmp_path, {}).load()
    text = str(raised.value)
    assert text.startswith(f"Expected the state of an unfinished training in {tmp_path / STATE}.")
    assert text.endswith(f"Delete {tmp_path} to start anew.")


@given(st.binary(max_size=200))
def test_no_bytes_are_taken_for_a_state(tmp_path_factory: Any, content: bytes) -> None:
    folder = tmp_path_factory.mktemp("any")
    (folder / STATE).write_bytes(content)
    with pytest.raises(ModelVersionInvalid):
        Checkpoints(folder, {}).load()


PLAIN = st.dictionaries(
    st.text("abc", min_size=1, max_size=3), st.integers() | st.floats(allow_nan=False) | st.text()
)


@given(PLAIN, PLAIN)
def test_a_state_loads_for_its_own_identity_alone(
    tmp_path_factory: Any, own: dict[str, Any], other: dict[str, Any]
) -> None:
    folder = tmp_path_factory.mktemp("state")
    Checkpoints(folder, own).save({"step": 3, "weights": torch.arange(4.0)})
    state = Checkpoints(folder, own).load()
    assert state is not None
    assert (state["step"], state["weights"].tolist()) == (3, [0.0, 1.0, 2.0, 3.0])
    if flat(own) != flat(other):
        with pytest.raises(ValueRejected, match="the settings of the unfinished training in"):
            Checkpoints(folder, other).load()


def test_without_a_folder_nothing_is_kept(tmp_path: Path) -> None:
    none = Checkpoints(None, {"seed": 1})
    none.save({"step": 1})
    assert none.load() is None


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(ValueRejected, match="Expected to write") as raised:
        Checkpoints(tmp_path / "file" / "state", {}).make_folder()
    assert "what was saved before is kept" in str(raised.value)


def test_the_digest_tells_labels_order_and_texts_apart() -> None:
    some = parts()[0][:4]
    assert digest(some) == digest(list(some)) != digest(some[::-1])
    assert digest(some) != digest(some[:3])


def test_logs_move_into_the_version_and_the_folder_goes(tmp_path: Path) -> None:
    folder, version = tmp_path / "m.training", tmp_path / "m"
    folder.mkdir()
    version.mkdir()
    (folder / "train.log").write_text("a\n", "utf-8")
    (folder / STATE).write_bytes(b"x")
    move_logs(folder, version)
    assert (version / "train.log").read_text("utf-8") == "a\n"
    assert not folder.exists()
