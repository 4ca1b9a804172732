"""Processes by number and time of start: is it there, is it the same one, stop it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path


def started(pid: int) -> str:
    """When a process started, as text that no other process of that number shares; "" when there
    is none, or only the remains of one that ended.

    On Linux the boot's id and clock ticks since then (proc(5), field 22 of /proc/PID/stat), else
    what ``ps`` says, to the second.
    """
    if pid <= 0:
        return ""
    if not sys.platform.startswith("linux"):
        return _started_ps(pid)
    try:
        text = Path(f"/proc/{pid}/stat").read_text("utf-8", errors="replace")
        boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    except OSError:
        return ""
    # The second field is the program's name in brackets and may itself hold brackets.
    fields = text.rpartition(")")[2].split()
    return "" if fields[0] in "ZX" else f"{boot} {fields[19]}"


def _started_ps(pid: int) -> str:
    command = ["ps", "-o", "stat=,lstart=", "-p", str(pid)]
    try:
        out = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    except OSError:
        return ""
    state, _, rest = out.strip().partition(" ")
    return "" if not state or state.startswith("Z") else rest.strip()


def alive(pid: int, process: str) -> bool:
    """Whether the process that ``started`` described is still there."""
    return bool(process) and started(pid) == process


def ask_to_stop(pid: int, process: str) -> None:
    """SIGTERM, if it is still the same process."""
    if alive(pid, process):
        _send(pid, signal.SIGTERM, group=False)


def kill(pid: int, process: str, patience: float = 3.0) -> bool:
    """SIGKILL the process and what it started in its group; whether it is gone after waiting
    ``patience`` seconds."""
    if alive(pid, process):
        _send(pid, signal.SIGKILL, group=True)
    end = time.monotonic() + patience
    while alive(pid, process):
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def _send(pid: int, number: signal.Signals, group: bool) -> None:
    """Send a signal to a process, or with ``group`` to all of the group it leads, if it does."""
    with suppress(ProcessLookupError, PermissionError):
        if group and os.getpgid(pid) == pid:
            os.killpg(pid, number)
        else:
            os.kill(pid, number)
