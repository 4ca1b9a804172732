"""Why a relation got its score: one explainer a file."""

from roc_core.explanation.leave_one_out import explain

__all__ = ["explain"]
