"""A real store in a temporary folder, and makers of pictures and records."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from roc_core.schema import Example, Label, Mention, Picture, Provenance, Record, Span
from roc_core.store import Store

MakeRecord = Callable[..., Record]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.create(tmp_path / "ws", busy_seconds=5)


@pytest.fixture
def make() -> MakeRecord:
    def record(
        sentence: str = "Katy Perry sings with the band",
        label: Label | None = None,
        source: str = "test",
        split: str = "",
        line: int = 1,
        text: str = "",
    ) -> Record:
        mentions = (Mention(Span(0, 4), "person"), Mention(Span(5, 6)))
        example = Example(sentence, mentions, None, text)
        return Record(example, label, Provenance(source, split, line))

    return record


@pytest.fixture
def add_picture(store: Store) -> Callable[[bytes], Picture]:
    def put(data: bytes) -> Picture:
        return store.put_picture(hashlib.sha256(data).hexdigest(), data, ".png", 40, 30)

    return put
