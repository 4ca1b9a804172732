"""Machine captions that stand for MNRE's pictures: ``captions/<split>.jsonl``.

One JSON object a line: ``img_id`` and a text for each captioner that wrote one.
"""

from __future__ import annotations

from pathlib import Path

from roc_core.datasets import fields
from roc_core.datasets.base import LINE_LIMIT, Line, is_file, lines, shown
from roc_core.errors import RecordRejected

CAPTIONERS: tuple[str, ...] = ("llavanext", "cogvlm", "minicpm", "blip")
"""Whose caption is taken: the first of these that is not empty."""


def read_captions(
    path: Path, captioners: tuple[str, ...] = CAPTIONERS
) -> tuple[dict[str, str], tuple[RecordRejected, ...]]:
    """Captions by picture name, and the lines that were refused. No file, no captions."""
    captions: dict[str, str] = {}
    refused = []
    if not is_file(path):
        return captions, ()
    for line in lines(path, LINE_LIMIT):
        try:
            name, caption = _caption(line, captioners)
        except RecordRejected as error:
            refused.append(error)
        else:
            captions.setdefault(name, caption)
    return captions, tuple(refused)


def _caption(line: Line, captioners: tuple[str, ...]) -> tuple[str, str]:
    where = line.where
    try:
        given = fields.load_json(line.text())
    except ValueError as error:
        raise where.refuse("line", "one JSON object", str(error)) from None
    if not isinstance(given, dict):
        raise where.refuse("line", "one JSON object", shown(given))
    name = fields.text(where, "img_id", given.get("img_id"))
    texts = (fields.text(where, c, given[c]) for c in captioners if c in given)
    return name, next((t for t in texts if t.strip()), "")
