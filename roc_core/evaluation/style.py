"""Rules of style for descriptions: what makes a sentence hard to tell from others by its vector.

They are our own rules of thumb, read off what the packaged catalogues keep to; each is said in its
message. What a description may not be at all is in ``relations.rules``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from roc_core.schema import Description, Relation, StyleProblem

FEWEST_WORDS, MOST_WORDS = 5, 40
REPEATED = 3
"""Times one word may stand in a description before it is mentioned."""

_WORD = re.compile(r"\{head\}|\{tail\}|[^\W_]+(?:['’-][^\W_]+)*")
_LINK = re.compile(r"https?://|www\.", re.IGNORECASE)
_MARKUP = re.compile(r"</?[a-zA-Z][^>]*>|\*\*|__|`|\]\(|^#{1,6} ")
_NEGATION = re.compile(r"\b(?:not|never|no|without|isn['’]t|aren['’]t|doesn['’]t)\b", re.IGNORECASE)
_SMALL = frozenset(
    ("a", "an", "and", "are", "as", "at", "by", "for", "from", "has", "have", "in", "is", "it",
     "its", "of", "on", "or", "that", "the", "their", "they", "this", "to", "was", "were", "who",
     "with")
)  # fmt: skip


def style_problems(relations: Iterable[Relation]) -> tuple[StyleProblem, ...]:
    """What could be better in the descriptions of relations, in their order."""
    seen: dict[str, str] = {}
    found = []
    for relation in relations:
        for description in relation.descriptions:
            found += [
                StyleProblem(description.id, description.text, said)
                for said in problems(description)
            ]
            twin = seen.setdefault(_plain(description.text), description.id)
            if twin != description.id:
                said = f"It says the same as {twin}, so it adds nothing and tells nothing apart."
                found.append(StyleProblem(description.id, description.text, said))
    return tuple(found)


def problems(description: Description) -> Iterator[str]:
    """What could be better in one description, each as a sentence."""
    text = description.text
    words = _WORD.findall(text)
    if len(words) < FEWEST_WORDS:
        yield f"It has {_words(len(words))}; {FEWEST_WORDS} or more say what it means."
    if len(words) > MOST_WORDS:
        yield f"It has {_words(len(words))}; split it, {MOST_WORDS} or fewer keep its vector sharp."
    if _LINK.search(text):
        yield "It has a link, which says nothing about the relation."
    if _MARKUP.search(text):
        yield "It has markup, which is read as text."
    if description.facet != "contrast" and _NEGATION.search(text):
        yield (
            "It says what does not hold; encoders hardly read a 'not'. Say what holds, or make it "
            "a contrast."
        )
    letters = [c for c in text.replace("{head}", "").replace("{tail}", "") if c.isalpha()]
    if len(letters) > 3 and all(c.isupper() for c in letters):
        yield "It is in capitals, which the encoder reads as shouting or not at all."
    often = _repeated(words)
    if often:
        yield f"'{often}' stands in it {REPEATED} times or more and draws its vector to one word."


def _words(count: int) -> str:
    return "1 word" if count == 1 else f"{count} words"


def _repeated(words: list[str]) -> str:
    """The first word that matters and stands there too often, "" for none."""
    lower = [w.lower() for w in words if not w.startswith("{")]
    return next((w for w in lower if w not in _SMALL and lower.count(w) >= REPEATED), "")


def _plain(text: str) -> str:
    """A text without case, punctuation and the names of its slots' places."""
    return " ".join(w.casefold() for w in _WORD.findall(text))
