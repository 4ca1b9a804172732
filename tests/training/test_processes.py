"""Two real processes train one version together; shares of a batch."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roc_core.training.processes import Processes

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


@given(st.lists(st.integers(), max_size=20), st.integers(1, 5))
def test_shares_are_the_batch_or_the_whole_of_a_small_one(items: list[int], count: int) -> None:
    processes = Processes()
    shares = []
    for number in range(count):
        processes.count, processes.number = count, number
        shares.append(processes.share(items))
    if len(items) < count:
        assert shares == [items] * count
    else:
        assert sorted(x for s in shares for x in s) == sorted(items)
        assert max(map(len, shares)) - min(map(len, shares)) <= 1


def test_one_process_is_the_first_and_makes_its_own_decisions() -> None:
    processes = Processes()
    assert (processes.count, processes.first, processes.from_first(lambda: 3)) == (1, True, 3)


@pytest.mark.skipif(sys.platform != "linux", reason="skipped: gloo over loopback is tried on Linux")
def test_two_processes_train_one_version(tmp_path: Path) -> None:
    launch = "-m accelerate.commands.launch --multi_gpu --num_processes 2 --num_machines 1"
    options = f"--mixed_precision no --dynamo_backend no --main_process_port {free_port()}"
    command = [sys.executable, *launch.split(), *options.split(), "-m", "tests.training.one_run"]
    environment = os.environ | {
        "PYTHONPATH": str(ROOT), "CUDA_VISIBLE_DEVICES": "", "GLOO_SOCKET_IFNAME": "lo",
    }  # fmt: skip
    done = subprocess.run([*command, str(tmp_path)], cwd=ROOT, env=environment,
                          capture_output=True, text=True, timeout=280)  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    found = [json.loads(x) for x in done.stdout.splitlines() if x.startswith("{")]
    assert len(found) == 1, "only the first process prints"
    losses = [loss for _, loss, _ in found[0]["log"]]
    assert losses[-1] < 0.9 * losses[0]
    log = (tmp_path / "train.log").read_text("utf-8")
    assert log.count("training: seed 0") == 1
    assert "processes 2" in log
    assert (tmp_path / "train.csv").read_text("utf-8").count("\n") == 4
