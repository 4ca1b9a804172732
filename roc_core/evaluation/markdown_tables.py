"""Tables as lines of Markdown, and the cells several reports share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

PRF_HEAD = ("precision", "recall", "F1", "right", "answered", "pairs")


def interval(bounds: tuple[float, float]) -> str:
    """``0.45–0.52`` with four decimals."""
    return f"{bounds[0]:.4f}–{bounds[1]:.4f}"


def section(
    title: str, head: Sequence[str], rows: Sequence[Sequence[Any]], level: str = "##"
) -> list[str]:
    """Lines of a title and a table beneath it."""
    lines = [("| " + " | ".join(map(_cell, row)) + " |") for row in (head, *rows)]
    return ["", f"{level} {title}", lines[0], "|" + "---|" * len(head), *lines[1:]]


def _cell(value: object) -> str:
    return str(value).replace("|", "\\|").replace("\n", " ")
