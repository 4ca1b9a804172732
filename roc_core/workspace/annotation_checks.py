"""What a step of an annotator must have before it is kept."""

from __future__ import annotations

from collections.abc import Sequence

from roc_core.errors import ValueRejected
from roc_core.relations import Catalogue
from roc_core.schema import MARK_ACTIONS, NONE, Label, MarkAction

NEED_TEXT: dict[MarkAction, str] = {
    "flag": "a reason",
    "comment": "a comment",
    "wrong-description": "what is wrong with the description",
}
"""Actions that say nothing without a text."""


def named(annotator: str) -> str:
    """The name as it is. Raises ValueRejected for an empty one."""
    if not annotator.strip():
        raise ValueRejected("an annotator's name", repr(annotator), "Say who is working.")
    return annotator


def require_shares(names: Sequence[str], overlap: float, times: int) -> None:
    """Raises ValueRejected when items cannot be shared out like this."""
    if not names:
        raise ValueRejected("at least one annotator", "none", "Name who the items are for.")
    if not 0 <= overlap <= 1:
        raise ValueRejected(
            "a share of items from 0 to 1 for several annotators", str(overlap), "Correct it."
        )
    if overlap and not 2 <= times <= len(names):
        raise ValueRejected(
            f"from 2 to {len(names)} annotators for each shared item",
            str(times) if len(names) > 1 else f"{len(names)} annotator in all",
            "Name more annotators, or share fewer times or nothing.",
        )


def require_label(label: Label, catalogue: Catalogue) -> None:
    """Raises RelationUnknown, and ValueRejected for a direction the relation cannot hold in."""
    ways = ("both",) if label.relation == NONE else catalogue.get(label.relation).directions
    if label.direction not in ways:
        raise ValueRejected(
            f"a direction {label.relation} can hold in, one of {', '.join(ways)}",
            repr(label.direction),
            "Choose one of them.",
        )


def require_parts(
    action: MarkAction, label: Label | None, text: str, relation: str, catalogue: Catalogue
) -> None:
    """Raises ValueRejected for an unknown action or parts that do not go together,
    RelationUnknown."""
    if action not in MARK_ACTIONS:
        raise ValueRejected(
            f"an action, one of {', '.join(MARK_ACTIONS)}", repr(action), "Choose one of them."
        )
    if (action == "label") != (label is not None):
        raise ValueRejected(
            "a label with action 'label', and with no other",
            f"{'a' if label else 'no'} label with action '{action}'",
            "Correct it.",
        )
    if label is not None:
        require_label(label, catalogue)
    if action in NEED_TEXT and not text.strip():
        raise ValueRejected(f"{NEED_TEXT[action]} with '{action}'", "none", "Write it down.")
    if (action == "wrong-description") != bool(relation):
        raise ValueRejected(
            "a relation with action 'wrong-description', and with no other",
            f"{relation!r} with action '{action}'",
            "Correct it.",
        )
    if relation:
        catalogue.get(relation)
