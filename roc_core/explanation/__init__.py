"""Why a relation got its score: one explainer a file."""

from roc_core.explanation.alignment import align
from roc_core.explanation.difference import why_not
from roc_core.explanation.facets import by_facet
from roc_core.explanation.gradients import second_opinion
from roc_core.explanation.leave_one_out import explain, leave_out, without_sets
from roc_core.explanation.neighbours import nearest_labelled
from roc_core.explanation.switchboard import switchboard

__all__ = [
    "align",
    "by_facet",
    "explain",
    "leave_out",
    "nearest_labelled",
    "second_opinion",
    "switchboard",
    "why_not",
    "without_sets",
]
