"""Parquet: the fields of JSONL as columns."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roc_core.datasets import detect, read, size, write
from roc_core.datasets.parquet import schema
from roc_core.errors import DataSetInvalid, DataSetMissing, RecordRejected
from roc_core.schema import Box, Example, Label, Mention, Provenance, Record, Refusal, Span

ROW: dict[str, Any] = {
    "sentence": "👩‍🚀 Mira joins",
    "mentions": [{"span": [4, 8], "type": "person"}, {"box": [1, 2.5, 30, 40]}],
    "picture": "pictures/a.jpg",
    "relation": "/per/org/member_of",
    "direction": "forward",
}


def table(*rows: dict[str, Any], columns: pa.Schema | None = None) -> pa.Table:
    return pa.Table.from_pylist(
        [{k: v for k, v in r.items() if v is not ...} for r in rows], columns
    )


def read_all(tmp_path: Path, given_: pa.Table, **options: Any) -> list[Any]:
    pq.write_table(given_, tmp_path / "set.parquet")
    return list(read("parquet", tmp_path / "set.parquet", **options))


def test_a_row_is_read(tmp_path: Path) -> None:
    (found,) = read_all(tmp_path, table(ROW, columns=schema()))
    mentions = (Mention(Span(4, 8), "person"), Mention(Box(1, 2.5, 30, 40)))
    assert found.example == Example(ROW["sentence"], mentions, tmp_path / "pictures/a.jpg")
    assert found.label == Label("/per/org/member_of", "forward")
    assert found.provenance == Provenance("set", line=1)
    assert detect(tmp_path / "set.parquet") == "parquet"


def test_columns_in_any_order_and_of_other_widths_are_the_same_types(tmp_path: Path) -> None:
    mention = pa.struct(
        [("type", pa.large_string()), ("span", pa.large_list(pa.int16())),
         ("box", pa.list_(pa.float32(), 4))]
    )  # fmt: skip
    columns = pa.schema(
        [("picture", pa.large_string()), ("mentions", pa.large_list(mention)),
         ("sentence", pa.large_string()), ("relation", pa.null())]
    )  # fmt: skip
    (found,) = read_all(tmp_path, table({**ROW, "relation": None}, columns=columns))
    assert found.example.second.place == Box(1, 2.5, 30, 40)
    assert found.label is None


@pytest.mark.parametrize(
    ("changes", "expected", "found"),
    [
        ({"sentence": 3}, "column 'sentence' of type string in set.parquet", "int64"),
        ({"mentions": "x"}, "column 'mentions' of type list<item: struct<span", "string"),
        ({"mentions": [{"span": ["0", "4"]}]}, "column 'mentions'", "list<element: string>"),
        ({"mentions": [{"span": [0.0, 4.0]}]}, "column 'mentions'", "double"),
        ({"mentions": [{"spam": [0, 4]}]}, "column 'mentions'", "spam"),
        ({"provenance": {"line": "3"}}, "column 'provenance'", "line: string"),
        ({"provenance": {"extra": {"a": 1}}}, "column 'provenance'", "extra: struct"),
        ({"by": "x"}, "only the columns sentence, mentions", "'by'"),
        ({"sentence": ...}, "a column 'sentence'", "none"),
        ({"mentions": ...}, "a column 'mentions'", "none"),
    ],
)
def test_a_column_of_another_type_is_refused_by_name(
    tmp_path: Path, changes: dict[str, Any], expected: str, found: str
) -> None:
    with pytest.raises(DataSetInvalid) as error:
        read_all(tmp_path, table({**ROW, **changes}))
    assert expected in error.value.expected
    assert found in error.value.found


@pytest.mark.parametrize(
    ("changes", "field", "expected"),
    [
        ({"sentence": None}, "sentence", "the field sentence"),
        ({"sentence": "Mira\0"}, "sentence", "without the NUL"),
        ({"mentions": [None, None]}, "mentions[0]", "an object"),
        (
            {"mentions": [{"span": [4, None]}, ROW["mentions"][1]]},
            "mentions[0].span",
            "a whole number",
        ),
        ({"mentions": [{"span": [4, 99]}, ROW["mentions"][1]]}, "mentions", "inside the sentence"),
        ({"direction": None}, "direction", "relation and direction together"),
        ({"picture": "../a.jpg"}, "picture", "stays inside"),
        ({"provenance": {"extra": "{"}}, "provenance.extra", "a JSON object"),
        ({"provenance": {"extra": "[]"}}, "provenance.extra", "an object"),
        ({"provenance": {"line": -1}}, "provenance.line", "at least 0"),
    ],
)
def test_a_malformed_row_names_file_row_and_field_and_stops_nothing(
    tmp_path: Path, changes: dict[str, Any], field: str, expected: str
) -> None:
    given_ = table(ROW, {**ROW, **changes}, ROW, columns=schema())
    before, refusal, after = read_all(tmp_path, given_)
    assert isinstance(before, Record)
    assert isinstance(after, Record)
    assert isinstance(refusal, Refusal)
    assert (refusal.file, refusal.line, refusal.field) == ("set.parquet", 2, field)
    assert expected in refusal.expected
    assert size("parquet", tmp_path / "set.parquet") == 3
    with pytest.raises(RecordRejected, match=r"Mend field '.+' in set.parquet, row 2\."):
        list(read("parquet", tmp_path / "set.parquet", strict=True))


def test_a_column_twice_is_refused(tmp_path: Path) -> None:
    twice = pa.table([pa.array(["a"]), pa.array(["b"])], names=["sentence", "sentence"])
    with pytest.raises(DataSetInvalid, match="each column once in"):
        read_all(tmp_path, twice)


def test_more_rows_than_one_group_come_back(tmp_path: Path) -> None:
    mentions = (Mention(Span(0, 4)), Mention(Span(5, 10)))
    given_ = [
        Record(Example("Mira sings", mentions), None, Provenance("s", line=n)) for n in range(2500)
    ]
    assert write("parquet", given_, tmp_path / "a.parquet") == 2500
    assert list(read("parquet", tmp_path / "a.parquet", strict=True)) == given_
    assert pq.ParquetFile(tmp_path / "a.parquet").num_row_groups == 3


def test_what_is_missing_or_none_is_said(tmp_path: Path) -> None:
    with pytest.raises(DataSetMissing, match="a data set file"):
        list(read("parquet", tmp_path / "none.parquet"))
    (tmp_path / "x.parquet").write_text("no parquet")
    with pytest.raises(DataSetInvalid, match=r"a Parquet file x.parquet\. Found Parquet magic"):
        list(read("parquet", tmp_path / "x.parquet"))


@settings(deadline=None)
@given(
    edits=st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 30), st.binary(max_size=9)),
                   min_size=1, max_size=4)
)  # fmt: skip
def test_a_damaged_file_gives_records_and_refusals_or_is_refused(
    edits: list[tuple[int, int, bytes]],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "x.parquet")
        pq.write_table(table(ROW, ROW, columns=schema()), file)
        data = file.read_bytes()
        for at, length, piece in edits:
            at %= len(data)
            data = data[:at] + piece + data[at + length :]
        file.write_bytes(data)
        try:
            found = list(read("parquet", file))
        except DataSetInvalid:
            return
        assert all(isinstance(one, Record | Refusal) for one in found)
