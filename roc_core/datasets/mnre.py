"""MNRE as published (thecharm/MNRE): one Python dict a line.

::

    {'token': [words], 'h': {'name': str, 'pos': [start, end]}, 't': {'name': str, 'pos': [..]},
     'img_id': str, 'relation': '/per/org/member_of' or 'None'}

``pos`` counts words, end exclusive; ``name`` is those words joined by a space, and the sentence is
all of them joined so. ``h`` is the relation's head. Which mention a file writes as ``h`` for a
pair without a direction is kept in ``provenance.order`` and reaches no model.

MNRE states no entity types but in its labels; deriving them from there would hand the answer to
the model, so mentions have none.

A line that is not spelt as ``repr`` would spell it (other key order, tuples, further fields) is
kept in ``provenance.extra`` under ``as_written``; writing gives the same bytes back.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from roc_core.datasets import fields
from roc_core.datasets.base import Where, shown
from roc_core.datasets.literals import code_points, file_name, literal, need, word_range, words
from roc_core.errors import RecordRejected, ValueRejected
from roc_core.schema import (
    NONE,
    Box,
    Example,
    Label,
    Mention,
    Provenance,
    Record,
    direction_of,
)

SYMMETRIC: frozenset[str] = frozenset(
    f"/per/per/{name}"
    for name in ("peer", "couple", "siblings", "neighbor", "alumi", "alternate_names")
) | {"/org/org/alternate_names"}
"""MNRE's symmetric relations; ``alumi`` is spelt so in the data."""

AS_WRITTEN = "as_written"
"""Name in ``provenance.extra`` of a line that ``repr`` would spell differently."""


def parse(where: Where, line: str, split: str, symmetric: frozenset[str] = SYMMETRIC) -> Record:
    """The record of one line, without picture and picture text.

    Raises RecordRejected naming the field.
    """
    given = literal(where, line)
    tokens = words(where, need(where, given, "token"))
    head, tail = (_mention(where, given, field, tokens) for field in ("h", "t"))
    if head.place == tail.place:
        raise where.refuse("t.pos", "another place than h.pos", f"{list(given['t']['pos'])} twice")
    relation = fields.text(where, "relation", need(where, given, "relation"))
    if not relation:
        raise where.refuse("relation", f"a label or {NONE}", "empty text")
    order = direction_of(head, tail)
    both = relation == NONE or relation in symmetric
    record = Record(
        fields.example(where, " ".join(tokens), (head, tail), None),
        Label(relation, "both" if both else order),
        Provenance("mnre", split, where.line, _key(where, given), order),
    )
    if _plain(record) == line:
        return record
    kept = ((AS_WRITTEN, json.dumps(line, ensure_ascii=False)),)
    return replace(record, provenance=replace(record.provenance, extra=kept))


def _key(where: Where, given: dict[str, Any]) -> str:
    return file_name(where, "img_id", need(where, given, "img_id"))


def _mention(where: Where, given: dict[str, Any], field: str, tokens: list[str]) -> Mention:
    pos = need(where, given, f"{field}.pos")
    start, end = word_range(where, f"{field}.pos", pos, len(tokens))
    name = fields.text(where, f"{field}.name", need(where, given, f"{field}.name"))
    said = " ".join(tokens[start:end])
    if name != said:
        raise where.refuse(f"{field}.name", f"the words at {field}.pos, {shown(said)}", shown(name))
    return Mention(code_points(tokens, start, end))


def compose(record: Record, symmetric: frozenset[str] = SYMMETRIC) -> str:
    """The line of a record, without its line end.

    Entity types, picture text and the picture's folder have no place in MNRE and are left out.
    Raises ValueRejected for what MNRE cannot say: no label, a box, a mention that is not whole
    words, white space other than single spaces, no picture, a direction that ``h`` cannot give.
    """
    plain = _fields(record, symmetric)
    written = dict(record.provenance.extra).get(AS_WRITTEN)
    if written is None or record.provenance.source != "mnre":
        return repr(plain)
    line, base = _read_back(written)
    merged = _merged(base, plain)
    return line if merged == base else repr(merged)


def _plain(record: Record) -> str:
    # What ``compose`` would write: here h is known to be the head, so no check is needed.
    return repr(_arranged(record.example, record.provenance.order, record))


def _fields(record: Record, symmetric: frozenset[str]) -> dict[str, Any]:
    label = record.label
    if label is None:
        raise ValueRejected(
            "a label", "an unlabelled record", "Label it, or write JSONL or CSV instead."
        )
    both = label.relation == NONE or label.relation in symmetric
    if both != (label.direction == "both"):
        raise ValueRejected(
            f"{'no direction' if both else 'a direction'} for {label.relation} in MNRE",
            f"direction {label.direction}",
            "Correct the label, or write JSONL or CSV instead.",
        )
    head = record.provenance.order if label.direction == "both" else label.direction
    return _arranged(record.example, head, record)


def _arranged(example: Example, head: str, record: Record) -> dict[str, Any]:
    first, second = (words_of(example, m) for m in example.mentions)
    h, t = (first, second) if head == "forward" else (second, first)
    return {
        "token": example.sentence.split(" "),
        "h": h,
        "t": t,
        "img_id": _picture_name(record),
        "relation": record.label.relation if record.label else NONE,
    }


def words_of(example: Example, mention: Mention) -> dict[str, Any]:
    """``name`` and ``pos`` of a mention of whole words. Raises ValueRejected for another one."""
    place, sentence = mention.place, example.sentence
    if isinstance(place, Box):
        raise ValueRejected(
            "two mentions in the sentence", "a box", "Write JSONL or CSV, which hold boxes."
        )
    text = place.of(sentence)
    before, after = sentence[: place.start], sentence[place.end :]
    cut = (before and before[-1] != " ") or (after and after[0] != " ")
    if cut or text.strip(" ") != text:
        raise ValueRejected(
            "a mention of whole words, as spaces part them",
            shown(text),
            "Mark whole words, or write JSONL or CSV instead.",
        )
    start = before.count(" ")
    return {"name": text, "pos": [start, start + text.count(" ") + 1]}


def _picture_name(record: Record) -> str:
    picture = record.example.picture
    if record.provenance.source == "mnre" and record.provenance.key:
        return record.provenance.key
    if picture is None:
        raise ValueRejected(
            "a picture, because MNRE names one in each line",
            "none",
            "Leave the record out, or write JSONL or CSV instead.",
        )
    return picture.name


def _read_back(written: str) -> tuple[str, dict[str, Any]]:
    try:
        line = fields.load_json(written)
        if isinstance(line, str):
            return line, literal(Where("", 0), line)
        reason = "no text"
    except (ValueError, RecordRejected) as error:
        reason = str(error)
    raise ValueRejected(
        f"the line as MNRE wrote it in extra field {AS_WRITTEN}", reason, "Remove that field."
    )


def _merged(base: dict[str, Any], plain: dict[str, Any]) -> dict[str, Any]:
    # Further fields and the order of keys stay; what the record knows replaces what was there.
    merged = dict(base)
    for name, value in plain.items():
        old = base.get(name)
        if isinstance(value, dict) and isinstance(old, dict):
            merged[name] = _merged(old, value)
        elif not (isinstance(old, tuple) and list(old) == value):
            merged[name] = value
    return merged
