"""A small workspace of items to label, and answers put in place of a model's."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from roc_core.schema import (
    Description,
    DescriptionScore,
    Direction,
    Example,
    Label,
    Mention,
    PairVectors,
    Prediction,
    Provenance,
    RankedRelation,
    Record,
    Span,
)
from roc_core.store import Store
from roc_core.workspace import Workspace

MEMBER, PEER, HELD = "/per/org/member_of", "/per/per/peer", "/org/loc/locate_at"


def eight_items(folder: Path) -> Workspace:
    """A workspace of eight items; those with even numbers have an imported label."""
    found = Workspace.create(folder, starter=False)
    member = found.catalogue.get(MEMBER).directions[0]
    labels = [Label(MEMBER, member) if n % 2 == 0 else None for n in range(8)]
    Store.open(found.path).add_records((record(n, label), None) for n, label in enumerate(labels))
    return found


def record(number: int, label: Label | None = None) -> Record:
    sentence = f"Ann {number} met Ben"
    mentions = (Mention(Span(0, 3), "person"), Mention(Span(10, 13), "person"))
    return Record(Example(sentence, mentions), label, Provenance("made", line=number))


Answer = tuple[str, Direction, float, float]
"""Relation, direction, margin, lead."""


def put(
    ws: Workspace,
    ids: Sequence[str],
    answers: Sequence[Answer],
    vectors: np.ndarray | None = None,
    types: Sequence[str] = (),
) -> None:
    """Keep answers as job "vectors" does."""
    relations, directions, margins, leads = zip(*answers, strict=True)
    n, ranks = len(ids), np.ones(len(ws.catalogue), "<u2").tobytes()
    given = np.eye(n, 8) if vectors is None else vectors
    found = PairVectors(
        np.array(ids, "S16"), given.astype(np.float16), relations, directions, np.full(n, 0.4),
        np.array(margins), (PEER,) * n, np.array(leads), tuple(types) or ("person – person",) * n,
        (ranks,) * n, ("",) * n,
    )  # fmt: skip
    Store.open(ws.path).vectors.put(ws.vector_key(), found)


def prediction(ws: Workspace) -> Prediction:
    """Seven ranked relations; the first passes its line."""
    told = DescriptionScore(Description("d", PEER, "definition", "x"), 0.5, 1.0)
    ranked = tuple(
        RankedRelation(r.id, r.directions[0], 0.5 - n / 100, 0.49, (told,))
        for n, r in enumerate(list(ws.catalogue)[:7])
    )
    return Prediction(ranked, "v7")


def forward(ws: Workspace, relation: str) -> Label:
    return Label(relation, ws.catalogue.get(relation).directions[0])
