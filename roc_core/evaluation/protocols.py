"""Protocols: what a model may know of a pair, and which training sentences choose settings.

``honest``: canonical order, the types the data itself states (MNRE: none, so the tagger's).
``as-published``: no types, mentions in the order the file wrote them, as BERT, MTB and MEGA were
scored on MNRE. ``oracle-types``: that order, and the types that the label implies, on positives
only; comparable with published scores of 82 to 91 and never a result without the word oracle.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from roc_core.errors import ValueRejected
from roc_core.relations import Catalogue
from roc_core.schema import (
    NONE,
    Direction,
    EntityType,
    Example,
    Label,
    Record,
    Relation,
)

DEV_SHARE = 10
HONEST, AS_PUBLISHED, ORACLE_TYPES = "honest", "as-published", "oracle-types"
PROTOCOLS = (HONEST, AS_PUBLISHED, ORACLE_TYPES)

_TURNED: dict[Direction, Direction] = {
    "forward": "backward",
    "backward": "forward",
    "both": "both",
}


def is_dev(sentence: str) -> bool:
    """Whether a training sentence belongs to ``dev``: SHA-256 of its words joined by one space
    (UTF-8) is 0 modulo 10. All pairs of a sentence fall on the same side."""
    return int(hashlib.sha256(sentence.encode("utf-8")).hexdigest(), 16) % DEV_SHARE == 0


@dataclass(frozen=True, slots=True)
class Split:
    """Training records without ``dev``, and ``dev``."""

    train: tuple[Record, ...]
    dev: tuple[Record, ...]


def split_dev(records: Iterable[Record]) -> Split:
    """Take ``dev`` out of training records."""
    train: list[Record] = []
    dev: list[Record] = []
    for record in records:
        (dev if is_dev(record.example.sentence) else train).append(record)
    return Split(tuple(train), tuple(dev))


def check_protocol(protocol: str) -> str:
    """The protocol's own name. Raises ValueRejected for an unknown one."""
    if protocol not in PROTOCOLS:
        raise ValueRejected(f"a protocol, one of {', '.join(PROTOCOLS)}", protocol, "Choose one.")
    return protocol


def prepare(records: Sequence[Record], catalogue: Catalogue, protocol: str) -> list[Record]:
    """Records as a model may see them under a protocol, in the order given.

    Takes records as a reader gives them. Under the protocols that are not honest, examples come
    ``as_given`` and a label's direction counts from the file's first mention: in MNRE, where the
    file writes the head first, it is always forward (or both). Raises ValueRejected for an unknown
    protocol and for records that were prepared before.
    """
    check_protocol(protocol)
    if any(r.example.as_given for r in records):
        raise ValueRejected(
            "records as they were read",
            "some that are already in the order of their file",
            "Prepare records once.",
        )
    if protocol == HONEST:
        return list(records)
    written = [_as_written(r) for r in records]
    return [_typed(r, catalogue) for r in written] if protocol == ORACLE_TYPES else written


def implied_types(record: Record, catalogue: Catalogue) -> tuple[EntityType, EntityType] | None:
    """Types of first and second mention that a label implies; None for a ``None`` pair."""
    label = record.label
    if label is None or label.relation == NONE or label.relation not in catalogue:
        return None
    return catalogue.get(label.relation).types(label.direction)


def allowed(pairs: Sequence[tuple[Relation, Direction]], examples: Sequence[Example]) -> np.ndarray:
    """Which relation-directions fit the types given in each example, (B, N) bool.

    An example with an unknown type fits none: under ``oracle-types`` only a ``None`` pair has
    none, which is what the published rows of 82 to 91 use. For no other protocol.
    """
    wanted = [relation.types(direction) for relation, direction in pairs]
    given = [(e.first.type, e.second.type) for e in examples]
    return np.array([[w == g for w in wanted] for g in given], bool).reshape(len(given), -1)


def _as_written(record: Record) -> Record:
    """The record with its mentions in the order of the file and without types."""
    bare = record.example.with_types(None, None)
    backward = record.provenance.order == "backward"
    mentions = (bare.second, bare.first) if backward else bare.mentions
    example = replace(bare, mentions=mentions, as_given=True)
    label = record.label
    if label is not None and backward:
        label = Label(label.relation, _TURNED[label.direction])
    return replace(record, example=example, label=label)


def _typed(record: Record, catalogue: Catalogue) -> Record:
    """The record with the types its label implies; a ``None`` pair stays as it is."""
    types = implied_types(record, catalogue)
    return record if types is None else replace(record, example=record.example.with_types(*types))
