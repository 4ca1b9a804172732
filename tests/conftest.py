"""What every test shares: a fixed environment, repeatable property tests, no network."""

from __future__ import annotations

import ipaddress
import os
import socket
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parents[1]
SHARED_DATA = ROOT / "../shared/data"

# Before any test module is imported: libraries read these once, and subprocesses inherit them.
os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_OFFLINE="1", TOKENIZERS_PARALLELISM="false")
os.environ.pop("ROC_WORKSPACE", None)

# Deadlines measure the machine; under "house" every run draws the same examples.
settings.register_profile(
    "house",
    derandomize=True,
    max_examples=30,  # soak draws many
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "soak", settings.get_profile("house"), derandomize=False, max_examples=2000
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "house"))


def is_local(address: object) -> bool:
    """Whether a socket address stays on this machine (loopback, or a Unix socket's path)."""
    if not isinstance(address, tuple):
        return True
    host = str(address[0]).partition("%")[0]
    if host in ("", "localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@pytest.fixture(scope="session", autouse=True)
def _offline() -> Any:
    """Fail a test that tries to reach another machine from its own process."""
    patch = pytest.MonkeyPatch()
    for name in ("connect", "connect_ex"):
        patch.setattr(socket.socket, name, _refuse_remote(getattr(socket.socket, name)))
    yield
    patch.undo()


def _refuse_remote(call: Any) -> Any:
    def guarded(self: socket.socket, address: Any) -> Any:
        if not is_local(address):
            raise ConnectionRefusedError(f"Tests run offline; something connects to {address}.")
        return call(self, address)

    return guarded


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of published data sets beside the repository; skips where there is none."""
    if not SHARED_DATA.is_dir():
        pytest.skip("skipped: ../shared/data (MNRE text and pictures) is not there")
    return SHARED_DATA
