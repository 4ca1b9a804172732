"""The composition root: the one API that the app, the command line and notebooks use."""

from roc_core.evaluation.analysis import (
    ConfusionTable,
    GroupRow,
    Headline,
    ThresholdCurve,
    calibration,
    cell,
    confusion,
    headline,
    relation_table,
    threshold_curve,
    types_table,
)
from roc_core.evaluation.analysis_report import WAYS, AnalysisReport, reading_words, report_of
from roc_core.evaluation.intervals import headline_intervals
from roc_core.evaluation.item_by_item import ItemComparison, compare
from roc_core.evaluation.slices import SAVED, SMALL, SliceRow, rows_of, slices
from roc_core.relations.edit import relation_id_from
from roc_core.relations.rules import check_relation
from roc_core.workspace.models import default_model, version_folders
from roc_core.workspace.workspace import FORMATS, Workspace

__all__ = [
    "FORMATS",
    "Workspace",
    "default_model",
    "version_folders",
    "AnalysisReport",
    "ConfusionTable",
    "GroupRow",
    "Headline",
    "ItemComparison",
    "SAVED",
    "SMALL",
    "SliceRow",
    "WAYS",
    "ThresholdCurve",
    "calibration",
    "cell",
    "check_relation",
    "compare",
    "confusion",
    "headline",
    "headline_intervals",
    "reading_words",
    "relation_id_from",
    "relation_table",
    "report_of",
    "rows_of",
    "slices",
    "threshold_curve",
    "types_table",
]
