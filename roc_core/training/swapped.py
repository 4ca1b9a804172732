"""Training pairs with other names in them, which only teachers answer.

A small data set names the same people and places again and again, and a student learns the names by
heart. In a copy of a pair, mentions are exchanged for other mentions of the same entity type. What
holds between the new names is not known, so a copy carries no label, only its teachers' scores
(data augmentation for distillation, as in Tang et al. 2019, "Distilling Task-Specific Knowledge
from BERT into Simple Neural Networks").
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

from roc_core.schema import EntityType, Example, Mention, Record, Span

Types = tuple[EntityType | None, EntityType | None]
"""Entity types of first and second mention; None for one that is not to be exchanged."""


def swap_names(records: Sequence[Record], types: Sequence[Types], seed: int) -> list[Record]:
    """A copy of each record whose two mentions are spans that do not overlap, without a label.

    One mention or both, at random, get the text of another record's mention of the same type,
    every distinct text as likely as any other; ``types`` has an entry a record. Nothing else of a
    sentence changes. The same for the same ``seed``. A record is left out when no other text of
    its types is known.
    """
    pool = _names(records, types)
    found = []
    for number, (record, own) in enumerate(zip(records, types, strict=True)):
        rng = random.Random(f"{seed}/{number}")
        named = [
            _another(record.example, m, pool.get(t, ()), rng) if t else None
            for m, t in zip(record.example.mentions, own, strict=True)
        ]
        open_ = [i for i, text in enumerate(named) if text is not None]
        if not open_ or not _apart(record.example):
            continue
        kept = rng.choice([open_, *([i] for i in open_)])
        texts = [text if i in kept else None for i, text in enumerate(named)]
        found.append(replace(record, example=_renamed(record.example, texts), label=None))
    return found


def _names(
    records: Sequence[Record], types: Sequence[Types]
) -> dict[EntityType | None, tuple[str, ...]]:
    pool: dict[EntityType | None, dict[str, None]] = {}
    for record, own in zip(records, types, strict=True):
        for mention, kind in zip(record.example.mentions, own, strict=True):
            if kind is not None and isinstance(mention.place, Span):
                pool.setdefault(kind, {})[mention.place.of(record.example.sentence)] = None
    return {kind: tuple(names) for kind, names in pool.items()}


def _another(
    example: Example, mention: Mention, names: Sequence[str], rng: random.Random
) -> str | None:
    """One of ``names`` that is not the mention's own; None for a box and where there is none."""
    if not isinstance(mention.place, Span):
        return None
    own = mention.place.of(example.sentence)
    others = len(names) - (own in names)
    if not others:
        return None
    while (name := rng.choice(names)) == own:
        pass
    return name


def _apart(example: Example) -> bool:
    """Whether both mentions are spans that share no character."""
    places = [m.place for m in example.mentions if isinstance(m.place, Span)]
    if len(places) < 2:
        return False
    first, second = sorted(places, key=lambda p: p.start)
    return first.end <= second.start


def _renamed(example: Example, texts: Sequence[str | None]) -> Example:
    """The example with new texts at its mentions, a None leaving one as it is."""
    sentence, moved = example.sentence, {}
    shift = 0
    for row, mention in sorted(enumerate(example.mentions), key=lambda m: m[1].order):
        place = mention.place
        assert isinstance(place, Span)
        text = texts[row]
        new = place.of(example.sentence) if text is None else text
        start = place.start + shift
        sentence = sentence[:start] + new + sentence[place.end + shift :]
        moved[row] = replace(mention, place=Span(start, start + len(new)))
        shift += len(new) - (place.end - place.start)
    return replace(example, sentence=sentence, mentions=(moved[0], moved[1]))
