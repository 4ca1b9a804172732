"""The honest protocol: entity types predicted or unknown, canonical order for every pair."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from roc_core.schema import Record

DEV_SHARE = 10


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
