"""What only the browser knows: the annotator's name of the last visit, the window's width."""

from __future__ import annotations

from urllib.parse import quote

import streamlit as st

KEY = "browser"
WIDTHS = {"narrow": 300, "usual": 460, "wide": 600}
"""CSS pixels a picture may take, by window width: under 1250, up to 1750, above."""
JS = """
const listeners = new WeakMap();

export default function ({ data, parentElement, setStateValue }) {
  const year = 60 * 60 * 24 * 365;
  document.cookie = `${data.name}=${data.value}; max-age=${year}; path=/; SameSite=Strict`;
  const report = () => {
    const width = window.innerWidth;
    const now = width < 1250 ? "narrow" : width <= 1750 ? "usual" : "wide";
    if (now !== data.width) setStateValue("width", now);
  };
  window.removeEventListener("resize", listeners.get(parentElement));
  listeners.set(parentElement, report);
  window.addEventListener("resize", report);
  report();
  return () => window.removeEventListener("resize", report);
}
"""


def connect(name: str, value: str) -> None:
    """Keep ``value`` in the cookie ``name`` for a year and learn how wide the window is."""
    component = st.components.v2.component("roc_browser", html="<div>\n</div>", js=JS)
    data = {"name": name, "value": quote(value, safe=""), "width": _width()}
    component(key=KEY, data=data, height=1, on_width_change=lambda: None)


def picture_width() -> int:
    """CSS pixels a picture on the left half of a page may take."""
    return WIDTHS[_width()]


def _width() -> str:
    known = st.session_state.get(KEY)
    width = known.get("width") if known else None
    return width if width in WIDTHS else "usual"
