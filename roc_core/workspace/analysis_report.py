"""The analysis of a workspace's labelled items as files: JSON, Markdown and one HTML page."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from roc_core.datasets.base import replacing
from roc_core.errors import DoubtsMissing, ValueRejected
from roc_core.evaluation.analysis_markdown import markdown
from roc_core.evaluation.analysis_report import AnalysisReport, report_of
from roc_core.schema import NONE, ItemFilter, Reading
from roc_core.workspace.report_files import check_folder

if TYPE_CHECKING:
    from roc_core.workspace.workspace import Workspace

NAMES = ("analysis.json", "analysis.md", "analysis.html")


def report_on(
    workspace: Workspace,
    reading: Reading,
    other: Reading | None = None,
    filter: ItemFilter | None = None,
) -> AnalysisReport:
    """Everything counted of a reading of the labelled items that match a filter; slices saved in
    the workspace are among its slices, doubts are those a job has found.

    Raises ValueRejected for an unknown version, and when there is nothing to count.
    """
    scope = filter or ItemFilter()
    found = workspace.analysis(reading, scope)
    if not len(found):
        given = f"{found.unread} labelled items without answers, {found.unlabelled} without labels"
        raise ValueRejected(
            f"labelled items that '{reading.key}' has answered", given, _todo(reading, found.unread)
        )
    theirs = workspace.analysis(other, scope) if other else None
    if theirs is not None and not len(theirs):
        raise ValueRejected(
            f"labelled items that '{theirs.reading.key}' has answered",
            "none",
            _todo(theirs.reading, theirs.unread),
        )
    try:
        doubts = workspace.label_errors(reading)
    except DoubtsMissing:
        doubts = None
    said = {n: str(getattr(scope, n)) for n in ("source", "split") if getattr(scope, n)}
    saved = {s.name: s.items for s in workspace.selections()}
    return report_of(found, said, saved, doubts, theirs)


def _todo(reading: Reading, unread: int) -> str:
    if not unread:
        return "Import or label items first."
    return f"Start the job 'vectors' for {reading.key}, or give --compute on the command line."


def page(workspace: Workspace, report: AnalysisReport) -> str:
    """The analysis as one HTML page that needs nothing from a network."""
    from roc_core.figures import analysis_page

    names = {id: relation.name for id, relation in workspace.known_relations().items()}

    def sentences(ids: Sequence[str]) -> dict[str, str]:
        found = workspace.items(ItemFilter(only=tuple(ids)), limit=len(ids)).items
        return {item.id: item.example.sentence for item in found}

    facts = [("workspace", workspace.name)]
    return analysis_page(report, names | {NONE: "none of these"}, facts, sentences)


def write_analysis(workspace: Workspace, report: AnalysisReport, folder: Path) -> tuple[Path, ...]:
    """Write analysis.json, analysis.md and analysis.html; each appears whole or not at all.

    Raises ValueRejected when the folder cannot be written to.
    """
    check_folder(folder)
    texts = (
        json.dumps(report.as_dict(), indent=1, ensure_ascii=False) + "\n",
        markdown(report),
        page(workspace, report),
    )
    for name, text in zip(NAMES, texts, strict=True):
        with replacing(folder / name) as file:
            file.write(text.encode("utf-8"))
    return tuple(folder / name for name in NAMES)
