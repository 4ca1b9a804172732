"""Values to plotly figures, one function a figure; no torch, no files, no widgets."""

from roc_core.figures.reports import (
    ablation_plot,
    confusion_matrix,
    relation_bars,
    reliability_plot,
    score_histogram,
)

__all__ = [
    "ablation_plot",
    "confusion_matrix",
    "relation_bars",
    "reliability_plot",
    "score_histogram",
]
