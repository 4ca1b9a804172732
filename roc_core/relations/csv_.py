"""Catalogues ↔ CSV files: one row a description, UTF-8, one header line.

Columns, in the order they are written::

    relation, name, phrase, head, tail, symmetric, facet, text

``relation`` is the id, ``symmetric`` true or false. Rows of one relation may stand apart; its
fields are said on its first row and may be left empty on the others, where they must not differ.
When reading, columns may stand in any order. Quoting is RFC 4180; a byte order mark and ``\\r\\n``
are read, neither is written. Cells are written exactly as they are: one that begins with ``=``,
``+``, ``-`` or ``@`` is **not** disarmed, since the file must read back the same.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

from roc_core.errors import CatalogueInvalid, RecordRejected
from roc_core.relations.catalogue import Catalogue, build_relation
from roc_core.relations.rules import check_relation, check_text
from roc_core.schema import FACETS, Facet, Relation

FIELDS = ("name", "phrase", "head", "tail", "symmetric")
COLUMNS = ("relation", *FIELDS, "facet", "text")
_BOOLEANS = {
    **dict.fromkeys(("true", "yes", "1"), True),
    **dict.fromkeys(("false", "no", "0"), False),
}


@dataclass(slots=True)
class _Told:
    """What rows said of one relation: fields as cells, and its texts with the line of each."""

    line: int
    cells: dict[str, str]
    texts: dict[str, list[tuple[str, int]]]


def dump_csv(catalogue: Catalogue) -> str:
    """The CSV text of a catalogue; ``parse_csv`` gives its relations back."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for r in catalogue:
        fields = (r.id, r.name, r.phrase, r.head, r.tail, "true" if r.symmetric else "false")
        writer.writerows((*fields, d.facet, d.text) for d in r.descriptions)
    return out.getvalue()


def parse_csv(text: str, where: str, id: str, title: str) -> Catalogue:
    """The catalogue in a CSV text, which says neither ``id`` nor ``title``; ``where`` names the
    file in errors.

    Raises RecordRejected naming line and column, CatalogueInvalid for an id or title that cannot be
    or a file without relations.
    """
    told: dict[str, _Told] = {}
    for line, cells in _rows(text, where):
        _take(told, where, line, cells)
    relations = tuple(_relation(where, name, one) for name, one in told.items())
    return Catalogue(id, title, relations)


def _rows(text: str, where: str) -> Iterator[tuple[int, dict[str, str]]]:
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    columns: list[str] = []
    line = 1
    try:
        for cells in reader:
            if not columns:
                columns = _header(where, line, cells)
            elif any(cell.strip() for cell in cells):
                if len(cells) != len(columns):
                    expected = f"{len(columns)} cells, as the header has"
                    raise RecordRejected(where, line, "line", expected, f"{len(cells)}")
                yield line, dict(zip(columns, cells, strict=True))
            line = reader.line_num + 1
    except csv.Error as error:
        expected = "cells in whole quotes, with quotes inside doubled"
        raise RecordRejected(where, line, "line", expected, str(error)) from None
    if not columns:
        raise RecordRejected(where, 1, "header", f"the columns {', '.join(COLUMNS)}", "nothing")


def _header(where: str, line: int, cells: list[str]) -> list[str]:
    found = [cell.strip() for cell in cells]
    expected = f"the columns {', '.join(COLUMNS)}"
    missing = [c for c in COLUMNS if c not in found]
    if missing:
        raise RecordRejected(where, line, "header", expected, f"no column {', '.join(missing)}")
    strange = [c for c in found if c not in COLUMNS or found.count(c) > 1]
    if strange:
        raise RecordRejected(where, line, "header", f"{expected}, each once", repr(strange[0][:40]))
    return found


def _take(told: dict[str, _Told], where: str, line: int, cells: dict[str, str]) -> None:
    """Add one row to what was told of its relation."""
    name = cells["relation"]
    with _at(where, line, "relation"):
        check_text(where, "", "relation", name)
    one = told.setdefault(name, _Told(line, {f: cells[f] for f in FIELDS}, {}))
    for field in FIELDS:
        if cells[field] and cells[field] != one.cells[field]:
            expected = f"{one.cells[field][:60]!r} or nothing, as line {one.line} says"
            raise RecordRejected(where, line, field, expected, repr(cells[field][:60]))
    facet = cells["facet"].strip()
    if facet not in FACETS:
        expected = f"a facet, one of {', '.join(FACETS)}"
        raise RecordRejected(where, line, "facet", expected, repr(facet[:40]))
    with _at(where, line, "text"):
        check_text(where, name, "text", cells["text"])
    one.texts.setdefault(facet, []).append((cells["text"], line))


def _relation(where: str, name: str, told: _Told) -> Relation:
    symmetric = told.cells["symmetric"].strip().casefold()
    if symmetric not in _BOOLEANS:
        found = repr(symmetric[:40])
        raise RecordRejected(where, told.line, "symmetric", "true or false", found)
    fields: dict[str, Any] = {f: told.cells[f].strip() for f in ("head", "tail")}
    relation = build_relation(
        name,
        told.cells["name"],
        told.cells["phrase"],
        **fields,
        symmetric=_BOOLEANS[symmetric],
        texts={cast(Facet, f): [t for t, _ in texts] for f, texts in told.texts.items()},
    )
    try:
        check_relation(where, relation)
    except CatalogueInvalid as error:
        raise _refused(where, told, error) from None
    return relation


def _refused(where: str, told: _Told, error: CatalogueInvalid) -> RecordRejected:
    """A broken rule with the line and the column it is on."""
    field, _, place = error.field.partition(".")
    facet, _, number = place.rpartition("-")
    line, column = told.line, {"id": "relation"}.get(field, field)
    if field == "descriptions":
        column = "text" if facet else "facet"
        texts = told.texts.get(facet or place, [])
        if texts:
            line = texts[int(number) - 1 if facet else 0][1]
    return RecordRejected(where, line, column, error.expected, error.found)


@contextmanager
def _at(where: str, line: int, column: str) -> Iterator[None]:
    """Inside it a broken rule is told with a line and a column."""
    try:
        yield
    except CatalogueInvalid as error:
        raise RecordRejected(where, line, column, error.expected, error.found) from None
