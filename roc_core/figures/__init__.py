"""Values to plotly figures, one function a figure; no torch, no files, no widgets."""

from roc_core.figures.map import LAYERS, Layer, hover_texts, map_plot
from roc_core.figures.reports import (
    ablation_plot,
    confusion_matrix,
    relation_bars,
    reliability_plot,
    score_histogram,
)

__all__ = [
    "LAYERS",
    "Layer",
    "ablation_plot",
    "confusion_matrix",
    "hover_texts",
    "map_plot",
    "relation_bars",
    "reliability_plot",
    "score_histogram",
]
