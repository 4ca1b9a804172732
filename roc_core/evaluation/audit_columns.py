"""What a data set gives away beside its sentences, as columns: one value an example.

A column is fed to a simple model alone and on top of the sentence; see ``evaluation.audit``.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from roc_core.datasets.mnre import AS_WRITTEN
from roc_core.relations import Catalogue
from roc_core.schema import NONE, Box, Record, Span

Kind = Literal["order", "types", "label types", "shape", "picture", "extra", "side"]
Value = float | str | None

MAX_CATEGORIES = 50
"""A column of more distinct texts than this is read as text, word by word."""
MAX_NUMBERS = 20
"""A column of more distinct numbers than this is cut into BINS parts of equal size."""
BINS = 10
MAX_WORDS = 60_000
"""Words and word pairs a text model knows: the most frequent ones."""


@dataclass(frozen=True, slots=True)
class Column:
    """One value for each of N examples; None where the data set gives none."""

    name: str
    kind: Kind
    values: tuple[Value, ...]

    @property
    def given(self) -> int:
        """How many examples have a value."""
        return sum(v is not None for v in self.values)

    def is_constant(self, rows: np.ndarray) -> bool:
        """Whether all examples in ``rows`` have the same value, so that it can tell nothing."""
        return len({self.values[i] for i in rows}) < 2


def record_columns(records: Sequence[Record]) -> list[Column]:
    """The columns every record carries, and those of ``provenance.extra``."""
    types = [_types(r) for r in records]
    shown = types if any(types) else [None] * len(records)
    made: list[tuple[str, Kind, list[Any]]] = [
        ("type pair", "types", shown),
        ("mention order", "order", [r.provenance.order for r in records]),
        ("sentence length", "shape", [float(len(r.example.sentence.split())) for r in records]),
        ("distance of mentions", "shape", [_distance(r) for r in records]),
        ("number of boxes", "shape", [float(_boxes(r)) for r in records]),
        ("has a picture", "picture", [_yes(r.example.picture is not None) for r in records]),
        ("has picture text", "picture", [_yes(bool(r.example.picture_text)) for r in records]),
        ("picture text length", "picture", [_length(r.example.picture_text) for r in records]),
    ]
    return [Column(n, k, tuple(v)) for n, k, v in made] + _extra_columns(records)


def label_types(records: Sequence[Record], catalogue: Catalogue) -> Column:
    """The types of head and tail read off each label; none for a ``None`` pair. No data set may
    use these: the column shows what would happen if one did."""
    pairs = [_implied(r, catalogue) for r in records]
    return Column("type pair read off the label", "label types", tuple(pairs))


def _implied(record: Record, catalogue: Catalogue) -> str | None:
    if record.label is None or record.label.relation == NONE:
        return None
    relation = catalogue.get(record.label.relation)
    return f"{relation.head}, {relation.tail}"


def _types(record: Record) -> str | None:
    types = [m.type for m in record.example.mentions]
    return ", ".join(t or "unknown" for t in types) if any(types) else None


def _distance(record: Record) -> float | None:
    first, second = (m.place for m in record.example.mentions)
    if not isinstance(first, Span) or not isinstance(second, Span):
        return None
    return float(max(0, second.start - first.end))


def _boxes(record: Record) -> int:
    return sum(isinstance(m.place, Box) for m in record.example.mentions)


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _length(text: str) -> float | None:
    return float(len(text.split())) if text else None


def _extra_columns(records: Sequence[Record]) -> list[Column]:
    extras = [dict(r.provenance.extra) for r in records]
    names = sorted({n for e in extras for n in e} - {AS_WRITTEN})
    found = []
    for name in names:
        given = [json.loads(e[name]) if name in e else None for e in extras]
        found.append(Column(name, "extra", as_values(given)))
        if any(isinstance(v, list | dict) for v in given):
            counts = [float(len(v)) if isinstance(v, list | dict) else None for v in given]
            found.append(Column(f"number of {name}", "extra", tuple(counts)))
    return found


def as_values(given: Sequence[Any]) -> tuple[Value, ...]:
    """Numbers where every value given is a number, else texts."""
    some = [v for v in given if v is not None]
    if all(isinstance(v, int | float) and not isinstance(v, bool) for v in some):
        return tuple(None if v is None else float(v) for v in given)
    return tuple(v if v is None or isinstance(v, str) else json.dumps(v) for v in given)


def design(column: Column, fit: np.ndarray) -> Any:
    """The column as a sparse matrix (N, F) float32, arranged by the values of the rows ``fit``:
    one place a value (or part of the numbers), or TF-IDF of its words for long texts."""
    seen = [v for v in (column.values[i] for i in fit) if v is not None]
    numbers = bool(seen) and all(isinstance(v, float) for v in seen)
    if not numbers and len(set(seen)) > MAX_CATEGORIES:
        return text_design([str(v or "") for v in column.values], fit)
    cuts = _cuts(np.array(seen, float)) if numbers and len(set(seen)) > MAX_NUMBERS else None
    return _one_hot([repr(_key(v, cuts)) for v in column.values], fit)


def _one_hot(keys: Sequence[str], fit: np.ndarray) -> Any:
    """A place for each key of the rows ``fit``, none for others."""
    from sklearn.feature_extraction import DictVectorizer

    rows = [{"value": key} for key in keys]
    vectorizer = DictVectorizer(dtype=np.float32).fit([rows[i] for i in fit])
    return vectorizer.transform(rows).tocsr()


def beside(left: Any, right: Any) -> Any:
    """The places of both matrices, (N, F + G)."""
    from sklearn.pipeline import FeatureUnion
    from sklearn.preprocessing import FunctionTransformer

    parts = [(n, FunctionTransformer(lambda _, m=m: m)) for n, m in (("l", left), ("r", right))]
    return FeatureUnion(parts).fit_transform(left).tocsr()


def _cuts(numbers: np.ndarray) -> np.ndarray:
    return np.unique(np.quantile(numbers, np.linspace(0, 1, BINS + 1)[1:-1]))


def _key(value: Value, cuts: np.ndarray | None) -> Value:
    if cuts is None or not isinstance(value, float):
        return value
    return float(np.searchsorted(cuts, value, side="right"))


def text_design(texts: Sequence[str], fit: np.ndarray) -> Any:
    """TF-IDF of words and word pairs (lower case), (N, F) float32; known are those that occur in
    at least two of the rows ``fit``."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    known = [texts[i] for i in fit]
    for least in (2, 1):
        vectorizer = TfidfVectorizer(
            ngram_range=(1, 2),
            min_df=least,
            max_features=MAX_WORDS,
            sublinear_tf=True,
            token_pattern=r"(?u)\b\w+\b",
            dtype=np.float32,
        )
        try:
            vectorizer.fit(known)
        except ValueError:  # no word occurs often enough, or none at all
            continue
        return vectorizer.transform(texts).tocsr()
    return _one_hot([""] * len(texts), fit)
