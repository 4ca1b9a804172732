"""A real server on a free port, a real Chromium, a workspace of their own."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


@dataclass
class Server:
    """The app on a port of this machine; it can be killed and started again."""

    workspace: Path
    log: Path
    port: int = 0
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        if not self.port:
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                self.port = free.getsockname()[1]
        command = [sys.executable, "-m", "streamlit", "run", "app/main.py"]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*command, "--server.port", str(self.port)],
                cwd=ROOT,
                env={**os.environ, "ROC_WORKSPACE": str(self.workspace)},
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        for _ in range(300):
            if self._healthy():
                return
            time.sleep(0.1)
        raise AssertionError(f"the server did not start:\n{self.log.read_text()[-3000:]}")

    def _healthy(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=1) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def kill(self) -> None:
        """As ``kill -9`` does: no handler runs, nothing is flushed."""
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What a browser does between two of its events is not in our hands: a test of it may be begun
    anew once, and a run says which were."""
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture(scope="session")
def chromium() -> str:
    found = next((path for name in CHROMIUM if (path := shutil.which(name))), None)
    if found:
        return found
    if os.environ.get("ROC_REQUIRE_BROWSER") == "1":
        pytest.fail("ROC_REQUIRE_BROWSER=1 and no Chromium is installed")
    pytest.skip("skipped: browser tests need a Chromium (Debian: apt-get install chromium)")


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Any]:
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=30_000)  # what is there sooner is seen sooner
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-background-networking"]
        )
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def server(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("server")
    running = Server(folder / "workspace", folder / "log.txt")
    running.start()
    yield running
    running.kill()


@dataclass(frozen=True)
class Window:
    """A page in a window of a size (CSS pixels) and a colour scheme, for what must fit in it."""

    page: Any
    width: int
    height: int
    scheme: str

    @property
    def name(self) -> str:
        """Tells screenshots of one page apart."""
        return f"{self.width}-{self.scheme}"


# Every test run looks at the narrow window, where things run out of place first.
@pytest.fixture(
    params=[pytest.param((1440, 900, "light"), marks=pytest.mark.soak), (1024, 768, "dark")],
    ids=lambda p: f"{p[0]}-{p[2]}",
)
def window(browser: Any, server: Server, request: pytest.FixtureRequest) -> Iterator[Window]:
    """A new browser session on the app, in a wide light and in a narrow dark window."""
    width, height, scheme = request.param
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    opened = context.new_page()
    opened.set_default_timeout(60_000)
    opened.goto(server.url)
    yield Window(opened, width, height, scheme)
    context.close()


@pytest.fixture
def page(browser: Any, server: Server) -> Iterator[Any]:
    """A browser session of its own (no cookies) on the fresh Analyze page."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    opened = context.new_page()
    opened.set_default_timeout(60_000)
    problems: list[str] = []
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.on("requestfailed", lambda request: problems.append(f"failed: {request.url}"))
    opened.goto(server.url)
    opened.get_by_text("Model version:").wait_for()
    yield opened
    context.close()
    elsewhere = [p for p in problems if p.startswith("failed: ") and "127.0.0.1" not in p]
    errors = [p for p in problems if not p.startswith("failed: ")]
    assert not elsewhere, f"the page fetched something from outside: {elsewhere}"
    assert not errors, errors
