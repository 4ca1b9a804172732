"""Whatever bytes a file holds, reading gives records and refusals and never anything else."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roc_core.datasets import detect, read, size
from roc_core.datasets.csv_ import COLUMNS
from roc_core.schema import Record, Refusal

GOOD = {
    "jsonl": (
        b'{"sentence": "Mira joins @band", "mentions": [{"span": [0, 4], "type": "person"},'
        b' {"box": [1, 2.5, 3, 4]}], "picture": "a.jpg", "relation": "x", "direction": "both",'
        b' "provenance": {"source": "s", "line": 1, "extra": {"a": [null]}}}\n'
    ),
    "csv": ",".join(COLUMNS).encode()
    + b'\n"Mira, joins ""@band""\nnow",0,4,,,,,person,6,11,,,,,,a.jpg,,x,both,s,,1,,,"{""a"":1}"\n',
    "mnre": (
        b"{'token': ['Mira', 'joins', '@band'], 'h': {'name': 'Mira', 'pos': [0, 1]},"
        b" 't': {'name': '@band', 'pos': [2, 3]}, 'img_id': 'a.jpg', 'relation': 'None'}\n"
    ),
}
PIECES = st.binary(max_size=6) | st.sampled_from(
    [b'"', b"'", b"\n", b"\r\n", b"[", b"{", b"-", b"9" * 5000, b"\\ud800", b"\0", b"e999", b"None"]
)
EDITS = st.lists(st.tuples(st.integers(0, 400), st.integers(0, 30), PIECES), min_size=1, max_size=4)


def edited(data: bytes, edits: list[tuple[int, int, bytes]]) -> bytes:
    for at, length, piece in edits:
        data = data[:at] + piece + data[at + length :]
    return data


@pytest.mark.parametrize("format", sorted(GOOD))
@given(edits=EDITS)
def test_a_damaged_file_gives_records_and_refusals(
    format: str, edits: list[tuple[int, int, bytes]]
) -> None:
    data = edited(GOOD[format] * 2, edits)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "ours_val.txt")
        file.write_bytes(data)
        found = list(read(format, file))
        assert size(format, file) == len(found)
        assert all(isinstance(one, Record | Refusal) for one in found)
        lines = data.count(b"\n") + 1
        assert all(1 <= one.line <= lines for one in found if isinstance(one, Refusal))
        assert detect(file) in (None, "jsonl", "csv", "mnre", "more")


@pytest.mark.parametrize("format", sorted(GOOD))
def test_the_undamaged_file_gives_records_only(tmp_path: Path, format: str) -> None:
    (tmp_path / "x.txt").write_bytes(GOOD[format])
    (found,) = read(format, tmp_path / "x.txt")
    assert isinstance(found, Record)
    assert detect(tmp_path / "x.txt") == format
