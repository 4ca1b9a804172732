"""What only the browser knows: the annotator's name of the last visit, the window's width; and what
it should fetch before it is asked for."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from urllib.parse import quote

import streamlit as st

KEY = "browser"
WIDTHS = {"narrow": 300, "usual": 460, "wide": 600}
"""CSS pixels a picture may take, by window width: under 1250, up to 1750, above."""
QUIET = 1500
"""Milliseconds a page is left alone before the browser reads ahead."""
JS = """
const listeners = new WeakMap();
const LEAVING = 2500; // milliseconds in which a page that was chosen opens
let left = performance.now(); // when another page was chosen, perhaps before this was read
let waiting = 0; // a report put off until then
let reading = null; // the program that draws charts, asked for once a page load

// A figure's program is megabytes and a second's work: read while nobody waits for it.
function readAhead({ chart, quiet }) {
  const main = document.querySelector('script[type="module"][src*="static/js/"]');
  if (reading || !chart || !main) return;
  const load = () => import(new URL(chart, main.src).href).catch(() => null);
  const idle = window.requestIdleCallback ?? ((then) => setTimeout(then, 0));
  reading = setTimeout(() => idle(load), quiet);
}

const LINKS = '[data-testid="stSidebarNavLink"], [data-testid="stPageLink-NavLink"]';
const leave = (event) => {
  if (event.target.closest?.(LINKS)) left = performance.now();
};
document.addEventListener("click", leave, true);

export default function ({ data, parentElement, setStateValue }) {
  const year = 60 * 60 * 24 * 365;
  document.cookie = `${data.name}=${data.value}; max-age=${year}; path=/; SameSite=Strict`;
  const report = () => {
    // A report names the page it comes from and would bring that one back.
    const soon = left + LEAVING - performance.now();
    clearTimeout(waiting);
    if (soon > 0) {
      waiting = setTimeout(report, soon);
      return;
    }
    const width = window.innerWidth;
    const now = width < 1250 ? "narrow" : width <= 1750 ? "usual" : "wide";
    if (now !== data.width) setStateValue("width", now);
  };
  window.removeEventListener("resize", listeners.get(parentElement));
  listeners.set(parentElement, report);
  window.addEventListener("resize", report);
  report();
  readAhead(data);
  return () => {
    clearTimeout(waiting);
    window.removeEventListener("resize", report);
  };
}
"""


def connect(name: str, value: str) -> None:
    """Keep ``value`` in the cookie ``name`` for a year and learn how wide the window is."""
    component = st.components.v2.component("roc_browser", html="<div>\n</div>", js=JS)
    known = {"name": name, "value": quote(value, safe=""), "width": _width()}
    data = {**known, "chart": _chart_program(), "quiet": QUIET}
    component(key=KEY, data=data, height=1, on_width_change=lambda: None)


@cache
def _chart_program() -> str:
    """Name of the file with which Streamlit draws charts; "" in a version that calls it otherwise,
    which then reads it when the first chart is drawn."""
    folder = Path(st.__file__).parent / "static" / "static" / "js"
    found = sorted(path.name for path in folder.glob("PlotlyChart.*.js"))
    return found[0] if len(found) == 1 else ""


def picture_width() -> int:
    """CSS pixels a picture on the left half of a page may take."""
    return WIDTHS[_width()]


def _width() -> str:
    known = st.session_state.get(KEY)
    width = known.get("width") if known else None
    return width if width in WIDTHS else "usual"
