"""Side columns: CSV files keyed by item number."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roc_core.errors import DataSetInvalid, DataSetMissing, RecordRejected, ValueRejected
from roc_core.workspace.side_files import parse_side, side_columns

ONE = [("", 1), ("", 2), ("", 3)]
TWO = [("train", 1), ("val", 1), ("val", 2)]


def file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "side.csv"
    path.write_bytes(text.encode())
    return path


def test_one_column_takes_the_name_and_missing_items_have_no_value(tmp_path: Path) -> None:
    (column,) = side_columns("crops", file(tmp_path, "item,n\n3,2\n1,\n"), ONE)
    assert (column.name, column.kind, column.values) == ("crops", "side", (None, None, 2.0))


def test_several_columns_and_splits(tmp_path: Path) -> None:
    text = "\ufeffsplit,item,n,who\r\nval,2,1.5,a\r\ntrain,1,2,\r\n"
    columns = side_columns("x", file(tmp_path, text), TWO)
    assert [(c.name, c.values) for c in columns] == [
        ("x n", (2.0, None, 1.5)),
        ("x who", (None, None, "a")),
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [("", "an empty file"), ("item\n1\n", "item"), ("n\n1\n", "n"), ("item,n,n\n", "item, n, n")],
)
def test_a_header_without_item_or_column_is_refused(tmp_path: Path, text: str, found: str) -> None:
    with pytest.raises(DataSetInvalid) as caught:
        side_columns("x", file(tmp_path, text), ONE)
    assert str(caught.value) == (
        "Expected a header with item and at least one more column in side.csv, each named once. "
        f"Found {found}. Give each row the number of its example, from 1."
    )


def test_a_data_set_of_several_splits_needs_the_split(tmp_path: Path) -> None:
    with pytest.raises(DataSetInvalid, match="Expected a header with split, item and at least"):
        side_columns("x", file(tmp_path, "item,n\n1,2\n"), TWO)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("val,9,1", "Expected a number from 1 to 2. Found val 9. Mend field 'item' in side.csv"),
        ("val,²,1", "Expected a number from 1 to 2. Found val ²."),
        ("test,1,1", "Expected a split of the data set. Found test 1."),
        ("val,1", "Expected 3 cells. Found 2. Mend field 'line' in side.csv, line 2."),
        ("val,1,1\nval,1,2", "Expected each item once."),
    ],
)
def test_a_row_that_fits_no_item_is_refused(tmp_path: Path, row: str, message: str) -> None:
    with pytest.raises(RecordRejected) as caught:
        side_columns("x", file(tmp_path, f"split,item,n\n{row}\n"), TWO)
    assert str(caught.value).startswith(message)


def test_what_is_no_csv_is_refused(tmp_path: Path) -> None:
    (tmp_path / "side.csv").write_bytes(b"item,n\n1,\xff\n")
    with pytest.raises(DataSetInvalid, match=r"Expected a CSV file in UTF-8 at side\.csv"):
        side_columns("x", tmp_path / "side.csv", ONE)
    with pytest.raises(DataSetMissing, match="nothing at"):
        side_columns("x", tmp_path / "none.csv", ONE)


def test_options_are_a_name_and_a_file() -> None:
    assert parse_side("crops = a=b.csv") == ("crops", Path("a=b.csv"))
    for text in ("crops", "=a.csv", "crops="):
        with pytest.raises(ValueRejected, match=r"Expected name=file\.csv"):
            parse_side(text)


@given(st.binary(max_size=80) | st.text(max_size=80).map(str.encode))
def test_any_bytes_are_read_or_refused_by_name(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = tmp_path_factory.mktemp("side") / "side.csv"
    path.write_bytes(b"item,n\n" + data)
    try:
        (column,) = side_columns("x", path, ONE)
    except (DataSetInvalid, RecordRejected):
        return
    assert len(column.values) == len(ONE)
