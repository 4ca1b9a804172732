"""What a language model answered: read, and every text checked before anybody sees it.

The answer is taken for hostile: nothing in it is followed, and a text that holds markup, links,
instructions or words of a labelled sentence is refused with its reason.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any

from roc_core.errors import CatalogueInvalid
from roc_core.relations.catalogue import texts_of, with_texts
from roc_core.relations.prompting import facets_of, request_texts
from roc_core.relations.rules import LONGEST, check_relation
from roc_core.schema import FACETS, Facet, Relation

LONGEST_ANSWER = 20_000
"""Characters of an answer that are read: six times what ten drafts a facet need."""

MOST_TEXTS = 80
"""Texts of one answer that are looked at."""

DEEPEST = 6
"""Levels of JSON that are looked into."""

FEWEST_WORDS, MOST_WORDS = 4, 60
QUOTED_WORDS = 6
"""So many words in a row of a labelled sentence are a quotation of it."""

MOST_REASONS = 20

_MARKUP = re.compile(r"[<>`*\[\]\\|]|__|~~|&#?\w+;|^\s*(?:#+\s|[-+•]\s|\d+[.)]\s)")
_LINK = re.compile(
    r"[a-z][a-z0-9+.-]*://|www\.|\b(?:mailto|javascript|data|file):|@\w|"
    r"\b[\w-]+\.(?:com|org|net|io|co|gov|edu|info|me|ly|dev|ai)\b",
    re.IGNORECASE,
)
_ORDER = re.compile(
    r"\b(?:ignore|disregard|forget|override)\b.{0,40}\b(?:instructions?|prompts?|rules?|above|"
    r"previous|prior|earlier)\b|\bsystem\s+prompt\b|\b(?:as|i\s*['’a]?m)\s+an?\s+(?:ai|"
    r"artificial)\b|\bai\s+assistant\b|\blanguage\s+model\b|"
    r"\byou\s+(?:are|must|should|will)\s+now\b|\bapi[\s_-]?keys?\b|\bpasswords?\b|"
    r"^(?:system|assistant|user)\s*:|\bnew\s+instructions?\b|\bdeveloper\s+mode\b",
    re.IGNORECASE,
)
_REFUSAL = re.compile(
    r"^(?:i(?:'|’)?m\s+sorry|sorry\b|i\s+(?:can(?:'|’)?t|cannot|am\s+unable|won(?:'|’)?t)|"
    r"as\s+an\s+ai|unfortunately)",
    re.IGNORECASE,
)
_LINE = re.compile(rf"^[-+*•\s\d.)]*({'|'.join(FACETS)})[*\s\d]*:[*\s]*(.+)$", re.IGNORECASE)

Found = tuple[str, str]
"""A facet and a text as the answer has them, both unchecked."""


def read_answer(text: str) -> tuple[list[Found], str]:
    """Facets and texts of an answer, and why there are none ("" when there are).

    JSON as asked for, also inside a code fence or other words; else lines "facet: text".
    """
    if len(text) > LONGEST_ANSWER:
        return [], f"The answer has {len(text):,} characters; {LONGEST_ANSWER:,} are read."
    data = _json_in(text)
    found = _lines(text) if data is None else list(_texts(data))
    if found:
        return found[:MOST_TEXTS], ""
    if _REFUSAL.search(text.strip()):
        return [], f"The model refused: {excerpt(text)}"
    return [], f"The answer holds no descriptions: {excerpt(text) or 'it is empty'}"


def check_drafts(
    relation: Relation, found: Sequence[Found], examples: Sequence[str] = ()
) -> tuple[list[tuple[Facet, str]], list[str]]:
    """The texts that may be shown, in the order of ``FACETS``, and why the others may not.

    ``examples`` are the labelled sentences that were sent.
    """
    known = {d.text.casefold() for d in relation.descriptions}
    good: list[tuple[Facet, str]] = []
    refused: list[str] = []
    for name, raw in found:
        facet = _facet(relation, name)
        text = _clean(raw)
        reason = f"'{excerpt(name, 20)}' is no facet of it" if facet is None else ""
        if facet is not None:
            reason = _problem(relation, facet, text, examples)
        if not reason and text.casefold() in known:
            reason = "it is there already"
        if reason or facet is None:
            refused.append(f"{excerpt(name, 20)}: {reason}: {excerpt(text)}")
            continue
        known.add(text.casefold())
        good.append((facet, text))
    good.sort(key=lambda pair: FACETS.index(pair[0]))
    return good, _shortened(refused)


def with_text(relation: Relation, facet: Facet, text: str) -> Relation:
    """A relation with one more description. Nothing is checked."""
    texts = texts_of(relation)
    texts.setdefault(facet, []).append(text)
    return with_texts(relation, texts)


def excerpt(text: str, most: int = 60) -> str:
    """The beginning of a text, safe to show on one line: no control or invisible characters."""
    line = " ".join(text[: 4 * most].split())
    clean = "".join(c for c in line if unicodedata.category(c)[0] != "C")
    return clean if len(clean) <= most else clean[: most - 1] + "…"


# --- reading -----------------------------------------------------------------------------------


def _json_in(text: str) -> Any:
    """The first JSON object or list in a text, None when there is none."""
    decoder = json.JSONDecoder()
    for start in [m.start() for m in re.finditer(r"[{\[]", text)][:20]:
        try:
            return decoder.raw_decode(text[start:])[0]
        except (ValueError, RecursionError):
            continue
    return None


def _texts(data: Any, facet: str = "", depth: int = 0) -> Iterator[Found]:
    """Every text under a facet's name, and of {"facet": …, "text": …}; what lies deep is left."""
    if isinstance(data, str) and facet:
        yield facet, data
    elif isinstance(data, list) and depth < DEEPEST:
        for value in data:
            yield from _texts(value, facet, depth + 1)
    elif isinstance(data, dict) and depth < DEEPEST:
        if isinstance(data.get("facet"), str) and isinstance(data.get("text"), str):
            yield data["facet"], data["text"]
            return
        for name, value in data.items():
            inner = name if name in FACETS or not facet else facet
            yield from _texts(value, inner, depth + 1)


def _lines(text: str) -> list[Found]:
    found = [_LINE.match(line.strip()) for line in text.splitlines()]
    return [(m[1].lower(), m[2].strip().strip('"“”').strip()) for m in found if m]


# --- checking ----------------------------------------------------------------------------------


def _clean(raw: str) -> str:
    """A text on one line without the number or the quotation marks it came in."""
    text = re.sub(r"^(?:[-+•*]|\d+[.)])\s+", "", " ".join(raw.split()))
    if len(text) > 1 and (text[0], text[-1]) in (('"', '"'), ("“", "”")):
        text = text[1:-1].strip()
    return unicodedata.normalize("NFC", text)


def _facet(relation: Relation, name: str) -> Facet | None:
    return next((f for f in facets_of(relation) if f == name.strip().lower()), None)


def _problem(relation: Relation, facet: Facet, text: str, examples: Sequence[str]) -> str:
    """Why a text may not be taken, "" when it may."""
    if len(text) > LONGEST:  # before anything that would read it all
        return f"{len(text):,} characters; {LONGEST} are taken"
    hidden = next((c for c in text if unicodedata.category(c) in ("Cf", "Co", "Cn", "Cs")), None)
    if hidden is not None:
        return f"an invisible character (U+{ord(hidden):04X})"
    for pattern, reason in ((_LINK, "a link or an address"), (_MARKUP, "markup"),
                            (_ORDER, "words to a machine"), (_REFUSAL, "a refusal")):  # fmt: skip
        if pattern.search(text):
            return reason
    if re.search(r"[{}]", re.sub(r"\{[^{}]*\}", "", text)):
        return "a brace that belongs to no slot"
    words = len(text.split())
    if not FEWEST_WORDS <= words <= MOST_WORDS:
        return f"{words} words; {FEWEST_WORDS} to {MOST_WORDS} are taken"
    if _quotes(text, request_texts()):
        return "it repeats the request"
    if _quotes(text, examples):
        return "it quotes a labelled sentence"
    return _broken_rule(relation, facet, text)


def _broken_rule(relation: Relation, facet: Facet, text: str) -> str:
    """What the rules of every catalogue say against a text."""
    # A contrast alone is no relation: it is checked beside a wording that breaks no rule.
    beside: dict[Facet, list[str]] = {"wording": ["said"]} if facet == "contrast" else {}
    try:
        check_relation("a draft", with_texts(relation, {**beside, facet: [text]}))
    except CatalogueInvalid as error:
        return f"expected {error.expected}, found {excerpt(error.found)}"
    return ""


def _quotes(text: str, examples: Sequence[str]) -> bool:
    mine = _runs(text)
    return any(mine & _runs(example) for example in examples)


def _runs(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.casefold())
    return {tuple(words[n : n + QUOTED_WORDS]) for n in range(len(words) - QUOTED_WORDS + 1)}


def _shortened(refused: list[str]) -> list[str]:
    if len(refused) <= MOST_REASONS:
        return refused
    return [*refused[:MOST_REASONS], f"… and {len(refused) - MOST_REASONS} more."]
