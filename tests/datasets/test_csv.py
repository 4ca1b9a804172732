"""Tables of records."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from roc_core.datasets import read, size, write
from roc_core.datasets.csv_ import COLUMNS
from roc_core.errors import RecordRejected
from roc_core.schema import Box, Example, Label, Mention, Provenance, Record, Refusal, Span

HEADER = "sentence,first_start,first_end,second_start,second_end"
GOOD = "Mira sings,0,4,5,10"


def table(tmp_path: Path, *lines: str, end: str = "\n") -> Path:
    file = tmp_path / "set.csv"
    file.write_bytes(end.join(lines).encode())
    return file


def full(**cells: str) -> str:
    values = {"sentence": "Mira sings", "first_start": "0", "first_end": "4"}
    values |= {"second_start": "5", "second_end": "10", **cells}
    return ",".join(values.get(c, "") for c in COLUMNS)


def test_a_small_table_is_read_with_its_origin(tmp_path: Path) -> None:
    (found,) = read("csv", table(tmp_path, HEADER, GOOD))
    example = Example("Mira sings", (Mention(Span(0, 4)), Mention(Span(5, 10))))
    assert found == Record(example, None, Provenance("set", line=2))


def test_all_columns_in_any_order_with_reversed_mentions(tmp_path: Path) -> None:
    cells = {
        "first_start": "",
        "first_end": "",
        "first_left": "1",
        "first_top": "2.5",
        "first_right": "30",
        "first_bottom": "4e1",
        "second_type": "person",
        "picture": "p/a.jpg",
        "picture_text": '"a, b\r\n""c"""',
        "relation": "/per/org/member_of",
        "direction": "forward",
        "source": "posts",
        "line": "7",
        "extra": '"{""a"": [1]}"',
    }
    (found,) = read("csv", table(tmp_path, ",".join(COLUMNS), full(**cells), end="\r\n"))
    mentions = (Mention(Span(5, 10), "person"), Mention(Box(1, 2.5, 30, 40)))
    picture = tmp_path / "p/a.jpg"
    assert found == Record(
        Example("Mira sings", mentions, picture, 'a, b\r\n"c"'),
        Label("/per/org/member_of", "backward"),
        Provenance("posts", "", 7, "", "backward", (("a", "[1]"),)),
    )


MALFORMED = [
    ("Mira sings,0,4,5", "line", "5 cells, as the header has", "4"),
    ('Mira "sings",0,4,5,10', "line", "cells in whole quotes", "Mira"),
    ('"Mira" sings,0,4,5,10', "line", "cells in whole quotes", "Mira"),
    ('"Mira sings,0,4,5,10', "line", "cells in whole quotes", "Mira"),
    ("Mira\rsings,0,4,5,10", "line", "cells in whole quotes", "\\r"),
    ("Mira\0sings,0,4,5,10", "sentence", "text without the NUL character", "\\x00"),
    ("Mira sings,0,four,5,10", "first_end", "a number such as 12 or 12.5", "'four'"),
    ("Mira sings,0,4,5,nan", "second_end", "a number such as 12 or 12.5", "'nan'"),
    ("Mira sings,0,4,5,1_0", "second_end", "a number such as 12 or 12.5", "'1_0'"),
    ("Mira sings,0,4,5,１０", "second_end", "a number such as 12 or 12.5", "'１０'"),
    ("Mira sings,0,4,5," + "9" * 5000, "second_end", "a number such as", "999"),
    ("Mira sings,0,4,5,10.5", "second_span", "a whole number of at least 0", "10.5"),
    ("Mira sings,0,,5,10", "first_end", "a number such as 12 or 12.5", "''"),
    ("Mira sings,,,5,10", "first_start", "either first_start and first_end or", "neither"),
    ("Mira sings,4,0,5,10", "first_span", "0 <= start < end", "start 4, end 0"),
    ("Mira sings,0,4,5,99", "mentions", "a span inside the sentence of 10", "end 99"),
    ("Mira sings,0,4,0,4", "mentions", "two different places", "twice"),
]
MALFORMED_FULL = [
    ({"first_left": "1"}, "first_start", "either first_start and first_end or", "both"),
    ({"first_type": "band"}, "first_type", "one of person, organization", "'band'"),
    ({"picture": "../a.jpg"}, "picture", "a relative path that stays inside", "'../a.jpg'"),
    ({"relation": "x"}, "direction", "one of forward, backward, both", "''"),
    ({"direction": "both"}, "relation", "a relation id or None", "empty text"),
    ({"line": "x"}, "line", "a whole number of at least 0", "'x'"),
    ({"order": "x"}, "order", "forward or backward", "'x'"),
    ({"extra": "x"}, "extra", "a JSON object", "Expecting value"),
    ({"extra": "1"}, "extra", "an object", "1"),
]


@pytest.mark.parametrize(
    ("header", "good", "line", "field", "expected", "found"),
    [(HEADER, GOOD, *case) for case in MALFORMED]
    + [(",".join(COLUMNS), full(), full(**c), *rest) for c, *rest in MALFORMED_FULL],
)
def test_a_malformed_row_names_file_line_and_column_and_stops_nothing(
    tmp_path: Path, header: str, good: str, line: str, field: str, expected: str, found: str
) -> None:
    file = table(tmp_path, header, good, "", line, good, good)
    before, refusal, after, last = read("csv", file)
    assert all(isinstance(r, Record) for r in (before, after, last))
    assert isinstance(refusal, Refusal)
    assert (refusal.file, refusal.line, refusal.field) == ("set.csv", 4, field)
    assert expected in refusal.expected
    assert found in refusal.found
    assert len(refusal.expected + refusal.found) < 400
    assert size("csv", file) == 4
    with pytest.raises(RecordRejected, match=r"Mend field '.+' in set.csv, line 4"):
        list(read("csv", file, strict=True))


@pytest.mark.parametrize(
    ("header", "expected", "found"),
    [
        ("sentense,first_start", "the columns sentence, first_start", "'sentense'"),
        ("sentence;first_start", "the columns sentence", "'sentence;first_start'"),
        ("first_start,first_end", "a column sentence", "first_start, first_end"),
        ("sentence,sentence", "each column once", "sentence 2 times"),
    ],
)
def test_a_wrong_header_is_the_only_refusal(
    tmp_path: Path, header: str, expected: str, found: str
) -> None:
    (refusal,) = read("csv", table(tmp_path, header, GOOD, GOOD))
    assert isinstance(refusal, Refusal)
    assert (refusal.line, refusal.field) == (1, "header")
    assert expected in refusal.expected
    assert found in refusal.found


def test_an_open_quote_costs_one_line_even_when_another_follows(tmp_path: Path) -> None:
    bad = 'Mira "sings,0,4,5,10'
    spread = '"Mira\nsings",0,4,5,10'
    file = table(tmp_path, HEADER, GOOD, bad, GOOD, bad, spread, GOOD, "")
    kinds = [type(r).__name__ for r in read("csv", file)]
    assert kinds == ["Record", "Refusal", "Record", "Refusal", "Record", "Record"]
    assert size("csv", file) == 6


def test_byte_order_mark_and_a_line_of_ten_megabytes(tmp_path: Path) -> None:
    file = table(tmp_path, "\ufeff" + HEADER, GOOD, '"' + "x" * 10_000_000, GOOD, end="\r\n")
    first, refusal, last = read("csv", file)
    assert isinstance(refusal, Refusal)
    assert (refusal.line, refusal.expected) == (3, "at most 1,000,000 bytes")
    assert isinstance(first, Record)
    assert isinstance(last, Record)
    assert last.provenance.line == 4


def test_a_record_over_many_lines_is_bounded_too(tmp_path: Path) -> None:
    many = ["x" * 999] * 1100
    file = table(tmp_path, HEADER, '"open', *many, GOOD)
    found: list[Any] = list(read("csv", file))
    assert isinstance(found[0], Refusal)
    assert (found[0].line, found[0].expected) == (2, "at most 1,000,000 bytes")
    assert isinstance(found[-1], Record)
    assert len(found) == 1102


def test_cells_that_look_like_formulas_stay_as_they_are(tmp_path: Path) -> None:
    example = Example("=1+1 @Mira", (Mention(Span(0, 4)), Mention(Span(5, 10))))
    write("csv", [Record(example, None, Provenance("-x"))], tmp_path / "out.csv")
    assert "\n=1+1 @Mira,0,4," in (tmp_path / "out.csv").read_text()
    (found,) = read("csv", tmp_path / "out.csv")
    assert isinstance(found, Record)
    assert found.example == example
