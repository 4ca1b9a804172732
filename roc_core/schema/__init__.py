"""The frozen values every stage exchanges.

Offsets are Unicode code points, end exclusive. Boxes are source pixels of the picture after
its EXIF orientation was applied. Scores are cosines in -1..1. Times are UTC ISO-8601 strings.
"""

from __future__ import annotations

from roc_core.schema.answers import (
    DescriptionScore,
    Explanation,
    PartKind,
    Prediction,
    RankedRelation,
    SeenConcept,
    Share,
)
from roc_core.schema.examples import (
    ENTITY_TYPES,
    Box,
    EntityType,
    Example,
    Mention,
    Span,
    direction_of,
)
from roc_core.schema.keeping import (
    Correction,
    Count,
    Draft,
    ImportReport,
    Item,
    ItemFilter,
    ItemPage,
    Picture,
    Refusal,
)
from roc_core.schema.relations import (
    FACETS,
    NONE,
    Description,
    Direction,
    Facet,
    Label,
    Provenance,
    Record,
    Relation,
    head_tail,
)

__all__ = [
    "Box",
    "ENTITY_TYPES",
    "EntityType",
    "Example",
    "Mention",
    "Span",
    "direction_of",
    "Description",
    "Direction",
    "FACETS",
    "Facet",
    "Label",
    "NONE",
    "Provenance",
    "Record",
    "Relation",
    "head_tail",
    "DescriptionScore",
    "Explanation",
    "PartKind",
    "Prediction",
    "RankedRelation",
    "SeenConcept",
    "Share",
    "Correction",
    "Count",
    "Draft",
    "ImportReport",
    "Item",
    "ItemFilter",
    "ItemPage",
    "Picture",
    "Refusal",
]
