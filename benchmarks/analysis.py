"""What an analyst waits for on a whole data set: jobs, pages, a cell, an explanation.

Run from the repository's root: ``python benchmarks/analysis.py path/to/mnre``. It imports the data
set into a workspace of its own, runs the jobs that compute vectors and map, times explanations,
then starts the app on it and opens pages in a headless Chromium. Printed: seconds by the clock
beside what they may be at most, and the memory of the app's process.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from map_load import CHROMIUM, WARM, open_data, serving

from roc_core.schema import Label
from roc_core.workspace import Workspace

EXPLAINED = 20
CHART = ".js-plotly-plot .nsewdrag"
FRESH = """([head, chart]) => document.body.innerText.includes(head)
  && [...document.querySelectorAll(chart)].some(e => !e.closest('[data-stale="true"]'))
  && !document.querySelector('[data-test-script-state="running"]')"""
"""Whether the page with this head is drawn, its chart too: that of the page before stays for a
while."""
HEADS = {"Errors": "Errors: where are answers wrong", "Map": "Map: which pairs are alike"}
AXIS = "plot => plot.layout.xaxis.ticktext"


def said(what: str, seconds: float, most: float) -> None:
    """One line: seconds, and whether they are few enough."""
    print(f"{what:48} {seconds:7.2f} s  {'under' if seconds < most else 'NOT under'} {most:g} s")


def run_job(workspace: Workspace, kind: str, most: float) -> None:
    """Run a job to its end and print how long it took."""
    began = time.monotonic()
    job = workspace.start_job(kind)
    while not workspace.job(job).over:
        time.sleep(0.5)
    done = workspace.job(job)
    if done.state != "done":
        raise SystemExit(f"The job '{kind}' ended {done.state}: {done.error}")
    said(f"job {kind}: {done.title.lower()}", time.monotonic() - began, most)


def explanations(workspace: Workspace) -> None:
    """Time the first part and all of the explanation of some items' best relations."""
    workspace.warm()
    first, full = [], []
    for item in workspace.items(limit=EXPLAINED).items:
        ranked = workspace.predict(item.example).ranked
        best = ranked[0]
        other = next(r for r in ranked if r.relation != best.relation)
        began = time.monotonic()
        workspace.explain(item.example, best.relation, best.direction)
        first.append(time.monotonic() - began)
        began = time.monotonic()
        for _ in workspace.reasons.all(item.example, best, Label(other.relation, other.direction)):
            pass
        full.append(time.monotonic() - began)
    said("explanation, its first part, median", statistics.median(first), 0.3)
    said("explanation, all of it, median", statistics.median(full), 1.5)


def pages(workspace: Path, turns: int) -> None:
    """Time pages and a cell of the confusion matrix in new browser sessions."""
    from playwright.sync_api import sync_playwright

    chromium = next(path for name in CHROMIUM if (path := shutil.which(name)))
    with serving(workspace) as (url, pid), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for turn in range(turns):
            page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
            page.set_default_timeout(120_000)
            open_data(page, url)
            page.wait_for_timeout(1000 * (3.0 if turn else WARM))
            said("Errors page, new session", _timed(page, "Errors"), 2.0)
            said("a cell, until its items are there", _cell(page), 0.5)
            said("Map page", _timed(page, "Map"), 3.0)
            said("Errors page, again", _timed(page, "Errors"), 2.0)
        status = Path(f"/proc/{pid}/status").read_text("ascii")
        most = int(status.partition("VmHWM:")[2].split()[0]) / 1e6
        print(f"memory of the app, most: {most:.1f} GB")


def _timed(page: Any, name: str) -> float:
    began = time.monotonic()
    page.get_by_role("link", name=name, exact=True).click()
    page.wait_for_function(FRESH, arg=[HEADS[name], CHART], polling=20)
    found = time.monotonic() - began
    page.wait_for_timeout(2000)
    return found


def _cell(page: Any) -> float:
    """Click the cell of the last label answered as itself."""
    names = page.locator(".js-plotly-plot").first.evaluate(AXIS)
    plot = page.locator(CHART).first
    plot.scroll_into_view_if_needed()
    page.wait_for_timeout(1000)
    box, share = plot.bounding_box(), (len(names) - 0.5) / len(names)
    began = time.monotonic()
    page.mouse.click(box["x"] + box["width"] * share, box["y"] + box["height"] * share)
    page.get_by_text(f"{names[-1]} answered as {names[-1]}").first.wait_for()
    return time.monotonic() - began


def main() -> None:
    """Import, compute, explain, open."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--format", default="mnre")
    parser.add_argument("--turns", type=int, default=2)
    wanted = parser.parse_args()
    steps: tuple[tuple[str, float], ...] = (("vectors", 300.0), ("map", 90.0), ("doubts", 60.0))
    with tempfile.TemporaryDirectory() as temporary:
        workspace = Workspace.create(Path(temporary) / "workspace", starter=False)
        print(f"{workspace.import_data(wanted.format, wanted.data).added:,} pairs")
        for kind, most in steps:
            run_job(workspace, kind, most)
        explanations(workspace)
        pages(workspace.path, wanted.turns)


if __name__ == "__main__":
    main()
