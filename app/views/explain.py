"""Why one relation got its score: words, picture, parts, descriptions, and further reasons."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from app import state
from app.components import boxes, cards, overlay, span_marker
from app.views import reasons
from app.views.words import escaped, shorten, signed
from roc_core.errors import RocError
from roc_core.schema import (
    Example,
    Explanation,
    Picture,
    Prediction,
    RankedRelation,
    Span,
    head_tail,
)
from roc_core.workspace import Workspace

MOST_WIDTH, MOST_HEIGHT = 300, 220


@st.fragment
def show_explanation(
    ws: Workspace,
    example: Example,
    prediction: Prediction,
    entry: RankedRelation,
    picture: Picture | None,
) -> None:
    """Draw the leave-one-out explanation of one relation, computed when it is opened, and a tab
    for each further reason, computed when that is opened."""
    key = f"explain:{state.answers_key(ws)}:{example!r}:{entry.relation}:{entry.direction}"
    try:
        with st.spinner("Leaving out one part after the other", show_time=True):
            explanation = state.kept(
                key, lambda: ws.explain(example, entry.relation, entry.direction)
            )
    except RocError as error:
        state.show_error(error, "This answer cannot be explained just now.")
        return
    draw: dict[str, Callable[[], None]] = {
        "Parts": lambda: _shares(ws, example, prediction, entry, explanation, picture),
        reasons.WHY_NOT: lambda: reasons.why_not(ws, example, prediction, entry),
        reasons.WHAT_IF: lambda: reasons.what_if(ws, example, entry, explanation),
        reasons.SECOND: lambda: reasons.second_opinion(ws, example, entry, explanation),
        reasons.ALIKE: lambda: reasons.words_alike(ws, example, entry),
    }
    key = f"reasons:{example!r}:{entry.relation}:{entry.direction}"
    tabs = st.tabs(list(draw), key=key, on_change="rerun")
    for tab, show in zip(tabs, draw.values(), strict=True):
        if tab.open:
            with tab:
                show()


def _shares(
    ws: Workspace,
    example: Example,
    prediction: Prediction,
    entry: RankedRelation,
    explanation: Explanation,
    picture: Picture | None,
) -> None:
    """Everything leave-one-out says, and the descriptions the score is made of."""
    _words(example, entry, explanation)
    if picture:
        _picture(example, prediction, explanation, picture)
    _parts(explanation)
    st.html("<b>Its descriptions</b>")
    head, tail = (shorten(name) for name in head_tail(example.names(), entry.direction))
    st.html(cards.descriptions(entry.descriptions, head, tail))
    for description in ws.relation(entry.relation).descriptions:
        if description.facet == "contrast":
            st.caption(escaped(description.render(head, tail)))


def _words(example: Example, entry: RankedRelation, explanation: Explanation) -> None:
    heat = [
        (share.place, share.share)
        for share in explanation.shares
        if share.kind == "word" and isinstance(share.place, Span)
    ]
    mentions = [
        (share.place, share.share)
        for share in explanation.shares
        if share.kind == "mention" and isinstance(share.place, Span)
    ]
    covered = [span for span, _ in heat]
    heat += [pair for pair in mentions if not any(_overlap(pair[0], span) for span in covered)]
    span_marker.show(
        example.sentence,
        example.mentions,
        heat,
        key=f"heat-{entry.relation}-{entry.direction}",
        label="The sentence, coloured by what each word adds to the score",
    )


def _overlap(a: Span, b: Span) -> bool:
    return a.start < b.end and b.start < a.end


def _picture(
    example: Example, prediction: Prediction, explanation: Explanation, picture: Picture
) -> None:
    fit = boxes.fit(picture.width, picture.height, MOST_WIDTH, MOST_HEIGHT)
    base = overlay.upright(str(picture.path), fit.shown_width, fit.shown_height)
    drawn = overlay.explained(base, fit, explanation, prediction.concepts, example.mentions)
    cells = [share.share for share in explanation.shares if share.kind == "cell"]
    most = max((abs(share) for share in cells), default=0.0)
    image, legend = st.columns([3, 2])
    with image:
        st.image(drawn, alt="The picture, coloured by what each part adds to the score")
    with legend:
        if cells:
            st.caption(
                f"Green parts of the picture speak for it, purple ones against it; full colour "
                f"is {most:.3f} points."
            )
        if prediction.concepts:
            seen = ", ".join(f"{c.word} {c.weight:.2f}" for c in prediction.concepts)
            st.caption(escaped(f"Seen, outlined where: {seen}"))


def _parts(explanation: Explanation) -> None:
    """Everything that has no place in the sentence or picture, and the strongest that has."""
    rest = [s for s in explanation.shares if s.kind not in ("word", "cell")]
    words = [s for s in explanation.shares if s.kind in ("word", "cell")]
    strongest = sorted(words, key=lambda s: -abs(s.share))[:3]
    parts = sorted([*rest, *strongest], key=lambda s: -abs(s.share))
    if parts:
        st.html(cards.shares(parts))
    st.caption(
        f"By {explanation.method}: what the score loses without the part. Parts work together, "
        f"so shares leave a remainder of {signed(explanation.remainder)}."
    )
