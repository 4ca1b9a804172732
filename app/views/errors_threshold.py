"""The “none of these” line and confidence: what moving the line would do, what can be trusted."""

from __future__ import annotations

import numpy as np
import streamlit as st

from app.views.errors_scope import Scope
from app.views.words import items_said
from roc_core.figures import line_said, reliability_plot, threshold_plot
from roc_core.schema import Analysis
from roc_core.workspace import ThresholdCurve, calibration, threshold_curve

STEP = 0.005


def show_threshold(scope: Scope) -> None:
    """The histogram of margins with a slider that moves the line."""
    curve = scope.kept("curve", lambda: threshold_curve(scope.analysis))
    st.fragment(_slider)(scope, curve)
    said, warning = line_said(curve)
    st.text(said)
    st.warning(warning, icon=":material/warning:")


def _slider(scope: Scope, curve: ThresholdCurve) -> None:
    """Drawn anew by itself while the slider moves."""
    a = scope.analysis
    low, high = _ends(a.margins)
    shift = float(
        st.slider(
            "Move every “none of these” line by (cosine points)",
            low,
            high,
            0.0,
            STEP,
            format="%+.3f",
            key=scope.key("shift"),
        )
    )
    _figures(curve, shift)
    st.plotly_chart(
        threshold_plot(a, curve, shift, scope.dark),
        key=scope.key("threshold"),
        config=scope.config("threshold"),
    )
    moved = _moved(a, shift)
    if st.button(
        f"Select the {items_said(len(moved))} whose answer changes",
        icon=":material/select_all:",
        disabled=not len(moved),
        key=scope.key("moved"),
    ):
        scope.select(moved, f"line moved by {shift:+.3f}")
        st.rerun(scope="app")


def _ends(margins: np.ndarray) -> tuple[float, float]:
    """Where the slider begins and ends: in whole steps, around all but the utmost margins."""
    low, high = np.percentile(margins, [0.5, 99.5])
    steps = np.floor(min(low, -STEP) / STEP), np.ceil(max(high, STEP) / STEP)
    return round(float(steps[0]) * STEP, 3), round(float(steps[1]) * STEP, 3)


def _moved(a: Analysis, shift: float) -> np.ndarray:
    """Rows whose best relation passes the one line and not the other."""
    return np.flatnonzero((a.margins >= 0) != (a.margins >= shift))


def _figures(curve: ThresholdCurve, shift: float) -> None:
    here, now = curve.at(shift), curve.at(0.0)
    with st.container(horizontal=True):
        for name, value, before in (
            ("F1", here.f1, now.f1),
            ("precision", here.precision, now.precision),
            ("recall", here.recall, now.recall),
        ):
            change = 100 * (value - before)
            delta = f"{change:+.1f}" if abs(change) >= 0.05 else None
            st.metric(name, f"{100 * value:.1f}", delta, width=130)
        st.metric("relations answered", f"{here.predicted:,}", width=170)


def show_calibration(scope: Scope) -> None:
    """Confidence against how often it came true."""
    found = scope.kept("calibration", lambda: calibration(scope.analysis))
    if found is None:
        st.info(
            "Too few pairs, or all alike: confidence can be judged from 20 pairs on, some of them "
            "right and some wrong.",
            icon=":material/info:",
        )
        return
    st.caption(
        "Confidence that the best relation holds, read off its margin by a curve that was fitted "
        "on other pairs (five parts in turn). On the dashed line confidence is honest; below it "
        "the model is too sure."
    )
    st.plotly_chart(
        reliability_plot(found), key=scope.key("calibration"), config=scope.config("calibration")
    )
