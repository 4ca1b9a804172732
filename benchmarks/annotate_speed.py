"""How long the Annotate page takes from a key to the next item with its suggestions.

Run from the repository's root: ``python benchmarks/annotate_speed.py``. It makes a workspace of the
starter set, starts the app on it with the version that comes with the program, and labels items in
a headless Chromium by keys. The browser's own clock says how long it took from the key's event to
the first frame that shows the next item and its suggestions; no round trip of the test is in it.

Two paces: an annotator who looks at each item for ``--pause`` seconds (1 by default), and keys
pressed without any pause, which no person does. The run fails when the 95th percentile of the
first is above ``--limit`` milliseconds (150), or when the log lacks a label.
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from roc_core.workspace import Workspace

ROOT = Path(__file__).resolve().parents[1]
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
KEYS = ("1", "2", "0", "1", "3")
WATCH = """(() => {
  window.took = [];
  let began = 0, before = '';
  const root = () => document.querySelector('.roca');
  window.addEventListener('keydown', () => {
    began = performance.now();
    before = root()?.dataset.at;
  }, {capture: true});
  const look = () => {
    const {at, ready} = root()?.dataset ?? {};
    if (began && at && at !== before && ready === '1') {
      const start = began;
      began = 0;
      requestAnimationFrame(() => requestAnimationFrame(
        () => window.took.push(performance.now() - start)));
    }
  };
  new MutationObserver(look).observe(document,
    {subtree: true, attributes: true, attributeFilter: ['data-at', 'data-ready']});
})()"""
"""Set up before the page is, whose own listener keeps a key it knows to itself."""


def main() -> None:
    """Measure, print, and fail when it is too slow."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--items", type=int, default=100)
    parser.add_argument("--pause", type=float, default=1.0, help="seconds an item is looked at")
    parser.add_argument("--limit", type=float, default=150.0, help="milliseconds")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, served(Path(folder) / "workspace") as url:
        paced, flat = measured(url, given.items, given.pause)
        ws = Workspace.open(Path(folder) / "workspace")
        kept = len(ws.annotation.own_labels())
    print(f"looking {given.pause} s at each: {said(paced)}")
    print(f"without any pause: {said(flat)}")
    print(f"labels in the log: {kept} of {len(paced) + len(flat)}")
    if percentile(paced) > given.limit or kept != len(paced) + len(flat):
        raise SystemExit(1)


def percentile(values: Sequence[float]) -> float:
    """The 95th percentile."""
    return statistics.quantiles(values, n=20)[-1]


def said(values: Sequence[float]) -> str:
    """Median, 95th percentile and the most, in milliseconds."""
    return (
        f"{len(values)} items, p50 {statistics.median(values):.0f} ms, "
        f"p95 {percentile(values):.0f} ms, most {max(values):.0f} ms"
    )


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The app on a new workspace, with its model loaded."""
    Workspace.create(folder)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "streamlit", "run", "app/main.py", "--server.port", str(port)]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, "ROC_WORKSPACE": str(folder)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{url}/_stcore/health", timeout=1).close()
                break
            except OSError:
                time.sleep(0.2)
        yield url
    finally:
        process.kill()
        process.wait()


def measured(url: str, items: int, pause: float) -> tuple[list[float], list[float]]:
    """Milliseconds for each item, at both paces."""
    from playwright.sync_api import sync_playwright

    found = next((path for name in CHROMIUM if (path := shutil.which(name))), None)
    if found is None:
        raise SystemExit("This needs a Chromium (Debian: apt-get install chromium).")
    arguments = ["--no-sandbox", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=arguments)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.set_default_timeout(120_000)
        page.add_init_script(WATCH)
        page.goto(f"{url}/annotate")
        page.locator(".roca[data-ready='1']").wait_for()
        page.wait_for_timeout(5_000)
        paced = labelled(page, items, pause)
        flat = labelled(page, items, 0.0)
        page.locator(".roca-saved[data-unsaved='0']").wait_for()
        browser.close()
    return paced, flat


def labelled(page: Any, items: int, pause: float) -> list[float]:
    """Label so many items by keys."""
    page.evaluate("() => { window.took = []; }")
    for number in range(items):
        page.keyboard.press(KEYS[number % len(KEYS)])
        page.wait_for_function(f"() => window.took.length > {number}", polling=20)
        if pause:
            page.wait_for_timeout(pause * 1000)
    return [float(x) for x in page.evaluate("() => window.took")]


if __name__ == "__main__":
    main()
