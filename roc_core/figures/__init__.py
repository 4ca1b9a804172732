"""Values to plotly figures, one function a figure; no torch, no files, no widgets."""

from roc_core.figures.analysis_html import (
    analysis_page,
    compared_said,
    line_said,
    slices_plot,
)
from roc_core.figures.analysis_tables import (
    FIGURE_WORDS,
    Table,
    changes_table,
    confusion_list,
    confusion_table,
    doubts_table,
    groups_table,
    headline_table,
    headline_values,
    relation_words,
    slice_words,
    slices_table,
)
from roc_core.figures.errors import (
    change_bars,
    confusion_cells,
    f1_dots,
    threshold_plot,
    two_dots,
)
from roc_core.figures.graph import sentence_graph_plot
from roc_core.figures.learning import guard_plot, learn_curve, moves_plot
from roc_core.figures.map import LAYERS, Layer, hover_texts, map_plot
from roc_core.figures.reports import (
    ablation_plot,
    confusion_matrix,
    held_out_bars,
    relation_bars,
    reliability_plot,
    score_histogram,
)
from roc_core.figures.wording import (
    hub_bars,
    hubs_table,
    rivals_map,
    rivals_table,
    robustness_dots,
    robustness_table,
    style_table,
)

__all__ = [
    "LAYERS",
    "Layer",
    "FIGURE_WORDS",
    "Table",
    "ablation_plot",
    "analysis_page",
    "change_bars",
    "changes_table",
    "compared_said",
    "confusion_cells",
    "confusion_list",
    "confusion_matrix",
    "confusion_table",
    "doubts_table",
    "f1_dots",
    "groups_table",
    "guard_plot",
    "headline_table",
    "headline_values",
    "held_out_bars",
    "hover_texts",
    "hub_bars",
    "hubs_table",
    "learn_curve",
    "line_said",
    "map_plot",
    "moves_plot",
    "relation_bars",
    "relation_words",
    "reliability_plot",
    "rivals_map",
    "rivals_table",
    "robustness_dots",
    "robustness_table",
    "score_histogram",
    "sentence_graph_plot",
    "slice_words",
    "slices_plot",
    "slices_table",
    "style_table",
    "threshold_plot",
    "two_dots",
]
