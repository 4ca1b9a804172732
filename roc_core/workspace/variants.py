"""Other ways to read the same items: what each variant shows the model of an item.

``told`` of a reading is what it was given besides the item's content: "relation direction" of the
label for ``oracle-types``, so that a changed label asks for a new reading; the order of the file
for ``as-published``, so that directions can be turned back; "" otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from roc_core.evaluation.protocols import AS_PUBLISHED as FILE_ORDER
from roc_core.evaluation.protocols import implied_types, prepare
from roc_core.relations import Catalogue
from roc_core.schema import (
    AS_PUBLISHED,
    ORACLE_TYPES,
    WITHOUT_PICTURES,
    Box,
    Direction,
    Example,
    Item,
)

if TYPE_CHECKING:
    from roc_core.model.reader import Hidden

TURNED: dict[Direction, Direction] = {
    "forward": "backward",
    "backward": "forward",
    "both": "both",
}


def told(item: Item, variant: str) -> str:
    """What a variant tells the model of an item besides its content."""
    if variant == ORACLE_TYPES and item.label is not None:
        return f"{item.label.relation} {item.label.direction}"
    return item.record.provenance.order if variant == AS_PUBLISHED else ""


def shown(item: Item, variant: str, catalogue: Catalogue) -> Example:
    """The example a variant reads.

    Pictures a box needs stay with it; ``hidden`` hides them from the model.
    """
    example = item.example
    if variant == WITHOUT_PICTURES:
        boxed = any(isinstance(m.place, Box) for m in example.mentions)
        return replace(example, picture=example.picture if boxed else None, picture_text="")
    record = replace(item.record, label=item.label)
    if variant == ORACLE_TYPES:
        return example.with_types(*(implied_types(record, catalogue) or (None, None)))
    return prepare([record], catalogue, FILE_ORDER)[0].example if variant else example


def hidden(variant: str) -> Hidden:
    """What a variant hides of every example."""
    from roc_core.model.reader import NOTHING, Hidden

    return Hidden(picture=True, picture_text=True) if variant == WITHOUT_PICTURES else NOTHING


def canonical(
    directions: Sequence[Direction], types: Sequence[str], given: Sequence[str], variant: str
) -> tuple[tuple[Direction, ...], tuple[str, ...]]:
    """Directions and type pairs in canonical order, where the file's order was read."""
    turns = [variant == AS_PUBLISHED and order == "backward" for order in given]
    return (
        tuple(TURNED[d] if t else d for d, t in zip(directions, turns, strict=True)),
        tuple(_swapped(x) if t else x for x, t in zip(types, turns, strict=True)),
    )


def _swapped(types: str) -> str:
    first, _, second = types.partition(" – ")
    return f"{second} – {first}"
