"""``python -m app.launch``: the server answers, and the model is being read meanwhile."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def healthy(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=1) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


@pytest.mark.encoders
def test_the_launcher_serves_a_workspace(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    workspace = tmp_path / "work space"
    with (tmp_path / "log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "app.launch", "--server.port", str(port)],
            cwd=ROOT,
            env={**os.environ, "ROC_WORKSPACE": str(workspace)},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            end = time.monotonic() + 60
            while not (healthy(port) and (workspace / "workspace.db").is_file()):
                assert server.poll() is None, (tmp_path / "log").read_text()
                assert time.monotonic() < end, (tmp_path / "log").read_text()
                time.sleep(0.1)
        finally:
            server.kill()
            server.wait()
    assert "Traceback" not in (tmp_path / "log").read_text()
