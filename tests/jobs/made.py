"""Work made for tests, as kinds of jobs."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from roc_core.errors import ValueRejected
from roc_core.jobs.kinds import Kind, by_name
from roc_core.jobs.report import Progress

HERE = "tests.jobs.made"
RUNNER = "tests.jobs.run_made"


def count(folder: Path, parameters: Mapping[str, Any], report: Progress) -> Mapping[str, Any]:
    """Count to ``to`` with ``pause`` seconds between; a file says how far it came."""
    for n in range(parameters["to"] + 1):
        (folder / f"count-{parameters.get('name', '')}").write_text(str(n))
        report(n, parameters["to"], "counting")
        time.sleep(parameters.get("pause", 0.0))
    return {"counted": parameters["to"]}


def deaf(folder: Path, parameters: Mapping[str, Any], report: Progress) -> Mapping[str, Any]:
    """Never look up from the work, and start a child that does not either."""
    report(0, 0, "deaf")
    if os.fork() == 0:
        (folder / "child").write_text(str(os.getpid()))
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        time.sleep(0.1)


def refuse(folder: Path, parameters: Mapping[str, Any], report: Progress) -> Mapping[str, Any]:
    raise ValueRejected("work that can be done", "none", "Choose \ud800 other work.")


def stumble(folder: Path, parameters: Mapping[str, Any], report: Progress) -> Mapping[str, Any]:
    return {"share": 1 / (len(parameters) - 1)}


def unkeepable(folder: Path, parameters: Mapping[str, Any], report: Progress) -> Mapping[str, Any]:
    return {"folder": folder}


def die(folder: Path, parameters: Mapping[str, Any], report: Progress) -> Mapping[str, Any]:
    report(1, 2, "dying")
    os.kill(os.getpid(), signal.SIGKILL)
    return {}


MADE = by_name(
    Kind("count", "Counting", f"{HERE}:count", ("to", "pause", "name")),
    Kind("light", "Counting beside", f"{HERE}:count", ("to", "pause", "name"), heavy=False),
    Kind("deaf", "Not listening", f"{HERE}:deaf"),
    Kind("refuse", "Refusing", f"{HERE}:refuse"),
    Kind("stumble", "Stumbling", f"{HERE}:stumble", ("over",)),
    Kind("unkeepable", "Answering oddly", f"{HERE}:unkeepable"),
    Kind("die", "Dying", f"{HERE}:die"),
    Kind("gone", "Missing", "tests.jobs.no_such_module:work"),
)
