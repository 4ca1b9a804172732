"""Tables of an error analysis, the same in the app, in files and in the report."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from roc_core.schema import NONE, Analysis, Doubts

if TYPE_CHECKING:
    from roc_core.evaluation.analysis import ConfusionTable, GroupRow, Headline
    from roc_core.evaluation.item_by_item import ItemComparison
    from roc_core.evaluation.slices import SliceRow

Value = str | int | float | bool | None
Words = Mapping[str, str]
"""Words for relation ids."""

FEATURE_WORDS: Words = {
    "picture": "picture evidence",
    "distance": "between the mentions",
    "length": "sentence length",
    "direction": "direction of the label",
    "annotator": "labelled by",
    "emoji": "emoji",
    "source": "source",
    "split": "split",
    "saved": "saved slice",
}
FIGURE_WORDS: Words = {
    "f1": "F1",
    "precision": "precision",
    "recall": "recall",
    "macro_f1": "macro F1",
    "accuracy": "accuracy",
    "hit1": "right one first",
    "hit3": "among first three",
    "mrr": "mean reciprocal rank",
    "direction": "direction right",
    "none_kept": "none kept",
}


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under named columns; figures are 0..1 unless the column says otherwise."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]

    def columns(self) -> dict[str, list[Value]]:
        """The values column by column."""
        return {name: [row[n] for row in self.rows] for n, name in enumerate(self.head)}

    def csv(self) -> bytes:
        """The table as a CSV file; text is written as it is, so a spreadsheet that runs formulas
        would run those of strangers."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\r\n")
        writer.writerow(self.head)
        writer.writerows(["" if v is None else v for v in row] for row in self.rows)
        return out.getvalue().encode()


def relation_words(name: str, names: Words) -> str:
    """A relation id, or None, in words."""
    return names.get(name) or ("none of these" if name == NONE else name)


def slice_words(row: SliceRow) -> str:
    """A slice in words: "sentence length: 1 to 10 words"."""
    return f"{FEATURE_WORDS.get(row.feature, row.feature)}: {row.value}"


def headline_values(found: Headline) -> dict[str, float | None]:
    """The figures of a headline by name, as ``headline_intervals`` names them."""
    return {
        "f1": found.prf.f1,
        "precision": found.prf.precision,
        "recall": found.prf.recall,
        "macro_f1": found.macro_f1,
        "accuracy": found.accuracy,
        "hit1": found.hit1,
        "hit3": found.hit3,
        "mrr": found.mrr,
        "direction": found.direction,
        "none_kept": found.none_kept,
    }


def headline_table(found: Headline, intervals: Mapping[str, tuple[float, float]]) -> Table:
    """Every figure with its 95 % bootstrap interval."""
    rows = [
        (FIGURE_WORDS[name], _round(value), *map(_round, intervals.get(name, (None, None))))
        for name, value in headline_values(found).items()
    ]
    return Table("Figures", ("figure", "value", "from", "to"), tuple(rows))


def confusion_list(table: ConfusionTable) -> tuple[tuple[str, str, int], ...]:
    """(label, answer, pairs) of every wrong cell that has any, the fullest first."""
    wrong = table.counts * (1 - np.eye(len(table.names), dtype=int))
    order = np.argsort(-wrong, axis=None, kind="stable")
    cells = (np.unravel_index(int(n), wrong.shape) for n in order[: int((wrong > 0).sum())])
    return tuple((table.names[g], table.names[p], int(wrong[g, p])) for g, p in cells)


def confusion_table(table: ConfusionTable, names: Words) -> Table:
    """Wrong answers by label and answer; the share is that of the label's pairs."""
    of_label = dict(zip(table.names, table.counts.sum(axis=1).tolist(), strict=True))
    rows = [
        (relation_words(g, names), relation_words(p, names), n, _round(n / of_label[g]))
        for g, p, n in confusion_list(table)
    ]
    return Table("Confusions", ("label", "answered", "pairs", "share of the label"), tuple(rows))


def groups_table(rows: Sequence[GroupRow], title: str, head: str, names: Words) -> Table:
    """Figures of each group, in the order given."""
    found = [
        (
            relation_words(row.name, names), _round(row.prf.f1), _round(row.prf.precision),
            _round(row.prf.recall), row.prf.gold, row.prf.predicted, row.prf.right, row.pairs,
        )
        for row in rows
    ]  # fmt: skip
    columns = ("F1", "precision", "recall", "labelled", "answered", "right", "pairs")
    return Table(title, (head, *columns), tuple(found))


def slices_table(rows: Sequence[SliceRow]) -> Table:
    """Slices side by side, in the order given."""
    found = []
    for row in rows:
        figures, (low, high) = row.figures, row.figures.interval
        found.append((
            FEATURE_WORDS.get(row.feature, row.feature), row.value, _round(figures.prf.f1),
            _round(low), _round(high), _round(figures.prf.precision), _round(figures.prf.recall),
            _round(figures.hit3), _round(figures.direction), _round(figures.none_kept),
            figures.prf.gold, figures.pairs, row.small,
        ))  # fmt: skip
    head = (
        "slice by", "value", "F1", "from", "to", "precision", "recall", "first 3", "direction",
        "none kept", "relations", "pairs", "small",
    )  # fmt: skip
    return Table("Slices", head, tuple(found))


def changes_table(a: Analysis, found: ItemComparison, names: Words) -> Table:
    """Won and lost by label, the most changed first."""
    gold = a.gold.values[found.rows]
    won, lost = (np.bincount(gold[n], minlength=len(a.names)) for n in (found.won, found.lost))
    all_ = np.bincount(gold, minlength=len(a.names))
    order = [n for n in np.argsort(-(won + lost), kind="stable").tolist() if all_[n]]
    rows = [
        (relation_words(a.names[n], names), int(won[n]), int(lost[n]), int(won[n] - lost[n]),
         int(all_[n]))
        for n in order
    ]  # fmt: skip
    return Table("Won and lost by label", ("label", "won", "lost", "net", "items"), tuple(rows))


def doubts_table(found: Doubts, names: Words, sentences: Words, most: int) -> Table:
    """The ``most`` doubtful labels; ``sentences`` by item id."""
    rows = []
    for row in range(min(most, len(found))):
        id = found.items[row].decode("ascii")
        gold, likelier = found.gold.of(row), found.suggested.of(row)
        rows.append((
            id, sentences.get(id, ""), relation_words(gold, names),
            relation_words(likelier, names), _round(float(found.quality[row])),
            bool(found.likely[row]),
        ))  # fmt: skip
    head = ("item", "sentence", "label", "likelier", "trust in the label", "likely wrong")
    return Table("Labels to check", head, tuple(rows))


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
