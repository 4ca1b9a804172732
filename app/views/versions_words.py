"""Words of the Versions page. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping

from roc_core.schema import LearnPreview, LearnRequest, VersionState

STATES: Mapping[VersionState, str] = {
    "packaged": "comes with the program",
    "made": "made elsewhere",
    "imported": "imported",
    "unfinished": "unfinished training",
    "offered": "passed the guard",
    "kept": "failed the guard",
}
FIGURES = {"f1": "F1", "hit3": "hit@3", "none_kept": "kept as none of these"}
"""Figures of a version's card by their names there."""
MODES = {"fast": "fast: fusion and heads", "full": "full: LoRA as well"}


def size_said(size: int) -> str:
    """ "5.4 MB", "–" for nothing."""
    return f"{size / 1e6:.1f} MB" if size else "–"


def request_said(request: LearnRequest) -> str:
    """What a version was learnt by, in words."""
    who = ", ".join(request.annotators) or "everybody"
    since = f" since {request.since[:10]}" if request.since else ""
    agreed = ", only agreed ones" if request.agreed else ""
    return (
        f"corrections by {who}{since}{agreed}; {MODES[request.mode]}; {request.replay:g} replayed "
        f"items for each; seed {request.seed}"
    )


def counts_said(found: LearnPreview) -> str:
    """What a training would read."""
    many = f"{found.learn:,} corrections" if found.learn != 1 else "1 correction"
    left = sum(found.left_out.values())
    out = ""
    if left:
        why = ", ".join(f"{n:,} {reason}" for reason, n in found.left_out.items())
        out = f" Left out: {left:,} ({why})."
    return (
        f"{many} to learn from, {found.replay:,} replayed and {found.unlabelled:,} unlabelled "
        f"items. The guard set has {found.guard:,} pairs, {found.held_out:,} held-out corrections "
        f"among them.{out}"
    )


def rank_said(rank: int) -> str:
    """ "rank 2"; "" where the label is "none of these", which has no rank."""
    return f"rank {rank}" if rank else ""
