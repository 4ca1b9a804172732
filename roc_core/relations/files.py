"""Catalogues ↔ TOML files."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

from roc_core.errors import CatalogueInvalid
from roc_core.relations.catalogue import Catalogue, build_relation
from roc_core.relations.rules import check_catalogue, check_complete, refuse
from roc_core.schema import FACETS, Relation

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_TOP: dict[str, type] = {"id": str, "title": str, "relations": list}
_RELATION: dict[str, type] = {
    "id": str,
    "name": str,
    "phrase": str,
    "head": str,
    "tail": str,
    "symmetric": bool,
    "descriptions": dict,
}
_SAID: dict[type, str] = {
    str: "a text",
    bool: "true or false",
    list: "a list",
    dict: "a table",
    int: "a whole number",
    float: "a number",
}


def catalogue_names() -> tuple[str, ...]:
    """Names of the packaged catalogues, sorted."""
    files = resources.files("roc_core.relations").joinpath("catalogues").iterdir()
    return tuple(sorted(f.name[: -len(".toml")] for f in files if f.name.endswith(".toml")))


def load_catalogue(name_or_path: str | Path) -> Catalogue:
    """A packaged catalogue by name, or a TOML file by path; kept in memory until the file changes.

    Raises CatalogueInvalid naming file, relation and field.
    """
    if name_or_path in catalogue_names():
        return _packaged(str(name_or_path))
    path = Path(name_or_path)
    try:
        stat = path.stat()
        return _from_file(path, stat.st_mtime_ns, stat.st_size)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise CatalogueInvalid(
            f"a catalogue, one of {', '.join(catalogue_names())}, or a TOML file",
            f"'{name_or_path}' ({reason})",
            "Check the name or the path.",
        ) from error


def parse_catalogue(text: str, where: str, complete: bool = True) -> Catalogue:
    """The catalogue in a TOML text; ``where`` names the file in errors.

    ``complete`` asks for at least five descriptions a relation, as every packaged catalogue has.
    Raises CatalogueInvalid.
    """
    try:
        data = tomllib.loads(text)
    # ValueError: a decoding error, or a number with more digits than Python reads.
    except (ValueError, RecursionError) as error:
        reason = str(error) or "values nested too deeply"
        raise CatalogueInvalid("a TOML file", reason, f"Mend {where}.") from error
    _check_fields(where, "", data, _TOP)
    relations = tuple(_relation(where, n, r) for n, r in enumerate(data["relations"], 1))
    check_catalogue(where, data["id"], data["title"], relations)
    if complete:
        check_complete(where, relations)
    return Catalogue(data["id"], data["title"], relations)


def dump_catalogue(catalogue: Catalogue, complete: bool = True) -> str:
    """The TOML text of a catalogue; ``parse_catalogue`` gives an equal one back.

    With ``complete`` raises CatalogueInvalid for a relation with fewer than five descriptions.
    """
    import tomli_w

    if complete:
        check_complete(f"catalogue '{catalogue.id}'", catalogue)
    return tomli_w.dumps(catalogue.as_data())


@cache
def _packaged(name: str) -> Catalogue:
    file = resources.files("roc_core.relations").joinpath("catalogues", f"{name}.toml")
    return parse_catalogue(file.read_text(encoding="utf-8"), file.name)


@lru_cache(maxsize=16)
def _from_file(path: Path, mtime_ns: int, size: int) -> Catalogue:
    return parse_catalogue(utf8(path.read_bytes(), path.name), path.name, complete=False)


def utf8(raw: bytes, name: str) -> str:
    """The text of a file's bytes. Raises CatalogueInvalid."""
    try:
        # A byte order mark, as some Windows editors write it, is not content.
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        found = f"byte 0x{raw[error.start]:02x} at offset {error.start}"
        raise CatalogueInvalid("UTF-8 text", found, f"Save {name} as UTF-8.") from error


def _relation(where: str, number: int, data: object) -> Relation:
    if not isinstance(data, dict):
        expected = "tables [[relations]]"
        raise refuse(where, f"number {number}", "relations", expected, _said(data))
    id_ = data.get("id")
    called = id_ if isinstance(id_, str) else f"number {number}"
    _check_fields(where, called, data, _RELATION)
    _check_texts(where, called, data["descriptions"])
    return build_relation(
        **{k: v for k, v in data.items() if k != "descriptions"}, texts=data["descriptions"]
    )


def _check_fields(
    where: str, relation: str, data: Mapping[str, Any], fields: Mapping[str, type]
) -> None:
    """Every field is there with its type, and no other."""
    for field, kind in fields.items():
        if field not in data:
            raise refuse(where, relation, field, _SAID[kind], "nothing")
        if not isinstance(data[field], kind):
            raise refuse(where, relation, field, _SAID[kind], _said(data[field]))
    strange = next((f for f in data if f not in fields), None)
    if strange is not None:
        raise refuse(where, relation, strange, f"only {', '.join(fields)}", repr(strange))


def _check_texts(where: str, relation: str, facets: Mapping[str, Any]) -> None:
    """Every facet is known and holds a list of texts."""
    for facet, texts in facets.items():
        field = f"descriptions.{facet}"
        if facet not in FACETS:
            expected = f"a facet, one of {', '.join(FACETS)}"
            raise refuse(where, relation, field, expected, repr(facet))
        if not isinstance(texts, list):
            raise refuse(where, relation, field, "a list of texts", _said(texts))
        for n, text in enumerate(texts, 1):
            if not isinstance(text, str):
                raise refuse(where, relation, f"{field}-{n}", "a text", _said(text))


def _said(value: object) -> str:
    """A value's kind in plain words, with the value itself when it is a text."""
    kind = _SAID.get(type(value), "another value")
    return f"{kind}, {value[:40]!r}" if isinstance(value, str) else kind
