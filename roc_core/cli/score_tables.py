"""Tables of scores on the command line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from roc_core.cli import show

if TYPE_CHECKING:
    from roc_core.evaluation.comparison import Comparison
    from roc_core.evaluation.full import Evaluation
    from roc_core.evaluation.zero_shot import ZeroShotReport


def comparison(found: Comparison) -> None:
    """Every version with its own tables if it is the only one, else one row a version."""
    from roc_core.evaluation import markdown

    setting = found.setting
    on = f"{setting['data']} {setting['split']}, pictures {setting['pictures']}"
    if len(found.versions) == 1:
        show.report_table(found.versions[0].report, f"{found.versions[0].row} on {on}")
        _details(found.versions[0])
    else:
        show.say(f"{on}: {setting['pairs']} pairs, protocol {setting['protocol']}")
        table(markdown.VERSION_HEAD, markdown.version_rows(found), "Model versions")
    show.say(f"Protocol {setting['protocol']}: {markdown.MEANING[setting['protocol']]}.")
    if found.seeds:
        _seeds(found)
    if found.ablations:
        rows = markdown.ablation_rows(found)
        table(markdown.ABLATION_HEAD, rows, f"Ablations of {found.versions[0].row}")


def _details(version: Evaluation) -> None:
    for note in version.notes:
        show.say(note)
    if version.calibration:
        show.say(f"Expected calibration error of confidence: {version.calibration.ece:.4f}")
    if version.tagger:
        parts = [f"{n} {a.accuracy:.4f}" for n, a in version.tagger.per_type.items()]
        show.say(
            f"Entity-type tagger: accuracy {version.tagger.accuracy:.4f} on "
            f"{version.tagger.mentions} mentions ({', '.join(parts)})"
        )


def _seeds(found: Comparison) -> None:
    """Figures down, recipes across: a dozen figures with spreads are too wide for a line."""
    from roc_core.evaluation.comparison import FIGURES

    heads = [f"{g.row}, seeds {', '.join(map(str, g.seeds))}" for g in found.seeds]
    rows = [
        (words, *(f"{g.figures[f][0]:.4f} ± {g.figures[f][1]:.4f}" for g in found.seeds))
        for f, words in FIGURES
    ]
    table(("mean ± standard deviation", *heads), rows, "Over seeds")


def zero_shot(found: ZeroShotReport) -> None:
    """Each fold, all folds, and each held-out relation."""
    from roc_core.evaluation.measured_tables import zero_shot_tables

    for title, (head, rows) in zero_shot_tables(found):
        table(head, rows, title)


def table(head: Sequence[str], rows: Sequence[Sequence[str]], title: str) -> None:
    """Rows of texts under their heads."""
    drawn = Table(*head, title=title)
    for row in rows:
        drawn.add_row(*map(escape, row))
    # A file or a pipe has no width to keep to; there no cell is broken or cut.
    if show.console.is_terminal:
        show.console.print(drawn)
    else:
        Console(width=1000).print(drawn)
