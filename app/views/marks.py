"""What happens to marks when the sentence is edited. Pure functions."""

from __future__ import annotations

from dataclasses import replace

from roc_core.schema import Mention, Span

Pair = tuple[Mention | None, Mention | None]


def ordered(mentions: Pair) -> Pair:
    """Both mentions in canonical order; a single one stays where it is."""
    first, second = mentions
    if first is not None and second is not None and second.order < first.order:
        return second, first
    return mentions


def moved(span: Span, before: str, after: str) -> Span | None:
    """The span of the same text after an edit, or None when its text was touched.

    A span that lies wholly before or after the edited part keeps its text; so does one whose
    text occurs exactly once in the new sentence.
    """
    limit = min(len(before), len(after))
    prefix = next((i for i in range(limit) if before[i] != after[i]), limit)
    room = limit - prefix
    suffix = next((i for i in range(room) if before[-1 - i] != after[-1 - i]), room)
    if span.end <= prefix:
        return span
    if span.start >= len(before) - suffix:
        shift = len(after) - len(before)
        return Span(span.start + shift, span.end + shift)
    text = span.of(before)
    if after.count(text) != 1:
        return None
    start = after.index(text)
    return Span(start, start + len(text))


def carried(mentions: Pair, before: str, after: str) -> Pair:
    """Both mentions after the sentence changed; boxes stay, lost spans become None."""

    def carry(mention: Mention | None) -> Mention | None:
        if mention is None or not isinstance(mention.place, Span):
            return mention
        span = moved(mention.place, before, after)
        return None if span is None else replace(mention, place=span)

    first, second = carry(mentions[0]), carry(mentions[1])
    if first is not None and second is not None and first.place == second.place:
        second = None
    return ordered((first, second))
