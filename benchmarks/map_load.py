"""How long the Map page takes to open with 50,000 items, and how much it sends to the browser.

Run from the repository's root: ``python benchmarks/map_load.py``. It makes a workspace of made-up
items with stored vectors, answers and a stored map, starts the app on it, and opens the page in a
headless Chromium, each time in a new browser session without a cache, until all points are drawn.

Printed for each opening: seconds by the clock; seconds of work of the server and of the browser,
which other work on the machine does not change; what the session sent (frames of its WebSocket,
uncompressed, as the page reads them); what the program's own files (the same for every workspace,
cached by a browser that was here before) took on the wire. The first opening is that of a server
that has just started. A headless browser draws WebGL without a graphics card, which counts as its
work. The Data page is opened the same way, to tell what any page takes.
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from roc_core.schema import (
    Example,
    Label,
    Landmark,
    Mention,
    PairVectors,
    Provenance,
    Record,
    Region,
    Span,
)
from roc_core.store import Store
from roc_core.store.maps import StoredMap
from roc_core.workspace import Workspace

ROOT = Path(__file__).resolve().parents[1]
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
WIDTH, CLUSTERS, BATCH = 256, 24, 5_000
SECONDS, BYTES = 3.0, 2_000_000
"""What an opening may take at most."""

WARM = 20.0
"""Seconds in which a server that has just started loads the model."""

DRAWN = """([points]) => {
  const plots = document.querySelectorAll('.js-plotly-plot');
  const chart = plots[plots.length - 1];
  if (!chart || !chart._fullData || !chart.calcdata) return false;
  const shown = chart._fullData.filter(t => t.type === 'scattergl' && t.customdata);
  return shown.reduce((sum, t) => sum + t.x.length, 0) >= points
    && chart.querySelector('.gl-canvas') !== null;
}"""


@dataclass(frozen=True, slots=True)
class Opening:
    """One opening of a page: seconds until all is drawn, seconds of work of server and browser,
    bytes of the session and of files."""

    seconds: float
    server: float
    browser: float
    session: int
    files: int

    def __str__(self) -> str:
        return (
            f"{self.seconds:.2f} s; work of server {self.server:.2f} s, browser "
            f"{self.browser:.2f} s; session {self.session:,} bytes, files {self.files:,} bytes"
        )


def make_workspace(folder: Path, items: int) -> Workspace:
    """A workspace of made-up items, their vectors, answers and map."""
    workspace = Workspace.create(folder, starter=False)
    store = Store.open(folder)
    store.set_setting("starter", "1")  # the app would add its own items
    rng = np.random.default_rng(0)
    relations = tuple(r.id for r in workspace.catalogue)
    group = rng.integers(0, CLUSTERS, items)
    own = rng.integers(0, len(relations), CLUSTERS)[group]
    store.add_records((_record(n, relations[own[n]]), None) for n in range(items))
    ids = np.array([i.id for i in store.iter_items(batch=BATCH)], "S16")
    key = workspace.vector_key()
    centres = rng.normal(size=(CLUSTERS, WIDTH))
    for start in range(0, items, BATCH):
        rows = slice(start, start + BATCH)
        store.vectors.put(key, _answers(ids[rows], centres[group[rows]], own[rows], relations, rng))
    middles = rng.uniform(0.15, 0.85, (CLUSTERS, 2))
    places = np.clip(rng.normal(middles[group], 0.04), 0, 1) * 65535
    store.maps.put(_map(workspace, ids, places, middles, relations))
    return workspace


def _record(number: int, relation: str) -> Record:
    sentence = f"Person {number} met the team of place {number % 97} on day {number % 365}"
    end = len(f"Person {number}")
    start = sentence.index("place")
    mentions = (Mention(Span(0, end), "person"), Mention(Span(start, start + 8), "location"))
    label = Label(relation, "forward") if number % 3 else None
    return Record(Example(sentence, mentions), label, Provenance("made", line=number))


def _answers(
    ids: np.ndarray, centres: np.ndarray, own: np.ndarray, relations: tuple[str, ...], rng: Any
) -> PairVectors:
    vectors = centres + rng.normal(size=centres.shape)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    margins = rng.normal(0.05, 0.1, len(ids))
    return PairVectors(
        ids,
        vectors.astype(np.float16),
        tuple(relations[r] for r in own),
        ("forward",) * len(ids),
        np.clip(margins + 0.4, -1, 1),
        margins,
        ("",) * len(ids),
        np.abs(margins),
        ("person – location",) * len(ids),
        tuple(np.argsort(rng.random(len(relations))).astype("<u2").tobytes() for _ in ids),
        ("",) * len(ids),
    )


def _map(
    workspace: Workspace,
    ids: np.ndarray,
    places: np.ndarray,
    middles: np.ndarray,
    relations: tuple[str, ...],
) -> StoredMap:
    grid, _, _ = np.histogram2d(places[:, 1], places[:, 0], bins=64)
    marks = [(int(x * 65535), int(y * 65535)) for x, y in middles]
    return StoredMap(
        version=workspace.model_version,
        model=workspace.vector_key().model,
        data="made",
        settings={},
        known=len(ids),
        newest=ids[-1].decode("ascii"),
        sampled=False,
        frame=(0.0, 0.0, 1.0, 1.0),
        items=ids,
        xs=places[:, 0].astype(np.uint16),
        ys=places[:, 1].astype(np.uint16),
        placed=np.zeros(len(ids), bool),
        landmarks=tuple(
            Landmark(r, "forward", "definition", f"a description of {r}", *mark)
            for r, mark in zip(relations, marks, strict=False)
        ),
        regions=tuple(Region(x, y, 9, relations[0], 0.5, ("met", "team")) for x, y in marks),
        density=np.rint(grid / grid.max() * 255).astype(np.uint8),
    )


@contextmanager
def serving(workspace: Path) -> Iterator[tuple[str, int]]:
    """The app on a free port of this machine: its address and the number of its process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app/main.py", "--server.port", str(port)]
    environment = {**os.environ, "ROC_WORKSPACE": str(workspace)}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    try:
        _wait(f"http://127.0.0.1:{port}/_stcore/health")
        yield f"http://127.0.0.1:{port}", process.pid
    finally:
        process.terminate()
        process.wait()


def _wait(url: str, seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("The app did not start.")


def server_work(pid: int) -> float:
    """Seconds of processor time of a process (Linux: fields 14 and 15 of proc's ``stat``)."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")


def browser_work(browser: Any) -> float:
    """Seconds of processor time of all processes of a browser."""
    found = browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
    return float(sum(process["cpuTime"] for process in found))


@contextmanager
def measured(browser: Any, pid: int) -> Iterator[tuple[Any, Callable[[], Opening]]]:
    """A page in a session of its own, and what was taken since the function was last called."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.set_default_timeout(120_000)
    session: list[int] = []
    page.on("websocket", lambda ws: ws.on("framereceived", lambda f: session.append(len(f))))
    network = context.new_cdp_session(page)
    network.send("Network.enable")
    files: list[float] = []
    network.on("Network.loadingFinished", lambda e: files.append(e["encodedDataLength"]))
    began = [time.monotonic(), server_work(pid), browser_work(browser)]

    def taken() -> Opening:
        now = [time.monotonic(), server_work(pid), browser_work(browser)]
        seconds, server, shown = (round(b - a, 2) for a, b in zip(began, now, strict=True))
        found = Opening(seconds, server, shown, sum(session), round(sum(files)))
        session.clear()
        files.clear()
        began[:] = [time.monotonic(), server_work(pid), browser_work(browser)]
        return found

    try:
        yield page, taken
    finally:
        context.close()


def open_data(page: Any, url: str) -> None:
    """Open the Data page until its list is there."""
    page.goto(f"{url}/data")
    page.get_by_role("link", name="Open", exact=True).first.wait_for()


def wait_for_points(page: Any, points: int) -> None:
    """Wait until all points of the map are drawn."""
    page.wait_for_function(DRAWN, arg=[points], polling=100)


def main() -> None:
    """Make the workspace, open the pages some times, print what it took."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--items", type=int, default=50_000)
    parser.add_argument("--openings", type=int, default=3)
    parser.add_argument("--keep", type=Path, help="make the workspace here, or use the one there")
    wanted = parser.parse_args()
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as temporary:
        folder = wanted.keep or Path(temporary) / "workspace"
        if not (folder / "workspace.db").exists():
            make_workspace(folder, wanted.items)
        chromium = next(path for name in CHROMIUM if (path := shutil.which(name)))
        with serving(folder) as (url, pid), sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            openings = _openings(browser, url, pid, wanted)
    held = min(o.seconds for o in openings) < SECONDS
    held = held and max(o.session for o in openings) < BYTES
    print(f"{'holds' if held else 'does not hold'}: under {SECONDS:g} s and {BYTES:,} bytes")


def _openings(browser: Any, url: str, pid: int, wanted: argparse.Namespace) -> list[Opening]:
    """Openings of the Map page, printed as they are made."""
    with measured(browser, pid) as (page, _):
        open_data(page, url)
        page.wait_for_timeout(1000 * WARM)
    found = []
    for _ in range(wanted.openings):
        with measured(browser, pid) as (page, taken):
            open_data(page, url)
            print(f"Data page, new session: {taken()}")
            page.get_by_role("link", name="Map", exact=True).click()
            wait_for_points(page, wanted.items)
            found.append(taken())
            print(f"Map page, from there:   {found[-1]}")
        with measured(browser, pid) as (page, taken):
            page.goto(f"{url}/map")
            wait_for_points(page, wanted.items)
            found.append(taken())
            print(f"Map page, new session:  {found[-1]}")
    return found


if __name__ == "__main__":
    main()
