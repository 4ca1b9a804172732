"""A comparison as files: JSON, Markdown, and one HTML page that needs nothing from a network."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from roc_core.datasets.base import replacing
from roc_core.errors import ValueRejected

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from roc_core.evaluation.comparison import Comparison
    from roc_core.evaluation.full import Evaluation
    from roc_core.evaluation.zero_shot import ZeroShotReport

NAMES = ("report.json", "report.md", "report.html")

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 75rem; margin: 2rem auto; padding: 0 1rem;
  color: #1a1a1a; background: #fff; }
table { border-collapse: collapse; margin: 0.5rem 0 1.5rem; font-size: 0.9rem; }
th, td { border-bottom: 1px solid #ccc; padding: 0.3rem 0.7rem; text-align: left; }
td:not(:first-child) { font-variant-numeric: tabular-nums; }
.wide { overflow-x: auto; }
"""


def check_folder(folder: Path) -> None:
    """That reports can go to ``folder``, before hours are spent on them. Raises ValueRejected."""
    if folder.exists() and not folder.is_dir():
        raise ValueRejected(
            f"a folder for the reports at {folder}", "a file", "Choose another place."
        )


def write_reports(folder: Path, found: Comparison) -> tuple[Path, ...]:
    """Write report.json, report.md and report.html; each appears whole or not at all.

    Raises ValueRejected when the folder cannot be written to.
    """
    from roc_core.evaluation.markdown import markdown

    check_folder(folder)
    texts = (
        json.dumps(found.as_dict(), indent=1, ensure_ascii=False) + "\n",
        markdown(found),
        page(found),
    )
    for name, text in zip(NAMES, texts, strict=True):
        with replacing(folder / name) as file:
            file.write(text.encode("utf-8"))
    return tuple(folder / name for name in NAMES)


def page(found: Comparison) -> str:
    """The comparison as one HTML page, plotly's script inside it."""
    from roc_core.evaluation import markdown as tables

    parts = ["<h1>Evaluation</h1>", _table(("", ""), tables.setting_rows(found))]
    parts += _section("Model versions", tables.VERSION_HEAD, tables.version_rows(found))
    if found.seeds:
        parts += _section("Over seeds: mean ± standard deviation", *tables.seed_table(found))
    if found.ablations:
        rows = tables.ablation_rows(found)
        parts += _section("Ablations of one model version", tables.ABLATION_HEAD, rows)
    parts += _drawn(_compared(found), first=True)
    for version in found.versions:
        parts.append(f"<h2>{escape(version.row)}</h2>")
        parts += [f"<p>{escape(note)}</p>" for note in version.notes]
        parts += _drawn(_own(version))
        for title, head, rows in tables.detail_tables(version):
            parts += _section(title, head, rows, "h3")
    return _html("Evaluation", parts)


def zero_shot_page(found: ZeroShotReport) -> str:
    """A zero-shot measurement as one HTML page, plotly's script inside it."""
    from roc_core.evaluation.measured_tables import (
        ZERO_SHOT_TITLE,
        ZERO_SHOT_WORDS,
        zero_shot_tables,
    )
    from roc_core.figures import held_out_bars

    parts = [f"<h1>{ZERO_SHOT_TITLE}</h1>", *(f"<p>{escape(w)}</p>" for w in ZERO_SHOT_WORDS)]
    for name, (head, rows) in zero_shot_tables(found):
        parts += _section(name, head, rows)
    parts += _drawn(iter([held_out_bars(found.overall.per_relation)]), first=True)
    return _html(ZERO_SHOT_TITLE, parts)


def _html(title: str, parts: Sequence[str]) -> str:
    body = "\n".join(parts)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f"<title>{title}</title><style>{_STYLE}</style></head>\n<body>\n{body}\n</body></html>\n"
    )


def _compared(found: Comparison) -> Iterator[go.Figure]:
    """Versions and ablations as dots; always at least one figure, which carries the script."""
    from roc_core.figures import ablation_plot

    # A suite's table holds the versions as well.
    versions = () if found.ablations else found.versions
    rows = [(v.row, v.report.f1, v.report.interval) for v in versions]
    rows += [(a.name, a.report.f1, a.report.interval) for a in found.ablations]
    yield ablation_plot(rows)


def _own(version: Evaluation) -> Iterator[go.Figure]:
    from roc_core import figures

    yield figures.relation_bars(version.report.per_relation)
    yield figures.confusion_matrix(version.confusion)
    if version.calibration:
        yield figures.reliability_plot(version.calibration)
    yield figures.score_histogram(version.margins, version.outcomes)


def _drawn(figures: Iterator[go.Figure], first: bool = False) -> list[str]:
    drawn = []
    for figure in figures:
        drawn.append(figure.to_html(full_html=False, include_plotlyjs=first))
        first = False
    return drawn


def _section(
    title: str, head: Sequence[str], rows: Sequence[Sequence[str]], level: str = "h2"
) -> list[str]:
    return [f"<{level}>{escape(title)}</{level}>", _table(head, rows)]


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    top = "".join(f"<th>{escape(h)}</th>" for h in head)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(str(c))}</td>" for c in row) + "</tr>" for row in rows
    )
    return f'<div class="wide"><table><tr>{top}</tr>{body}</table></div>'
