"""The catalogue of relations: names, argument types, symmetry and descriptions by facet.

A catalogue is data, a TOML file; ``load_catalogue("mnre")`` gives a packaged one and
``load_catalogue("my.toml")`` one of yours.
"""

from __future__ import annotations

from roc_core.relations.catalogue import Catalogue, build_relation
from roc_core.relations.csv_ import dump_csv, parse_csv
from roc_core.relations.edit import (
    diff,
    numbered,
    relation_from_json,
    relation_id_from,
    relation_json,
    with_relation,
    without_relation,
)
from roc_core.relations.files import (
    catalogue_names,
    dump_catalogue,
    load_catalogue,
    parse_catalogue,
    utf8,
)

__all__ = [
    "Catalogue",
    "build_relation",
    "catalogue_names",
    "dump_catalogue",
    "load_catalogue",
    "parse_catalogue",
    "utf8",
    "dump_csv",
    "parse_csv",
    "diff",
    "numbered",
    "relation_from_json",
    "relation_id_from",
    "relation_json",
    "with_relation",
    "without_relation",
]
