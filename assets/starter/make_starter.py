"""Turn starter.txt into starter.jsonl: ``python assets/starter/make_starter.py``.

Offsets are computed from the brackets, never typed. README.md explains the form of a line.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
SOURCE, TARGET = HERE / "starter.txt", HERE / "starter.jsonl"

TYPES = ("person", "organization", "location", "thing")
SYMMETRIC = {
    "None",
    "/per/per/peer",
    "/per/per/couple",
    "/per/per/siblings",
    "/per/per/neighbor",
    "/per/per/alumi",
    "/per/per/alternate_names",
    "/org/org/alternate_names",
}
_MARK = re.compile(r"\[([^\[\]|]+)\|([a-z]+)(\|head)?\]")
_BOX = re.compile(r"(\d+),(\d+),(\d+),(\d+)\|([a-z]+)(\|head)?")

Mention = tuple[dict[str, object], bool]
"""A mention as it is written to the file, and whether it is the relation's head."""


def spans(marked: str) -> tuple[str, list[Mention]]:
    """The sentence without its brackets, and its mentions from left to right.

    >>> spans("🎤 [Mira|person|head] joins")
    ('🎤 Mira joins', [({'span': [2, 6], 'type': 'person'}, True)])
    """
    sentence, mentions, done = "", [], 0
    for mark in _MARK.finditer(marked):
        sentence += marked[done : mark.start()]
        span = [len(sentence), len(sentence) + len(mark[1])]
        mentions.append(({"span": span, "type": mark[2]}, bool(mark[3])))
        sentence += mark[1]
        done = mark.end()
    return sentence + marked[done:], mentions


def box(value: str) -> Mention:
    """A mention from ``left,top,right,bottom|type``, perhaps with ``|head``."""
    found = _BOX.fullmatch(value)
    if not found:
        raise ValueError(f"Expected box=left,top,right,bottom|type. Found box={value}.")
    return {"box": [int(found[i]) for i in range(1, 5)], "type": found[5]}, bool(found[6])


def direction(relation: str, first_is_head: bool, second_is_head: bool) -> str:
    """The direction as seen from the first mention."""
    if relation in SYMMETRIC:
        if first_is_head or second_is_head:
            raise ValueError(f"Expected no head, because {relation} has no direction. Found one.")
        return "both"
    if first_is_head == second_is_head:
        raise ValueError(f"Expected one of the two mentions marked |head for {relation}.")
    return "forward" if first_is_head else "backward"


def record(line: str, number: int) -> dict[str, object]:
    """One object of starter.jsonl; ``number`` counts records from 1."""
    relation, marked, *rest = line.split(" :: ")
    sentence, mentions = spans(marked)
    fields = [field.partition("=")[::2] for field in rest]
    boxes = [box(value) for name, value in fields if name == "box"]
    mentions += sorted(boxes, key=lambda mention: mention[0]["box"])  # type: ignore[arg-type,return-value]
    if len(mentions) != 2 or "[" in sentence or "]" in sentence:
        raise ValueError(f"Expected two marked mentions. Found {len(mentions)} in: {marked}")
    for mention, _ in mentions:
        if mention["type"] not in TYPES:
            raise ValueError(f"Expected one of {', '.join(TYPES)}. Found {mention['type']}.")
    made: dict[str, object] = {"sentence": sentence, "mentions": [m for m, _ in mentions]}
    for name, _ in fields:
        if name not in ("box", "picture", "text"):
            raise ValueError(f"Expected box=, picture= or text=. Found {name}.")
    values = dict(fields)
    if "picture" in values:
        made["picture"] = f"pictures/{values['picture']}"
    if "text" in values:
        made["picture_text"] = values["text"]
    made["relation"] = relation
    made["direction"] = direction(relation, mentions[0][1], mentions[1][1])
    made["provenance"] = {"source": "starter", "line": number, "key": f"s{number:04d}"}
    return made


def records(source: str) -> Iterator[dict[str, object]]:
    """All records of the text of starter.txt; empty lines and lines with ``#`` are skipped."""
    number = 0
    for at, line in enumerate(source.splitlines(), 1):
        if line and not line.startswith("# "):
            number += 1
            try:
                yield record(line, number)
            except ValueError as error:
                raise ValueError(f"starter.txt, line {at}: {error}") from None


def compose(source: str) -> str:
    """The text of starter.jsonl."""
    return "".join(json.dumps(made, ensure_ascii=False) + "\n" for made in records(source))


if __name__ == "__main__":
    TARGET.write_text(compose(SOURCE.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")
    print(TARGET.name, len(TARGET.read_text(encoding="utf-8").splitlines()), "records")
