"""A large catalogue in a workspace: encoded once, opened from what is kept, folded by a job."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from roc_core import Example, Mention, Span
from roc_core.encoders.text import TransformerTextEncoder
from roc_core.errors import ValueRejected
from roc_core.relations import dump_catalogue
from roc_core.relations.plausible import plausible_catalogue
from roc_core.retrieval import ranking, retriever
from roc_core.workspace import Workspace, indexing

pytestmark = pytest.mark.encoders

PAIR = Example("Ana sues the bank", (Mention(Span(0, 3)), Mention(Span(13, 17))))
RELATIONS = 12
READINGS = RELATIONS * 5 * 2
TEXTS = RELATIONS * (3 * 2 + 2)
"""Two of five descriptions name no argument, and read the same in both directions."""


@pytest.fixture
def large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A workspace whose catalogue of twelve relations counts as a large one."""
    for room in (ranking, retriever):
        monkeypatch.setattr(room, "KEPT", 50)
    file = tmp_path / "large.toml"
    file.write_text(dump_catalogue(plausible_catalogue(RELATIONS)), "utf-8")
    workspace = Workspace.create(tmp_path / "ws", starter=False)
    workspace._store.set_setting("catalogue", str(file))
    return workspace


@pytest.fixture
def encoded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Texts that the text encoder is given as descriptions."""
    seen: list[str] = []
    real = TransformerTextEncoder.encode

    def encode(self: TransformerTextEncoder, texts: Sequence[str], batch: int = 64) -> np.ndarray:
        seen.extend(texts)
        return real(self, texts, batch)

    monkeypatch.setattr(TransformerTextEncoder, "encode", encode)
    return seen


def test_descriptions_are_encoded_once(large: Workspace, encoded: list[str]) -> None:
    first = large.predict(PAIR)
    assert len(encoded) == TEXTS
    assert len(list((large.path / "index").iterdir())) == 1
    again = Workspace.open(large.path).predict(PAIR)
    assert len(encoded) == TEXTS
    assert [r.relation for r in again.ranked] == [r.relation for r in first.ranked]
    assert again.ranked[0].score == pytest.approx(first.ranked[0].score, abs=1e-5)


def test_folding_keeps_what_is_in_use_and_drops_other_weights(
    large: Workspace, encoded: list[str]
) -> None:
    stale = large.path / "index" / f"{large.model_version}-{'0' * 16}"
    other = large.path / "index" / f"{large.model_version}-of-mine-{'0' * 16}"
    for folder in (stale, other):
        folder.mkdir(parents=True)
    found = indexing.fold(large)
    assert (found.entries, found.encoded, found.recall) == (READINGS, READINGS, 1.0)
    assert not stale.exists()
    assert other.exists()
    before = len(encoded)
    assert indexing.fold(large).encoded == 0
    large.predict(PAIR)
    assert len(encoded) <= before + 20, "one relation, with which the model is loaded"


def test_a_small_catalogue_is_not_kept(empty: Workspace) -> None:
    assert indexing.fold(empty) == indexing.Folded(0, 0, 1.0)
    assert not (empty.path / "index").exists()


def test_the_job_does_it_and_names_its_version(empty: Workspace) -> None:
    number = empty.start_job("fold-index")
    job = empty.job(number)
    for _ in range(600):
        job = empty.job(number)
        if job.state not in ("queued", "running"):
            break
        time.sleep(0.2)
    assert job.state == "done", job.error
    assert job.parameters["version"] == empty.model_version
    assert job.result == {"entries": 0, "encoded": 0, "recall": 1.0}
    with pytest.raises(ValueRejected, match="parameters of job 'fold-index': version"):
        empty.start_job("fold-index", variant="x")
