"""Does the picture help? The same version with and without, on pairs with picture or its text."""

from __future__ import annotations

import numpy as np
import streamlit as st

from app.views.errors_compare import show_groups
from app.views.errors_jobs import ask_for_answers
from app.views.errors_scope import Scope
from app.views.errors_tables import csv_button
from roc_core.figures import Table, compared_said, slice_words, two_dots
from roc_core.schema import NO_PICTURE, Analysis, Reading
from roc_core.workspace import Headline, compare, headline, slices

SEEN, HIDDEN = "", "without-pictures"


def show_pictures(scope: Scope) -> None:
    """F1 with and without, slice by slice, and the items whose answer the picture changed."""
    version = scope.reading.version
    readings = Reading(version, SEEN), Reading(version, HIDDEN)
    ids = _with_evidence(scope.other(readings[0]))
    if not ids:
        st.info(
            "No labelled item among these data has a picture or picture text. Choose other data "
            "above, or import some with pictures.",
            icon=":material/image_not_supported:",
        )
        return
    found = [scope.other(reading, only=ids) for reading in readings]
    for reading, a in zip(readings, found, strict=True):
        if a.unread:
            ask_for_answers(scope.ws, reading, a.unread, f"pictures:{reading.variant}")
            return
    seen, hidden = found
    figures = [headline(a) for a in (seen, hidden)]
    _figures(*figures)
    both = compare(seen, hidden)
    st.text(compared_said(both))
    _slices(scope, seen, hidden)
    st.caption("Items whose answer the picture changed: won are those it made right.")
    show_groups(scope, (seen, hidden), both, "pictures")


def _with_evidence(a: Analysis) -> tuple[str, ...]:
    """Ids of the items that have a picture or a picture text, both of which can be hidden."""
    picture = a.features["picture"]
    bare = [number for number, name in enumerate(picture.names) if name == NO_PICTURE]
    return a.ids(np.flatnonzero(~np.isin(picture.values, bare)))


def _figures(seen: Headline, hidden: Headline) -> None:
    change = 100 * (seen.prf.f1 - hidden.prf.f1)
    with st.container(horizontal=True):
        for name, one, delta in (
            ("F1 with pictures", seen, f"{change:+.1f} by the picture"),
            ("F1 without", hidden, None),
        ):
            low, high = one.interval
            st.metric(
                name,
                f"{100 * one.prf.f1:.1f}",
                delta,
                help=f"95 % bootstrap interval: {100 * low:.1f} to {100 * high:.1f}.",
                width=220,
            )
        st.metric("pairs with picture or its text", f"{seen.pairs:,}", width=220)


def _slices(scope: Scope, seen: Analysis, hidden: Analysis) -> None:
    """Slices that are not small, those the picture helps most first."""
    blind = {(s.feature, s.value): s.figures.prf.f1 for s in slices(hidden)}
    rows = [
        (slice_words(s), s.figures.prf.f1, blind[s.feature, s.value], s.figures.pairs)
        for s in slices(seen)
        if not s.small and (s.feature, s.value) in blind
    ]
    rows.sort(key=lambda r: (r[2] - r[1], r[0]))
    if not rows:
        return
    st.plotly_chart(
        two_dots(rows, ("with pictures", "without"), "F1 with and without pictures", scope.dark),
        key=scope.key("pictures"),
        config=scope.config("pictures"),
    )
    table = Table("Pictures", ("slice", "F1 with", "F1 without", "pairs"), tuple(rows))
    csv_button(scope, "pictures", table)
