"""The catalogue of relations: names, argument types, symmetry and descriptions by facet.

A catalogue is data, a TOML file; ``load_catalogue("mnre")`` gives a packaged one and
``load_catalogue("my.toml")`` one of yours.
"""

from __future__ import annotations

from roc_core.relations.catalogue import Catalogue, build_relation
from roc_core.relations.files import (
    catalogue_names,
    dump_catalogue,
    load_catalogue,
    parse_catalogue,
)

__all__ = [
    "Catalogue",
    "build_relation",
    "catalogue_names",
    "dump_catalogue",
    "load_catalogue",
    "parse_catalogue",
]
