"""The guard's figures before and after a training."""

from __future__ import annotations

import streamlit as st

from roc_core.figures import guard_plot
from roc_core.schema import GuardPart, VersionInfo

FIGURES = {"F1": "f1", "hit@3": "hit3", "none kept": "none_kept", "right": "right"}


def show_guard(info: VersionInfo) -> None:
    """The table, bars of F1, the rule and the verdict."""
    guard = info.guard
    if guard is None:
        st.info(
            "No guard has judged this version: it was not learnt in this workspace.",
            icon=":material/rule:",
        )
        return
    if guard.parts:
        rows = [_row(part) for part in guard.parts]
        st.dataframe(
            {name: [row[name] for row in rows] for name in rows[0]},
            hide_index=True,
            column_config={
                name: st.column_config.NumberColumn(format="%.3f")
                for name in rows[0]
                if name.startswith(("F1", "hit", "none"))
            },
            key="versions:guard",
            alt="Figures of the guard set before and after",
        )
        st.plotly_chart(
            guard_plot(
                guard, (info.parent or "before", info.name), st.context.theme.type == "dark"
            ),
            key=f"versions:guard:bars:{info.name}",
            config={"displaylogo": False, "displayModeBar": False},
        )
    st.text(f"Rule: {guard.rule.said}")
    st.text("\n".join(guard.reasons) or "It passed.")


def _row(part: GuardPart) -> dict[str, float | int | str]:
    row: dict[str, float | int | str] = {"guard part": part.name, "pairs": part.pairs}
    for said, field in FIGURES.items():
        row[f"{said} before"] = getattr(part.before, field)
        row[f"{said} after"] = getattr(part.after, field)
    return row
