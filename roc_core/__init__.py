"""ROC: relations retrieved by how close a marked pair lies to their descriptions.

``from roc_core import Workspace, Example, Mention, Span, Box`` is enough for a notebook.
"""

from __future__ import annotations

from roc_core.errors import RocError
from roc_core.schema import (
    NONE,
    Box,
    Example,
    Explanation,
    Item,
    ItemFilter,
    Label,
    Mention,
    Prediction,
    RankedRelation,
    Span,
)
from roc_core.workspace import Workspace

__all__ = [
    "NONE",
    "Box",
    "Example",
    "Explanation",
    "Item",
    "ItemFilter",
    "Label",
    "Mention",
    "Prediction",
    "RankedRelation",
    "RocError",
    "Span",
    "Workspace",
]
