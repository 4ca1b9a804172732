"""Pairs that were read for one measurement are not read again for the next."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from roc_core.errors import ValueRejected
from roc_core.evaluation import pair_sets
from roc_core.relations import load_catalogue
from roc_core.schema import Record
from roc_core.workspace.kept_pairs import read_kept
from roc_core.workspace.models import load_retriever
from tests.tiny import make_checkpoint
from tests.workspace.made_workspace import add_version, record


@pytest.fixture(scope="module")
def version(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("versions") / "tiny"
    add_version(folder, make_checkpoint(folder.parent))
    return folder


@pytest.fixture
def read(version: Path, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many pairs each call of the reader was given."""
    calls: list[int] = []
    real = pair_sets.read_pairs

    def counted(retriever: object, records: list[Record], *rest: object) -> object:
        calls.append(len(records))
        return real(retriever, records, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(pair_sets, "read_pairs", counted)
    return calls


def silent(done: int, total: int, what: str) -> None:
    return


def test_only_new_pairs_are_read_and_the_order_is_that_asked_for(
    version: Path, read: list[int], tmp_path: Path
) -> None:
    retriever = load_retriever(version, load_catalogue("mnre"))
    every = [record(n) for n in range(12)]
    plain = read_kept(retriever, version, every, None, silent, "x")
    keep = tmp_path / "keep"
    first = read_kept(retriever, version, every[:8], keep, silent, "x")
    turned = read_kept(retriever, version, every[::-1], keep, silent, "x")
    assert read == [12, 8, 4]
    assert np.allclose(first.vectors, plain.vectors[:8], atol=1e-5)
    assert np.allclose(turned.vectors, plain.vectors[::-1], atol=1e-5)
    assert turned.types == plain.types[::-1]
    assert turned.labels == plain.labels[::-1]
    assert {r.example.picture_text for r in turned.records} == {""}, "the sentence alone is read"
    assert len(list(keep.iterdir())) == 1


def test_unlabelled_records_are_left_out_and_nothing_gives_nothing(
    version: Path, tmp_path: Path
) -> None:
    retriever = load_retriever(version, load_catalogue("mnre"))
    some = [record(1), record(2, labelled=False)]
    assert len(read_kept(retriever, version, some, tmp_path, silent, "x")) == 1
    assert read_kept(retriever, version, [], tmp_path, silent, "x").vectors.shape == (0, 16)


def test_a_damaged_file_is_made_anew(version: Path, read: list[int], tmp_path: Path) -> None:
    retriever = load_retriever(version, load_catalogue("mnre"))
    some = [record(n) for n in range(3)]
    read_kept(retriever, version, some, tmp_path, silent, "x")
    (file,) = tmp_path.iterdir()
    for damage in (b"", b"PK\x03\x04 cut", file.read_bytes()[:200]):
        file.write_bytes(damage)
        read_kept(retriever, version, some, tmp_path, silent, "x")
    read_kept(retriever, version, some, tmp_path, silent, "x")
    assert read == [3, 3, 3, 3]


def test_a_folder_that_cannot_be_is_refused(version: Path, tmp_path: Path) -> None:
    retriever = load_retriever(version, load_catalogue("mnre"))
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(ValueRejected, match="to write"):
        read_kept(retriever, version, [record(1)], tmp_path / "file", silent, "x")
