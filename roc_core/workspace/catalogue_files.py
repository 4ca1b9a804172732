"""Catalogues from files and to files, and what a file changes in one that is there."""

from __future__ import annotations

from pathlib import PurePath

from roc_core.errors import ValueRejected
from roc_core.relations import (
    Catalogue,
    dump_catalogue,
    dump_csv,
    parse_catalogue,
    parse_csv,
    relation_json,
    utf8,
)
from roc_core.store.catalogues import Entry
from roc_core.workspace.kept_catalogues import Present

FORMATS = ("toml", "csv")


def read(data: bytes, name: str) -> Catalogue:
    """The catalogue in a file's bytes, by the ending of its name; a CSV file's name is its id.

    Raises CatalogueInvalid, RecordRejected, ValueRejected for another ending.
    """
    path = PurePath(name)
    ending = path.suffix.casefold().lstrip(".")
    if ending not in FORMATS:
        raise ValueRejected(
            "a file that ends in .toml or .csv", repr(path.name), "Save it as one of these."
        )
    text = utf8(data, path.name)
    if ending == "csv":
        return parse_csv(text, path.name, path.stem.strip(), path.stem.strip())
    return parse_catalogue(text, path.name, complete=False)


def written(present: Present, format: str) -> bytes:
    """A catalogue as a file's bytes. Raises ValueRejected for an unknown format, CatalogueInvalid
    for a catalogue without relations."""
    if format not in FORMATS:
        raise ValueRejected(
            f"a format, one of {', '.join(FORMATS)}", repr(format), "Choose one of them."
        )
    catalogue = present.catalogue
    text = dump_csv(catalogue) if format == "csv" else dump_catalogue(catalogue, complete=False)
    return text.encode()


def entries(
    catalogue: Catalogue, present: Present | None, author: str, name: str
) -> tuple[list[Entry], int]:
    """Changes that bring a file's relations into a catalogue, ``present`` if it is there, and how
    many relations are as the file says already."""
    found, same = [], 0
    for relation in catalogue:
        old = present.relations.get(relation.id) if present is not None else None
        if old is not None and not old.retired and old.relation == relation:
            same += 1
            continue
        edited = old is not None and not old.retired
        found.append(
            Entry(
                relation.id,
                relation_json(relation),
                "edit" if edited else "import",
                author,
                PurePath(name).name,
                seen=0 if old is None else old.change,
            )
        )
    return found, same
