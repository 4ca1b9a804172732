"""Measurements as files: JSON, Markdown and, for zero-shot, a page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from roc_core.datasets.base import replacing
from roc_core.workspace.report_files import check_folder, zero_shot_page

if TYPE_CHECKING:
    from roc_core.evaluation.re_adding import ReAddReport
    from roc_core.evaluation.wording_effect import WordingEffect
    from roc_core.evaluation.zero_shot import ZeroShotReport


def write_re_added(folder: Path, found: ReAddReport) -> tuple[Path, ...]:
    """Write re-add.json and re-add.md. Raises ValueRejected when the folder cannot be written."""
    from roc_core.evaluation.measured_tables import re_added_markdown

    return _write(folder, "re-add", found.as_dict(), re_added_markdown(found))


def write_wording(folder: Path, found: WordingEffect) -> tuple[Path, ...]:
    """Write wording.json and wording.md. Raises ValueRejected when the folder cannot be written."""
    from roc_core.evaluation.measured_tables import wording_markdown

    return _write(folder, "wording", found.as_dict(), wording_markdown(found))


def write_zero_shot(folder: Path, found: ZeroShotReport) -> tuple[Path, ...]:
    """Write zero-shot.json, .md and .html. Raises ValueRejected when the folder cannot be
    written."""
    from roc_core.evaluation.measured_tables import zero_shot_markdown

    text, drawn = zero_shot_markdown(found), zero_shot_page(found)
    return _write(folder, "zero-shot", found.as_dict(), text, drawn)


def _write(
    folder: Path, name: str, values: dict[str, Any], text: str, drawn: str = ""
) -> tuple[Path, ...]:
    check_folder(folder)
    plain = json.dumps(values, indent=1, ensure_ascii=False) + "\n"
    written = {f"{name}.json": plain, f"{name}.md": text}
    if drawn:
        written[f"{name}.html"] = drawn
    for file_name, content in written.items():
        with replacing(folder / file_name) as file:
            file.write(content.encode("utf-8"))
    return tuple(folder / n for n in written)
