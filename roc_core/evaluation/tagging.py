"""How often the entity-type tagger is right, on mentions whose type a label implies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from roc_core.evaluation.protocols import implied_types
from roc_core.retrieval import RelationRetriever
from roc_core.schema import ENTITY_TYPES, EntityType, Record, Span


@dataclass(frozen=True, slots=True)
class TypeAccuracy:
    """Text mentions of one type: how many, and the share (0..1) the tagger gave that type."""

    mentions: int
    accuracy: float


@dataclass(frozen=True, slots=True)
class TaggerReport:
    """Accuracy of the tagger's likeliest type over all text mentions of labelled positives."""

    mentions: int
    accuracy: float
    per_type: dict[str, TypeAccuracy]


def tagger_report(
    retriever: RelationRetriever, records: Sequence[Record], batch: int = 512
) -> TaggerReport | None:
    """The tagger against the types that labels imply; None without a tagger or a positive.

    Types stated in the data are hidden from the tagger; boxes, which it does not read, are left
    out.
    """
    if retriever.version.tagger is None:
        return None
    wanted: list[EntityType] = []
    found: list[EntityType] = []
    positives = [r for r in records if implied_types(r, retriever.catalogue)]
    for start in range(0, len(positives), batch):
        part = positives[start : start + batch]
        bare = [r.example.with_types(None, None) for r in part]
        for record, pair in zip(part, retriever.reader.read(bare), strict=True):
            types = implied_types(record, retriever.catalogue) or ()
            for mention, type_, row in zip(record.example.mentions, types, pair.types, strict=True):
                if isinstance(mention.place, Span):
                    wanted.append(type_)
                    found.append(ENTITY_TYPES[int(row.argmax())])
    return _counted(wanted, found) if wanted else None


def _counted(wanted: Sequence[EntityType], found: Sequence[EntityType]) -> TaggerReport:
    right = [w == f for w, f in zip(wanted, found, strict=True)]
    per_type: dict[str, TypeAccuracy] = {}
    for name in ENTITY_TYPES:
        hits = [r for w, r in zip(wanted, right, strict=True) if w == name]
        if hits:
            per_type[name] = TypeAccuracy(len(hits), sum(hits) / len(hits))
    return TaggerReport(len(right), sum(right) / len(right), per_type)
