"""Records in JSONL → predictions and explanations as plain values, for JSONL output."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from roc_core import datasets
from roc_core.errors import RocError
from roc_core.relations import Catalogue
from roc_core.schema import (
    Example,
    Explanation,
    Prediction,
    RankedRelation,
    Record,
    Refusal,
    Span,
    Vote,
    head_tail,
)

if TYPE_CHECKING:
    from roc_core.workspace.workspace import Workspace

FACET_WORDS = {
    "definition": "definition",
    "wording": "wording cue",
    "picture": "picture cue",
    "forward": "said from the head",
    "backward": "said from the tail",
    "contrast": "not to be confused with",
}


def arguments(example: Example, entry: RankedRelation) -> tuple[str, str]:
    """Names of the head and the tail of a ranked relation."""
    return head_tail(example.names(), entry.direction)


def answer_dict(
    example: Example, prediction: Prediction, catalogue: Catalogue, top: int
) -> dict[str, Any]:
    """Label, ranked relations with the description that decided, types, concepts, notes."""
    return {
        "label": prediction.label.relation,
        "direction": prediction.label.direction,
        "model_version": prediction.model_version,
        "relations": [_ranked(example, r, catalogue) for r in prediction.ranked[:top]],
        "types": list(prediction.types),
        "concepts": [{"word": c.word, "weight": round(c.weight, 4)} for c in prediction.concepts],
        "notes": list(prediction.notes),
        **({"votes": [_vote(v) for v in prediction.votes]} if prediction.votes else {}),
    }


def _vote(vote: Vote) -> dict[str, Any]:
    return {
        "item": vote.item,
        "relation": vote.label.relation,
        "direction": vote.label.direction,
        "similarity": round(vote.similarity, 4),
        "weight": round(vote.weight, 4),
    }


def _ranked(example: Example, entry: RankedRelation, catalogue: Catalogue) -> dict[str, Any]:
    head, tail = arguments(example, entry)
    decided = entry.decided_by
    return {
        "relation": entry.relation,
        "direction": entry.direction,
        "says": f"{head} {catalogue.get(entry.relation).phrase} {tail}",
        "score": round(entry.score, 4),
        "line": round(entry.line, 4),
        "passes": entry.passes,
        **({"memory": round(entry.memory, 4)} if entry.memory else {}),
        "decided_by": {
            "facet": FACET_WORDS[decided.description.facet],
            "text": decided.description.render(head, tail),
            "score": round(decided.score, 4),
        },
    }


def explanation_dict(explanation: Explanation) -> dict[str, Any]:
    """Shares of an explanation, the largest first."""
    return {
        "relation": explanation.relation,
        "direction": explanation.direction,
        "method": explanation.method,
        "score": round(explanation.score, 4),
        "remainder": round(explanation.remainder, 4),
        "shares": [
            {"kind": s.kind, "name": s.name, "share": round(s.share, 4)}
            | ({"span": [s.place.start, s.place.end]} if isinstance(s.place, Span) else {})
            for s in sorted(explanation.shares, key=lambda s: -abs(s.share))
        ],
    }


def answers(
    workspace: Workspace,
    source: IO[bytes],
    name: str,
    folder: Path,
    top: int,
    reasons: bool,
    batch: int,
) -> Iterator[dict[str, Any]]:
    """One object for each line of a JSONL stream, in its order, ``batch`` lines at a time.

    A line that cannot be read or answered gives ``{"line", "error"}``; the others go on.
    """
    found = datasets.read_stream(source, name, folder)
    while lines := list(islice(found, batch)):
        predictions = _together(workspace, [r for _, r in lines if isinstance(r, Record)])
        for number, one in lines:
            if isinstance(one, Refusal):
                text = f"field {one.field}: expected {one.expected}, found {one.found}"
                yield {"line": number, "error": text}
                continue
            outcome = next(predictions)
            if isinstance(outcome, RocError):
                yield {"line": number, "error": str(outcome)}
                continue
            answer: dict[str, Any] = {"line": number, "sentence": one.example.sentence}
            answer |= answer_dict(one.example, outcome, workspace.catalogue, top)
            if reasons:
                best = outcome.ranked[0]
                why = workspace.explain(one.example, best.relation, best.direction)
                answer["reasons"] = explanation_dict(why)
            yield answer


def _together(workspace: Workspace, records: list[Record]) -> Iterator[Prediction | RocError]:
    """Predictions of a batch; when a picture fails, each record on its own."""
    examples = [r.example for r in records]
    try:
        yield from list(workspace.predict_many(examples))
    except RocError:
        for example in examples:
            try:
                yield workspace.predict(example)
            except RocError as error:
                yield error
