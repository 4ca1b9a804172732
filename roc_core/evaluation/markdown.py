"""A comparison as Markdown: what was measured, then tables."""

from __future__ import annotations

from collections.abc import Iterable

from roc_core.evaluation.comparison import FIGURES, Comparison
from roc_core.evaluation.full import Evaluation
from roc_core.evaluation.markdown_tables import PRF_HEAD, interval, section
from roc_core.evaluation.protocols import AS_PUBLISHED, HONEST, ORACLE_TYPES
from roc_core.evaluation.tagging import TaggerReport

Rows = list[tuple[str, ...]]

MEANING = {
    HONEST: "entity types from the project's own tagger or the data, never from a label; "
    "canonical order for every pair; the direction is part of the answer",
    AS_PUBLISHED: "no entity types; head and tail marked in the order the file writes them, which "
    "in MNRE gives labels away",
    ORACLE_TYPES: "oracle: entity types read off the label, None pairs untyped, order as the file "
    "writes it; no measure of what a user would see",
}
"""What each protocol lets a model know, as a report says it."""


def markdown(found: Comparison) -> str:
    """The whole report as Markdown."""
    parts = ["# Evaluation", *(f"- {name}: {value}" for name, value in setting_rows(found))]
    parts += section("Model versions", VERSION_HEAD, version_rows(found))
    if found.seeds:
        parts += section("Over seeds: mean ± standard deviation", *seed_table(found))
    if found.ablations:
        parts += section("Ablations of one model version", ABLATION_HEAD, ablation_rows(found))
    for version in found.versions:
        parts += ["", f"## {version.row}", *(f"- {n}" for n in version.notes)]
        for title, head, rows in detail_tables(version):
            parts += section(title, head, rows, "###")
    return "\n".join(parts) + "\n"


VERSION_HEAD = ("version", "micro F1", "95 % bootstrap", *(w for _, w in FIGURES[1:]), "ECE")
ABLATION_HEAD = (
    "condition", "micro F1", "95 % bootstrap", "hit@1", "hit@3", "macro hit@3", "None kept",
)  # fmt: skip
TAGGER_HEAD = ("type", "mentions", "accuracy")
BIN_HEAD = ("confidence", "right", "pairs")


def setting_rows(found: Comparison) -> list[tuple[str, str]]:
    """What was measured, and the meaning of its protocol."""
    rows = [(k.replace("_", " "), str(v)) for k, v in found.setting.items()]
    return [*rows, ("this protocol", MEANING[found.setting["protocol"]])]


def version_rows(found: Comparison) -> Rows:
    """A row a model version."""
    return [
        (
            v.row,
            f"{v.report.f1:.4f}",
            interval(v.report.interval),
            *(f"{getattr(v.report, f):.4f}" for f, _ in FIGURES[1:]),
            f"{v.calibration.ece:.4f}" if v.calibration else "–",
        )
        for v in found.versions
    ]


def seed_table(found: Comparison) -> tuple[tuple[str, ...], Rows]:
    """Head and rows of the summary over seeds."""
    head = ("version", "seeds", *(w for _, w in FIGURES))
    rows = [
        (
            g.row,
            ", ".join(map(str, g.seeds)),
            *(f"{g.figures[f][0]:.4f} ± {g.figures[f][1]:.4f}" for f, _ in FIGURES),
        )
        for g in found.seeds
    ]
    return head, rows


def ablation_rows(found: Comparison) -> Rows:
    """A row a condition."""
    return [
        (
            a.name,
            f"{r.f1:.4f}",
            interval(r.interval),
            *(f"{x:.4f}" for x in (r.hit1, r.hit3, r.macro_hit3, r.none_kept)),
        )
        for a in found.ablations
        for r in (a.report,)
    ]


def detail_tables(version: Evaluation) -> Iterable[tuple[str, tuple[str, ...], Rows]]:
    """(title, head, rows) of one version's own tables."""
    for title, of, table in (
        ("Relations", "relation", version.report.per_relation),
        ("Type pairs", "head / tail", version.per_type_pair),
    ):
        rows = [
            (n, *(f"{x:.3f}" for x in (s.precision, s.recall, s.f1)),
             *map(str, (s.right, s.predicted, s.gold)))
            for n, s in table.items()
        ]  # fmt: skip
        yield title, (of, *PRF_HEAD), rows
    yield "Most frequent wrong answers", ("label", "answered", "pairs"), _mistakes(version)
    if version.tagger:
        yield (
            "Entity-type tagger, on mentions of labelled pairs",
            TAGGER_HEAD,
            _types(version.tagger),
        )
    if version.calibration:
        yield (
            "Calibration: does the best relation hold as often as said?",
            BIN_HEAD,
            [
                (f"{b.confidence:.3f}", f"{b.right:.3f}", str(b.pairs))
                for b in version.calibration.bins
            ],
        )


def _types(tagger: TaggerReport) -> Rows:
    rows: Rows = [(n, str(a.mentions), f"{a.accuracy:.4f}") for n, a in tagger.per_type.items()]
    return [*rows, ("all", str(tagger.mentions), f"{tagger.accuracy:.4f}")]


def _mistakes(version: Evaluation, most: int = 15) -> Rows:
    wrong = [(n, g, p) for g, row in version.confusion.items() for p, n in row.items() if g != p]
    wrong.sort(key=lambda w: (-w[0], w[1], w[2]))
    return [(g, p, str(n)) for n, g, p in wrong[:most]]
