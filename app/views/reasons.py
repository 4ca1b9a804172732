"""The further reasons for one relation, each computed when its tab is opened."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import streamlit as st

from app import state
from app.components import reason_tables
from app.views.words import escaped, sentence_of, shorten, signed
from roc_core.errors import RocError
from roc_core.schema import (
    Difference,
    Direction,
    Example,
    Explanation,
    Label,
    Prediction,
    RankedRelation,
    SecondOpinion,
    Share,
    Span,
)
from roc_core.workspace import Workspace

WHY_NOT, WHAT_IF, SECOND, ALIKE = "Why not …", "What if", "Second opinion", "Words alike"
AGREE, PARTLY = 0.6, 0.3
"""Rank correlations from which two explanations are said to agree, and to agree in part."""
FAR = 0.3
"""Cosine of two words below which they are not called close."""
NAMED = 2
"""Parts named in words on each side of a difference."""

T = TypeVar("T")


def _reason(key: str, doing: str, compute: Callable[[], T]) -> T | None:
    """``compute()``, kept in this session; an error is shown and gives None."""
    try:
        with st.spinner(doing, show_time=True):
            return state.kept(key, compute)
    except RocError as error:
        state.show_error(error, "This reason cannot be given just now.")
        return None


def _key(ws: Workspace, what: str, example: Example, entry: RankedRelation) -> str:
    return f"{what}:{state.answers_key(ws)}:{example!r}:{entry.relation}:{entry.direction}"


# --- why this one and not another ----------------------------------------------------------


def why_not(ws: Workspace, example: Example, prediction: Prediction, entry: RankedRelation) -> None:
    """The lead over another relation, split over the same parts."""
    st.caption("What sets it apart from another relation, split over the same parts.")
    options = _others(ws, example, prediction, entry)
    if not options:
        st.info("There is no other relation to compare with.", icon=":material/info:")
        return
    other = st.selectbox(
        "Compare with",
        list(options),
        format_func=lambda label: options[label],
        key=_key(ws, "other", example, entry),
    )
    key = f"{_key(ws, 'why_not', example, entry)}:{other.relation}:{other.direction}"
    chosen = Label(entry.relation, entry.direction)
    found = _reason(
        key, "Comparing part by part", lambda: ws.reasons.why_not(example, chosen, other)
    )
    if found:
        ours, theirs = _called(ws, chosen, other)
        said = _in_words(found, example, entry.score, ours, theirs)
        ranks = _against_rank(found.difference, entry, prediction.find(other.relation))
        st.markdown(said + ranks)
        st.html(reason_tables.split(found, example))
        st.caption(
            f"Green speaks for {ours}, purple for {theirs}. A part's points are what the lead "
            "loses without it. Picture cells show the picture a second time and are not added."
        )


def _others(
    ws: Workspace, example: Example, prediction: Prediction, entry: RankedRelation
) -> dict[Label, str]:
    """The other ranked relations, best first, then the same relation told the other way."""
    found = {}
    for rank, other in enumerate(prediction.ranked, 1):
        if other.relation != entry.relation:
            said = sentence_of(ws.relation(other.relation), other.direction, example.names())
            found[Label(other.relation, other.direction)] = f"{rank}. {said} ({other.score:.2f})"
    if entry.other is not None:
        turned = _turned(entry.direction)
        said = sentence_of(ws.relation(entry.relation), turned, example.names())
        found[Label(entry.relation, turned)] = f"The other way: {said} ({entry.other:.2f})"
    return found


def _turned(direction: Direction) -> Direction:
    return "backward" if direction == "forward" else "forward"


def _called(ws: Workspace, chosen: Label, other: Label) -> tuple[str, str]:
    """How both sides of a comparison are called, for Markdown."""
    ours, theirs = (escaped(ws.relation(x.relation).name) for x in (chosen, other))
    return ("this direction", "the other one") if ours == theirs else (ours, theirs)


def _in_words(found: Difference, example: Example, score: float, ours: str, theirs: str) -> str:
    """The scores of both, the lead, and the parts that speak loudest for either side."""
    lead = found.difference
    ahead = f"{abs(lead):.3f} points {'ahead' if lead >= 0 else 'behind'}"
    said = [f"**{ours}** scores {score:.2f}, **{theirs}** {score - lead:.2f}: {ahead}."]
    shares = sorted((s for s in found.shares if s.kind != "cell"), key=lambda s: -abs(s.share))
    for name, sign in ((ours, 1), (theirs, -1)):
        loudest = [s for s in shares if sign * s.share > 0][:NAMED]
        if loudest:
            parts = ", ".join(f"{_part(s, example)} ({signed(s.share)})" for s in loudest)
            said.append(f"Most for {name}: {parts}.")
    return " ".join(said)


def _part(share: Share, example: Example) -> str:
    """A part for Markdown: words in quotes, types with the mention's own name."""
    name = share.name
    if share.kind == "type":
        slot = 1 if name.startswith("second ") else 0
        _, _, kind = name.partition(" ")
        return escaped(f"{shorten(example.names()[slot], 30)} {kind}")
    quoted = share.kind in ("word", "mention")
    return escaped(f"“{shorten(name, 30)}”" if quoted else shorten(name, 30))


def _against_rank(lead: float, entry: RankedRelation, other: RankedRelation | None) -> str:
    """Says so where the score and the rank differ, as ranks count from each relation's line."""
    if other is None or other.relation == entry.relation:
        return ""
    nearer = entry.margin - other.margin
    if lead * nearer >= 0:
        return ""
    place = "above" if nearer > 0 else "below"
    why = "ranks count from each relation’s own line"
    if entry.memory or other.memory:
        why += ", and corrections voted"
    return f" It ranks {place} all the same: {why}."


# --- what if -------------------------------------------------------------------------------


def what_if(ws: Workspace, example: Example, entry: RankedRelation, first: Explanation) -> None:
    """Rank and score after each switch, with words of the reader's choice hidden."""
    st.caption("One thing is taken away, swapped or moved at a time: where does it land?")
    words = _word_choice(_key(ws, "hide", example, entry), first)
    key = f"{_key(ws, 'what_if', example, entry)}:{words}"
    board = _reason(
        key,
        "Throwing one switch after the other",
        lambda: ws.reasons.switchboard(example, entry.relation, words),
    )
    if board:
        st.html(reason_tables.switches(board, entry.passes, example))
        alone = " By the model alone, without the votes of corrections." if entry.memory else ""
        now = f"Now: rank {board.rank}, score {board.score:.2f}."
        st.caption(f"{now} ▲ moves up, ▼ moves down.{alone}")


def _word_choice(key: str, first: Explanation) -> tuple[Span, ...]:
    """Words outside the mentions to hide together; at first the one that counts most."""
    words = [s for s in first.shares if s.kind == "word" and isinstance(s.place, Span)]
    if not words:
        return ()
    labels: dict[Span, str] = {}
    for share in words:
        if isinstance(share.place, Span):
            name, again = shorten(share.name, 30), 1
            while (f"{name} ({again})" if again > 1 else name) in labels.values():
                again += 1
            labels[share.place] = f"{name} ({again})" if again > 1 else name
    strongest = max(words, key=lambda s: abs(s.share)).place
    chosen = st.multiselect(
        "Words to hide together",
        list(labels),
        default=[strongest],
        format_func=lambda span: labels[span],
        key=key,
        placeholder="Choose words",
    )
    return tuple(sorted(chosen))


# --- second opinion ------------------------------------------------------------------------


def second_opinion(
    ws: Workspace, example: Example, entry: RankedRelation, first: Explanation
) -> None:
    """Integrated gradients beside leave-one-out, and whether the two agree."""
    st.caption("The same score explained by another method, whose shares add up.")
    found = _reason(
        _key(ws, "second", example, entry),
        "Asking for a second opinion",
        lambda: ws.reasons.second_opinion(example, entry.relation, entry.direction, first),
    )
    if found:
        st.markdown(agreement_words(found))
        st.html(reason_tables.opinion(found, first.shares, example))
        st.caption(
            f"By integrated gradients, {found.steps} steps from a masked input to this one; "
            f"their sum misses {100 * found.gap:.1f} % of the difference."
        )


def agreement_words(found: SecondOpinion) -> str:
    """One sentence on how far the methods agree on which parts count."""
    agreed = found.agreement
    if agreed is None:
        return "Too few parts vary to say whether both methods agree."
    if agreed >= AGREE:
        said = "Both methods largely agree on which parts count"
    elif agreed >= PARTLY:
        said = "Both methods agree in part on which parts count"
    else:
        said = "The methods disagree on which parts count, so trust neither alone"
    return f"{said}: rank correlation **{agreed:.2f}** (1 is the same order, 0 no relation)."


# --- words alike ---------------------------------------------------------------------------


def words_alike(ws: Workspace, example: Example, entry: RankedRelation) -> None:
    """Which words of the sentence lie close to which words of the description that decided."""
    st.caption(
        "Words close to words of the description: alike in meaning, not what moved the score."
    )
    found = _reason(
        _key(ws, "alike", example, entry),
        "Comparing words",
        lambda: ws.reasons.alignment(example, entry.relation, entry.direction),
    )
    if found is None:
        return
    st.markdown(f"The description, as the model reads it: *{escaped(found.description)}*")
    if not found.links:
        st.info("The sentence has only common words here.", icon=":material/info:")
        return
    if found.links[0].score < FAR:
        st.markdown("Even the closest words are far apart.")
    st.html(reason_tables.links(found, example))
