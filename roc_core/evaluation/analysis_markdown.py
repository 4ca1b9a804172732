"""The whole analysis of a reading as Markdown, and its tables as rows of text."""

from __future__ import annotations

from collections.abc import Sequence

from roc_core.evaluation.analysis import GroupRow, Headline
from roc_core.evaluation.analysis_report import MOST, AnalysisReport, reading_words
from roc_core.evaluation.markdown_tables import PRF_HEAD, interval, section
from roc_core.evaluation.slices import SliceRow
from roc_core.metrics import Prf
from roc_core.schema import Doubts

FIGURE_HEAD = ("figure", "value")
SLICE_HEAD = ("feature", "slice", "pairs", "micro F1", "95 % bootstrap", "accuracy", "hit@3", "")
DOUBT_HEAD = ("item", "label", "suggested", "quality", "likely an error")


def markdown(found: AnalysisReport) -> str:
    """The whole analysis as Markdown."""
    parts = [f"# {found.title}", *(f"- {k}: {v}" for k, v in found.scope.items())]
    parts += [f"- {note}" for note in found.notes]
    parts += section("Headline", FIGURE_HEAD, headline_rows(found.headline))
    if found.own_headline and found.other_headline and found.comparison:
        parts += section("Compared item by item", *comparison_table(found))
    parts += section("Slices, worst first", SLICE_HEAD, slice_rows(found.slices))
    parts += section("Relations", ("relation", *PRF_HEAD), _group_rows(found.relations))
    parts += section("Type pairs", ("types", *PRF_HEAD), _group_rows(found.types))
    parts += section("Most frequent mistakes", ("label", "answered", "pairs"), mistakes(found))
    if found.doubts is not None:
        parts += section("Most doubtful labels", DOUBT_HEAD, doubt_rows(found.doubts))
    return "\n".join(parts) + "\n"


def number(value: float | None) -> str:
    """A figure with four decimals, a dash for none."""
    return "–" if value is None else f"{value:.4f}"


def headline_rows(h: Headline) -> list[tuple[str, str]]:
    """A row a figure."""
    return [
        ("pairs", str(h.pairs)),
        ("micro F1 (None excluded)", f"{h.prf.f1:.4f} ({interval(h.interval)})"),
        ("precision", number(h.prf.precision)),
        ("recall", number(h.prf.recall)),
        ("macro F1", number(h.macro_f1)),
        ("accuracy, None included", number(h.accuracy)),
        ("hit@1", number(h.hit1)),
        ("hit@3", number(h.hit3)),
        ("MRR", number(h.mrr)),
        ("direction right", number(h.direction)),
        ("None kept", number(h.none_kept)),
    ]


def comparison_table(
    found: AnalysisReport,
) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Head and rows of two readings side by side; the last rows count items."""
    both, own, theirs = found.comparison, found.own_headline, found.other_headline
    assert both is not None, "there is something to compare with"
    assert own is not None
    assert theirs is not None
    head = ("figure", reading_words(both.reading), reading_words(both.other))
    pairs = zip(headline_rows(own), headline_rows(theirs), strict=True)
    rows: list[tuple[str, ...]] = [(name, a, b) for (name, a), (_, b) in pairs]
    rows += [
        ("right where the other is wrong", str(len(both.won)), str(len(both.lost))),
        ("both right", str(len(both.both_right)), ""),
        ("both wrong", str(len(both.both_wrong)), ""),
        ("McNemar's exact p", f"{both.mcnemar:.4g}", ""),
    ]
    return head, rows


def slice_rows(found: Sequence[SliceRow]) -> list[tuple[str, ...]]:
    """A row a slice."""
    return [
        (
            s.feature,
            s.value,
            str(s.figures.pairs),
            f"{s.figures.prf.f1:.4f}",
            interval(s.figures.interval),
            number(s.figures.accuracy),
            number(s.figures.hit3),
            "few pairs" if s.small else "",
        )
        for s in found
    ]


def _group_rows(found: Sequence[GroupRow]) -> list[tuple[str, ...]]:
    return [(g.name, *prf_cells(g.prf)) for g in found]


def prf_cells(s: Prf) -> tuple[str, ...]:
    """The cells beneath PRF_HEAD."""
    rates = (s.precision, s.recall, s.f1)
    return (*(f"{x:.3f}" for x in rates), *map(str, (s.right, s.predicted, s.gold)))


def mistakes(found: AnalysisReport, most: int = 15) -> list[tuple[str, ...]]:
    """The most frequent wrong answers."""
    names, counts = found.confusion.names, found.confusion.counts
    wrong = [
        (int(n), names[g], names[p])
        for g, row in enumerate(counts)
        for p, n in enumerate(row)
        if n and g != p
    ]
    wrong.sort(key=lambda w: (-w[0], w[1], w[2]))
    return [(g, p, str(n)) for n, g, p in wrong[:most]]


def doubt_rows(found: Doubts, most: int = MOST) -> list[tuple[str, ...]]:
    """The most doubtful labels."""
    return [
        (
            found.items[row].decode("ascii"),
            found.gold.of(row),
            found.suggested.of(row),
            f"{found.quality[row]:.4f}",
            "yes" if found.likely[row] else "",
        )
        for row in range(min(most, len(found)))
    ]
