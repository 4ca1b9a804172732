"""A whole error analysis as one HTML page that needs nothing from a network."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from roc_core.evaluation.analysis_report import reading_words
from roc_core.figures import analysis_tables as tables
from roc_core.figures import errors
from roc_core.figures.analysis_tables import Table, Words
from roc_core.figures.reports import reliability_plot
from roc_core.schema import Analysis, Doubts

if TYPE_CHECKING:
    import numpy as np
    import plotly.graph_objects as go

    from roc_core.evaluation.analysis import ThresholdCurve
    from roc_core.evaluation.analysis_report import AnalysisReport
    from roc_core.evaluation.item_by_item import ItemComparison
    from roc_core.evaluation.slices import SliceRow

Sentences = Callable[[Sequence[str]], Words]
"""The sentences of some items by their ids."""

LISTED = 30
"""Items, confusions and slices that the page lists."""

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 75rem; margin: 2rem auto; padding: 0 1rem;
  color: #1a1a1a; background: #fff; }
table { border-collapse: collapse; margin: 0.5rem 0 1.5rem; font-size: 0.9rem; }
th, td { border-bottom: 1px solid #ccc; padding: 0.3rem 0.7rem; text-align: left;
  vertical-align: top; overflow-wrap: anywhere; }
td.number { font-variant-numeric: tabular-nums; text-align: right; white-space: nowrap; }
.wide { overflow-x: auto; }
"""


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """One section: sentences, a figure, tables."""

    title: str
    said: Sequence[str] = ()
    figure: go.Figure | None = None
    tables: Sequence[Table] = ()


def analysis_page(
    report: AnalysisReport,
    names: Words,
    facts: Sequence[tuple[str, str]] = (),
    sentences: Sentences | None = None,
) -> str:
    """The analysis as HTML, plotly's script inside it.

    ``names`` gives the words for relation ids, ``facts`` further lines for the top, ``sentences``
    looks up what the items that are listed say. An analysis without pairs gives a page that says
    so.
    """
    body = [f"<h1>{escape(report.title)}</h1>", _facts(report, facts)]
    script = True
    for part in _parts(report, names, sentences or (lambda ids: {})):
        body.append(f"<h2>{escape(part.title)}</h2>")
        body += [f"<p>{escape(line)}</p>" for line in part.said]
        if part.figure is not None:
            body.append(part.figure.to_html(full_html=False, include_plotlyjs=script))
            script = False
        body += [_html(table, table.title != part.title) for table in part.tables]
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escape(report.title)}</title><style>{_STYLE}</style></head>\n<body>\n"
        + "\n".join(body)
        + "\n</body></html>\n"
    )


def _facts(report: AnalysisReport, facts: Sequence[tuple[str, str]]) -> str:
    rows = [*facts, *report.scope.items(), ("labelled pairs", f"{len(report.analysis):,}")]
    table = _html(Table("", ("", ""), tuple((n, str(v)) for n, v in rows)), titled=False)
    return table + "".join(f"<p>{escape(note)}</p>" for note in report.notes)


def _parts(report: AnalysisReport, names: Words, sentences: Sentences) -> Iterator[_Part]:
    if not len(report.analysis):
        yield _Part("Figures", ("No labelled pair has an answer here.",))
        return
    yield from _counted(report, names)
    yield from _judged(report)
    if report.other is not None and report.comparison is not None:
        yield _compared(report.analysis, report.other, report.comparison, names, sentences)
    if report.doubts is not None and len(report.doubts):
        yield _doubted(report.doubts, names, sentences)


def _counted(report: AnalysisReport, names: Words) -> Iterator[_Part]:
    from roc_core.evaluation.intervals import headline_intervals

    figures = tables.headline_table(report.headline, headline_intervals(report.analysis))
    said = "Micro figures leave “none of these” out; from and to are 95 % bootstrap intervals."
    yield _Part("Figures", (said,), tables=(figures,))
    wrong = tables.confusion_table(report.confusion, names)
    listed = Table("The most frequent confusions", wrong.head, wrong.rows[:LISTED])
    yield _Part("Confusion", (), errors.confusion_cells(report.confusion, names), (listed,))
    for title, head, rows in (
        ("Relations", "relation", report.relations),
        ("Type pairs", "types read", report.types),
    ):
        worst = sorted(rows, key=lambda r: (r.prf.f1, r.name))
        yield _Part(title, tables=(tables.groups_table(worst, title, head, names),))
    yield _Part(
        "Slices",
        ("The worst first; those marked small have too few pairs to say much.",),
        slices_plot(report.slices),
        (tables.slices_table(report.slices),),
    )


def slices_plot(cut: Sequence[SliceRow], dark: bool = False) -> go.Figure:
    """F1 of the slices that are not small, the first LISTED of them."""
    rows = [
        (tables.slice_words(r), r.figures.prf.f1, r.figures.interval, r.figures.pairs)
        for r in cut
        if not r.small
    ]
    return errors.f1_dots(rows[:LISTED], "F1 of each slice (number of pairs)", dark)


def _judged(report: AnalysisReport) -> Iterator[_Part]:
    figure = errors.threshold_plot(report.analysis, report.curve)
    yield _Part("Threshold", line_said(report.curve), figure)
    if report.calibration is not None:
        yield _Part("Calibration", (), reliability_plot(report.calibration))


def line_said(curve: ThresholdCurve) -> tuple[str, ...]:
    """The present line, the best one on these very pairs, and why not to take it."""
    best, now = curve.best, curve.at(0.0).f1
    where = f"{abs(best):.3f} {'higher' if best > 0 else 'lower'}" if best else "where it is"
    return (
        f"With the present line F1 is {now:.3f}. On these very pairs it would be highest, "
        f"{curve.at(best).f1:.3f}, with the line {where}.",
        "A line chosen on these pairs must not be reported on these pairs: choose it on some, "
        "report it on others.",
    )


def _compared(
    a: Analysis, other: Analysis, found: ItemComparison, names: Words, sentences: Sentences
) -> _Part:
    first, second = (reading_words(x.reading) for x in (a, other))
    changes = tables.changes_table(a, found, names)
    bars = [(str(row[0]), int(row[1] or 0), int(row[2] or 0)) for row in changes.rows]
    figure = errors.change_bars([b for b in bars if b[1] or b[2]], (first, second))
    lists = [
        _changed(title, a, other, found, some[:LISTED], names, sentences)
        for title, some in (("won", found.won), ("lost", found.lost))
    ]
    said = compared_said(found)
    return _Part(f"Compared with {second}", (said,), figure, (changes, *lists))


def compared_said(found: ItemComparison) -> str:
    """A comparison in a sentence or two."""
    first, second = (reading_words(r) for r in (found.reading, found.other))
    return (
        f"Of the {len(found):,} items that both have answered, “{first}” alone is right on "
        f"{len(found.won):,} (won), “{second}” alone on {len(found.lost):,} (lost); both are right "
        f"on {len(found.both_right):,}, both wrong on {len(found.both_wrong):,}. If both were as "
        "good, won and lost would differ by this much or more with probability "
        f"{found.mcnemar:.2g} (McNemar's exact test)."
    )


def _changed(
    title: str,
    a: Analysis,
    other: Analysis,
    found: ItemComparison,
    some: np.ndarray,
    names: Words,
    sentences: Sentences,
) -> Table:
    """Items of one kind with both answers."""
    ids = a.ids(found.rows[some])
    text, mine, theirs = sentences(ids), a.predicted(), other.predicted()
    rows = []
    for id, i, j in zip(
        ids, found.rows[some].tolist(), found.other_rows[some].tolist(), strict=True
    ):
        said = (tables.relation_words(c, names) for c in (a.gold.of(i), mine.of(i), theirs.of(j)))
        rows.append((id, text.get(id, ""), *said))
    head = ("item", "sentence", "label", *(reading_words(x.reading) for x in (a, other)))
    return Table(f"The first {len(rows)} items {title}", head, tuple(rows))


def _doubted(doubts: Doubts, names: Words, sentences: Sentences) -> _Part:
    ids = [i.decode("ascii") for i in doubts.items[:LISTED].tolist()]
    said = [f"{int(doubts.likely.sum()):,} of {len(doubts):,} labels are likely wrong."]
    if doubts.seen:
        said.append(doubts.seen)
    table = tables.doubts_table(doubts, names, sentences(ids), LISTED)
    return _Part("Labels to check", said, tables=(table,))


def _html(table: Table, titled: bool = True) -> str:
    top = "".join(f"<th>{escape(h)}</th>" for h in table.head) if any(table.head) else ""
    body = "".join("<tr>" + "".join(map(_cell, row)) + "</tr>" for row in table.rows)
    title = f"<h3>{escape(table.title)}</h3>" if titled else ""
    return f'{title}<div class="wide"><table><tr>{top}</tr>{body}</table></div>'


def _cell(value: tables.Value) -> str:
    if isinstance(value, bool):
        return f"<td>{'yes' if value else ''}</td>"
    if isinstance(value, int):
        return f'<td class="number">{value:,}</td>'
    if isinstance(value, float):
        return f'<td class="number">{value:.4f}</td>'
    return f"<td>{escape(value or '')}</td>"
